"""What a school line's form says, as a document; mistakes by the field that they stand in.

Public names: ``Parsed``, ``parse``, ``title_of``. No Flask, no database.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from geo.transit import BusRoute, Direction
from geo.wording import in_chinese
from server.field_labels import label
from server.line_form import DIRECTIONS, LineForm, ServiceRow, StopRow, TripHead
from server.line_times import WRONG, Time, read_cell

Json = dict[str, Any]
Errors = dict[str, list[str]]

NO_NUMBER = "应为数，如 118.0285"
NO_EXCEPTION = "每行写日期、停开或加开、原因，如“2026-10-08 停开 运动会”；这一行看不懂：“{}”"
NO_GRADES = "年级写 1 到 12 的数，用逗号隔开，如 7,8,9"

_SOME_TIME = Time("00:00", None, timepoint=True)
"""For a cell that could not be read; the document it stands in is not handed out."""

_TITLES = {"source": "来源", "confirmed_on": "确认日期", "straight": "线路走向"}


@dataclass
class Parsed:
    """A form, read."""

    document: Json | None
    """None if there are errors."""
    errors: Errors = field(default_factory=dict)
    trips: list[tuple[Direction, int]] = field(default_factory=list)
    """Of each trip of the document its column."""
    calls: list[list[int]] = field(default_factory=list)
    """Of each trip of the document the rows of its times."""

    def field_of(self, path: Sequence[str | int]) -> str:
        """The field in which a part of the document is typed; an empty one for what is in none."""
        first, *rest = [str(part) for part in path] or [""]
        if first == "trips" and rest:
            return self._of_trip(int(rest[0]), rest[1:])
        if first in ("stops", "services") and rest:
            part = rest[1] if len(rest) > 1 else {"stops": "name", "services": "start"}[first]
            return f"{first[:-1]}.{rest[0]}.{ {'weekdays': 'days'}.get(part, part) }"
        if first in ("school", "agency"):
            return f"{first}_{rest[0] if rest else 'lon'}"
        return {"facts": "source", "shapes": "straight"}.get(first, first)

    def tell(self, path: Sequence[str | int], message: str) -> None:
        """Put a message where the part of the document is typed."""
        self.errors.setdefault(self.field_of(path), []).append(message)

    def _of_trip(self, number: int, rest: list[str]) -> str:
        if number >= len(self.trips):
            return "trips"
        way, column = self.trips[number]
        if len(rest) > 1 and rest[0] == "stop_times":
            return f"t.{way}.{self.calls[number][int(rest[1])]}.{column}"
        part = rest[0] if rest and rest[0] in ("name", "grades", "service") else "name"
        return f"trip.{way}.{column}.{part}"


def parse(form: LineForm, kept: Mapping[str, Any] | None = None) -> Parsed:
    """Read the form. What it has no fields for is as ``kept``, the document that it began with."""
    parsed, kept = Parsed(None), kept or {}
    document: Json = {
        **kept,
        "type": "bus_route",
        **_head(form.head, kept, parsed.errors),
        "stops": [_stop(stop, f"stop.{n}", parsed.errors) for n, stop in enumerate(form.stops)],
        "services": [
            _service(service, f"service.{n}", parsed.errors)
            for n, service in enumerate(form.services)
        ],
    }
    document["trips"] = _trips(form, kept, parsed)
    if form.head.get("straight"):
        document["shapes"] = {}
    try:
        route = BusRoute.model_validate(document)
    except ValidationError as error:
        for each in error.errors():
            if each["type"] != "missing" or parsed.field_of(each["loc"]) not in parsed.errors:
                _told_once(parsed, each["loc"], in_chinese(each))
        return parsed
    if not parsed.errors:
        parsed.document = route.model_dump(mode="json")
    return parsed


def title_of(name: str) -> str:
    """A field's place in words: 上学第 3 站第 2 班."""
    kind, *rest = name.split(".")
    if kind == "t":
        return f"{DIRECTIONS[rest[0]]}第 {int(rest[1]) + 1} 站第 {int(rest[2]) + 1} 班"  # type: ignore[index]
    if kind == "row":
        return f"{DIRECTIONS[rest[0]]}第 {int(rest[1]) + 1} 站"  # type: ignore[index]
    if kind == "trip":
        return f"{DIRECTIONS[rest[0]]}第 {int(rest[1]) + 1} 班"  # type: ignore[index]
    if kind == "stop":
        return f"站点 {int(rest[0]) + 1}"
    if kind == "service":
        return f"运行日 {int(rest[0]) + 1}"
    if name in _TITLES:
        return _TITLES[name]
    for part in ("school", "agency"):
        if name.startswith(f"{part}_"):
            return label("bus_route", name.replace("_", ".", 1))
    return label("bus_route", name)


def _told_once(parsed: Parsed, path: Sequence[str | int], message: str) -> None:
    # Where the text itself could not be read, that the field is empty is no news.
    if parsed.field_of(path) not in parsed.errors:
        parsed.tell(path, message)


def _head(head: Mapping[str, str], kept: Mapping[str, Any], errors: Errors) -> Json:
    typed = {name: text.strip() for name, text in head.items()}
    facts = {key: fact for key, fact in kept.get("facts", {}).items() if key}
    if typed.get("source") or typed.get("confirmed_on"):
        facts[""] = {
            "source": typed["source"],
            "confirmed_on": typed.get("confirmed_on") or None,
        }
        if not typed["source"]:
            errors["source"] = ["请写来源"]
    return {
        **{name: typed.get(name, "") for name in ("name", "short_name", "fare", "introduction")},
        "phone": typed.get("phone") or None,
        "example": bool(typed.get("example")),
        "school": {
            "code": typed.get("school_code", ""),
            "name": typed.get("school_name", ""),
            "lon": _number(typed.get("school_lon", ""), "school_lon", errors),
            "lat": _number(typed.get("school_lat", ""), "school_lat", errors),
            "example": bool(typed.get("school_example")),
        },
        "agency": {
            "name": typed.get("agency_name", ""),
            "phone": typed.get("agency_phone") or None,
            "url": typed.get("agency_url") or None,
        },
        "facts": facts,
    }


def _number(text: str, name: str, errors: Errors) -> float | None:
    try:
        return float(text)
    except ValueError:
        errors[name] = [NO_NUMBER if text else "请填写，或在地图上点选"]
        return None


def _stop(stop: StopRow, name: str, errors: Errors) -> Json:
    return {
        "id": stop.id,
        "name": stop.name.strip(),
        "lon": _number(stop.lon.strip(), f"{name}.lon", errors),
        "lat": _number(stop.lat.strip(), f"{name}.lat", errors),
        "code": stop.code,
        "note": stop.note,
        "example": bool(stop.example),
    }


def _service(service: ServiceRow, name: str, errors: Errors) -> Json:
    exceptions = []
    for line in service.exceptions.splitlines():
        if not line.strip():
            continue
        day, runs, *reason = [*line.split(maxsplit=2), ""]
        if runs not in ("停开", "加开") or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            errors.setdefault(f"{name}.exceptions", []).append(NO_EXCEPTION.format(line[:40]))
            continue
        exceptions.append({"date": day, "runs": runs == "加开", "reason": reason[0]})
    return {
        "id": service.id,
        "weekdays": "".join("1" if str(day) in service.days else "0" for day in range(7)),
        "start": service.start.strip(),
        "end": service.end.strip(),
        "rule": service.rule,
        "exceptions": exceptions,
    }


def _trips(form: LineForm, kept: Mapping[str, Any], parsed: Parsed) -> list[Json]:
    """In the order in which ``kept`` has them, new ones after."""
    order = {trip["id"]: number for number, trip in enumerate(kept.get("trips", ()))}
    found = []
    for way, grid in form.grids.items():
        for column, head in enumerate(grid.trips):
            times, rows = _times(form, way, column, parsed.errors)
            found.append((order.get(head.id, len(order)), way, column, rows, head, times))
    found.sort(key=lambda one: one[0])
    parsed.trips = [(way, column) for _, way, column, *_ in found]
    parsed.calls = [rows for _, _, _, rows, *_ in found]
    return [
        _trip(head, way, times, f"trip.{way}.{column}", parsed.errors)
        for _, way, column, _, head, times in found
    ]


def _times(
    form: LineForm, way: Direction, column: int, errors: Errors
) -> tuple[list[Json], list[int]]:
    known = {stop.id for stop in form.stops}
    times, rows = [], []
    for number, row in enumerate(form.grids[way].rows):
        text = row.cells[column].strip()
        if not text:
            continue
        if row.stop not in known:
            errors[f"row.{way}.{number}.stop"] = ["请选择站点"]
        time = read_cell(text)
        if time is None:
            errors[f"t.{way}.{number}.{column}"] = [WRONG]
            time = _SOME_TIME
        rows.append(number)
        times.append({"stop": row.stop or "none", **time._asdict()})
    return times, rows


def _trip(head: TripHead, way: Direction, times: list[Json], name: str, errors: Errors) -> Json:
    if len(times) < 2:
        errors[f"{name}.name"] = ["一个班次至少停两站"]
    return {
        "id": head.id,
        "direction": way,
        "service": head.service,
        "name": head.name,
        "grades": _grades(head.grades, f"{name}.grades", errors),
        "stop_times": times,
        "example": bool(head.example),
    }


def _grades(text: str, name: str, errors: Errors) -> list[int]:
    grades: list[int] = []
    for part in re.split(r"[,，、\s]+", text.strip()):
        found = re.fullmatch(r"(\d{1,2})(?:[-–~](\d{1,2}))?", part)
        if found:
            grades += range(int(found[1]), int(found[2] or found[1]) + 1)
        elif part:
            errors[name] = [NO_GRADES]
    return grades
