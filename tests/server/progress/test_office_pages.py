"""Do the office's pages tell how things stand, and let nobody decide on what they did not see?"""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from server.db import db
from server.ledger import reports
from server.ledger.cells import ReportKey
from server.models import LedgerReminder, Report
from server.revisions import writing
from tests.server.ledger.desk import BUREAU, COUNCIL, PROGRAMME
from tests.server.pages import Page
from tests.server.progress.town import FIRST
from tests.server.staff.people import Person, somebody

P = "/staff/progress"
Q2 = "2023Q2"


def path(key: ReportKey, what: str = "review") -> str:
    return f"{P}/{key.period}/{key.action}/{quote(key.unit)}/{what}"


def text(person: Person, at: str, status: int = 200) -> str:
    answer = person.get(at)
    assert answer.status_code == status, answer.text
    return Page(answer.text).text


def state(app: Flask, key: ReportKey) -> Report:
    with app.app_context():
        found = reports.find(db.session, key)
        assert found is not None
        db.session.expunge(found)
        return found


def test_does_the_overview_show_every_unit_and_quarter(leader: Person) -> None:
    said = text(leader, f"{P}/matrix")
    assert all(unit in said for unit in PROGRAMME.units)
    assert "一季度 已封账" in said
    assert "已通过 28 迟报 2" in said
    assert "1 待审核" in said
    assert "未报逾期" in said.replace(" ", "")
    assert "开始审核" not in said, "who may only look is offered nothing"


@pytest.mark.parametrize(
    ("asked", "there", "absent"),
    [
        ({"state": "returned"}, "市交通运输局", "市商务局"),
        ({"state": "late"}, "市体育局", "市残联"),
        ({"action": "6"}, "市商务局", "市残联"),
        ({"unit": BUREAU, "period": Q2}, BUREAU, "市残联"),
    ],
)
def test_can_the_overview_be_filtered(
    leader: Person, asked: dict[str, str], there: str, absent: str
) -> None:
    address = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    page = Page(leader.get(f"{P}/matrix?{address}").text)
    ways = " ".join(link for link in page.links if "/review" in link)
    assert quote(there) in ways
    assert quote(absent) not in ways


@pytest.mark.parametrize(
    ("address", "status"),
    [("matrix?year=1999", 404), ("matrix?year=x", 400), ("matrix?state=odd", 400),
     ("matrix?action=1e309", 400), ("indicators?period=2023Q9", 404), ("indicators/2023/99.9", 404),
     ("indicators/2023/%00", 404), ("2023Q1/99/totals", 404), ("2023Q9/1/totals", 404),
     ("2023Q1/1/%E5%B1%80/review", 404), (f"2023Q2/1/{quote(BUREAU)}/review?version=9", 404),
     (f"2023Q2/1/{quote(BUREAU)}/review?version=99999999999999999999", 400),
     ("periods?year=99", 404)],
)  # fmt: skip
def test_is_an_address_of_nothing_refused(head: Person, address: str, status: int) -> None:
    assert head.get(f"{P}/{address}").status_code == status


def test_does_a_unit_see_its_own_alone(ledger: Flask) -> None:
    person = somebody(ledger, "reporter", "clerk", unit="市商务局")
    said = text(person, f"{P}/matrix")
    assert "市残联" not in said
    assert "没有能登录的填报人" not in said
    assert "6.3" in text(person, f"{P}/indicators")
    assert "先看这些" not in text(person, f"{P}/indicators")
    assert person.get(f"{P}/indicators/2023/1.1").status_code == 404
    assert "其他单位" in text(person, path(FIRST), 403)
    assert "牵头单位" in text(person, f"{P}/{Q2}/6/totals", 403)


def test_does_a_review_show_what_changed_and_why_it_was_returned(reviewer: Person) -> None:
    answer = reviewer.get(path(FIRST))
    said = Page(answer.text).text
    assert "上一版退回：数字与上月调度不符，请附竣工备案号" in said
    assert answer.text.count('class="changed"') == 1
    assert "第 2 版，" in said
    assert "2023-07-12" in answer.text, "five working days from the 5th of July"
    assert 'name="reason-1.1"' in answer.text


def test_may_who_only_looks_decide_nothing(leader: Person) -> None:
    answer = leader.get(path(FIRST))
    assert "退回这一栏" not in answer.text
    assert "<textarea" not in answer.text
    for what in ("accept", "return"):
        assert leader.post(path(FIRST, what), number=2).status_code == 403


@pytest.mark.parametrize(
    ("what", "form", "said"),
    [
        ("accept", {"number": 2}, "还没有与这一版相符的盖章扫描件"),
        ("accept", {"number": 1, "unsealed": "原件已送达"}, "您看的是第 1 版"),
        ("accept", {"number": "x", "unsealed": "原件已送达"}, "撤回、审核过或有了新的版本"),
        ("return", {"number": 2, "resubmit_by": "2023-07-12"}, "请在有问题的栏目上写明退回原因"),
        ("return", {"number": 2, "reason-1.1": "请核对", "resubmit_by": "明天"}, "请选择重报日期"),
        ("return", {"number": 2, "reason-1.1": "请核对", "resubmit_by": "2023-07-01"}, "不能早于"),
        ("return", {"number": 2, "reason-9.9": "请核对", "resubmit_by": "2023-07-12"}, "没有这些"),
        ("return", {"number": 2, "reason-1.1": "长" * 600, "resubmit_by": "2023-07-12"}, "500 字"),
    ],
)  # fmt: skip
def test_is_a_decision_refused_with_what_was_typed(
    ledger: Flask, reviewer: Person, what: str, form: dict[str, Any], said: str
) -> None:
    before = state(ledger, FIRST).edit
    answer = reviewer.post(path(FIRST, what), **form)
    assert answer.status_code == 409
    assert said in Page(answer.text).text
    if typed := form.get("reason-1.1"):
        assert typed in answer.text
    assert state(ledger, FIRST).edit == before


def test_is_the_second_of_two_reviewers_told(ledger: Flask, head: Person, reviewer: Person) -> None:
    key = ReportKey("市商务局", 6, Q2)
    first = head.post(path(key, "accept"), number=1, unsealed="原件已送达")
    assert first.status_code == 303
    assert "/review" in first.location, "on to the next"
    second = reviewer.post(
        path(key, "return"), number=1, resubmit_by="2023-07-12", **{"reason-6.3": "请附名册"}
    )
    assert second.status_code == 409
    said = Page(second.text).text
    assert "office_head的姓名 已于" in said
    assert "请附名册" in said, "what was typed stays"
    assert state(ledger, key).state == "accepted"


def test_does_a_return_reach_the_very_field(ledger: Flask, reviewer: Person) -> None:
    key = ReportKey("市人力资源社会保障局", 6, Q2)
    form = {"reason-6.3": "请附培训名册", "reason-seal": ""}
    assert reviewer.post(path(key, "return"), number=1, resubmit_by="2023-07-12", **form).location
    row = state(ledger, key)
    assert (row.state, str(row.resubmit_by)) == ("returned", "2023-07-12")
    person = somebody(ledger, "reporter", "hr", unit=key.unit)
    assert "退回：请附培训名册" in text(person, path(key))
    inbox = text(person, "/staff/inbox")
    assert "2023 年退回的报表" in inbox
    assert "请在 2023-07-12 前重报" in inbox


def test_are_indicators_held_against_target_calendar_and_map(leader: Person) -> None:
    said = text(leader, f"{P}/indicators?period={Q2}")
    assert "先看这些" in said
    assert "应报未报" in said
    assert "3.2 儿童友好服务地图覆盖的儿童友好实践基地 上报 50，地图上现有 26" in said
    page = leader.get(f"{P}/indicators/2023/1.1").text
    assert "<title id=" in page
    assert "2023 年第一季度 7；2023 年第二季度 15；目标 29" in Page(page).text
    assert "按时间应到 7 14 21 29" in Page(page).text
    alone = text(leader, f"{P}/indicators?period={Q2}&accepted=1")
    assert "1.1 新改扩建幼儿园 7 所" in alone


def test_is_each_indicator_a_page_of_its_own(leader: Person) -> None:
    for action in PROGRAMME.actions:
        for one in action.indicators:
            assert one.title in text(leader, f"{P}/indicators/2023/{one.code}")


def test_does_the_lead_unit_stand_for_what_it_saw(ledger: Flask, head: Person) -> None:
    lead = somebody(ledger, "unit_head", "lead", unit="市卫生健康委")
    at = f"{P}/{Q2}/2/totals"
    page = lead.get(at).text
    mark = Page(page).all("input")
    seen = next(field["value"] for field in mark if field.get("name") == "parts")
    refused = lead.post(at, parts="市总工会7", note="补贴重复 2 户")
    assert refused.status_code == 409
    assert "有单位的报送变了" in Page(refused.text).text
    assert "补贴重复 2 户" in refused.text
    assert lead.post(at, parts=seen, note="无重复").status_code == 303
    assert "lead的姓名" in text(head, at)
    other = somebody(ledger, "unit_head", "other", unit="市总工会")
    assert other.post(at, parts=seen).status_code == 403


def test_is_a_quarter_closed_and_opened_with_a_reason(ledger: Flask, head: Person) -> None:
    at = f"{P}/periods"
    assert "已封账" in text(head, at)
    refused = head.post(f"{at}/2023Q1/reopen", reason=" ")
    assert refused.status_code == 400
    assert "请写明重新开账的原因" in Page(refused.text).text
    assert head.post(f"{at}/2023Q1/reopen", reason="市妇联补报数字").status_code == 303
    said = text(head, at)
    assert "市妇联补报数字" in said
    assert "office_head的姓名" in said
    assert head.post(f"{at}/2023Q1/close").status_code == 303
    assert head.post(f"{at}/2024Q1/close").status_code == 404


def test_does_the_office_learn_whom_no_reminder_reaches(ledger: Flask, head: Person) -> None:
    with ledger.app_context(), writing(db.session):
        for channel, failure in (("inbox", ""), ("webhook", "企业微信连不上，或回答看不懂")):
            row = LedgerReminder(unit=COUNCIL, period=Q2, days=-1, channel=channel, missing=[10])
            row.failure = failure
            db.session.add(row)
    said = text(head, f"{P}/matrix")
    assert "没有能登录的填报人" in said
    assert "条催报没有发到企业微信：企业微信连不上" in said
    record = text(head, f"{P}/reminders")
    assert "截止后 1 天 第 10 项 企业微信 没有发出" in record
    assert "没有发出的催报" in text(head, "/staff/inbox")
    person = somebody(ledger, "reporter", "women", unit=COUNCIL)
    assert "第二季度第 10 项" in text(person, "/staff/inbox")
