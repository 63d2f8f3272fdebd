"""The form as a Word document, A4 across. Public name: ``form_docx``."""

import io
from collections.abc import Sequence
from typing import Any

from server.ledger.demo_mark import MARK
from server.ledger.docx_parts import (
    GREY,
    HEI,
    RED,
    SONG,
    fill,
    footer,
    grid,
    mark,
    new_document,
    row_across,
    say,
    shade,
)
from server.ledger.form_words import (
    described,
    heading,
    headings,
    seal_line,
    told_figure,
    told_words,
)
from server.ledger.table import Line, Listed, Table, Words
from server.ledger.values import told

_QUARTER_MM = (14, 62, 34, 16, 20, 24, 17, 82)
_YEAR_MM = (13, 51, 32, 15, 18, 22, 22, 22, 22, 17, 35)
"""Millimetres; the type area is 269 wide."""

_ITEM_HEADINGS = ("编号", "报送单位", "序号", "名称", "地点", "季度", "依据")
_ITEM_MM = (14, 36, 12, 72, 60, 18, 57)


def form_docx(table: Table) -> bytes:
    """The form, where it is signed and stamped, and the lists that its figures count."""
    made = new_document(table.title, across=True)
    say(made, table.title, SONG, 18, bold=True, centred=True)
    if table.demo:
        say(made, MARK, HEI, 12, centred=True, colour=RED)
    say(made, described(table), size=10, centred=True, after=6)
    _body(made, table)
    _seal(made, table)
    if items := [listed for section in table.sections for listed in section.items]:
        _items(made, items)
    footer(made, table.trail)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def _body(made: Any, table: Table) -> None:
    widths = _QUARTER_MM if len(table.scope.periods) == 1 else _YEAR_MM
    form = grid(made, headings(table.scope), widths)
    for section in table.sections:
        cell = row_across(form)
        fill(cell, heading(section.action), HEI, 10.5)
        shade(cell, "F3F7F4")
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        for line in section.lines:
            _line(_row(form), line)
        for words in section.words:
            _words(row_across(form), words)


def _row(form: Any) -> Any:
    row = form.add_row()
    mark(row, "w:cantSplit")
    return row


def _line(row: Any, line: Line) -> None:
    indicator = line.cell.indicator
    old = line.kind == "superseded"
    figures = [
        (told_figure(one), "right" if one.done is None else "middle") for one in line.figures
    ]
    texts = [
        (indicator.code, "middle"),
        (line.cell.title, "left"),
        (line.unit, "middle"),
        (indicator.unit, "middle"),
        (told(indicator.target), "right"),
        *figures,
        ("" if old else told(line.share), "right"),
    ]
    cells = row.cells
    for cell, (text, at) in zip(cells, texts, strict=False):
        bold = line.kind == "total"
        fill(cell, text, bold=bold, strike=old, at=at, colour=GREY if old else None)
        if bold:
            shade(cell, "F6F6F6")
    fill(cells[-1], line.note, size=8.5)


def _words(cell: Any, words: Words) -> None:
    # These may be longer than a page: they may be cut.
    fill(cell, told_words(words), size=9, colour=RED if words.is_open else None)


def _seal(made: Any, table: Table) -> None:
    say(made, seal_line(table.scope), size=11, before=16, after=10)


def _items(made: Any, items: Sequence[Listed]) -> None:
    say(made, "附：清单", HEI, 12, before=12, keep=True)
    form = grid(made, _ITEM_HEADINGS, _ITEM_MM)
    counted: dict[tuple[str, str], int] = {}
    for one in items:
        place = counted[one.cell.key, one.unit] = counted.get((one.cell.key, one.unit), 0) + 1
        item = one.item
        texts = (one.cell.key, one.unit, str(place), item.name, item.place, item.period)
        for cell, text in zip(_row(form).cells, (*texts, item.evidence), strict=True):
            fill(cell, text)
