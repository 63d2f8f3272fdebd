"""Does the list find, filter, count and page as its words promise?"""

import pytest
from flask import Flask

from tests.server.pages import NASTY, Page
from tests.server.staff.people import Person, somebody


@pytest.fixture
def viewer(console: Flask) -> Person:
    return somebody(console, "viewer")


def names(person: Person, **query: str) -> list[str]:
    """The names of the rows, as the checkboxes call them."""
    answer = person.get("/staff/listings", query_string=query)
    assert answer.status_code == 200, answer.text
    rows = Page(answer.text).all("input")
    return [row["value"] or "" for row in rows if row.get("name") == "ids"]


def test_are_all_listings_in_use_there_and_the_retired_ones_when_asked_for(viewer: Person) -> None:
    assert len(names(viewer)) == 28
    assert names(viewer, state="retired") == ["26", "25"]
    assert len(names(viewer, state="all")) == 30


def test_see_people_with_bounds_what_is_theirs_first_and_all_one_tap_away(console: Flask) -> None:
    bounded = somebody(console, "editor", districts=["boshan"])
    own = names(bounded, mine="bounds")
    assert names(bounded) == own != []
    assert len(own) < len(names(bounded, q="")) == 28
    assert names(bounded, sort="name") != own
    page = Page(bounded.get("/staff/listings").text)
    chips = [a["href"] for a in page.all("a") if a.get("class") == "chip"]
    assert chips[:2] == ["/staff/listings?q=", "/staff/listings?q="]
    everything = Page(bounded.get("/staff/listings?q=").text)
    chips = [a["href"] for a in everything.all("a") if a.get("class") == "chip"]
    assert chips[1] == "/staff/listings?mine=bounds"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("博物馆", ["1"]),
        ("市博", ["1"]),
        ("商场西街153", ["1"]),
        ("bowuguan", ["1"]),
        ("05332164568", ["1"]),
        ("12355", ["27"]),
        ("9999999", ["30"]),
        ("测试馆 05", ["5"]),
        ("没有这样的地方", []),
        ("。", []),
    ],
)
def test_what_do_words_find(viewer: Person, words: str, found: list[str]) -> None:
    assert names(viewer, q=words) == found


def test_stands_what_a_number_names_before_what_it_occurs_in(viewer: Person) -> None:
    assert names(viewer, q="3")[0] == "3"
    assert len(names(viewer, q="3")) > 1


def test_do_filters_narrow_and_their_counts_hold(viewer: Person) -> None:
    page = Page(viewer.get("/staff/listings?type=site").text)
    assert "博山区（21）" in page.text
    assert len(names(viewer, type="site", district="boshan")) == 21
    assert len(names(viewer, type="site", missing="opening_hours")) == 22
    assert len(names(viewer, unverified="true")) == 27
    assert names(viewer, theme="nature", q="测试馆07") == ["7"]


def test_is_a_filter_that_makes_no_sense_left_out_and_told(viewer: Person) -> None:
    page = Page(viewer.get("/staff/listings?district=atlantis&page=x&utm=1&sort=age").text)
    assert "没有这个区县" in page.text
    assert "“utm”不是筛选条件" in page.text
    assert "28 条" in page.text


def test_is_the_last_page_the_last(viewer: Person) -> None:
    page = Page(viewer.get("/staff/listings?page=99").text)
    assert "第 1 / 1 页" in page.text
    assert [link for link in page.all("a") if link.get("rel") == "next"] == []


def test_is_markup_in_names_text(viewer: Person) -> None:
    answer = viewer.get("/staff/listings?q=script")
    assert NASTY not in answer.text
    assert "<script>alert" in Page(answer.text).text


def test_does_one_tap_confirm_a_place(console: Flask) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    answer = editor.post("/staff/listings/5/confirm", how="phoned", next="/staff/listings?q=5")
    assert answer.headers["Location"] == "/staff/listings?q=5"
    told = Page(editor.get("/staff/listings?q=5").text).text
    assert "已确认仍然属实" in told
    assert "已核实" in told
    editor.post("/staff/listings/5/confirm", how="phoned")
    assert "今天已经确认过了" in Page(editor.get("/staff/listings").text).text


@pytest.mark.parametrize(
    ("id_", "how", "why"),
    [
        (1, "phoned", "不在您负责的范围内"),
        (5, "", "请选择是怎样核实的"),
        (5, "guessed", "请选择是怎样核实的"),
        (999, "phoned", "没有编号为 999 的条目"),
        (26, "phoned", "已撤下的条目"),
    ],
)
def test_what_is_not_confirmed(console: Flask, id_: int, how: str, why: str) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    editor.post(f"/staff/listings/{id_}/confirm", how=how, next="https://evil.example/")
    assert why in Page(editor.get("/staff/listings").text).text


def test_may_a_viewer_neither_confirm_nor_change(viewer: Person) -> None:
    assert viewer.post("/staff/listings/5/confirm", how="phoned").status_code == 403
    assert viewer.post("/staff/listings/bulk", ids="5", action="submit").status_code == 403
