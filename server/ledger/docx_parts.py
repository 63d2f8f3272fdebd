"""Parts of Word documents that python-docx leaves to others: Chinese fonts, fields, table marks.

Public names: ``SONG``, ``FANGSONG``, ``HEI``, ``new_document``, ``say``, ``write``, ``fill``,
``grid``, ``shade``, ``field``, ``mark``, ``row_across``, ``footer``, ``RED``, ``GREY``.

A font that the reader's machine lacks is replaced there; the names are those that offices have.
"""

import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm, Pt, RGBColor, Twips

SONG, FANGSONG, HEI = "宋体", "仿宋", "黑体"

RED = RGBColor(0xC0, 0, 0)
GREY = RGBColor(0x70, 0x70, 0x70)

_SIDES = {"left": "left", "middle": "center", "right": "right"}

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 can't hold."""


def new_document(title: str, *, across: bool) -> Any:
    """An empty A4 document; ``across``: the long side lies."""
    made = Document()
    section = made.sections[0]
    short, long = Mm(210), Mm(297)
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if across else (short, long)
    section.left_margin = section.right_margin = Mm(14 if across else 24)
    section.top_margin, section.bottom_margin = Mm(15 if across else 25), Mm(15 if across else 22)
    section.header_distance = section.footer_distance = Mm(8)
    _font(made.styles["Normal"], FANGSONG, 10.5)
    made.core_properties.title = title
    made.core_properties.author = ""
    return made


def say(
    made: Any,
    text: str,
    font: str = FANGSONG,
    size: float = 10.5,
    *,
    bold: bool = False,
    centred: bool = False,
    indent: bool = False,
    before: float = 0,
    after: float = 2,
    keep: bool = False,
    colour: RGBColor | None = None,
) -> Any:
    """A paragraph; sizes and distances in points. ``keep``: on the page of what follows."""
    line = made.add_paragraph()
    shape = line.paragraph_format
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(before), Pt(after), keep
    if indent:
        shape.first_line_indent = Pt(2 * size)
    if centred:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(line, text, font, size, bold=bold, colour=colour)
    return line


def write(
    line: Any,
    text: str,
    font: str = FANGSONG,
    size: float = 10.5,
    *,
    bold: bool = False,
    strike: bool = False,
    colour: RGBColor | None = None,
) -> None:
    """Add to a paragraph."""
    run = line.add_run(_ILLEGAL.sub("", text))
    _font(run, font, size)
    run.font.bold, run.font.strike = bold or None, strike or None
    if colour is not None:
        run.font.color.rgb = colour


def fill(
    cell: Any,
    text: str,
    font: str = FANGSONG,
    size: float = 9,
    *,
    bold: bool = False,
    strike: bool = False,
    at: str = "left",
    colour: RGBColor | None = None,
) -> None:
    """Write into an empty cell of a table; ``at`` is ``left``, ``middle`` or ``right``."""
    tc = cell._tc
    for line in tc.p_lst:
        tc.remove(line)
    # A form has a thousand cells: piece by piece through python-docx they take seconds.
    look = (
        f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/>'
        f"{'<w:b/>' if bold else ''}{'<w:strike/>' if strike else ''}"
        f"{_coloured(colour)}"
        f'<w:sz w:val="{round(2 * size)}"/>'
    )
    for part in text.split("\n"):
        told = escape(_ILLEGAL.sub("", part))
        tc.append(
            parse_xml(
                f'<w:p xmlns:w="{nsmap["w"]}"><w:pPr><w:spacing w:before="0" w:after="0"/>'
                f'<w:jc w:val="{_SIDES[at]}"/></w:pPr><w:r><w:rPr>{look}</w:rPr>'
                f'<w:t xml:space="preserve">{told}</w:t></w:r></w:p>'
            )
        )
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _coloured(colour: RGBColor | None) -> str:
    return "" if colour is None else f'<w:color w:val="{colour}"/>'


def grid(made: Any, headings: Sequence[str], widths: Sequence[float]) -> Any:
    """A table with rules, its headings again on every page; widths in millimetres."""
    table = made.add_table(1, len(headings), style="Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for cell, heading, width in zip(table.rows[0].cells, headings, widths, strict=True):
        fill(cell, heading, HEI, 9, at="middle")
        cell.width = Mm(width)
        shade(cell, "E3EFE7")
    mark(table.rows[0], "w:tblHeader")
    mark(table.rows[0], "w:cantSplit")
    return table


def shade(cell: Any, colour: str) -> None:
    """Colour a cell's ground, as ``RRGGBB``."""
    ground = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        ground.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(ground)


def row_across(table: Any) -> Any:
    """A new row of one cell over the whole width; the cell is returned."""
    columns = table._tbl.tblGrid.gridCol_lst
    width = round(sum(column.w for column in columns) / Twips(1))
    # Made whole: merging through python-docx takes 10 ms a row, and a year has some 120.
    row = (
        f'<w:tr xmlns:w="{nsmap["w"]}"><w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>'
        f'<w:gridSpan w:val="{len(columns)}"/></w:tcPr><w:p/></w:tc></w:tr>'
    )
    table._tbl.append(parse_xml(row))
    return table.rows[-1].cells[0]


def mark(row: Any, name: str) -> None:
    """Mark a row: ``w:tblHeader`` comes again on every page, ``w:cantSplit`` is never cut."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def footer(made: Any, left: str) -> None:
    """What stands at the foot of every page: a text, and which page of how many."""
    line = made.sections[0].footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(line, f"{left}　　第 ", SONG, 9)
    field(line, "PAGE")
    write(line, " 页，共 ", SONG, 9)
    field(line, "NUMPAGES")
    write(line, " 页", SONG, 9)


def field(line: Any, name: str) -> None:
    """A field that the reader's program counts by itself."""
    for kind in ("begin", "", "end"):
        run = line.add_run()
        _font(run, SONG, 9)
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = name
        run._r.append(part)


def _font(of: Any, font: str, size: float) -> None:
    """For Latin letters and, which Word asks for apart, for Chinese ones."""
    of.font.name, of.font.size = font, Pt(size)
    of.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
