"""Places that may be the same twice: by name, phone, nearness, or a mistaken coordinate system.

Public names: ``Place``, ``Likeness``, ``Places``, ``all_pairs``, ``places_on_the_map``,
``resembling``, ``told_apart``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from geo.crs import Crs, convert
from geo.sphere import distance_m
from geo.text import fold
from server.db import AnySession
from server.models import Listing, Revision, ToldApart

NEAR_M = 50.0
"""Two places this near are likely in one building."""
SHIFTED_M = 30.0
"""How well a mistaken system must explain where a place lies."""
_CELL = 0.002
"""Degrees; more than the largest of these distances in either direction at this latitude."""

NAME, PHONE, NEAR, SHIFTED = "name", "phone", "near", "shifted"
_WEIGHTS = {NAME: 4, PHONE: 2, SHIFTED: 2, NEAR: 1}
_MISTAKES: tuple[tuple[Crs, Crs, str], ...] = (
    ("gcj02", "wgs84", "GCJ-02"),
    ("wgs84", "gcj02", "GCJ-02"),
    ("bd09", "wgs84", "BD-09"),
    ("wgs84", "bd09", "BD-09"),
)
"""What is taken for what by mistake, in either direction, and the name of the system."""


@dataclass(frozen=True)
class Place:
    """What a listing says, as far as likeness goes. ``key`` is its id, or a row of a table."""

    key: int
    name: str
    lon: float
    lat: float
    phone: str | None = None

    @classmethod
    def of(cls, key: int, document: Mapping[str, Any]) -> "Place":
        """Of a site's document."""
        where = (document["lon"], document["lat"])
        return cls(key, document["name"], *where, document.get("phone"))


@dataclass(frozen=True)
class Likeness:
    """Why two places may be one. ``metres`` lie between them."""

    place: Place
    metres: float
    reasons: dict[str, str]
    """Chinese, by ``name``, ``phone``, ``near``, ``shifted``."""

    @property
    def weight(self) -> int:
        """The more, the likelier."""
        return sum(_WEIGHTS[reason] for reason in self.reasons)

    @property
    def told(self) -> str:
        """The reasons as one phrase."""
        return "，".join(self.reasons.values())


@dataclass
class Places:
    """Places to compare with; adding and asking take the same time however many there are."""

    by_key: dict[int, Place] = field(default_factory=dict)
    _names: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _phones: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _cells: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, place: Place) -> None:
        """Let a place be found from now on."""
        self.by_key[place.key] = place
        self._names[fold(place.name)].add(place.key)
        if digits := _digits(place.phone):
            self._phones[digits].add(place.key)
        self._cells[_cell(place.lon, place.lat)].add(place.key)

    def like(self, place: Place) -> list[Likeness]:
        """Those that may be the same as the place, likeliest first; never itself."""
        reasons: dict[int, dict[str, str]] = defaultdict(dict)
        for key in self._names.get(fold(place.name), ()):
            reasons[key][NAME] = "名称相同"
        for key in self._phones.get(_digits(place.phone), ()):
            reasons[key][PHONE] = "电话相同"
        for key, metres in self._around(place.lon, place.lat, NEAR_M):
            reasons[key][NEAR] = f"相距 {metres:.0f} 米"
        for key, told in self._shifted(place):
            if NEAR not in reasons[key]:
                reasons[key][SHIFTED] = told
        found = [
            Likeness(other, distance_m(place.lon, place.lat, other.lon, other.lat), why)
            for key, why in reasons.items()
            if (other := self.by_key[key]).key != place.key
        ]
        return sorted(found, key=lambda one: (-one.weight, one.metres, one.place.key))

    def _shifted(self, place: Place) -> Iterator[tuple[int, str]]:
        """Places that this one would lie upon, had its or their position been read as another
        system's."""
        for source, target, name in _MISTAKES:
            lon, lat = convert(place.lon, place.lat, source, target)
            for key, _ in self._around(lon, lat, SHIFTED_M):
                other = self.by_key[key]
                apart = distance_m(place.lon, place.lat, other.lon, other.lat)
                yield key, f"相距 {apart:.0f} 米，正是把 {name} 当作 WGS-84 的偏差"

    def _around(self, lon: float, lat: float, radius: float) -> Iterator[tuple[int, float]]:
        x, y = _cell(lon, lat)
        for across in (x - 1, x, x + 1):
            for up in (y - 1, y, y + 1):
                for key in self._cells.get((across, up), ()):
                    other = self.by_key[key]
                    metres = distance_m(lon, lat, other.lon, other.lat)
                    if metres <= radius:
                        yield key, metres


def all_pairs(
    places: Places, limit: int, apart: Collection[tuple[int, int]] = ()
) -> list[tuple[Place, Likeness]]:
    """Every two that may be one, once each, likeliest first; at most ``limit``.

    Those in ``apart``, keys with the lower first, are known to be two.
    """
    pairs = [
        (place, likeness)
        for place in places.by_key.values()
        for likeness in places.like(place)
        if likeness.place.key > place.key and (place.key, likeness.place.key) not in apart
    ]
    pairs.sort(key=lambda pair: (-pair[1].weight, pair[1].metres, pair[0].key))
    return pairs[:limit]


def places_on_the_map(session: AnySession) -> Places:
    """All active sites as their newest revisions have them."""
    newest = (
        select(func.max(Revision.id).label("id"))
        .join(Listing, Listing.id == Revision.listing_id)
        .where(Listing.type == "site", Listing.state == "active")
        .group_by(Revision.listing_id)
        .subquery()
    )
    places = Places()
    rows = select(Revision.listing_id, Revision.document).join(newest, newest.c.id == Revision.id)
    for listing_id, document in session.execute(rows):
        places.add(Place.of(listing_id, document))
    return places


def resembling(
    session: AnySession, document: Mapping[str, Any], listing_id: int | None = None
) -> list[Likeness]:
    """The active sites that may be the same as what a site's document says, likeliest first.

    ``listing_id`` is its own if it has one; what was told apart from it is left out.
    """
    own = listing_id or 0
    apart = told_apart(session)
    found = places_on_the_map(session).like(Place.of(own, document))
    return [one for one in found if tuple(sorted((own, one.place.key))) not in apart]


def told_apart(session: AnySession) -> set[tuple[int, int]]:
    """All pairs of ids, the lower first, that somebody has looked at and found to be two."""
    rows = session.execute(select(ToldApart.low_id, ToldApart.high_id))
    return {(low, high) for low, high in rows}


def _digits(phone: str | None) -> str:
    return "".join(c for c in phone or "" if c.isdecimal())


def _cell(lon: float, lat: float) -> tuple[int, int]:
    return round(lon / _CELL), round(lat / _CELL)
