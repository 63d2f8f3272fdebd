"""Tables that are handed out: .xlsx and .csv in which nothing is a formula.

Public names: ``Sheet``, ``xlsx``, ``put_text``, ``delimited``, ``XLSX``, ``CSV``.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.sheets.cells import defused
from server.sheets.table import column_letters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 can't hold."""
_LONGEST = 32_767
"""Characters that a cell of Excel holds."""
_SIGNS = ("=", "+", "-", "@", "'")
_LISTED_ROWS = 5000
"""Rows for which a template offers lists to choose from."""

Cell = str | int | float


@dataclass(frozen=True)
class Sheet:
    """One sheet to be written. Numbers are written as such, all else as text."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()
    """In characters, by column."""
    lists: Mapping[int, str] = field(default_factory=dict)
    """By column the range that its cells choose from: ``'可选的词'!$A$2:$A$9``."""
    marked: int | None = None
    """A column set off by colour."""


def xlsx(sheets: Iterable[Sheet]) -> bytes:
    """A workbook of these sheets, the headings frozen."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book.create_sheet(sheet.name), sheet)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _write(page: Any, sheet: Sheet) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    page.freeze_panes = "A2"
    for column, width in enumerate(sheet.widths):
        dimension = page.column_dimensions[column_letters(column)]
        dimension.width = width
        # Text, so that 3-12 stays no day and 0533 keeps its 0 when somebody types them.
        dimension.number_format = "@"
    for column, choices in sheet.lists.items():
        letters = column_letters(column)
        rule = DataValidation(
            "list",
            formula1=choices,
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="请从列表选",
        )
        rule.error = "请从下拉列表里选一个。"
        rule.add(f"{letters}2:{letters}{_LISTED_ROWS}")
        page.data_validations.append(rule)
    page.append(
        [_heading(page, text, column == sheet.marked) for column, text in enumerate(sheet.headings)]
    )
    for row in sheet.rows:
        page.append([_cell(page, value) for value in row])


def _heading(page: Any, text: str, marked: bool) -> Any:
    from openpyxl.styles import Font, PatternFill

    cell = _as_text(page, _kept(text))
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="FFE8B3" if marked else "E3EFE7")
    return cell


def _cell(page: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    text = _kept(value)
    return _as_text(page, text) if text.startswith(_SIGNS) else text or None


def _as_text(page: Any, text: str) -> Any:
    """A cell that stays text, also when somebody opens it to type."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page, text)
    _mark_as_text(cell, text)
    return cell


def put_text(cell: Any, text: str) -> None:
    """Write a text of anybody's into a cell of openpyxl, where it never becomes a formula."""
    kept = _kept(text)
    cell.value = kept
    _mark_as_text(cell, kept)


def _mark_as_text(cell: Any, text: str) -> None:
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_SIGNS)


def _kept(text: str) -> str:
    """The text as a cell marked as text can hold it: headings come from people's files as well."""
    return defused(_ILLEGAL.sub("", text)[:_LONGEST], typed=True)


def delimited(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterable[bytes]:
    """The lines of a .csv file as UTF-8 with a byte-order mark, which Excel needs; bit by bit."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff".encode()
    writer.writerow([defused(text) for text in headings])
    for row in rows:
        # A number of ours is no formula, with its minus or without.
        writer.writerow([defused(v) if isinstance(v, str) else v for v in row])
        if buffer.tell() > 65536:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
