"""The form of a school line: what stands in its fields, as typed. No Flask, no database.

Public names: ``LineForm``, ``Grid``, ``GridRow``, ``TripHead``, ``StopRow``, ``ServiceRow``,
``DIRECTIONS``, ``HEAD``. What it says as a document: ``server.line_document``.

Fields are named ``stop.0.name``, ``service.0.start``, ``trip.to_school.0.name``,
``row.to_school.0.stop`` and, for the times, ``t.to_school.ROW.TRIP``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, TypeVar

from geo.transit import BusRoute, Direction, Service
from server.line_times import common_rows, placed, shifted, write_cell

DIRECTIONS: dict[Direction, str] = {"to_school": "上学", "to_home": "放学"}

HEAD = (
    "name", "short_name", "school_code", "school_name", "school_lon", "school_lat",
    "school_example", "agency_name", "agency_phone", "agency_url", "fare", "phone",
    "introduction", "source", "confirmed_on", "example", "straight",
)  # fmt: skip
"""Of one value each; ``straight`` drops the drawn ways."""

MOST_ROWS = 400
"""Of anything; beyond that a form is not one that the page has made."""

Row = TypeVar("Row", "StopRow", "ServiceRow", "TripHead")

_NAME = re.compile(
    r"(stop|service)\.(\d{1,3})\.([a-z_]+)"
    r"|(row|trip)\.(to_school|to_home)\.(\d{1,3})\.([a-z_]+)"
    r"|t\.(to_school|to_home)\.(\d{1,3})\.(\d{1,3})"
)


@dataclass
class StopRow:
    """A stop as typed."""

    id: str = ""
    name: str = ""
    lon: str = ""
    lat: str = ""
    code: str = ""
    note: str = ""
    example: str = ""
    drop: str = ""
    """Ticked to be taken out."""

    def is_blank(self) -> bool:
        """Whether nobody has typed anything, or it is to go."""
        return bool(self.drop) or not any((self.name, self.lon, self.lat, self.code, self.note))


@dataclass
class TripHead:
    """A trip as the head of a column."""

    id: str = ""
    name: str = ""
    grades: str = ""
    service: str = ""
    example: str = ""
    drop: str = ""


@dataclass
class GridRow:
    """A stop of a direction, with the times of all its trips."""

    stop: str = ""
    cells: list[str] = field(default_factory=list)
    place: str = ""
    """Where it was asked to go, counted from 1."""

    def is_blank(self) -> bool:
        """Whether nobody has typed anything."""
        return not self.stop and not any(cell.strip() for cell in self.cells)


@dataclass
class Grid:
    """The trips of one direction."""

    trips: list[TripHead] = field(default_factory=list)
    rows: list[GridRow] = field(default_factory=list)

    def is_blank(self, column: int) -> bool:
        """Whether nothing is typed into a column, or it is to go."""
        if self.trips[column].drop:
            return True
        typed = any(row.cells[column].strip() for row in self.rows)
        return not typed and not self.trips[column].name.strip()

    def widen(self, columns: int) -> None:
        """Have at least so many columns."""
        while len(self.trips) < min(columns, MOST_ROWS):
            last = self.trips[-1] if self.trips else TripHead()
            self.trips.append(TripHead(new_id("t"), grades=last.grades, service=last.service))
        for row in self.rows:
            row.cells += [""] * (len(self.trips) - len(row.cells))

    def lengthen(self, rows: int) -> None:
        """Have at least so many rows."""
        while len(self.rows) < min(rows, MOST_ROWS):
            self.rows.append(GridRow(cells=[""] * len(self.trips)))

    def copy_trip(self, column: int, minutes: int) -> None:
        """One more trip like that of a column, some minutes later."""
        if not 0 <= column < len(self.trips):
            return
        target = next((n for n in range(len(self.trips)) if self.is_blank(n)), len(self.trips))
        self.widen(target + 1)
        head = self.trips[column]
        self.trips[target].grades, self.trips[target].service = head.grades, head.service
        for row in self.rows:
            row.cells[target] = shifted(row.cells[column], minutes)

    def paste(self, row: int, column: int, text: str) -> None:
        """Fill cells from a spreadsheet: columns end with tabs, rows with line ends."""
        lines = [line.split("\t") for line in text.rstrip("\r\n").splitlines()][:MOST_ROWS]
        if not lines or row < 0 or column < 0:
            return
        self.lengthen(row + len(lines))
        self.widen(column + max(map(len, lines)))
        for number, cells in enumerate(lines, row):
            for place, cell in enumerate(cells, column):
                if number < len(self.rows) and place < len(self.trips):
                    self.rows[number].cells[place] = shifted(cell.strip()[:40], 0)


@dataclass
class ServiceRow:
    """Days on which trips run, as typed."""

    id: str = ""
    days: list[str] = field(default_factory=list)
    rule: str = "school"
    start: str = ""
    end: str = ""
    exceptions: str = ""
    """A line each: 2026-10-08 停开 原因."""
    drop: str = ""

    def is_blank(self) -> bool:
        """Whether nobody has typed anything, or it is to go."""
        return bool(self.drop) or not any(
            (self.days, self.start, self.end, self.exceptions.strip())
        )


@dataclass
class LineForm:
    """All of the form."""

    head: dict[str, str] = field(default_factory=dict)
    stops: list[StopRow] = field(default_factory=list)
    services: list[ServiceRow] = field(default_factory=list)
    grids: dict[Direction, Grid] = field(default_factory=lambda: {d: Grid() for d in DIRECTIONS})

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "LineForm":
        """A form that says what the document of a line says."""
        route = BusRoute.model_validate(document)
        stops = [
            StopRow(s.id, s.name, str(s.lon), str(s.lat), s.code, s.note, _tick(s.example))
            for s in route.stops
        ]
        grids = {direction: _grid(route, direction) for direction in DIRECTIONS}
        return cls(_head(route), stops, [_service(s) for s in route.services], grids)

    @classmethod
    def read(cls, form: Any) -> "LineForm":
        """From a form's fields (a werkzeug ``MultiDict``); rows that nobody filled in are left out,
        and rows of times stand where their numbers put them.
        """
        typed: dict[str, dict[int, Any]] = {key: {} for key in ("stop", "service")}
        grids = {direction: _Sheet() for direction in DIRECTIONS}
        for name in form:
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            kind, number, part, *of_grid = found.groups()
            if kind:
                value = form.getlist(name) if part == "days" else form[name]
                typed[kind].setdefault(int(number), {})[part] = value
            else:
                _enter(grids, of_grid, form[name])
        stops = [_row(StopRow, one) for _, one in sorted(typed["stop"].items())]
        services = [_row(ServiceRow, one) for _, one in sorted(typed["service"].items())]
        return cls(
            head={name: form.get(name, "") for name in HEAD},
            stops=[stop for stop in stops if not stop.is_blank()],
            services=[service for service in services if not service.is_blank()],
            grids={direction: sheet.grid() for direction, sheet in grids.items()},
        )

    def with_room(self, stops: int = 1, rows: int = 1, trips: int = 1) -> "LineForm":
        """The form itself, with some empty rows and columns at the ends to go on in."""
        self.stops += [StopRow(new_id("s")) for _ in range(stops)]
        if not self.services:
            self.services.append(ServiceRow(new_id("d"), days=list("01234")))
        for grid in self.grids.values():
            grid.widen(len(grid.trips) + trips)
            grid.lengthen(max(len(grid.rows) + rows, 2))
        return self


@dataclass
class _Sheet:
    """A grid on its way out of a form's fields."""

    heads: dict[int, dict[str, str]] = field(default_factory=dict)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    cells: dict[tuple[int, int], str] = field(default_factory=dict)

    def grid(self) -> Grid:
        columns = sorted({*self.heads, *(column for _, column in self.cells)})
        numbers = sorted({*self.rows, *(row for row, _ in self.cells)})
        rows = [
            GridRow(
                self.rows.get(row, {}).get("stop", ""),
                [self.cells.get((row, column), "") for column in columns],
                self.rows.get(row, {}).get("place", ""),
            )
            for row in numbers
        ]
        heads = [_row(TripHead, self.heads.get(column, {})) for column in columns]
        grid = Grid(heads, _in_place([row for row in rows if not row.is_blank()]))
        kept = [n for n in range(len(heads)) if not grid.is_blank(n)]
        grid.trips = [heads[n] for n in kept]
        for row in grid.rows:
            row.cells = [row.cells[n] for n in kept]
        return grid


def _in_place(rows: list[GridRow]) -> list[GridRow]:
    """The rows where their numbers put them: one that moved goes before (or past) whose it is."""

    def order(numbered: tuple[int, GridRow]) -> tuple[int, int]:
        number, row = numbered
        place = int(row.place) if re.fullmatch("[0-9]{1,3}", row.place) else number
        return place, (place > number) - (place < number)

    ordered = [row for _, row in sorted(enumerate(rows, 1), key=order)]
    for row in ordered:
        row.place = ""
    return ordered


def _enter(grids: dict[Direction, _Sheet], parts: list[Any], value: str) -> None:
    kind, direction, number, part, cell_direction, row, column = parts
    if cell_direction:
        grids[cell_direction].cells[int(row), int(column)] = value
    elif kind == "row":
        grids[direction].rows.setdefault(int(number), {})[part] = value
    else:
        grids[direction].heads.setdefault(int(number), {})[part] = value


def _row(kind: Callable[..., Row], typed: Mapping[str, Any]) -> Row:
    known = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: value for name, value in typed.items() if name in known})


def _head(route: BusRoute) -> dict[str, str]:
    school, agency, source = route.school, route.agency, route.facts.get("")
    return {
        "name": route.name,
        "short_name": route.short_name,
        "school_code": school.code,
        "school_name": school.name,
        "school_lon": str(school.lon),
        "school_lat": str(school.lat),
        "school_example": _tick(school.example),
        "agency_name": agency.name,
        "agency_phone": agency.phone or "",
        "agency_url": agency.url or "",
        "fare": route.fare,
        "phone": route.phone or "",
        "introduction": route.introduction,
        "source": source.source if source else "",
        "confirmed_on": str(source.confirmed_on or "") if source else "",
        "example": _tick(route.example),
        "straight": "",
    }


def _service(service: Service) -> ServiceRow:
    exceptions = (
        f"{one.date} {'加开' if one.runs else '停开'} {one.reason}".strip()
        for one in service.exceptions
    )
    return ServiceRow(
        service.id,
        [str(day) for day in range(7) if service.weekdays[day] == "1"],
        service.rule,
        str(service.start),
        str(service.end),
        "\n".join(exceptions),
    )


def _grid(route: BusRoute, direction: Direction) -> Grid:
    trips = [trip for trip in route.trips if trip.direction == direction]
    calls = [[time.stop for time in trip.stop_times] for trip in trips]
    stops = common_rows(calls)
    rows = [GridRow(stop, [""] * len(trips)) for stop in stops]
    for column, trip in enumerate(trips):
        for time, row in zip(trip.stop_times, placed(calls[column], stops), strict=True):
            rows[row].cells[column] = write_cell(time)
    heads = [
        TripHead(t.id, t.name, ",".join(map(str, t.grades)), t.service, _tick(t.example))
        for t in trips
    ]
    return Grid(heads, rows)


def fields_of(form: LineForm) -> Iterator[tuple[str, str]]:
    """Names and values as the page sends them."""
    yield from form.head.items()
    for n, stop in enumerate(form.stops):
        yield from ((f"stop.{n}.{part}", value) for part, value in vars(stop).items())
    for n, service in enumerate(form.services):
        for part, value in vars(service).items():
            for one in value if part == "days" else [value]:
                yield f"service.{n}.{part}", one
    for way, grid in form.grids.items():
        for n, trip in enumerate(grid.trips):
            yield from ((f"trip.{way}.{n}.{part}", value) for part, value in vars(trip).items())
        for n, row in enumerate(grid.rows):
            yield f"row.{way}.{n}.stop", row.stop
            yield f"row.{way}.{n}.place", row.place
            yield from ((f"t.{way}.{n}.{c}", cell) for c, cell in enumerate(row.cells))


def new_id(kind: str) -> str:
    """An id that nothing else has; it stays what it is for good."""
    return f"{kind}-{token_hex(5)}"


def _tick(ticked: bool) -> str:
    return "1" if ticked else ""
