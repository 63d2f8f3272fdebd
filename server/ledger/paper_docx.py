"""The printed form as a Word document: A4, its number and QR code on every page.

Public name: ``document``.
"""

import io
from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from server.ledger import seal_code
from server.ledger.docx_parts import (
    FANGSONG,
    HEI,
    SONG,
    fill,
    footer,
    mark,
    new_document,
    say,
    write,
)
from server.ledger.paper import HEADINGS, LIST_HEADINGS, Annex, Paper

WIDTHS = (13, 46, 23, 27, 18, 43)
LIST_WIDTHS = (13, 49, 43, 22, 43)
HEAD_WIDTHS = (138, 32)
SIGNED_WIDTHS = (95, 75)
"""Millimetres; the type area is 170 wide."""

DIGEST_LINE = 39
"""Letters: eight groups of four."""


def document(paper: Paper) -> bytes:
    """The form as .docx."""
    made = new_document(f"{paper.title}（{paper.unit}）", across=False)
    section = made.sections[0]
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(40), Mm(20)
    _head(section, paper)
    footer(made, paper.number or "草稿")
    _title(made, paper)
    if paper.rows:
        rows = [tuple(map(str, row)) for row in paper.rows]
        _table(made, HEADINGS, WIDTHS, rows, centred={0, 2, 3, 4})
    for heading, text in paper.texts:
        say(made, heading, HEI, 12, before=8, keep=True)
        for line in text.splitlines():
            say(made, line, FANGSONG, 12, indent=True)
    _signatures(made, paper)
    for annex in paper.annexes:
        _annex(made, annex)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def _head(section: Any, paper: Paper) -> None:
    table = section.header.add_table(1, 2, Mm(sum(HEAD_WIDTHS)))
    _widen(table, HEAD_WIDTHS)
    told, code = table.rows[0].cells
    if paper.code:
        lines = [
            f"校验码 {paper.digest[:DIGEST_LINE]}",
            paper.digest[DIGEST_LINE:].strip(),
            f"{paper.unit} · {paper.period} · {paper.action}",
        ]
        fill(told, "\n".join([f"编号 {paper.number}", *lines]), SONG, 9)
        code.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        drawn = io.BytesIO(seal_code.picture(paper.code))
        code.paragraphs[0].add_run().add_picture(drawn, width=Mm(28))
    else:
        fill(told, "草稿：没有编号和二维码，不能盖章上报", HEI, 10.5)
    # An empty line stands before a header's table, and would push it down.
    first = section.header.paragraphs[0]
    first._p.getparent().remove(first._p)
    section.header.add_paragraph().paragraph_format.line_spacing = Pt(1)


def _title(made: Any, paper: Paper) -> None:
    marked = f"{paper.title}（{paper.mark}）" if paper.mark else paper.title
    say(made, marked, SONG, 18, bold=True, centred=True)
    say(made, f"（{paper.document}）", FANGSONG, 12, centred=True)
    if paper.remark:
        say(made, paper.remark, HEI, 12, centred=True)
    say(made, f"填报单位（公章）：{paper.unit}", FANGSONG, 12, before=6)
    say(made, f"填报季度：{paper.period}　　行动：{paper.action}", FANGSONG, 12, after=4)
    if paper.correction:
        say(made, f"更正原因：{paper.correction}", FANGSONG, 12, after=4)
    if paper.without_progress:
        say(made, f"本季度无进展，原因：{paper.without_progress}", FANGSONG, 12, after=4)


def _table(
    made: Any,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    centred: set[int],
) -> None:
    """A table in black on white, as it is going to be copied and stamped."""
    table = made.add_table(1, len(headings), style="Table Grid")
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        fill(cell, heading, HEI, 10.5, at="middle")
    mark(table.rows[0], "w:tblHeader")
    for row in rows:
        for number, (cell, text) in enumerate(zip(table.add_row().cells, row, strict=True)):
            fill(cell, text, FANGSONG, 10.5, at="middle" if number in centred else "left")
    for row in table.rows:
        mark(row, "w:cantSplit")
        row.height, row.height_rule = Mm(8), WD_ROW_HEIGHT_RULE.AT_LEAST
    _widen(table, widths)


def _widen(table: Any, widths: Sequence[int]) -> None:
    """Set the widths of columns: Word goes by the cells, LibreOffice by the grid."""
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _signatures(made: Any, paper: Paper) -> None:
    """Who signs, and the place for the stamp; never cut."""
    say(made, "", FANGSONG, 6, keep=True)
    table = made.add_table(1, 2, style="Table Grid")
    _widen(table, SIGNED_WIDTHS)
    row = table.rows[0]
    row.height, row.height_rule = Mm(48), WD_ROW_HEIGHT_RULE.AT_LEAST
    mark(row, "w:cantSplit")
    people, stamp = row.cells
    lines = (
        f"填 报 人：{paper.filled_by}",
        f"联系电话：{paper.phone}",
        f"单位负责人（签字）：{paper.signed_by}",
        f"填报日期：{paper.day}",
    )
    fill(people, "\n".join(lines), FANGSONG, 12)
    for line in people.paragraphs:
        line.paragraph_format.space_after = Pt(10)
    write(stamp.paragraphs[0], "（此处加盖公章）")
    stamp.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    stamp.vertical_alignment = WD_ALIGN_VERTICAL.TOP


def _annex(made: Any, annex: Annex) -> None:
    say(made, annex.title, HEI, 12, before=14, keep=True)
    _table(made, LIST_HEADINGS, LIST_WIDTHS, annex.lines, centred={0, 3})
