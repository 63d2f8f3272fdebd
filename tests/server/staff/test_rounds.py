"""Does a round tell who has made sure of what, and what is left?"""

from datetime import timedelta

import pytest
from flask import Flask

from server.listing_search import today
from tests.server.pages import Page
from tests.server.staff.desk import Desk
from tests.server.staff.people import Person, somebody

SOON = (today() + timedelta(days=20)).isoformat()


@pytest.fixture
def reviewer(console: Flask) -> Person:
    return somebody(console, "reviewer")


def begin(person: Person, **more: str) -> str:
    """Start a round; the path of its page."""
    form = {"round_title": "冬季核实", "due_on": SOON, "district": "boshan"} | more
    answer = person.post("/staff/rounds", **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_is_a_listing_done_when_it_is_confirmed(console: Flask, reviewer: Person) -> None:
    path = begin(reviewer)
    editor = somebody(console, "editor", districts=["boshan"])
    page = Page(editor.get(path).text)
    assert "0 / 21" in page.text
    assert "待核实 21" in page.text
    editor.post("/staff/listings/5/confirm", how="visited", next=path)
    page = Page(editor.get(path).text)
    assert "1 / 21" in page.text
    assert "待核实 20" in page.text
    assert "editor的姓名" in Page(editor.get(f"{path}?show=done").text).text


def test_do_listings_stay_in_the_round_that_no_longer_fit_its_filter(
    console: Flask, reviewer: Person
) -> None:
    path = begin(reviewer, unverified="true")
    reviewer.post("/staff/listings/5/confirm", how="phoned")
    assert "1 / 21" in Page(reviewer.get(path).text).text


def test_is_a_change_under_way_told_and_a_retired_place_done_with(
    console: Flask, reviewer: Person
) -> None:
    desk = Desk(console, reviewer=reviewer)
    path = begin(reviewer)
    desk.hand_in(6, booking="须预约")
    reviewer.post("/staff/listings/7/retire", reason="场馆改造")
    page = Page(reviewer.get(path).text)
    assert "有变化 1" in page.text
    assert "1 / 21" in page.text


def test_does_an_editor_see_first_what_is_theirs(console: Flask, reviewer: Person) -> None:
    path = begin(reviewer, district="")
    editor = somebody(console, "editor", districts=["zhangdian"])
    assert "待核实 3" in Page(editor.get(path).text).text
    assert "待核实 28" in Page(editor.get(f"{path}?mine=false").text).text


def test_does_a_hotline_count_when_a_second_person_has_approved(
    console: Flask, reviewer: Person
) -> None:
    path = begin(reviewer, district="", type="hotline")
    editor = somebody(console, "editor")
    editor.post("/staff/listings/27/confirm", how="phoned")
    assert "有变化 1" in Page(reviewer.get(path).text).text
    queue = Page(reviewer.get("/staff/review").text)
    (revision,) = [link for link in queue.links if link.startswith("/staff/review/")]
    assert "号码不变" in Page(reviewer.get(revision).text).text
    reviewer.post(f"{revision}/approve")
    assert "1 / 4" in Page(reviewer.get(path).text).text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"round_title": ""}, "起个名字"),
        ({"round_title": "长" * 61}, "不超过 60 个字"),
        ({"due_on": ""}, "请选择完成日期"),
        ({"due_on": "2020-01-01"}, "今天以后"),
        ({"q": "没有这样的地方"}, "没有条目"),
    ],
)
def test_is_a_round_that_makes_no_sense_not_begun(
    reviewer: Person, form: dict[str, str], why: str
) -> None:
    typed = {"round_title": "冬季核实", "due_on": SOON, "district": "boshan"} | form
    answer = reviewer.post("/staff/rounds", **typed)
    assert answer.status_code == 400
    page = Page(answer.text)
    assert why in page.text
    assert "还没有核实轮次" in page.text
    if "round_title" not in form:
        assert "冬季核实" in [field.get("value") for field in page.all("input")]


def test_is_a_round_ended_once(reviewer: Person) -> None:
    path = begin(reviewer)
    reviewer.post(f"{path}/close")
    assert "已结束" in Page(reviewer.get(path).text).text
    reviewer.post(f"{path}/close")
    assert "已经结束了" in Page(reviewer.get("/staff/rounds").text).text
    assert reviewer.get("/staff/rounds/99").status_code == 404


def test_may_an_editor_begin_none(console: Flask) -> None:
    editor = somebody(console, "editor")
    assert editor.post("/staff/rounds", round_title="x", due_on=SOON).status_code == 403
    assert "开始一轮核实" not in Page(editor.get("/staff/rounds").text).text
