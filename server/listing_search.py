"""The console's list of listings: which pass the filters, in which order, and how many would.

Public names: ``search``, ``Found``, ``Asked``, ``top_gaps``.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any

from geo.city import City
from geo.opening import SHANGHAI
from geo.text import fold
from server.listing_query import PAGE, ListingsQuery
from server.listing_rows import Row
from server.permissions import Person, within_bounds

Test = Callable[[Row], bool]
Values = Callable[[Row], tuple[str, ...]]

_NEVER = date.min
_YES = "true"


@dataclass(frozen=True)
class Asked:
    """Who asks, when, and what the query can't know by itself."""

    city: City
    today: date
    by: Person
    account_id: int
    sounding: Collection[int] = ()
    """Ids of listings that the words of the query find by how they sound."""


@dataclass(frozen=True)
class Found:
    """One page of the list. ``counts`` has, by filter and value, how many there would be."""

    rows: list[Row]
    total: int
    page: int
    pages: int
    ids: list[int]
    """Of all that pass, in order."""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    gaps: list[tuple[str, int]] = field(default_factory=list)


def search(rows: Iterable[Row], query: ListingsQuery, asked: Asked) -> Found:
    """Filter, count, sort and cut. A page beyond the last is the last."""
    values = _values(asked)
    passing, nearly = _sift(rows, _tests(query, asked, values))
    passing.sort(key=_order(query.sort or "changed"))
    if query.q and not query.sort:
        passing.sort(key=_nearness(query.q))
    pages = max(1, -(-len(passing) // PAGE))
    page = min(query.page, pages)
    return Found(
        rows=passing[(page - 1) * PAGE : page * PAGE],
        total=len(passing),
        page=page,
        pages=pages,
        ids=[row.id for row in passing],
        counts={
            name: Counter(chain.from_iterable(map(of, passing + nearly.get(name, []))))
            for name, of in values.items()
        },
        gaps=top_gaps(passing),
    )


def top_gaps(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """The fields that are missing most often, and in how many listings."""
    return Counter(chain.from_iterable(row.says.gaps for row in rows)).most_common(8)


def _sift(rows: Iterable[Row], tests: Mapping[str, Test]) -> tuple[list[Row], dict[str, list[Row]]]:
    """What passes all tests; and by test what fails this one alone, for the counts beside it."""
    passing: list[Row] = []
    nearly: dict[str, list[Row]] = {name: [] for name in tests}
    for row in rows:
        failed = [name for name, test in tests.items() if not test(row)]
        if not failed:
            passing.append(row)
        elif len(failed) == 1:
            nearly[failed[0]].append(row)
    return passing, nearly


def _tests(query: ListingsQuery, asked: Asked, values: Mapping[str, Values]) -> dict[str, Test]:
    """The filters that are set; the state always is."""
    tests = {"state": _state(query.state)}
    if query.q:
        tests["q"] = _words(query.q, asked.sounding)
    for name, of in values.items():
        wanted = getattr(query, name)
        if wanted is not None and name != "state":
            tests[name] = _has(of, wanted)
    return tests


def _has(values: Values, wanted: str) -> Test:
    return lambda row: wanted in values(row)


def _words(q: str, sounding: Collection[int]) -> Test:
    """All words in the texts of the listing, or its id alone, or its name as it sounds."""
    terms = [term for term in map(fold, q.split()) if term]
    number = _id(q)
    heard = frozenset(sounding)

    def test(row: Row) -> bool:
        if row.id == number or row.id in heard:
            return True
        return bool(terms) and all(term in row.says.searched for term in terms)

    return test


def _state(wanted: str | None) -> Test:
    if wanted is None:
        return lambda row: row.state == "active"
    return lambda row: wanted in _states(row)


def _states(row: Row) -> tuple[str, ...]:
    if row.state != "active":
        return ("all", "retired")
    if row.newest_state == "approved":
        return ("all", "active")
    if row.approved_id is None:
        return ("all", "active", row.newest_state, "unpublished")
    return ("all", "active", row.newest_state)


def _values(asked: Asked) -> dict[str, Values]:
    """By filter, the values that a listing has for it."""
    today, by, account = asked.today, asked.by, asked.account_id
    parents = {d.code: (d.code, d.parent) if d.parent else (d.code,) for d in asked.city.districts}

    def mine(row: Row) -> tuple[str, ...]:
        bounds = ("bounds",) if within_bounds(by, row.says.placed, row.id) else ()
        return (*bounds, "author") if row.says.author_id == account else bounds

    return {
        "type": lambda row: (row.type,),
        "state": _states,
        "district": lambda row: parents.get(row.says.district, (row.says.district,)),
        "kind": lambda row: (row.says.kind,),
        "theme": lambda row: (row.says.theme,),
        "unverified": lambda row: () if row.says.verified else (_YES,),
        "stale": lambda row: (_YES,) if row.is_stale(today) else (),
        "missing": lambda row: row.says.gaps,
        "mine": mine,
    }


def _nearness(q: str) -> Callable[[Row], int]:
    """What the words name stands before what they only occur in."""
    number, name = _id(q), fold(q)

    def rank(row: Row) -> int:
        if row.id == number:
            return 0
        folded = fold(row.says.name)
        return 1 if folded == name else 2 if name and folded.startswith(name) else 3

    return rank


def _id(q: str) -> int | None:
    return int(q) if q.isascii() and q.isdecimal() else None


def _order(sort: str) -> Callable[[Row], tuple[Any, int]]:
    """Every order ends with the id, so that no listing is on two pages."""
    match sort:
        case "name":
            return lambda row: (row.says.order, row.id)
        case "stale":
            return lambda row: (row.assured_on or _NEVER, row.id)
        case "complete":
            return lambda row: (row.says.complete, row.id)
        case _:
            return lambda row: (-row.newest_id, row.id)


def today() -> date:
    """The day in Shanghai."""
    return datetime.now(SHANGHAI).date()
