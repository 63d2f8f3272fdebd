"""The data set that an empty database starts with: read from files, checked, filled in.

All of it is unverified, and says where it comes from.
"""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import func, insert, select

from geo.calendar import Calendar, CalendarDay, parse_calendar_csv
from geo.city import City
from geo.listing import AnyDocument, Hotline, Provenance, Site, obstacles
from geo.transit import BusRoute
from geo.wording import in_chinese
from server.db import AnySession, now
from server.models import CalendarDayRow, Listing, Revision
from server.starter_buses import bus_routes

SITE_COLUMNS = ("name", "kind", "theme", "district", "address", "lon", "lat", "source")
NOTE = "起始数据"

T = TypeVar("T", Site, Hotline)


class DamagedStarter(ValueError):
    """A starting file can't be used; the message names file, line and field, in Chinese."""

    def __init__(self, file: str, line: int, field: str, message: str) -> None:
        super().__init__(f"起始数据 {file} 第 {line} 行 {field}：{message}")


@dataclass(frozen=True)
class StarterData:
    """The documents in the order of the files, sites first; and the calendar.

    ``drafts`` holds the places within ``documents`` of those that can't be published yet.
    """

    documents: tuple[AnyDocument, ...]
    drafts: frozenset[int]
    calendar: tuple[CalendarDay, ...]


def load_starter(folder: Path, city: City, today: date) -> StarterData:
    """Read ``sites.csv`` (WGS-84), ``hotlines.toml``, ``bus_routes.toml`` and ``calendar.csv``.

    ``today`` decides the term of the school lines' examples.

    Raises:
        DamagedStarter: with the first thing that is wrong.
    """
    days = _calendar(folder / "calendar.csv")
    calendar = Calendar(days)
    documents: tuple[AnyDocument, ...] = (
        *_sites(folder / "sites.csv", city, calendar, today),
        *_hotlines(folder / "hotlines.toml"),
        *_buses(folder / "bus_routes.toml", today),
    )
    drafts = frozenset(
        n for n, document in enumerate(documents) if obstacles(document, city, calendar, today)
    )
    return StarterData(documents, drafts, tuple(days))


def fill(session: AnySession, data: StarterData) -> None:
    """Insert everything as listings 1, 2, … with one revision each; the caller commits.

    Meant for an empty database only: on another it fails by the ids that are taken.

    Raises:
        sqlalchemy.exc.IntegrityError: the tables are not empty.
    """
    moment = now()
    session.execute(
        insert(Listing), [{"id": n, "type": d.type} for n, d in enumerate(data.documents, 1)]
    )
    if data.documents and session.connection().dialect.name == "postgresql":
        # Given ids pass the sequence by; it must not hand them out again.
        sequence = func.pg_get_serial_sequence("listing", "id")
        session.execute(select(func.setval(sequence, len(data.documents))))
    session.execute(
        insert(Revision),
        [
            {
                "listing_id": place + 1,
                "document": document.model_dump(mode="json"),
                "state": "draft" if place in data.drafts else "approved",
                "decided_at": None if place in data.drafts else moment,
                "origin": "starter",
                "note": NOTE,
            }
            for place, document in enumerate(data.documents)
        ],
    )
    if data.calendar:
        session.execute(insert(CalendarDayRow), [dict(day) for day in data.calendar])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DamagedStarter(path.name, line, "编码", "不是 UTF-8") from error
    except OSError as error:
        raise DamagedStarter(path.name, 0, "文件", f"读不出（{error.strerror}）") from error


def _sites(path: Path, city: City, calendar: Calendar, today: date) -> Iterator[Site]:
    lines = _text(path).splitlines()
    reader = csv.reader(lines)
    header = tuple(next(reader, ()))
    if header != SITE_COLUMNS:
        raise DamagedStarter(path.name, 1, "表头", f"应为 {','.join(SITE_COLUMNS)}")
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            message = f"应有 {len(header)} 列，这里有 {len(cells)} 列"
            raise DamagedStarter(path.name, reader.line_num, "列数", message)
        fields: dict[str, Any] = dict(zip(header, cells, strict=True))
        site = _document(Site, path.name, reader.line_num, fields)
        for field, message in obstacles(site, city, calendar, today):
            raise DamagedStarter(path.name, reader.line_num, field, message)
        yield site


def _toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A TOML file's text and what it says."""
    text = _text(path)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", 1)
        raise DamagedStarter(path.name, line, "语法", f"不是 TOML（{error}）") from error


def _buses(path: Path, today: date) -> list[BusRoute]:
    _, table = _toml(path)
    try:
        return bus_routes(table, today)
    except KeyError as error:
        raise DamagedStarter(path.name, 0, str(error.args[0]), "缺少这一项") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(("线路", *map(str, first["loc"])))
        raise DamagedStarter(path.name, 0, field, f"不合规则（{in_chinese(first)}）") from error
    except (ValueError, TypeError, IndexError) as error:
        raise DamagedStarter(path.name, 0, "线路", "不合规则") from error


def _hotlines(path: Path) -> Iterator[Hotline]:
    text, table = _toml(path)
    hotlines = table.pop("hotlines", [])
    if table or not isinstance(hotlines, list):
        raise DamagedStarter(path.name, 1, ",".join(table), "只应有 [[hotlines]]")
    starts = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[hotlines]]"]
    for place, fields in enumerate(hotlines):
        line = starts[place] if place < len(starts) else 0
        yield _document(Hotline, path.name, line, dict(fields))


def _document(model: type[T], file: str, line: int, fields: dict[str, Any]) -> T:
    source = fields.pop("source", "")
    try:
        facts = {"": Provenance(source=source)} if source else {}
        return model(**fields, facts=facts)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DamagedStarter(file, line, field, f"不合规则（{in_chinese(first)}）") from error


def _calendar(path: Path) -> list[CalendarDay]:
    days, problems = parse_calendar_csv(_text(path))
    for problem in problems:
        raise DamagedStarter(path.name, problem.line, "日历", problem.message)
    return days
