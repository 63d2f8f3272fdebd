"""Does the exported form say what the rows say, and is it fit to be printed?"""

import csv
import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook

from server import audit
from server.db import db, now
from server.ledger.cells import cells
from server.ledger.form_document import form_docx
from server.ledger.form_sheet import form_xlsx
from server.ledger.people import Unseen
from server.ledger.table import choose, table
from tests.server.ledger import raw
from tests.server.ledger.desk import (
    BUREAU,
    CITY,
    COUNCIL,
    IN_TIME,
    LEADER,
    OFFICE_HEAD,
    PROGRAMME,
    SCHOOLS,
    Clerk,
    filled,
    hand_in,
)
from tests.server.sheet_files import UTF_8_CSV, converted

TITLES = {
    (cell.indicator.code, cell.title): cell.key
    for action in PROGRAMME.actions
    for cell in cells(action, CITY)
}
WORDS = {"已完成": True, "未完成": False}


def made(by: Clerk, period: str, unit: str = "", action: int | None = None) -> tuple[bytes, bytes]:
    """The form as a workbook and as a document."""
    scope = choose(PROGRAMME, by, period, unit, action)
    form = table(db.session, by, scope, CITY, now())
    return form_xlsx(form), form_docx(form)


def totals_in(rows: list[tuple[Any, ...]], column: int) -> dict[str, Decimal | bool]:
    """By cell the total that rows of a form tell: the last row of each is it."""
    found: dict[str, Decimal | bool] = {}
    for row in rows:
        name = TITLES.get((str(row[0]), str(row[1])))
        if name is None:
            continue
        found.pop(name, None)
        told = row[column]
        if told not in (None, ""):
            number = str(told).replace(",", "")
            found[name] = WORDS[told] if told in WORDS else Decimal(number)
    return found


def rows_of(workbook: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(workbook)).worksheets[0]
    return [
        tuple(cell.value for cell in row) for row in sheet.iter_rows() if not row[0].font.strike
    ]


def rows_in(document: bytes) -> list[tuple[Any, ...]]:
    form = Document(io.BytesIO(document)).tables[0]
    return [
        tuple(cell.text for cell in row.cells)
        for row in form.rows
        if not any(run.font.strike for run in row.cells[0].paragraphs[0].runs)
    ]


def plain(totals: dict[str, Decimal | bool]) -> dict[str, Decimal | bool]:
    return {k: v if isinstance(v, bool) else v.normalize() for k, v in totals.items()}


@pytest.mark.parametrize("period", ["2023Q1", "2023Q2", "2023Q3", "2023Q4"])
def test_are_the_totals_those_of_the_raw_rows(year: Flask, period: str) -> None:
    scope = choose(PROGRAMME, LEADER, period)
    rows = rows_of(form_xlsx(table(db.session, LEADER, scope, CITY, now())))
    expected = plain(raw.totals(period))
    assert len(expected) > 15
    assert plain(totals_in(rows, 5)) == expected


def test_has_the_form_of_the_year_a_column_a_quarter(year: Flask) -> None:
    workbook, document = made(LEADER, "2023")
    sheet, form = rows_of(workbook), rows_in(document)
    for column, period in enumerate(("2023Q1", "2023Q2", "2023Q3", "2023Q4"), 5):
        expected = plain(raw.totals(period))
        assert plain(totals_in(sheet, column)) == expected
        assert plain(totals_in(form, column)) == expected


def test_stands_a_corrected_figure_struck_through_above_the_new_one(year: Flask) -> None:
    old = {
        (content["unit"], name): Decimal(said["value"])
        for key, outcome, content in raw.versions()
        if outcome == "accepted" and key[2] == "2023Q1"
        for name, said in content["cells"].items()
        if said["value"] is not None
        and raw.counting()[key]["cells"][name]["value"] != said["value"]
    }
    assert old
    sheet = load_workbook(io.BytesIO(made(LEADER, "2023Q1")[0])).worksheets[0]
    struck = {
        (row[2].value, TITLES[row[0].value, row[1].value]): Decimal(str(row[5].value))
        for row in sheet.iter_rows()
        if row[0].font.strike
    }
    assert struck == old
    notes = [row[7].value for row in sheet.iter_rows() if row[0].font.strike]
    assert all("已更正：重复统计 2 处" in note for note in notes)


def test_is_the_workbook_laid_out_for_the_printer(year: Flask) -> None:
    body = made(LEADER, "2023Q1")[0]
    sheet = load_workbook(io.BytesIO(body)).worksheets[0]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert re.fullmatch(r"\$1:\$\d+", sheet.print_title_rows)
    assert "&P" in sheet.oddFooter.right.text
    head = audit.head(db.session)
    assert f"第 {head.number} 条 · {head.hash[:12]}" in sheet.oddFooter.left.text
    assert sheet["A1"].value == f"{PROGRAMME.form_title}（示例）"
    assert "示例数据，不是真实的工作进展" in {row[0].value for row in sheet.iter_rows()}


def test_is_the_document_laid_out_for_the_printer(year: Flask) -> None:
    body = made(Clerk("reporter", COUNCIL), "2023Q3")[1]
    made_ = Document(io.BytesIO(body))
    section = made_.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    first = made_.tables[0].rows[0]
    assert first._tr.trPr.xpath("w:tblHeader")
    text = "\n".join(line.text for line in made_.paragraphs)
    assert "市妇联（盖章）" in text
    assert "示例数据，不是真实的工作进展" in text
    footer = zipfile.ZipFile(io.BytesIO(body)).read("word/footer1.xml").decode()
    assert all(name in footer for name in ("PAGE", "NUMPAGES", "审计记录第"))


def test_does_a_unit_get_its_own_alone(year: Flask) -> None:
    clerk = Clerk("reporter", BUREAU)
    workbook, _ = made(clerk, "2023Q1")
    assert {row[2] for row in rows_of(workbook) if (row[0], row[1]) in TITLES} == {BUREAU}
    for unit, action in ((COUNCIL, None), ("", 9)):
        with pytest.raises(Unseen):
            made(clerk, "2023Q1", unit, action)
    scope = choose(PROGRAMME, LEADER, "2023Q1")
    with pytest.raises(Unseen):
        table(db.session, clerk, scope, CITY, now())
    with pytest.raises(Unseen):
        choose(PROGRAMME, LEADER, "2024Q1")


def test_is_nothing_that_a_unit_writes_a_formula(app: Flask) -> None:
    evil = '=HYPERLINK("http://x","y")'
    draft = filled(SCHOOLS, c1_1={"value": "5", "note": evil}, progress="@SUM(1)\x07")
    hand_in(SCHOOLS, draft, IN_TIME)
    workbook, _ = made(OFFICE_HEAD, "2023Q1", "", 1)
    sheet = load_workbook(io.BytesIO(workbook)).worksheets[0]
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == evil]
    assert [cell.data_type for cell in found] == ["s"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(workbook)).read("xl/worksheets/sheet1.xml")


def test_does_another_program_read_the_same_numbers(year: Flask, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(made(LEADER, "2023Q2")[0])
    rows = list(csv.reader(io.StringIO(converted(path, "csv", UTF_8_CSV).decode())))
    told = {TITLES[row[0], row[1]]: row[5] for row in rows if (row[0], row[1]) in TITLES}
    numbers = {k: Decimal(v.replace(",", "")) for k, v in told.items() if v[:1].isdigit()}
    expected = {k: v for k, v in raw.totals("2023Q2").items() if not isinstance(v, bool)}
    assert plain(numbers) == plain(expected)
