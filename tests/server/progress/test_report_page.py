"""Does a clerk get a report filled in and handed in, and is nothing lost on the way?"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from server.db import db
from server.ledger import reports
from server.ledger.cells import ReportKey
from server.ledger.typed import flat
from server.models import AuditEvent, Report
from tests.server.ledger.desk import BUREAU, accept, filled, send_back
from tests.server.pages import Page
from tests.server.progress.desk import P, fill_in, inputs, path, send
from tests.server.staff.people import Person, somebody

KEY = ReportKey(BUREAU, 1, "2023Q2")
"""After a first quarter that was accepted: see ``tests.server.progress.town``."""


@pytest.fixture(scope="module")
def clerk(ledger: Flask) -> Person:
    return somebody(ledger, "reporter", "clerk", unit=BUREAU)


@pytest.fixture(scope="module")
def colleague(ledger: Flask) -> Person:
    return somebody(ledger, "unit_head", "colleague", unit=BUREAU)


@pytest.fixture
def fresh(ledger: Flask) -> Iterator[ReportKey]:
    """A report of which nothing is there, as if the quarter had just begun."""
    key = ReportKey(BUREAU, 4, "2023Q3")
    yield key
    with ledger.app_context():
        # What was handed in can't be taken away: these tests only save.
        of = (Report.unit == key.unit, Report.action == key.action, Report.period == key.period)
        db.session.execute(delete(Report).where(*of))
        db.session.commit()


def saved(app: Flask, key: ReportKey) -> dict[str, str]:
    with app.app_context():
        return flat(reports.draft_of(reports.find(db.session, key)))


def test_does_a_report_go_from_first_number_to_acceptance(
    ledger: Flask, clerk: Person, colleague: Person
) -> None:
    key = ReportKey(BUREAU, 7, "2023Q3")
    texts = flat(filled(key))
    assert fill_in(clerk, key, **texts).status_code == 303
    answer = fill_in(clerk, key, "submit")
    assert answer.status_code == 303, answer.text
    page = Page(clerk.get(path(key)).text)
    assert "已提交第 1 版" in page.text
    assert "打印盖章，上传扫描件" in page.text
    assert "撤回第 1 版" in page.text
    edit = next(each["value"] for each in page.all("input") if each.get("name") == "edit")
    assert clerk.post(path(key), act="withdraw", edit=edit).status_code == 303
    assert fill_in(clerk, key, "submit").status_code == 303
    with ledger.app_context():
        accept(key, 2)
    page = Page(clerk.get(path(key)).text)
    assert "不能：由单位负责人办理" in page.text
    opened = Page(colleague.get(path(key)).text)
    edit = next(each["value"] for each in opened.all("input") if each.get("name") == "edit")
    answer = colleague.post(path(key), act="correct", edit=edit, correction="x")
    assert answer.status_code == 409
    assert "没有办成：请写明更正的原因" in Page(answer.text).text
    answer = colleague.post(path(key), act="correct", edit=edit, correction="漏报一场")
    assert answer.status_code == 303
    assert "正在更正：漏报一场" in Page(clerk.get(path(key)).text).text


def test_are_all_mistakes_told_and_does_what_was_typed_stay(
    ledger: Flask, clerk: Person, fresh: ReportKey
) -> None:
    bad = {"4.5:value": "二十", "4.6:value": "1e309", "progress": "<b>粗</b>"}
    answer = fill_in(clerk, fresh, "submit", **bad)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "4.5 培训心理危机干预骨干：应为数字；文字请写在说明里" in page.text
    assert "4.1 市心理健康云平台建立：请选“已完成”或“未完成”" in page.text
    assert "#f-4.5:value" in page.links
    assert {"f-4.5:value", "f-4.1:value", "f-4.7:note", "f-filled_by"} <= set(page.ids)
    assert {name: inputs(answer)[name] for name in bad} == bad
    assert "<b>粗" not in answer.text
    # It is saved all the same.
    assert saved(ledger, fresh)["4.5:value"] == "二十"


def test_is_a_text_that_is_too_long_not_saved_and_still_there(
    clerk: Person, fresh: ReportKey
) -> None:
    answer = fill_in(clerk, fresh, progress="长" * 4001)
    assert answer.status_code == 422
    assert "进展情况：文字太长，最多 4000 个字" in Page(answer.text).text
    assert len(inputs(answer)["progress"]) == 4001


def test_are_two_clerks_in_different_fields_joined(
    ledger: Flask, clerk: Person, colleague: Person, fresh: ReportKey
) -> None:
    opened = inputs(clerk.get(path(fresh)))
    fill_in(colleague, fresh, problems="经费不足")
    answer = send(clerk, fresh, opened, progress="热线已开通")
    assert answer.status_code == 303
    told = Page(clerk.get(path(fresh)).text).text
    assert "colleague的姓名也改了这份报表（存在问题）；没有冲突，已合并保存" in told
    now = saved(ledger, fresh)
    assert (now["problems"], now["progress"]) == ("经费不足", "热线已开通")


def test_does_the_second_clerk_choose_where_both_changed_a_field(
    ledger: Flask, clerk: Person, colleague: Person, fresh: ReportKey
) -> None:
    opened = inputs(clerk.get(path(fresh)))
    fill_in(colleague, fresh, **{"4.5:value": "10", "problems": "经费不足"})
    answer = send(clerk, fresh, opened, "submit", **{"4.5:value": "12", "progress": "热线"})
    assert answer.status_code == 412
    page = Page(answer.text)
    assert "用我填的12" in page.text
    assert "用colleague的姓名填的10" in page.text
    assert saved(ledger, fresh)["4.5:value"] == "10"
    again = inputs(answer)
    assert (again["4.5:value"], again["problems"]) == ("12", "经费不足")
    undecided = send(clerk, fresh, again)
    assert undecided.status_code == 409
    assert "请在每一处不同里选定一个" in undecided.text
    chosen = send(clerk, fresh, inputs(undecided), **{"pick.4.5:value": "theirs"})
    assert chosen.status_code == 303
    now = saved(ledger, fresh)
    assert (now["4.5:value"], now["problems"], now["progress"]) == ("10", "经费不足", "热线")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"edit": ""}, 428),
        ({"edit": "99999999999"}, 428),
        ({"edit": "77"}, 412),
        ({"edit": "0", "base": "[1"}, 303),
        ({"csrf_token": "x"}, 400),
        ({"act": "withdraw"}, 409),
    ],
)
def test_does_what_was_typed_come_back_whatever_is_wrong_with_the_form(
    clerk: Person, fresh: ReportKey, changes: dict[str, str], status: int
) -> None:
    opened = inputs(clerk.get(path(fresh)))
    answer = send(clerk, fresh, opened, **{"progress": "写了很久"} | changes)
    assert answer.status_code == status, answer.text
    if status in (400, 412, 428):
        assert inputs(answer)["progress"] == "写了很久"


def test_is_another_units_report_nobodys_to_open(clerk: Person, leader: Person) -> None:
    other = ReportKey("市妇联", 3, "2023Q2")
    for ask in (clerk.get(path(other)), clerk.post(path(other), act="save", edit="0")):
        assert ask.status_code == 403
        assert "其他单位的台账" in ask.text
    assert leader.get(path(other)).status_code == 200
    assert leader.post(path(other), act="save", edit="0").status_code == 403
    nowhere = ("2023Q5", "2022Q1", "x")
    for key in [KEY._replace(period=period) for period in nowhere] + [KEY._replace(action=2)]:
        assert clerk.get(path(key)).status_code == 404


def test_does_a_question_show_its_reason_field(clerk: Person, fresh: ReportKey) -> None:
    fill_in(clerk, fresh, **{"4.6:value": "901"})
    page = Page(clerk.get(path(fresh)).text)
    assert "超过目标（300）的 3 倍；如果没有填错，请说明" in page.text
    assert "#f-4.6:reason" in page.links


def put(person: Person, key: ReportKey, edit: int | None, body: Any) -> Any:
    headers = {"X-CSRFToken": person.token}
    if edit is not None:
        headers["If-Match"] = f'"{edit}"'
    kind = {"json": body} if not isinstance(body, str) else {"data": body}
    return person.client.put(path(key, "/draft"), headers=headers, **kind)


def test_does_a_script_save_what_is_typed(
    ledger: Flask, clerk: Person, colleague: Person, fresh: ReportKey
) -> None:
    answer = put(clerk, fresh, 0, {"fields": {"4.6:value": "901", "progress": "甲"}})
    assert answer.status_code == 200, answer.text
    assert answer.json["edit"] == 1
    assert answer.headers["ETag"] == '"1"'
    assert "超过目标" in answer.json["asks"]["4.6"]
    late = put(colleague, fresh, 0, {"fields": {"progress": "乙"}})
    assert late.status_code == 412
    assert (late.json["edit"], late.json["who"]) == (1, "clerk的姓名")
    assert late.json["fields"] == {"4.6:value": "901", "progress": "甲"}
    assert saved(ledger, fresh)["progress"] == "甲"


@pytest.mark.parametrize(
    ("edit", "body", "status"),
    [
        (None, {"fields": {}}, 428),
        (0, "{", 400),
        (0, {"fields": ["x"]}, 400),
        (0, {"fields": {"progress": 1}}, 400),
        (0, {"fields": {"progress": "长" * 4001}}, 422),
        (5, {"fields": {"progress": "甲"}}, 412),
    ],
)
def test_is_a_script_that_asks_wrongly_told_so(
    clerk: Person, fresh: ReportKey, edit: int | None, body: Any, status: int
) -> None:
    answer = put(clerk, fresh, edit, body)
    assert answer.status_code == status, answer.text


def test_is_a_report_that_waits_for_review_not_written_in(clerk: Person) -> None:
    answer = put(clerk, KEY, 99, {"fields": {"progress": "甲"}})
    assert answer.status_code in (409, 412)
    other = put(clerk, ReportKey("市妇联", 3, "2023Q2"), 0, {"fields": {}})
    assert other.status_code == 403


def test_does_the_unit_see_what_it_owes_and_what_was_returned(ledger: Flask) -> None:
    unit = "市交通运输局"
    person = somebody(ledger, "reporter", "driver", unit=unit)
    key = ReportKey(unit, 3, "2023Q2")
    with ledger.app_context():
        report = reports.find(db.session, key)
        assert report is not None
        if report.state == "submitted":
            send_back(key, report.newest_number, c3_3="请附线路表")
    page = Page(person.get(P + "/").text)
    assert "办公室退回，请修改后重报" in page.text
    assert "已封账" in page.text
    assert "10 月 1 日起可以填报" in page.text
    assert "已退回" in page.text


def test_is_every_save_told_in_the_audit_trail(
    ledger: Flask, clerk: Person, fresh: ReportKey
) -> None:
    fill_in(clerk, fresh, progress="甲")
    with ledger.app_context():
        last = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action == "report.saved")
            .order_by(AuditEvent.id.desc())
        ).first()
        assert last is not None
        assert (last.actor, last.detail["unit"]) == ("clerk", BUREAU)
        assert "progress" in last.detail["fields"]


def test_does_an_expired_button_leave_the_draft_in_the_form(
    clerk: Person, fresh: ReportKey
) -> None:
    fill_in(clerk, fresh, progress="写了很久")
    again = clerk.client.post(path(fresh), data={"act": "drop_correction", "csrf_token": "old"})
    assert again.status_code == 400
    assert inputs(again)["progress"] == "写了很久"


def test_is_a_choice_still_asked_when_the_form_has_expired(clerk: Person, fresh: ReportKey) -> None:
    fill_in(clerk, fresh, progress="一稿")
    opened = inputs(clerk.get(path(fresh)))
    asked = opened | {"act": "save", "clash": "progress", "progress": "我的"}
    again = clerk.client.post(path(fresh), data=asked | {"csrf_token": "old"})
    assert again.status_code == 400
    assert inputs(again)["clash"] == "progress"
