"""The form as a workbook: laid out for A4 across, numbers as numbers, nothing a formula.

Public names: ``form_xlsx``.
"""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from server.ledger.demo_mark import MARK
from server.ledger.form_words import described, heading, headings, seal_line, told_words
from server.ledger.table import Figure, Line, Listed, Section, Table
from server.sheets.table import column_letters
from server.sheets.writing import put_text

_SIDE = Side(style="thin", color="808080")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_RIGHT = Alignment(horizontal="right", vertical="center")
_HEAD_FILL = PatternFill("solid", fgColor="E3EFE7")
_TOTAL_FILL = PatternFill("solid", fgColor="F6F6F6")
_FONT, _TITLE_FONT = "宋体", "黑体"
_LINE_PT = 15
"""Height of a line of 10 points."""


def form_xlsx(table: Table) -> bytes:
    """The form, and behind it the lists that its figures count."""
    book = Workbook()
    sheet = book.active
    sheet.title = "进展情况报表"
    _Form(sheet, table).write()
    items = [listed for section in table.sections for listed in section.items]
    if items:
        _write_items(book.create_sheet("清单"), items)
    book.properties.title = table.title
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


class _Form:
    """The sheet as it grows, row by row."""

    def __init__(self, sheet: Worksheet, table: Table) -> None:
        self._sheet, self._table = sheet, table
        self._headings = headings(table.scope)
        self._quarters = len(table.scope.periods)
        self._widths = [
            7,
            30,
            17,
            8,
            10,
            *[11] * self._quarters,
            9,
            40 if self._quarters == 1 else 26,
        ]
        self._row = 0

    def write(self) -> None:
        self._title()
        for section in self._table.sections:
            self._section(section)
        self._end()
        _lay_out(self._sheet, self._widths, first_rows=self._first_rows)
        footer = self._sheet.oddFooter
        footer.left.text = self._table.trail
        footer.right.text = "第 &P 页 共 &N 页"

    def _title(self) -> None:
        table = self._table
        self._across(table.title, Font(name=_TITLE_FONT, size=16, bold=True), _MIDDLE, 30)
        told = described(table)
        self._across(told, Font(name=_FONT, size=10), _MIDDLE, 18)
        if table.demo:
            self._across(MARK, Font(name=_FONT, size=11, bold=True, color="C00000"), _MIDDLE, 18)
        self._row += 1
        for column, text in enumerate(self._headings, 1):
            self._put(column, text, Font(name=_FONT, size=10, bold=True), _MIDDLE).fill = _HEAD_FILL
        self._first_rows = self._row

    def _section(self, section: Section) -> None:
        self._across(heading(section.action), Font(name=_FONT, size=11, bold=True), _LEFT, 20, True)
        for line in section.lines:
            self._line(line)
        for words in section.words:
            self._paragraph(told_words(words), bad=words.is_open)

    def _line(self, line: Line) -> None:
        self._row += 1
        font = Font(
            name=_FONT,
            size=10,
            strike=line.kind == "superseded",
            bold=line.kind == "total",
            color="808080" if line.kind == "superseded" else "000000",
        )
        indicator = line.cell.indicator
        self._put(1, indicator.code, font, _MIDDLE)
        self._put(2, line.cell.title, font, _LEFT)
        self._put(3, line.unit, font, _MIDDLE)
        self._put(4, indicator.unit, font, _MIDDLE)
        self._put(5, indicator.target, font, _RIGHT)
        for column, figure in enumerate(line.figures, 6):
            self._figure(column, figure, font)
        share = None if line.kind == "superseded" else line.share
        self._put(6 + self._quarters, share, font, _RIGHT)
        plain = Font(name=_FONT, size=9)
        self._put(7 + self._quarters, line.note, plain, _LEFT)
        if line.kind == "total":
            for column in range(1, len(self._widths) + 1):
                self._sheet.cell(self._row, column).fill = _TOTAL_FILL
        texts = (line.cell.title, line.unit, line.note)
        columns = (self._widths[1], self._widths[2], self._widths[-1])
        tall = max(_lines(text, width) for text, width in zip(texts, columns, strict=True))
        self._sheet.row_dimensions[self._row].height = max(18, tall * _LINE_PT)

    def _figure(self, column: int, figure: Figure, font: Font) -> None:
        if figure.done is None:
            self._put(column, figure.value, font, _RIGHT)
        else:
            self._put(column, "已完成" if figure.done else "未完成", font, _MIDDLE)

    def _paragraph(self, text: str, *, bad: bool = False) -> None:
        font = Font(name=_FONT, size=9, color="C00000" if bad else "000000")
        height = max(16, _lines(text, sum(self._widths)) * 13)
        self._across(text, font, _LEFT, height, True)

    def _end(self) -> None:
        self._across(seal_line(self._table.scope), Font(name=_FONT, size=10), _LEFT, 36)

    def _across(
        self, text: str, font: Font, alignment: Alignment, height: float, framed: bool = False
    ) -> None:
        """A text over the whole width."""
        self._row += 1
        last = len(self._widths)
        cell = self._sheet.cell(self._row, 1)
        put_text(cell, text)
        cell.font, cell.alignment = font, alignment
        if framed:
            for column in range(1, last + 1):
                self._sheet.cell(self._row, column).border = _BORDER
        # ``merge_cells`` would make the borders anew, cell by cell, in half of a form's time.
        self._sheet.merged_cells.add(f"A{self._row}:{column_letters(last - 1)}{self._row}")
        # What Excel prints of a row is at most 409 points high.
        self._sheet.row_dimensions[self._row].height = min(height, 400)

    def _put(self, column: int, value: str | Decimal | None, font: Font, at: Alignment) -> Any:
        cell = self._sheet.cell(self._row, column)
        if isinstance(value, Decimal):
            whole = value == value.to_integral_value()
            cell.value = int(value) if whole else float(value)
            cell.number_format = "#,##0" if whole else "#,##0.0#"
        elif value:
            put_text(cell, value)
        cell.font, cell.alignment, cell.border = font, at, _BORDER
        return cell


def _write_items(sheet: Worksheet, items: Sequence[Listed]) -> None:
    widths = [7, 28, 17, 6, 34, 34, 10, 30]
    names = ("编号", "指标", "报送单位", "序号", "名称", "地点", "季度", "依据")
    rows: list[tuple[str | int, ...]] = [names]
    counted: dict[tuple[str, str], int] = {}
    for one in items:
        place = counted[one.cell.key, one.unit] = counted.get((one.cell.key, one.unit), 0) + 1
        item, cell = one.item, one.cell
        told = (item.name, item.place, item.period, item.evidence)
        rows.append((cell.indicator.code, cell.title, one.unit, place, *told))
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell_ = sheet.cell(number, column)
            if isinstance(value, int):
                cell_.value = value
            elif value:
                put_text(cell_, value)
            cell_.font = Font(name=_FONT, size=10, bold=number == 1)
            cell_.alignment, cell_.border = (_MIDDLE if number == 1 else _LEFT), _BORDER
    _lay_out(sheet, widths, first_rows=1)
    sheet.oddFooter.right.text = "第 &P 页 共 &N 页"


def _lay_out(sheet: Worksheet, widths: Sequence[int], *, first_rows: int) -> None:
    """A4 across, as wide as the paper, the rows of the headings on every page."""
    for column, width in enumerate(widths):
        sheet.column_dimensions[column_letters(column)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top = margins.bottom = 0.7
    sheet.print_title_rows = f"1:{first_rows}"
    sheet.freeze_panes = f"A{first_rows + 1}"


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column so many half characters wide."""
    return sum(
        max(1, -(-sum(2 if ord(letter) > 0xFF else 1 for letter in line) // max(1, int(width) - 1)))
        for line in text.split("\n")
    )
