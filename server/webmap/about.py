"""The state of an edition in numbers: how much there is, how much of it has been checked."""

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import orjson

from geo.atlas import Atlas

FACTS = {
    "opening_hours": "开放时间",
    "phone": "电话",
    "free": "是否免费",
    "ages": "适合年龄",
    "address": "地址",
}
"""The facts whose share is told: what parents ask for first."""


class Share(NamedTuple):
    """Of how many places a fact is known."""

    title: str
    known: int


class Kept(NamedTuple):
    """What an edition holds."""

    places: int
    verified: int
    shares: list[Share]
    lines: int
    example_lines: int
    hotlines: int
    sources: list[str]
    """Each source of the places once, the most frequent first."""


_KEPT: WeakKeyDictionary[Atlas, Kept] = WeakKeyDictionary()


def kept(atlas: Atlas) -> Kept:
    """What an edition holds, counted once for as long as it is in force."""
    found = _KEPT.get(atlas)
    if found is None:
        found = _KEPT[atlas] = _count(atlas)
    return found


def _count(atlas: Atlas) -> Kept:
    places = [orjson.loads(r) for r in atlas.records(np.arange(len(atlas)), "wgs84")]
    routes = [route for _, route in atlas.routes]
    return Kept(
        places=len(places),
        verified=sum(place["verified"] for place in places),
        shares=[Share(title, _known(places, field)) for field, title in FACTS.items()],
        lines=len(routes),
        example_lines=sum(route.example for route in routes),
        hotlines=len(atlas.hotlines),
        sources=_sources(places),
    )


def _known(places: list[dict[str, Any]], field: str) -> int:
    return sum(place[field] not in (None, "") for place in places)


def _sources(places: list[dict[str, Any]]) -> list[str]:
    counted: dict[str, int] = {}
    for place in places:
        if place["source"]:
            counted[place["source"]] = counted.get(place["source"], 0) + 1
    return sorted(counted, key=lambda source: (-counted[source], source))
