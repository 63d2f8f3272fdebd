"""The printed form as a Word document: A4, its number and QR code on every page.

Public name: ``document``. A font that the reader's machine lacks is replaced there; the names are
those that offices have.
"""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from server.ledger import seal_code
from server.ledger.paper import HEADINGS, LIST_HEADINGS, Annex, Paper

SONG, FANGSONG, HEI = "宋体", "仿宋", "黑体"
WIDTHS = (13, 46, 23, 27, 18, 43)
LIST_WIDTHS = (13, 49, 43, 22, 43)
"""Millimetres; the type area is 170 wide."""

CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def document(paper: Paper) -> bytes:
    """The form as .docx."""
    made = Document()
    _set_up(made, paper)
    _head(made.sections[0], paper)
    _foot(made.sections[0])
    _title(made, paper)
    if paper.rows:
        rows = [tuple(map(str, row)) for row in paper.rows]
        _table(made, HEADINGS, WIDTHS, rows, centred={0, 2, 3, 4})
    for heading, text in paper.texts:
        _say(made, heading, HEI, 12, before=8, keep=True)
        for line in text.splitlines():
            _say(made, line, FANGSONG, 12, indent=True)
    _signatures(made, paper)
    for annex in paper.annexes:
        _annex(made, annex)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def _set_up(made: Any, paper: Paper) -> None:
    section = made.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(40), Mm(20)
    section.header_distance = section.footer_distance = Mm(9)
    _font(made.styles["Normal"], FANGSONG, 12)
    made.core_properties.title = f"{paper.title}（{paper.unit}）"
    made.core_properties.author = paper.unit
    made.core_properties.comments = paper.number


def _head(section: Any, paper: Paper) -> None:
    table = section.header.add_table(1, 2, Mm(170))
    _widen(table, (138, 32))
    told, code = table.rows[0].cells
    if paper.code:
        lines = [f"编号 {paper.number}", f"校验码 {paper.digest[:39]}", paper.digest[40:]]
        run = code.paragraphs[0].add_run()
        run.add_picture(io.BytesIO(seal_code.picture(paper.code)), width=Mm(28))
        code.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    else:
        lines = ["草稿：没有编号和二维码，不能盖章上报"]
    _write(told.paragraphs[0], lines[0], HEI, 10.5)
    for line in [*lines[1:], f"{paper.unit} · {paper.period} · {paper.action}"]:
        _write(told.add_paragraph(), line, SONG, 9)
    # An empty line stands before a header's table, and would push it down.
    first = section.header.paragraphs[0]
    first._p.getparent().remove(first._p)
    section.header.add_paragraph().paragraph_format.line_spacing = Pt(1)


def _foot(section: Any) -> None:
    line = section.footer.paragraphs[0]
    line.alignment = CENTRE
    for before, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES")):
        _font(line.add_run(before), SONG, 9)
        _field(line, field)
    _font(line.add_run(" 页"), SONG, 9)


def _title(made: Any, paper: Paper) -> None:
    marked = f"{paper.title}（{paper.mark}）" if paper.mark else paper.title
    _say(made, marked, SONG, 18, bold=True, centred=True)
    _say(made, f"（{paper.document}）", FANGSONG, 12, centred=True)
    _say(made, f"填报单位（公章）：{paper.unit}", FANGSONG, 12, before=6)
    _say(made, f"填报季度：{paper.period}　　行动：{paper.action}", FANGSONG, 12)
    if paper.correction:
        _say(made, f"更正原因：{paper.correction}", FANGSONG, 12)
    if paper.without_progress:
        _say(made, f"本季度无进展，原因：{paper.without_progress}", FANGSONG, 12)


def _table(
    made: Any,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    centred: set[int],
) -> None:
    table = made.add_table(1, len(headings), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        _fill(cell, heading, HEI, centred=True)
    _mark(table.rows[0], "w:tblHeader")
    for row in rows:
        cells = table.add_row().cells
        for number, (cell, text) in enumerate(zip(cells, row, strict=True)):
            _fill(cell, text, FANGSONG, centred=number in centred)
    for row in table.rows:
        _mark(row, "w:cantSplit")
        row.height, row.height_rule = Mm(8), WD_ROW_HEIGHT_RULE.AT_LEAST
    _widen(table, widths)


def _widen(table: Any, widths: Sequence[int]) -> None:
    """Set the widths of columns: Word goes by the cells, LibreOffice by the grid."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width, cell.vertical_alignment = Mm(width), WD_ALIGN_VERTICAL.CENTER


def _signatures(made: Any, paper: Paper) -> None:
    """Who signs, and the place for the stamp; kept together."""
    _say(made, "", FANGSONG, 6)
    table = made.add_table(1, 2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    row = table.rows[0]
    row.height, row.height_rule = Mm(48), WD_ROW_HEIGHT_RULE.AT_LEAST
    _mark(row, "w:cantSplit")
    people, stamp = row.cells
    _widen(table, (95, 75))
    stamp.vertical_alignment = WD_ALIGN_VERTICAL.TOP
    lines = (
        f"填 报 人：{paper.filled_by}",
        f"联系电话：{paper.phone}",
        f"单位负责人（签字）：{paper.signed_by}",
        f"填报日期：{paper.day}",
    )
    _fill(people, "\n".join(lines), FANGSONG, size=12, spacing=10)
    _fill(stamp, "（此处加盖公章）", FANGSONG, size=10.5, centred=True)


def _annex(made: Any, annex: Annex) -> None:
    _say(made, annex.title, HEI, 12, before=14, keep=True)
    _table(made, LIST_HEADINGS, LIST_WIDTHS, annex.lines, centred={0, 3})


def _say(
    made: Any,
    text: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    centred: bool = False,
    indent: bool = False,
    before: float = 0,
    keep: bool = False,
) -> None:
    line = made.add_paragraph()
    shape = line.paragraph_format
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(before), Pt(2), keep
    if indent:
        shape.first_line_indent = Pt(2 * size)
    if centred:
        line.alignment = CENTRE
    _font(line.add_run(text), font, size, bold=bold)


def _fill(
    cell: Any,
    text: str,
    font: str,
    *,
    size: float = 10.5,
    centred: bool = False,
    spacing: float = 0,
) -> None:
    for number, part in enumerate(text.split("\n")):
        line = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _write(line, part, font, size)
        line.paragraph_format.space_after = Pt(spacing)
        if centred:
            line.alignment = CENTRE


def _write(line: Any, text: str, font: str, size: float) -> None:
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(0)
    _font(line.add_run(text), font, size)


def _font(of: Any, font: str, size: float, *, bold: bool = False) -> None:
    """Set a font for Latin letters and, which Word asks for apart, for Chinese ones."""
    of.font.name, of.font.size, of.font.bold = font, Pt(size), bold
    of.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _field(line: Any, name: str) -> None:
    """A field that Word counts by itself."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = line.add_run("1")
    _font(run, SONG, 9)
    field.append(run._r)
    line._p.append(field)


def _mark(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))
