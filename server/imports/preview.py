"""What was found in a table, for people: its rows by outcome a page at a time, and as a workbook.

Public names: ``Wanted``, ``Found``, ``preview``, ``report``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, func, select

from server.db import AnySession
from server.imports import matching
from server.imports.batches import options_of
from server.imports.checking import OUTCOMES
from server.models import ImportBatch, ImportRow
from server.sheets.table import Table
from server.sheets.writing import Sheet, xlsx

PAGE = 50
WARNED = "warned"
"""Good rows with something to look at; beside the outcomes a filter of its own."""


@dataclass(frozen=True)
class Wanted:
    """Which rows, from the page's address."""

    outcome: str = ""
    page: int = 1

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> "Wanted":
        """What makes no sense is left out."""
        outcome, number = arguments.get("outcome", ""), arguments.get("page", "")
        whole = number.isascii() and number.isdecimal() and 0 < len(number) < 6
        return cls(outcome if outcome in {*OUTCOMES, WARNED} else "", int(number) if whole else 1)


@dataclass(frozen=True)
class Found:
    """One page of rows; ``counts`` are of all rows by outcome."""

    rows: list[ImportRow]
    counts: Mapping[str, int]
    page: int
    pages: int
    total: int


def preview(session: AnySession, batch_id: int, wanted: Wanted) -> Found:
    """The rows that are wanted, in the order of the table. A page beyond the last is the last."""
    counts = _counts(session, batch_id)
    conditions = [ImportRow.batch_id == batch_id]
    if wanted.outcome == WARNED:
        conditions += [ImportRow.outcome != "wrong", _has_messages()]
    elif wanted.outcome:
        conditions.append(ImportRow.outcome == wanted.outcome)
    total = session.scalar(select(func.count()).select_from(ImportRow).where(*conditions)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(wanted.page, 1), pages)
    query = select(ImportRow).where(*conditions).order_by(ImportRow.line)
    rows = session.scalars(query.offset((page - 1) * PAGE).limit(PAGE))
    return Found(list(rows), counts, page, pages, total)


def _counts(session: AnySession, batch_id: int) -> dict[str, int]:
    query = select(ImportRow.outcome, func.count()).where(ImportRow.batch_id == batch_id)
    rows = session.execute(query.group_by(ImportRow.outcome))
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    warned = select(func.count()).select_from(ImportRow)
    warned = warned.where(
        ImportRow.batch_id == batch_id, ImportRow.outcome != "wrong", _has_messages()
    )
    return counts | {WARNED: session.scalar(warned) or 0}


def _has_messages() -> ColumnElement[bool]:
    return cast(ImportRow.messages, Text) != "[]"


def report(session: AnySession, batch: ImportBatch, table: Table) -> bytes:
    """The table as it was handed in, as .xlsx, with outcome and messages before each row."""
    options = options_of(batch)
    sheet = table.sheet(options.sheet)
    query = select(ImportRow.line, ImportRow.outcome, ImportRow.messages)
    found = {
        line: (outcome, messages)
        for line, outcome, messages in session.execute(query.where(ImportRow.batch_id == batch.id))
    }
    header = matching.row_at(sheet, options.header)

    def rows() -> Iterator[list[str | int]]:
        for row in matching.below(sheet, options.header):
            outcome, messages = found.get(row.line, ("", []))
            told = "；".join(f"{cell}：{text}" for cell, text in messages)
            yield [row.line, OUTCOMES.get(outcome, ""), told, *row.cells]

    headings = ["核对行号", "核对结果", "核对说明", *header.cells]
    widths = [8, 10, 60, *[16] * len(header.cells)]
    return xlsx([Sheet("核对结果", headings, rows(), widths, marked=2)])
