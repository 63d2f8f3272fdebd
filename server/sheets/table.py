"""A table as read from a file: sheets of rows of text, each cell with its address.

Public names: ``Table``, ``Sheet``, ``Row``, ``Unreadable``, ``column_letters``.
"""

from dataclasses import dataclass, field

MAX_ROWS = 20_000
"""Rows of one sheet; more is nothing that a person can look through."""
MAX_COLUMNS = 200
MAX_CELL = 10_000
"""Characters of a cell that are kept: five times what the longest field of a listing takes."""


class Unreadable(Exception):
    """The file is no table that can be read; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Row:
    """A row with something in it."""

    line: int
    """As the spreadsheet program numbers it, from 1."""
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """The text at a column, from 0; rows are as long as they need to be."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True)
class Sheet:
    """Rows from top to bottom, empty ones left out."""

    name: str
    rows: tuple[Row, ...]
    notes: dict[str, str] = field(default_factory=dict)
    """By address what is odd about a cell, in Chinese: it stays with whatever is read there."""


@dataclass(frozen=True)
class Table:
    """What a file holds. ``form`` is xlsx, xls, ods, csv or geojson, by its content."""

    form: str
    sheets: tuple[Sheet, ...]

    def sheet(self, name: str | None = None) -> Sheet:
        """The sheet of that name, else the first that has rows.

        Raises:
            Unreadable: there is none.
        """
        for sheet in self.sheets:
            if sheet.name == name or (not name and sheet.rows):
                return sheet
        raise Unreadable(f"没有名为“{name}”的工作表" if name else "文件里没有内容")

    def address(self, line: int, column: int, heading: str = "") -> str:
        """How a person finds a cell: ``C7``; in GeoJSON, by feature and property."""
        if self.form == "geojson":
            return f"第{line}个要素的{heading}" if heading else f"第{line}个要素"
        return f"{column_letters(column)}{line}"


def column_letters(column: int) -> str:
    """A, B, … Z, AA, …: the letters of a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
