"""One page of the list of places, with a way on when nothing fits. No Flask."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from geo.atlas import Atlas
from geo.question import Question
from server.webmap.places import Card, cards, titles
from server.webmap.query import ListQuery

PAGE = 20

FILTERS = ("q", "district", "theme", "kind", "age", "open", "free")


class Condition(NamedTuple):
    """A filter in force, and the address without it."""

    name: str
    title: str
    without: dict[str, str]


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
    unconfirmed: int
    """Places that fit but for a fact (fee, hours) that is not known."""
    unconfirmed_about: str
    unconfirmed_address: dict[str, str]
    """The same list without asking for that fact."""
    ways_out: list[WayOut]
    """When nothing fits: the filters that exclude, those that give most first; without the one
    that ``unconfirmed_address`` takes out already."""


def look(atlas: Atlas, query: ListQuery, at: datetime) -> Listing:
    """Answer a query; a page past the last one gives the last."""
    question = query.question()
    first = (query.page - 1) * PAGE
    found = atlas.find(question, first, PAGE)
    pages = max(1, -(-found.total // PAGE))
    page = min(query.page, pages)
    if page != query.page:
        found = atlas.find(question, (page - 1) * PAGE, PAGE)
    conditions = conditions_of(query, atlas)
    return Listing(
        cards=cards(atlas, found.rows, at, found.metres),
        total=found.total,
        page=page,
        pages=pages,
        conditions=conditions,
        unconfirmed=found.unconfirmed or 0,
        unconfirmed_about=_asked_facts(query),
        unconfirmed_address=query.address(open=None, free=None),
        ways_out=[] if found.total else _ways_out(atlas, query, conditions),
    )


def conditions_of(query: ListQuery, atlas: Atlas) -> list[Condition]:
    """The filters in force, in the order of the form."""
    words = {
        "q": f"搜索：{query.q}",
        "district": titles(atlas.city, "districts").get(query.district or "", ""),
        "theme": titles(atlas.city, "themes").get(query.theme or "", ""),
        "kind": titles(atlas.city, "kinds").get(query.kind or "", ""),
        "age": f"适合 {query.age} 岁",
        "open": "现在开放" if query.at is None else "此时开放",
        "free": "免费",
    }
    return [
        Condition(name, words[name], query.address(**{name: None}))
        for name in FILTERS
        if getattr(query, name) is not None
    ]


def _asked_facts(query: ListQuery) -> str:
    asked = [
        title
        for name, title in (("open", "开放时间"), ("free", "收费情况"))
        if getattr(query, name)
    ]
    return "或".join(asked)


_FIELD = {"open": "open_minute"}


def _ways_out(atlas: Atlas, query: ListQuery, conditions: list[Condition]) -> list[WayOut]:
    question = query.question()
    offered = query.address(open=None, free=None)
    ways = []
    for condition in conditions:
        if condition.without == offered:
            continue
        field = _FIELD.get(condition.name, condition.name)
        # mypy can't follow a field by its name; FILTERS are all fields that may be None.
        wider: Question = replace(question, **{field: None})  # type: ignore[arg-type]
        ways.append(WayOut(condition, atlas.find(wider, limit=1).total))
    return sorted((way for way in ways if way.total), key=lambda way: -way.total)
