"""Which reported position of a vehicle is believed: rules over the one before, and nothing else.

Public names: ``Position``, ``Track``, ``judge``, ``belongs_to``, ``ACCEPTED``, ``IGNORED``,
``REFUSED``, ``FRESH_S``.

Times are Unix seconds, positions WGS-84 degrees, speeds metres a second.
Terms are those of GTFS Realtime, message VehiclePosition.
"""

from dataclasses import dataclass, replace
from typing import Literal

from geo.sphere import distance_m

__all__ = [
    "ACCEPTED",
    "FRESH_S",
    "IGNORED",
    "REFUSED",
    "Position",
    "Result",
    "Track",
    "belongs_to",
    "judge",
]

FRESH_S = 90.0
"""For how long a position counts: buses report every few seconds, and at 30 km/h one that is
older would be shown most of a kilometre from where the bus is."""

CLOCK_S = 60.0
"""How far ahead of ours a vehicle's clock may be."""

FASTEST = 150 / 3.6
"""No school bus drives faster, in metres a second."""

SLIP_M = 50.0
"""By how much two fixes of a vehicle that stands still may differ between houses. Without it one
such slip within a second would read as 180 km/h."""

TO_CONVINCE = 3
"""So many positions that agree with each other, not with the last believed, are believed: then it
was the last believed that was wrong, or the device has been moved."""

Result = Literal[
    "accepted", "duplicate", "out_of_order", "stale", "implausible", "future", "outside"
]
ACCEPTED: frozenset[Result] = frozenset({"accepted"})
IGNORED: frozenset[Result] = frozenset({"duplicate", "out_of_order", "stale", "implausible"})
"""No fault of the sender's program: networks repeat and reorder, satellites mislead."""
REFUSED: frozenset[Result] = frozenset({"future", "outside"})
"""The sender's clock or coordinates are wrong, and will be next time."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a vehicle was at ``at``, by its own clock; ``received_at`` is by ours.

    ``vehicle`` is the operator's own name for it, so the two together name the vehicle.
    ``bearing`` is in degrees clockwise from north.
    """

    operator: str
    vehicle: str
    route: int
    trip: str | None
    lon: float
    lat: float
    at: float
    received_at: float
    bearing: float | None = None
    speed: float | None = None

    @property
    def key(self) -> str:
        """The vehicle's name among all operators'; the slash occurs in no vehicle's own."""
        return f"{self.operator}/{self.vehicle}"

    @property
    def seen_at(self) -> float:
        """The moment by which its age is reckoned: a clock that is ahead makes nothing younger."""
        return min(self.at, self.received_at)

    def is_fresh(self, now: float) -> bool:
        """Whether it still counts."""
        return now - self.seen_at < FRESH_S


@dataclass(frozen=True, slots=True)
class Track:
    """The last position believed, and those since that contradict it but agree with each other."""

    latest: Position
    doubted: tuple[Position, ...] = ()


def judge(track: Track | None, new: Position, within_city: bool) -> tuple[Result, Track | None]:
    """What becomes of a new position, and the vehicle's track after it.

    ``track`` is None for a vehicle of which nothing is known; one that no longer counts holds
    nothing back.
    """
    if track is not None and not track.latest.is_fresh(new.received_at):
        track = None
    if new.at > new.received_at + CLOCK_S:
        return "future", track
    if not within_city:
        return "outside", track
    if new.received_at - new.at >= FRESH_S:
        return "stale", track
    if track is None:
        return "accepted", Track(new)
    newest = track.doubted[-1] if track.doubted else track.latest
    if new.at in (newest.at, track.latest.at):
        return "duplicate", track
    if new.at < newest.at:
        return "out_of_order", track
    if _reachable(track.latest, new):
        return "accepted", Track(new)
    agree = bool(track.doubted) and _reachable(track.doubted[-1], new)
    doubted = (*track.doubted, new) if agree else (new,)
    if len(doubted) >= TO_CONVINCE:
        return "accepted", Track(new)
    return "implausible", replace(track, doubted=doubted)


def _reachable(before: Position, after: Position) -> bool:
    metres = distance_m(before.lon, before.lat, after.lon, after.lat)
    return metres - SLIP_M <= FASTEST * (after.at - before.at)


def belongs_to(route: int, agency: str, operator: str, routes: frozenset[int] | None) -> bool:
    """Whether an operator may speak for a route.

    ``routes`` are the ids of those it was given; None means all that its namesake agency runs.
    """
    return route in routes if routes is not None else agency == operator
