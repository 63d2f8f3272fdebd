"""Are the right listings found, counted and sorted, and is a page never short or twice?"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from geo.city import City
from server.completeness import gaps, score
from server.db import db
from server.listing_query import PAGE, ListingsQuery, read
from server.listing_rows import Row, Sayings, load, saying
from server.listing_search import Asked, search
from server.models import Revision
from tests.server.material import add, hotline, set_state, site

TODAY = date(2026, 11, 24)


@dataclass
class Clerk:
    role: str = "editor"
    districts: list[str] | None = None
    listings: list[int] | None = None


def row(id_: int, assured: date | None = TODAY, state: str = "approved", **changes: Any) -> Row:
    said = saying(site(f"馆{id_}", **changes), None, datetime(2026, 1, 1, tzinfo=UTC))
    approved = said if assured else None
    return Row(
        id_, "site", "active", "", id_, state, id_ if assured else None, said, approved, assured
    )


def ids(rows: list[Row], city: City, by: Clerk | None = None, **query: Any) -> list[int]:
    asked = Asked(city, TODAY, by or Clerk(), 1)
    return search(rows, ListingsQuery.model_construct(**query), asked).ids


def test_do_the_pages_hold_everything_once(city: City) -> None:
    rows = [row(n) for n in range(1, 2 * PAGE + 4)]
    asked = Asked(city, TODAY, Clerk(), 1)
    pages = [
        search(rows, ListingsQuery.model_construct(page=n, sort="name"), asked)
        for n in (1, 2, 3, 4)
    ]
    shown = [each.id for page in pages[:3] for each in page.rows]
    assert sorted(shown) == [each.id for each in rows]
    assert [page.pages for page in pages] == [3, 3, 3, 3]
    # Beyond the last page is the last.
    assert pages[3].rows == pages[2].rows


def test_is_stale_what_nobody_has_confirmed_for_longer_than_180_days(city: City) -> None:
    rows = [row(1, date(2026, 5, 28)), row(2, date(2026, 5, 27)), row(3, None, "draft")]
    assert ids(rows, city, stale="true") == [2]
    assert ids(rows, city, sort="stale") == [3, 2, 1]


def test_does_a_district_hold_its_zones(city: City) -> None:
    rows = [row(1), row(2, district="gaoxin"), row(3, district="boshan")]
    assert sorted(ids(rows, city, district="zhangdian")) == [1, 2]
    assert ids(rows, city, district="gaoxin") == [2]


def test_count_the_counts_what_a_filter_would_give(city: City) -> None:
    rows = [row(1), row(2, district="boshan", theme="nature"), row(3, district="boshan")]
    found = search(
        rows, ListingsQuery.model_construct(district="boshan"), Asked(city, TODAY, Clerk(), 1)
    )
    assert found.counts["district"] == {"boshan": 2, "zhangdian": 1}
    for theme, count in found.counts["theme"].items():
        assert len(ids(rows, city, district="boshan", theme=theme)) == count


def test_is_mine_what_lies_within_my_bounds(city: City) -> None:
    rows = [row(1), row(2, district="boshan"), row(3)]
    assert sorted(ids(rows, city, Clerk(districts=["boshan"], listings=[3]), mine="bounds")) == [
        2,
        3,
    ]


def test_are_gaps_weighed_by_what_a_family_needs() -> None:
    bare = gaps(site())
    assert "opening_hours" in bare
    assert score("site", bare) == 0
    filled = site(opening_hours="24/7", address="人民路 1 号", fee="10 元")
    assert not {"opening_hours", "address", "free"} & set(gaps(filled))
    assert score("site", gaps(filled)) == 43
    assert score("notice", ()) == 100


def test_is_an_address_read_kindly(city: City) -> None:
    query, said = read({"district": "boshan", "theme": "x", "zzz": "1", "page": "0"}, city)
    assert query.filters == {"district": "boshan"}
    assert len(said) == 3
    again, nothing = read(query.address(page=3), city)
    assert (again.page, nothing) == (3, [])


def test_are_rows_read_as_they_stand(app: Flask) -> None:
    one, two, three = add(site("甲馆")), add(hotline()), add(site("乙馆"))
    set_state(three, "retired", "改造")
    sayings = Sayings()
    assert [each.newest_state for each in load(db.session, sayings)] == ["approved"] * 3
    db.session.add(Revision(listing_id=one, document=site("甲馆（新）"), origin="staff"))
    db.session.commit()
    rows = {each.id: each for each in load(db.session, sayings)}
    assert (rows[one].newest_state, rows[one].says.name) == ("draft", "甲馆（新）")
    assert rows[one].approved is not None
    assert rows[one].approved.name == "甲馆"
    assert rows[one].approved_on == date(2026, 3, 2)
    assert rows[two].says.number == "12355"
    assert (rows[three].state, rows[three].retire_reason) == ("retired", "改造")
    assert [each.id for each in load(db.session, sayings, [two])] == [two]


def test_is_memory_bounded(app: Flask) -> None:
    for n in range(6):
        add(site(f"馆{n}"))
    sayings = Sayings(kept=2)
    for _ in range(3):
        assert len(load(db.session, sayings)) == 6


@pytest.mark.parametrize("words", ["", "   ", "。", "1" * 60])
def test_do_words_without_sense_break_nothing(city: City, words: str) -> None:
    query, _ = read({"q": words}, city)
    assert ids([row(1)], city, q=query.q) in ([1], [])
