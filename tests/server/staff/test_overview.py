"""Does the console's first page tell how well the map covers the city, and what waits?"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from config.programmes import programmes
from geo.opening import SHANGHAI
from server import coverage, district_map
from server.db import db
from server.listing_rows import Sayings, load
from server.models import DailyTally, Revision
from server.tallies import FEWEST
from tests.server.material import add, site
from tests.server.pages import Page, served, settings_in
from tests.server.staff.people import somebody
from tests.server.test_publishing_lines import TODAY, document, suspension


def fill() -> None:
    """1–3 are places of Zhangdian and its zone, 4 is a line that stands still for a reason."""
    add(site("甲馆", verified=True))
    add(site("乙书房", kind="reading_space"))
    add(site("丙馆", district="gaoxin"))
    add(document(off=8))
    add(suspension([4], TODAY))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Flask]:
    with served(settings_in(tmp_path), fill) as app:
        yield app


def draft(listing_id: int, said: dict[str, object]) -> None:
    db.session.add(Revision(listing_id=listing_id, document=said, origin="staff"))
    db.session.commit()


def test_is_coverage_told_by_district(town: Flask) -> None:
    with town.app_context():
        rows = load(db.session, Sayings())
    found = {area.code: area for area in coverage.areas(rows, town.extensions["city"])}
    assert found["zhangdian"][2:6] == (3, 2, 1, 1)
    assert found["gaoxin"][2:6] == (1, 1, 0, 0)
    assert found["gaoxin"].within == "zhangdian"
    assert found["boshan"].places == 0


def test_is_the_target_that_of_the_programme(town: Flask) -> None:
    programme = programmes()[2023]
    with town.app_context():
        promises = coverage.promises(load(db.session, Sayings()), programme)
    promised = {
        one.title: int(one.target or 0)
        for action in programme.actions
        for one in action.indicators
        if one.map in ("practice_base", "bus_route")
    }
    assert {one.title: one.target for one in promises}.items() >= promised.items()
    bases = next(one for one in promises if "实践基地" in one.title)
    assert (bases.have, bases.percent) == (2, 2)
    page = Page(somebody(town, "viewer").get("/staff/overview").text).text
    assert f"2 / {bases.target} 处" in page
    assert "1 / 3 处（33%）" in page


def test_is_a_line_with_an_excuse_without_a_lack(town: Flask) -> None:
    with town.app_context():
        draft(4, document(off=8, fare="1 元"))
    page = Page(somebody(town, "viewer").get("/staff/overview").text).text
    assert "张店八中一号线 助学专线 · 编号 4 · 草稿" in page
    assert "没有班次" not in page


def test_do_rare_and_hostile_words_do_no_harm(town: Flask) -> None:
    day = datetime.now(SHANGHAI).date()
    with town.app_context():
        for subject, count in (("天文馆", FEWEST), ("罕见", FEWEST - 1), ("<b>粗</b>", 99)):
            db.session.add(DailyTally(day=day, kind="in_vain", subject=subject, count=count))
        for subject, age in (("1", 0), ("2", 40), ("4", 0), ("999", 0)):
            was = day - timedelta(days=age)
            db.session.add(DailyTally(day=was, kind="seen", subject=subject, count=7))
        db.session.commit()
    answer = somebody(town, "viewer").get("/staff/overview")
    text = Page(answer.text).text
    assert "天文馆 5 次" in text
    assert "罕见" not in text
    assert "<b>粗" not in answer.text
    assert "甲馆 7 次" in text
    assert "乙书房 7 次" not in text


def test_who_published_is_told(town: Flask) -> None:
    assert "命令行" in somebody(town, "viewer").get("/staff/overview").text


def test_are_districts_drawn_where_they_lie(tmp_path: Path) -> None:
    def square(name: str, west: float, south: float) -> dict[str, object]:
        ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south]]
        return {
            "properties": {"name": name, "label": [west + 0.5, south + 0.5]},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        }

    path = tmp_path / "outlines.json"
    path.write_text(json.dumps({"features": [square("南", 118, 36), square("北", 118, 37)]}))
    drawing = district_map.drawing(path)
    assert drawing is not None
    south, north = drawing.shapes
    assert south.y > north.y
    assert south.x == north.x
    assert 0 < south.x < drawing.width
    assert 0 < south.y < drawing.height
    assert south.path.startswith("M")
    assert district_map.drawing(tmp_path / "none.json") is None
    assert [district_map.shade(n, 8) for n in (0, 1, 4, 8)] == [0, 1, 2, 4]


def test_does_the_table_stand_without_the_drawing(
    town: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(town.extensions, "static", tmp_path)
    answer = somebody(town, "viewer").get("/staff/overview")
    assert answer.status_code == 200
    assert "<svg" not in answer.text.split("各区县的地点")[1]
    assert "博山区" in answer.text
