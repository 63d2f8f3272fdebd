"""Do lists and important matters get from the unit's desk to the office, with their files?"""

import io
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from server.console.waiting import waiting
from server.db import db
from server.ledger import matters
from server.models import AuditEvent, ImportantMatter, ListedItem, StaffAccount
from tests.server.ledger.desk import BUREAU, Clerk
from tests.server.ledger.test_matters import PDF
from tests.server.pages import Page
from tests.server.progress.desk import P
from tests.server.staff.people import Person, somebody

LIST = f"{P}/items/2023/1.1/{quote(BUREAU)}"
HTML = b"<html><script>alert(1)</script></html>"


@pytest.fixture(scope="module")
def clerk(ledger: Flask) -> Person:
    return somebody(ledger, "reporter", "lister", unit=BUREAU)


@pytest.fixture(scope="module")
def stranger(ledger: Flask) -> Person:
    return somebody(ledger, "unit_head", "stranger", unit="市妇联")


def add(
    person: Person, name: str = "", file: tuple[bytes, str] | None = None, /, **more: Any
) -> Any:
    sent = {"csrf_token": person.token, "act": "add", "name": name, "period": "2023Q3"} | more
    if file:
        sent["file"] = (io.BytesIO(file[0]), file[1])
    return person.client.post(LIST, data=sent, content_type="multipart/form-data")


def item(app: Flask, name: str) -> ListedItem:
    with app.app_context():
        row = db.session.scalars(select(ListedItem).where(ListedItem.name == name)).one()
        db.session.expunge(row)
        return row


def test_is_an_item_listed_with_its_evidence(
    ledger: Flask, clerk: Person, stranger: Person, reviewer: Person
) -> None:
    said = {"place": "柳泉路 1 号", "evidence": "淄教验〔2023〕1号", "listing": "/sites/1"}
    answer = add(clerk, "<甲>幼儿园", (PDF, "验收.html"), **said)
    assert answer.status_code == 303, answer.text
    page = clerk.get(LIST)
    assert "<甲>" not in page.text
    told = Page(page.text)
    assert "已列 1 所，目标 29 所" in told.text
    assert "地图：淄博市博物馆" in told.text
    row = item(ledger, "<甲>幼儿园")
    at = f"{P}/items/{row.id}/file"
    for person in (clerk, reviewer):
        file = person.get(at)
        assert file.get_data() == PDF
        assert file.headers["Content-Type"] == "application/pdf"
        assert "default-src 'none'" in file.headers["Content-Security-Policy"]
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert ".pdf" in file.headers["Content-Disposition"]
    for path in (at, LIST, f"{P}/items/{row.id}"):
        assert stranger.get(path).status_code == 403
    report = Page(clerk.get(f"{P}/2023Q3/1/{quote(BUREAU)}").text)
    assert "1 按清单计数" in report.text
    assert "1.1:value" not in {each.get("name") for each in report.all("input")}


@pytest.mark.parametrize(
    ("file", "more", "told"),
    [
        ((HTML, "批复.pdf"), {}, "不是 PDF、JPG、PNG"),
        ((b"", "空.pdf"), {}, "是空的"),
        (None, {"listing": "没有数字"}, "请填编号"),
        (None, {"listing": "99999999999999"}, "请填编号"),
        (None, {"listing": "987654"}, "没有编号为 987654"),
        (None, {"period": "2023Q1"}, "已经封账"),
        (None, {"period": ""}, "请选择季度"),
        (None, {"name": "——"}, "请填写名称"),
        (None, {"csrf_token": "x"}, "表单已过期"),
    ],
)
def test_does_a_refused_item_keep_what_was_typed(
    clerk: Person, file: tuple[bytes, str] | None, more: dict[str, str], told: str
) -> None:
    answer = add(clerk, "拒收幼儿园", file, **{"place": "写了很久的地点"} | more)
    assert answer.status_code in (400, 422), answer.text
    assert told in Page(answer.text).text
    assert "写了很久的地点" in answer.text


def test_are_lines_pasted_all_or_none(ledger: Flask, clerk: Person) -> None:
    lines = "乙幼儿园\t张店区\t文号一\r\n\r\n丙幼儿园\t\t\r\n"
    wrong = add(clerk, act="paste", lines=lines + "乙 幼儿园\n")
    assert wrong.status_code == 422
    told = Page(wrong.text).text
    assert "第 3 条：“乙 幼儿园”与第 1 条重复" in told
    assert "丙幼儿园" in wrong.text
    answer = add(clerk, act="paste", lines=lines)
    assert answer.status_code == 303
    assert "已加入 2 条" in Page(clerk.get(LIST).text).text
    assert item(ledger, "乙幼儿园").evidence == "文号一"
    again = add(clerk, "丙幼儿园", period="2023Q4")
    assert "已在市教育局 2023 年第三季度的清单里" in Page(again.text).text


def test_is_an_item_changed_once_and_taken_off_with_a_reason(ledger: Flask, clerk: Person) -> None:
    add(clerk, "丁幼儿园")
    id_ = item(ledger, "丁幼儿园").id
    opened = Page(clerk.get(f"{P}/items/{id_}").text)
    was = next(each["value"] for each in opened.all("input") if each.get("name") == "was")
    change = {"act": "change", "was": was, "name": "丁丁幼儿园", "period": "2023Q3"}
    assert clerk.post(f"{P}/items/{id_}", **change).status_code == 303
    second = clerk.post(f"{P}/items/{id_}", **change | {"name": "丁甲幼儿园"})
    assert second.status_code == 409
    assert "刚刚被别人改过" in second.text
    assert "丁甲幼儿园" in second.text
    assert "清单里现在是：丁丁幼儿园" in Page(second.text).text
    assert clerk.post(f"{P}/items/{id_}", act="remove", reason="").status_code == 409
    assert clerk.post(f"{P}/items/{id_}", act="remove", reason="不是今年的").status_code == 303
    assert clerk.get(f"{P}/items/{id_}").status_code == 404
    with ledger.app_context():
        query = select(AuditEvent.detail).where(AuditEvent.action == "item.removed")
        assert db.session.scalars(query).one()["reason"] == "不是今年的"


def test_does_who_may_only_look_get_no_form(leader: Person, reviewer: Person) -> None:
    for person in (leader, reviewer):
        assert "加入清单" not in person.get(LIST).text
        assert add(person, "戊幼儿园").status_code == 403
        assert "市妇联" in person.get(f"{P}/items").text
        assert person.get(f"{P}/items/2023/1.1/{quote('市妇联')}").status_code == 404
        assert person.get(f"{P}/items/1999/1.1/{quote(BUREAU)}").status_code == 404


def test_does_a_matter_reach_the_office_and_its_answer_the_unit(
    ledger: Flask, clerk: Person, stranger: Person, reviewer: Person, leader: Person
) -> None:
    before = _waits(ledger)
    files = [(io.BytesIO(PDF), "一.pdf"), (io.BytesIO(PDF + b"\n"), "二.pdf")]
    sent = {"csrf_token": clerk.token, "title": "延期<b>", "body": "因拆迁延期。", "action": "1"}
    answer = clerk.client.post(
        f"{P}/matters", data=sent | {"files": files}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303, answer.text
    assert _waits(ledger) == before + 1
    at = answer.location
    assert "延期&lt;b&gt;" in reviewer.get("/staff/inbox").text
    assert reviewer.get(f"{at}/files/2").get_data() == PDF + b"\n"
    assert reviewer.get(f"{at}/files/3").status_code == 404
    for path in (at, f"{at}/files/1"):
        assert stranger.get(path).status_code == 403
    assert "延期" not in stranger.get(f"{P}/matters").text
    for person in (clerk, leader, stranger):
        assert person.post(at, act="answer", answer="同意").status_code == 403
    assert reviewer.post(at, act="answer", answer=" ").status_code == 422
    assert reviewer.post(at, act="answer", answer="同意，季报里写明。").status_code == 303
    assert "同意，季报里写明。" in clerk.get(at).text
    assert _waits(ledger) == before


@pytest.mark.parametrize(
    ("more", "status"),
    [({"title": ""}, 422), ({"action": "3"}, 422), ({"action": "x"}, 303), ({"body": "长"}, 422),
     ({"csrf_token": "x"}, 400)],
)  # fmt: skip
def test_does_a_refused_matter_keep_what_was_typed(
    ledger: Flask, clerk: Person, more: dict[str, str], status: int
) -> None:
    sent = {"csrf_token": clerk.token, "title": "标题<i>", "body": "写了很久的内容"} | more
    answer = clerk.client.post(f"{P}/matters", data=sent)
    assert answer.status_code == status, answer.text
    if status != 303:
        assert sent["body"] in answer.text
    with ledger.app_context():
        rows = matters.of_year(db.session, Clerk("office_reviewer"), 2023)
        assert [row.action for row in rows if row.title == "标题<i>"] in ([], [None])


def _waits(app: Flask) -> int:
    with app.test_request_context():
        account = db.session.scalars(
            select(StaffAccount).where(StaffAccount.role == "office_reviewer")
        ).first()
        assert account is not None
        by: Any = Clerk(account.role, None, account.id, account.login)
        count = waiting(db.session, by)
        unseen = db.session.scalars(select(ImportantMatter.id).where(matters.unseen())).all()
        assert count >= len(unseen)
        return count
