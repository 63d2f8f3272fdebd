"""Which column of a table is which field: found by the headings, or as it was matched before.

Public names: ``Options``, ``read_options``, ``guess``, ``header_line``, ``headings_digest``,
``missing``, ``positioned``, ``samples``, ``below``, ``row_at``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from geo.crs import CRSES, Crs
from server.imports.column import ID, KEY, POSITION
from server.imports.columns import by_field, known_heading, own_heading
from server.sheets.table import MAX_COLUMNS, Row, Sheet

_LOOKED_AT = 30
"""Rows from the top among which the headings are looked for."""
_ENOUGH = 3
_SAMPLES = 3
_NO_ROW = Row(0, ())


@dataclass(frozen=True)
class Options:
    """How a table is to be read."""

    sheet: str = ""
    header: int = 1
    """Line of the headings; what stands above is left out."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """By field the column that holds it, from 0."""
    crs: Crs | None = None
    """Of the positions; None while nobody has said."""
    clears: bool = False
    """Whether an empty cell empties the field of a listing that is there already."""
    origin: str = ""
    """Whose table it is: 外部编号 of different offices are kept apart by it."""

    def as_json(self) -> dict[str, Any]:
        """For ``ImportBatch.options``."""
        return {
            "sheet": self.sheet,
            "header": self.header,
            "columns": dict(self.columns),
            "crs": self.crs,
            "clears": self.clears,
            "origin": self.origin,
        }

    @classmethod
    def from_json(cls, options: Mapping[str, Any]) -> "Options":
        """The inverse of :meth:`as_json`."""
        return cls(**options)


def read_options(type_: str, sheet: str, given: Mapping[str, str]) -> Options:
    """What a form says: ``header``, ``crs``, ``clears``, ``origin``, ``column-<n>`` with a field.

    Anything that can't be is left out; a field that is named twice keeps its first column.
    """
    known, columns = by_field(type_), {}
    for column in range(MAX_COLUMNS):
        name = given.get(f"column-{column}", "")
        if name in known and name not in columns:
            columns[name] = column
    header, crs, origin = given.get("header", ""), given.get("crs"), given.get("origin", "")
    return Options(
        sheet=sheet,
        header=int(header) if header.isascii() and header.isdecimal() and len(header) < 6 else 1,
        columns=columns,
        crs=crs if crs in CRSES else None,
        clears=given.get("clears") == "1",
        origin="".join(c for c in origin.strip() if c.isprintable())[:60],
    )


def guess(type_: str, sheet: Sheet, header: int | None = None) -> Options:
    """The options by what the headings are called."""
    header = header_line(type_, sheet) if header is None else header
    columns: dict[str, int] = {}
    headings = row_at(sheet, header).cells
    # What a column is called here goes before what others may mean by it.
    for known in (own_heading, known_heading):
        for column, heading in enumerate(headings):
            name = known(type_, heading)
            if name and name not in columns and column not in columns.values():
                columns[name] = column
    if "lon" in columns and "lat" in columns:
        columns.pop(POSITION, None)
    return Options(sheet=sheet.name, header=header, columns=columns)


def header_line(type_: str, sheet: Sheet) -> int:
    """The first line with three known headings, else the one with most, else the first at all."""
    best, most = (sheet.rows[0].line if sheet.rows else 1), 0
    for row in sheet.rows[:_LOOKED_AT]:
        known = len({known_heading(type_, cell) for cell in row.cells} - {None})
        if known >= _ENOUGH:
            return row.line
        if known > most:
            best, most = row.line, known
    return best


def row_at(sheet: Sheet, line: int) -> Row:
    """The row of a line; an empty one where nothing stands."""
    return next((row for row in sheet.rows if row.line == line), _NO_ROW)


def below(sheet: Sheet, line: int) -> list[Row]:
    """The rows under a line."""
    return [row for row in sheet.rows if row.line > line]


def samples(sheet: Sheet, header: int) -> list[tuple[int, str, list[str]]]:
    """For the matching page: each column's place, heading, and what stands in it first."""
    rows = below(sheet, header)[:200]
    width = max((len(row.cells) for row in [row_at(sheet, header), *rows]), default=0)
    found = []
    for column in range(width):
        said = dict.fromkeys(text for row in rows if (text := row.cell(column)))
        found.append((column, row_at(sheet, header).cell(column), list(said)[:_SAMPLES]))
    return [one for one in found if one[1] or one[2]]


def missing(options: Options) -> list[str]:
    """What keeps a table from being checked, in Chinese.

    A table that only corrects listings need not hold what they have already: then the column that
    knows them again is enough.
    """
    problems = []
    columns = options.columns
    recognises = ID in columns or KEY in columns
    if not recognises and "name" not in columns:
        problems.append("没有“名称”一列，也没有编号：认不出每一行说的是哪个条目")
    if ("lon" in columns) != ("lat" in columns):
        problems.append("经度和纬度要么都有，要么都没有")
    if positioned(options) and options.crs is None:
        problems.append("请选择坐标系：选错会偏差几百米")
    if not set(columns) - {ID, KEY, "name"}:
        problems.append("除了编号和名称，没有对上任何一列")
    return problems


def positioned(options: Options) -> bool:
    """Whether the table holds positions."""
    return bool({"lon", "lat", POSITION} & set(options.columns))


def headings_digest(type_: str, sheet: Sheet, header: int) -> str:
    """Under what ``ColumnMatch`` keeps how such a table was matched."""
    told = [type_, *row_at(sheet, header).cells]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()
