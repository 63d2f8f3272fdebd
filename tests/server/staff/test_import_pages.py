"""Can somebody bring a table from their desk into drafts, and is told where it can't be?"""

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from server import jobs
from server.db import db
from server.models import ImportBatch, Job, Listing, Revision
from server.sheets.opening import open_table
from tests.server.pages import NASTY, Page
from tests.server.staff.people import Person, somebody

HEADINGS = "名称,类别,主题,区县,经度,纬度,电话"
GOOD = f"{HEADINGS}\n新馆,儿童友好实践基地,科学探索,博山区,117.85,36.5,0533-7654321\n"
BAD = GOOD + "坏馆,儿童友好实践基地,科学探索,博山区区,36.5,117.85,\n"


@pytest.fixture
def editor(console: Flask) -> Person:
    return somebody(console, "editor")


def upload(
    person: Person, body: str | bytes, name: str = "表.csv", type_: str = "site"
) -> TestResponse:
    content = body.encode() if isinstance(body, str) else body
    return person.post("/staff/imports", type=type_, file=(io.BytesIO(content), name))


def begin(person: Person, body: str | bytes, name: str = "表.csv") -> str:
    answer = upload(person, body, name)
    assert answer.status_code == 303, Page(answer.text).text
    return answer.headers["Location"]


def check(person: Person, path: str, **changes: str) -> TestResponse:
    """Send the matching page's own form, with changes."""
    form = fields(person.get(path).text) | {"crs": "wgs84"} | changes
    answer = person.post(f"{path}/match", **form)
    jobs.run_waiting(person.app)
    return answer


def fields(html: str) -> dict[str, str]:
    """What the browser would send of the matching form."""
    form = html[html.index('class="import-match"') :]
    sent = {
        f["name"] or "": f.get("value") or ""
        for f in Page(form).all("input")
        if f.get("name") and f.get("type") not in ("checkbox", "radio")
    }
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        sent[name] = chosen[1] if chosen else ""
    sent.pop("csrf_token", None)
    return sent


def drafts(app: Flask) -> int:
    with app.app_context():
        query = select(func.count()).select_from(Revision).where(Revision.origin == "import")
        return db.session.scalar(query) or 0


def test_does_a_table_become_drafts(editor: Person) -> None:
    path = begin(editor, GOOD)
    matching = Page(editor.get(path).text)
    assert "新馆" in matching.text
    assert check(editor, path).status_code == 303
    shown = Page(editor.get(path).text)
    assert "可以写入 1 行" in shown.text
    assert editor.post(f"{path}/apply", mode="all").status_code == 303
    assert "正在写入" in editor.get(path).text
    assert editor.get(path).headers["Refresh"] == "3"
    jobs.run_waiting(editor.app)
    assert "新增 1 条" in Page(editor.get(path).text).text
    with editor.app.app_context():
        made = db.session.scalars(select(Revision).where(Revision.origin == "import")).one()
        assert (made.state, made.author_id) == ("draft", editor.account_id)
        assert made.note == "导入 表.csv 第 2 行"
        assert made.document["phone"] == "0533-7654321"
    again = begin(editor, GOOD)
    check(editor, again)
    assert "完全相同" in editor.get(again).text


def test_is_a_wrong_cell_told_by_its_address(editor: Person) -> None:
    path = begin(editor, BAD)
    check(editor, path)
    shown = Page(editor.get(f"{path}?outcome=wrong").text).text
    assert "D3 区县“博山区区”不认识，是不是“博山区”？" in shown
    assert "E3 经度和纬度写反了" in shown
    assert editor.post(f"{path}/apply", mode="all").status_code == 303
    assert "不能全部写入" in editor.get(path).text
    assert drafts(editor.app) == 0
    editor.post(f"{path}/apply", mode="good")
    jobs.run_waiting(editor.app)
    assert drafts(editor.app) == 1


def test_are_two_taps_on_apply_one_import(editor: Person) -> None:
    path = begin(editor, GOOD)
    check(editor, path)
    editor.post(f"{path}/apply", mode="all")
    editor.post(f"{path}/apply", mode="all")
    jobs.run_waiting(editor.app)
    editor.post(f"{path}/apply", mode="all")
    jobs.run_waiting(editor.app)
    assert drafts(editor.app) == 1


def test_is_the_coordinate_system_asked_for(editor: Person) -> None:
    path = begin(editor, GOOD)
    answer = check(editor, path, crs="")
    assert answer.status_code == 422
    assert "请选择坐标系" in answer.text
    assert fields(answer.text)["column-0"] == "name"


def test_is_the_matching_remembered(editor: Person) -> None:
    odd = GOOD.replace("名称,类别", "甲,乙")
    path = begin(editor, odd)
    assert fields(editor.get(path).text)["column-0"] == ""
    check(editor, path, **{"column-0": "name", "column-1": "kind", "crs": "gcj02"})
    next_time = editor.get(begin(editor, odd)).text
    assert fields(next_time)["column-0"] == "name"
    assert re.search(r'value="gcj02" checked', next_time)


@pytest.mark.parametrize(
    ("body", "name", "told"),
    [
        (b"", "空.xlsx", "文件是空的"),
        (b"<html><table></table></html>", "导出.xlsx", "其实是网页"),
        (b"PK\x03\x04rubbish", "坏.xlsx", "已损坏"),
        (b"%PDF-1.7", "表.xlsx", "这是 PDF"),
        (b"a,b\n\x81\xff\xff", "表.csv", "文字编码认不出"),
    ],
)
def test_is_what_is_no_table_told(editor: Person, body: bytes, name: str, told: str) -> None:
    answer = upload(editor, body, name)
    assert answer.status_code == 422
    assert told in answer.text


def test_is_a_file_of_50_megabytes_refused(editor: Person) -> None:
    answer = upload(editor, b"0" * 50_000_000)
    assert answer.status_code == 413
    assert "最多 20 MB" in answer.text


def test_is_a_missing_file_told(editor: Person) -> None:
    assert "请选择一个文件" in editor.post("/staff/imports", type="site").text
    assert upload(editor, GOOD, type_="bus_route").status_code == 400


def test_are_other_peoples_imports_closed(console: Flask, editor: Person) -> None:
    path = begin(editor, GOOD)
    other = somebody(console, "editor", "another")
    for address in (path, f"{path}/report.xlsx"):
        assert other.get(address).status_code == 404
    for address in ("match", "apply", "cancel"):
        assert other.post(f"{path}/{address}").status_code == 404
    assert "表.csv" not in other.get("/staff/imports").text
    assert somebody(console, "reviewer").get(path).status_code == 200


def test_does_markup_stay_text(editor: Person) -> None:
    quoted = NASTY.replace('"', '""')
    path = begin(editor, f'{HEADINGS}\n"{quoted}",x,,,,,\n', "<b>.csv")
    assert "<script>alert" not in editor.get(path).text
    check(editor, path)
    assert "<script>alert" not in editor.get(path).text


def test_can_an_import_be_cancelled(editor: Person) -> None:
    path = begin(editor, GOOD)
    check(editor, path)
    editor.post(f"{path}/apply", mode="all")
    editor.post(f"{path}/cancel")
    jobs.run_waiting(editor.app)
    assert drafts(editor.app) == 0
    assert "已取消" in editor.get(path).text


def test_can_an_import_go_on_whose_job_broke_off(editor: Person) -> None:
    path = begin(editor, GOOD)
    check(editor, path)
    editor.post(f"{path}/apply", mode="all")
    with editor.app.app_context():
        db.session.execute(
            update(Job).where(Job.state == "waiting").values(state="failed", message="断了")
        )
        db.session.commit()
    shown = editor.get(path).text
    assert "断了" in shown
    assert "可以写入 1 行" in shown
    editor.post(f"{path}/apply", mode="all")
    jobs.run_waiting(editor.app)
    assert drafts(editor.app) == 1


def test_does_the_report_say_beside_each_row_what_is_wrong(editor: Person) -> None:
    path = begin(editor, BAD)
    check(editor, path)
    answer = editor.get(f"{path}/report.xlsx")
    rows = open_table(answer.data).sheet().rows
    assert rows[0].cells[:4] == ("核对行号", "核对结果", "核对说明", "名称")
    assert rows[2].cells[:2] == ("3", "有误")
    assert "D3：区县“博山区区”不认识" in rows[2].cells[2]


@pytest.mark.parametrize("type_", ["site", "hotline"])
def test_is_the_template_read_back_without_a_question(editor: Person, type_: str) -> None:
    answer = editor.get(f"/staff/imports/template/{type_}.xlsx")
    table = open_table(answer.data)
    assert [sheet.name for sheet in table.sheets][1:] == ["填写说明", "可选的词"]
    from server.imports.columns import COLUMNS
    from server.imports.matching import guess

    assert set(guess(type_, table.sheet()).columns) >= {
        c.field for c in COLUMNS[type_] if c.field != "position"
    }
    assert editor.get("/staff/imports/template/notice.xlsx").status_code == 404


def test_is_a_changed_bound_heeded_when_writing(console: Flask) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    path = begin(
        editor, GOOD + GOOD.splitlines()[1].replace("新馆", "远馆").replace("博山", "张店")
    )
    check(editor, path)
    assert "不在您负责的范围内" in editor.get(f"{path}?outcome=wrong").text
    editor.post(f"{path}/apply", mode="good")
    jobs.run_waiting(console)
    with console.app_context():
        batch = db.session.scalars(select(ImportBatch)).one()
        assert batch.report["applied_new"] == 1
        count = select(func.count()).select_from(Listing)
        assert db.session.scalar(count) == 31


def test_are_the_reports_headings_text_whatever_the_file_calls_its_columns(editor: Person) -> None:
    strange = '"=HYPERLINK(""http://x.example"",""点我"")",+1,铃\x07声'
    wider = GOOD.replace("电话\n", f"电话,{strange}\n").replace("4321\n", "4321,,,\n")
    path = begin(editor, wider)
    check(editor, path)
    answer = editor.get(f"{path}/report.xlsx")
    assert answer.status_code == 200
    headings = next(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows())
    assert [cell.data_type for cell in headings] == ["s"] * len(headings)
    assert "铃声" in [cell.value for cell in headings]
    assert any(cell.value.startswith("=HYPERLINK(") for cell in headings)
