"""Is one thing done to many listings as its rehearsal promised, and told of each?"""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from server.bulk import MOST
from server.db import db
from server.models import AuditEvent, Listing, Revision
from tests.server.pages import Page
from tests.server.staff.people import Person, somebody


def order(person: Person, ids: list[int], action: str, *, go: bool = False, **more: Any) -> Page:
    path = "/staff/listings/bulk/run" if go else "/staff/listings/bulk"
    answer = person.post(path, ids=[str(id_) for id_ in ids], action=action, **more)
    assert answer.status_code == 200, answer.headers
    return Page(answer.text)


def state(app: Flask) -> tuple[int, int, int]:
    """How much there is of what a change leaves behind."""
    with app.app_context():
        counts = [
            db.session.scalar(select(func.count()).select_from(t))
            for t in (Revision, AuditEvent, Listing)
        ]
        retired = db.session.scalar(select(func.count()).where(Listing.state == "retired"))
        return counts[0] or 0, counts[1] or 0, retired or 0


@pytest.mark.parametrize(
    ("action", "more", "told"),
    [
        ("confirm", {"how": "visited"}, "将对 2 条：确认仍然属实"),
        ("retire", {"reason": "场馆改造"}, "将对 2 条：撤下"),
        ("theme", {"value": "science"}, "自然生态 → 科学探索，已提交审核"),
        ("facility", {"value": "stroller", "has": "yes"}, "加上设施“婴儿车通行”"),
    ],
)
def test_does_a_rehearsal_tell_and_change_nothing(
    console: Flask, action: str, more: dict[str, str], told: str
) -> None:
    reviewer = somebody(console, "reviewer")
    before = state(console)
    page = order(reviewer, [5, 6, 26], action, **more)
    assert told in page.text
    assert "1 条不能做" in page.text
    assert state(console) == before


def test_is_done_what_was_rehearsed_and_each_refusal_told(console: Flask) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    page = order(editor, [5, 6, 1, 26, 999], "confirm", go=True, how="phoned")
    assert "2 条已完成，3 条没有做" in page.text
    for why in ("不在您负责的范围内", "已撤下的条目", "没有编号为 999"):
        assert why in page.text
    again = order(editor, [5, 6], "confirm", go=True, how="phoned")
    assert "0 条已完成，2 条没有做" in again.text
    assert "今天已经确认过了" in again.text


def test_is_a_changed_field_handed_in_and_then_submitted_no_second_time(console: Flask) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    order(editor, [5, 6], "theme", go=True, value="science")
    with console.app_context():
        states = db.session.scalars(select(Revision.state).where(Revision.author_id.is_not(None)))
        assert list(states) == ["submitted", "submitted"]
    assert "有一份修改还没有结束" in order(editor, [5], "kind", go=True, value="reading_space").text


@pytest.mark.parametrize(
    ("ids", "more", "why"),
    [
        ([5], {"action": "district", "value": "zhangdian"}, "不在您负责的范围内"),
        ([5], {"action": "district", "value": "boshan"}, "本来就是这样"),
        ([27], {"action": "theme", "value": "science"}, "这类条目没有这一项"),
        ([5], {"action": "theme", "value": "no_such_theme"}, "没有这个代码"),
        ([5], {"action": "theme", "value": "<b>"}, "代码"),
        ([5], {"action": "submit"}, "没有可以提交的草稿"),
        ([5], {"action": "retire", "reason": "改造"}, "不能撤下"),
    ],
)
def test_what_is_refused_in_a_rehearsal_already(
    console: Flask, ids: list[int], more: dict[str, str], why: str
) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    page = order(editor, ids, **more)
    assert "1 条不能做" in page.text
    assert why in page.text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"action": "confirm"}, "还没有选择条目"),
        ({"ids": "5", "action": "explode"}, "没有这种批量操作"),
        ({"ids": "5; DROP", "action": "confirm"}, "编号不对"),
        ({"ids": [str(n) for n in range(1, MOST + 2)], "action": "confirm"}, "一次最多"),
        ({"ids": "5", "action": "retire", "reason": "长" * 300}, "不超过 200 个字"),
    ],
)
def test_is_a_form_that_makes_no_sense_sent_back_to_the_list(
    console: Flask, form: dict[str, Any], why: str
) -> None:
    reviewer = somebody(console, "reviewer")
    answer = reviewer.post("/staff/listings/bulk/run", district="boshan", **form)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/staff/listings?district=boshan")
    assert why in Page(reviewer.get("/staff/listings").text).text


def test_is_what_is_still_to_be_said_asked_for(console: Flask) -> None:
    reviewer = somebody(console, "reviewer")
    assert "撤下的原因" in order(reviewer, [5], "retire").text
    assert "改成哪个区县" in order(reviewer, [5], "district").text
    before = state(console)
    assert "怎样核实的" in order(reviewer, [5], "confirm", go=True).text
    assert state(console) == before


def test_can_all_that_was_found_be_meant(console: Flask) -> None:
    reviewer = somebody(console, "reviewer")
    page = order(reviewer, [], "confirm", everything="true", district="boshan", how="letter")
    assert "将对 21 条" in page.text
