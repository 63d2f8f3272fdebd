"""How well the map covers the city: by district, against what was promised, how fresh.

Public names: ``Area``, ``Promise``, ``Standing``, ``areas``, ``promises``, ``standing``. Plain
functions on the rows of ``server.listing_rows``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from config.programmes import Programme
from geo.city import City
from server.listing_rows import Row


class Area(NamedTuple):
    """The places that the public is shown of a district, its functional zones included."""

    code: str
    title: str
    places: int
    bases: int
    spaces: int
    verified: int
    within: str
    """The district that a zone lies in; its places count there as well."""


class Promise(NamedTuple):
    """A figure that the year's programme promised and the map itself can count."""

    title: str
    have: int
    target: int
    unit: str

    @property
    def percent(self) -> int:
        """How much is there, at most all."""
        return min(100, 100 * self.have // self.target)


class Standing(NamedTuple):
    """What waits, and how sure the map is of what it shows."""

    places: int
    verified: int
    stale: int
    drafts: int
    submitted: int
    returned: int

    @property
    def verified_percent(self) -> int:
        """Of the places that are shown."""
        return 100 * self.verified // self.places if self.places else 0


def public(rows: Iterable[Row]) -> list[Row]:
    """Those that the public is shown, or will be with the next publishing."""
    return [
        row for row in rows if row.state == "active" and row.approved and not row.approved.internal
    ]


def areas(rows: Iterable[Row], city: City) -> list[Area]:
    """In the city's own order of districts."""
    said = [row.approved for row in public(rows) if row.approved and row.type == "site"]
    found = []
    for district in city.districts:
        codes = set(city.district_and_zones(district.code))
        own = [saying for saying in said if saying.district in codes]
        kinds = Counter(saying.kind for saying in own)
        found.append(
            Area(
                district.code,
                district.title,
                len(own),
                kinds["practice_base"],
                kinds["reading_space"],
                sum(saying.verified for saying in own),
                district.parent or "",
            )
        )
    return found


def promises(rows: Sequence[Row], programme: Programme) -> list[Promise]:
    """What the programme promised and the map can count, in the programme's order."""
    said = [row.approved for row in public(rows) if row.approved]
    counts = Counter(saying.kind if saying.type == "site" else saying.type for saying in said)
    return [
        Promise(one.title, counts[one.map], int(one.target), one.unit)
        for action in programme.actions
        for one in action.indicators
        if one.map and one.target
    ]


def standing(rows: Sequence[Row], today: date) -> Standing:
    """Counts of listings by where they stand."""
    shown = [row for row in public(rows) if row.type == "site"]
    waiting = Counter(row.newest_state for row in rows if row.state == "active")
    return Standing(
        places=len(shown),
        verified=sum(bool(row.approved and row.approved.verified) for row in shown),
        stale=sum(row.is_stale(today) for row in public(rows)),
        drafts=waiting["draft"],
        submitted=waiting["submitted"],
        returned=waiting["returned"],
    )
