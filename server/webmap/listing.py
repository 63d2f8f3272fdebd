"""One page of a list of places, with a way on when nothing fits. No Flask."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from geo.atlas import Atlas
from geo.city import City
from geo.crs import Crs
from server.webmap.cards import Card, cards, titles
from server.webmap.kindly import Address
from server.webmap.query import ListQuery

PAGE = 120
"""Places a page: all of the city's on one, so that each marker of the map is a row."""


class Condition(NamedTuple):
    """A filter in force, and the query without it."""

    name: str
    title: str
    wider: ListQuery

    @property
    def apart(self) -> bool:
        """Whether no chip shows it as chosen by its own words."""
        return self.name in ("q", "kind", "bbox", "facility")

    @property
    def without(self) -> Address:
        """The address of the list without it."""
        return self.wider.address()


class WayOut(NamedTuple):
    """How many places there would be without one of the filters."""

    condition: Condition
    total: int


class Listing(NamedTuple):
    """A page of places."""

    cards: list[Card]
    total: int
    page: int
    pages: int
    conditions: list[Condition]
    cleared: Address
    """The same list without any of them."""
    unconfirmed: int
    """Places that fit but for a fact (fee, hours) that is not known."""
    unconfirmed_about: str
    unconfirmed_address: Address
    """The same list without asking for that fact."""
    ages_unknown: int
    """When an age is asked for: how many on this page are there because nobody knows theirs."""
    tomorrow: int
    """When nothing fits and is open now: how many are tomorrow."""
    ways_out: list[WayOut]
    """When nothing fits: the filters that exclude, those that give most first; without the one
    that ``unconfirmed_address`` takes out already."""


def look(
    atlas: Atlas, query: ListQuery, at: datetime, kind: str | None = None, crs: Crs = "wgs84"
) -> Listing:
    """Answer a query; a page past the last one gives the last.

    ``kind`` is that of a page which shows one kind alone; ``crs`` that of the rows' positions.
    """
    question = query.question(kind)
    found = atlas.find(question, (query.page - 1) * PAGE, PAGE)
    pages = max(1, -(-found.total // PAGE))
    page = min(query.page, pages)
    if page != query.page:
        found = atlas.find(question, (page - 1) * PAGE, PAGE)
    conditions = list(conditions_of(query, atlas.city))
    shown = cards(atlas, found.rows, at, found.metres, crs)
    return Listing(
        cards=shown,
        total=found.total,
        page=page,
        pages=pages,
        conditions=conditions,
        cleared=query.address(**dict.fromkeys(one.name for one in conditions)),
        unconfirmed=found.unconfirmed or 0,
        unconfirmed_about=_asked_facts(query),
        unconfirmed_address=query.address(open=None, free=None),
        ages_unknown=0 if query.age is None else sum(not one.ages.known for one in shown),
        tomorrow=0 if found.total else _tomorrow(atlas, query, kind),
        ways_out=[] if found.total else _ways_out(atlas, query, conditions, kind),
    )


OPEN = {"now": "现在开放", "tomorrow": "明天开放"}


def conditions_of(query: ListQuery, city: City) -> Iterator[Condition]:
    """The filters in force, in the order of the chips."""
    known = titles(city)
    now = OPEN | ({"now": "此时开放"} if query.at else {})
    words = {
        "q": f"搜索：{query.q}",
        "open": now.get(query.open or "", ""),
        "free": "免费",
        "age": f"适合 {query.age} 岁",
        "theme": known.themes.get(query.theme or "", ""),
        "district": known.districts.get(query.district or "", ""),
        "kind": known.kinds.get(query.kind or "", ""),
        "bbox": "地图上的这一带",
    }
    for name, title in words.items():
        if getattr(query, name) is not None:
            yield Condition(name, title, _with(query, name, None))
    for code in query.facility:
        others = tuple(other for other in query.facility if other != code)
        yield Condition("facility", known.facilities[code], _with(query, "facility", others))


def _with(query: ListQuery, name: str, value: object) -> ListQuery:
    return query.model_copy(update={name: value, "page": 1})


def _asked_facts(query: ListQuery) -> str:
    asked = [
        title
        for name, title in (("open", "开放时间"), ("free", "收费情况"))
        if getattr(query, name)
    ]
    return "或".join(asked)


def _tomorrow(atlas: Atlas, query: ListQuery, kind: str | None) -> int:
    if query.open != "now":
        return 0
    return atlas.find(_with(query, "open", "tomorrow").question(kind), limit=1).total


def _ways_out(
    atlas: Atlas, query: ListQuery, conditions: list[Condition], kind: str | None
) -> list[WayOut]:
    offered = query.address(open=None, free=None)
    ways = [
        WayOut(condition, atlas.find(condition.wider.question(kind), limit=1).total)
        for condition in conditions
        if condition.without != offered
    ]
    return sorted((way for way in ways if way.total), key=lambda way: -way.total)
