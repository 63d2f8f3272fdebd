"""Does the printed form say what the version says, number, digest and code on every page?"""

import io
import re
import zipfile

from docx import Document
from flask import Flask

from server.db import db
from server.ledger import correcting, paper, paper_docx, seal_code
from server.ledger.content import CellDraft, Draft, ItemTold
from server.ledger.demo_mark import MARK
from server.ledger.paper import Paper, Row
from server.models import ListedItem
from server.revisions import writing
from tests.server.ledger.desk import (
    BUREAU,
    CITY,
    HEAD,
    LATE,
    PROGRAMME,
    SCHOOLS,
    TOWN,
    accept,
    filled,
    hand_in,
)


def printed(**cells: object) -> Paper:
    return paper.of_version(PROGRAMME, CITY, hand_in(SCHOOLS, filled(SCHOOLS, **cells)))


def words(body: bytes) -> str:
    """All that a Word document says in its text and tables."""
    made = Document(io.BytesIO(body))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in made.paragraphs), *cells])


def test_are_the_figures_of_the_version_on_its_form(app: Flask) -> None:
    form = printed(c1_1="7", c1_4={"value": "25000", "reason": "含民办"}, progress="已开工")
    assert form.rows[0] == Row(1, "新改扩建幼儿园", "29 所", "7 所", "24.1%", "")
    assert form.rows[3] == Row(4, "拓展学位", "7,700 个", "25,000 个", "324.7%", "含民办")
    assert (form.number, form.day, form.mark) == ("2023Q1-01-01-1", "2023 年 3 月 25 日", "")
    assert form.texts[0] == ("一、进展情况", "已开工")
    said = seal_code.read(form.code)
    assert said is not None
    assert said.report_number == form.number
    assert form.digest.replace(" ", "").startswith(said.digest)


def test_does_the_number_name_the_unit_s_place_in_the_notice(app: Flask) -> None:
    assert paper.of_version(PROGRAMME, CITY, hand_in(TOWN)).number == "2023Q1-03-01-1"


def test_is_a_correction_marked_with_its_reason(app: Flask) -> None:
    hand_in(SCHOOLS)
    report = accept(SCHOOLS)
    with writing(db.session):
        correcting.correct(db.session, HEAD, PROGRAMME, SCHOOLS, "漏报一所", report.edit)
    form = paper.of_version(PROGRAMME, CITY, hand_in(SCHOOLS, filled(SCHOOLS), LATE))
    assert (form.mark, form.correction, form.number) == ("更正", "漏报一所", "2023Q1-01-01-2")
    assert "更正原因：漏报一所" in words(paper_docx.document(form))


def test_is_a_quarter_without_progress_printed_with_its_reason(app: Flask) -> None:
    draft = Draft(nothing=True, nothing_reason="冬季停工", filled_by="张三", signed_by="李四")
    form = paper.of_version(PROGRAMME, CITY, hand_in(SCHOOLS, draft))
    assert (form.without_progress, form.rows[0].reached) == ("冬季停工", "0 所")


def test_is_what_is_made_up_printed_as_such(app: Flask) -> None:
    form = paper.of_version(PROGRAMME, CITY, hand_in(SCHOOLS), MARK)
    assert MARK in words(paper_docx.document(form))


def test_are_lists_printed_behind_the_form(app: Flask) -> None:
    with writing(db.session):
        db.session.add(
            ListedItem(
                year=2023,
                indicator="1.1",
                unit=BUREAU,
                period="2023Q1",
                name="示例幼儿园",
                key="示例幼儿园",
                place="张店区",
                evidence="示例 1 号",
            )
        )
    form = printed()
    assert form.rows[0].reached == "1 所"
    assert form.annexes[0].title == "附表：新改扩建幼儿园（1 所）"
    assert form.annexes[0].lines == (("1", "示例幼儿园", "张店区", "第一季度", "示例 1 号"),)
    assert "示例 1 号" in words(paper_docx.document(form))


def test_does_the_document_repeat_number_and_code_on_every_page(app: Flask) -> None:
    form = printed()
    body = paper_docx.document(form)
    said = words(body)
    for row in form.rows:
        assert row.title in said
        assert row.reached in said
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        head = "".join(
            parts.read(name).decode() for name in parts.namelist() if "word/header" in name
        )
        foot = "".join(
            parts.read(name).decode() for name in parts.namelist() if "word/footer" in name
        )
        main = parts.read("word/document.xml").decode()
    assert form.number in head
    assert "<pic:pic" in head
    assert re.findall(r"<w:instrText>(\w+)<", foot) == ["PAGE", "NUMPAGES"]
    assert 'w:eastAsia="仿宋"' in main
    assert main.count("<w:tblHeader/>") == 1
    assert main.count("<w:cantSplit/>") >= len(form.rows) + 1


def test_is_a_draft_printed_as_it_is_typed_and_without_a_code() -> None:
    draft = Draft(
        cells={
            "1.1": CellDraft(value="七八所", note="待核"),
            "1.2": CellDraft(not_ours=True),
        }
    )
    items = {"1.3": (ItemTold(id=1, name="甲校", period="2023Q1"),)}
    form = paper.of_draft(PROGRAMME, CITY, SCHOOLS, draft, "", items)
    assert [row.reached for row in form.rows] == ["七八所", "其他单位填报", "1 所", "（未填）"]
    assert (form.mark, form.code, form.number, form.digest) == ("草稿", "", "", "")
    assert "不能盖章上报" in str(
        zipfile.ZipFile(io.BytesIO(paper_docx.document(form))).read("word/header1.xml").decode()
    )
    nothing = paper.of_draft(PROGRAMME, CITY, SCHOOLS, Draft(nothing=True), "", items)
    assert (nothing.rows, nothing.annexes, nothing.without_progress) == ((), (), "（未填）")
