"""Can somebody who reviews make two listings one, and see what they do?"""

import pytest
from flask import Flask

from server.db import db
from server.models import Listing
from tests.server.material import add, site
from tests.server.pages import NASTY, Page
from tests.server.staff.people import Person, somebody


@pytest.fixture
def reviewer(console: Flask) -> Person:
    return somebody(console, "reviewer")


def twin(console: Flask) -> int:
    with console.app_context():
        return add(site("淄博市博物馆", lon=118.0501, fee="5 元", phone="0533-2164568"))


def test_is_a_twin_found_compared_and_merged(console: Flask, reviewer: Person) -> None:
    other = twin(console)
    shown = Page(reviewer.get("/staff/duplicates").text).text
    assert "名称相同，电话相同，相距 9 米" in shown
    pair = reviewer.get(f"/staff/duplicates/1/{other}").text
    assert "补上：5 元" in pair
    answer = reviewer.post(f"/staff/duplicates/1/{other}/merge", take="fee")
    assert answer.status_code == 303
    after = Page(reviewer.get("/staff/duplicates").text).text
    assert f"编号 {other} 已并入编号 1" in after
    assert "撤销合并" in after
    reviewer.post(f"/staff/duplicates/{other}/part")
    with console.app_context():
        assert db.session.get_one(Listing, other).state == "active"


def test_are_two_taps_on_merge_one_merging(console: Flask, reviewer: Person) -> None:
    other = twin(console)
    reviewer.post(f"/staff/duplicates/1/{other}/merge")
    again = reviewer.post(f"/staff/duplicates/1/{other}/merge")
    assert again.status_code == 409
    assert "已不在用" in again.text


def test_is_a_pair_that_are_two_left_out(console: Flask, reviewer: Person) -> None:
    other = twin(console)
    reviewer.post(f"/staff/duplicates/1/{other}/apart")
    shown = reviewer.get("/staff/duplicates").text
    assert f"/staff/duplicates/1/{other}" not in shown


def test_which_pairs_are_none(reviewer: Person) -> None:
    for one, other in ((1, 1), (1, 999), (1, 27), (99999999999, 1)):
        assert reviewer.get(f"/staff/duplicates/{one}/{other}").status_code == 404


def test_do_names_with_markup_stay_text(console: Flask, reviewer: Person) -> None:
    with console.app_context():
        other = add(site(NASTY, lon=118.06))
    assert "<script>alert" not in reviewer.get("/staff/duplicates").text
    assert "<script>alert" not in reviewer.get(f"/staff/duplicates/2/{other}").text
