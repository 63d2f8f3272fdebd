"""What a store of live data does, and how what it keeps is written down (JSON).

Positions are worth something for 90 seconds: they may be lost, but never shown when they are
older. What was said of a run is kept until a day after its service day is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Protocol

import orjson

from geo.opening import SHANGHAI
from geo.run_state import Said
from geo.vehicle_rules import Position, Result, Track

MOST_ON_ROUTE = 500
"""Vehicles on one route at once; more are a program gone wild, and would slow every poller."""

SIGHTED_S = 12 * 3600.0
"""For how long it is remembered when a vehicle was last heard of on a trip."""

DAYS_AHEAD = 14
"""For how many days ahead operators may speak of runs: as many as the public is shown."""

HISTORY = 50
"""Changes kept of one run, the newest."""

Put = Result | Literal["too_many"]
Health = Literal["up", "down"]


class StoreAway(Exception):
    """The store can't be written to at present."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The vehicles of a route, or of all, that still count.

    ``sighted`` says when a vehicle was last heard of on each trip (Unix seconds). ``degraded``:
    the store can't be asked, and this is what it last said, as far as that still counts.
    """

    positions: tuple[Position, ...] = ()
    sighted: Mapping[str, float] = field(default_factory=dict)
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One thing said of a run, or taken back (``said`` is None)."""

    by: str
    at: datetime
    said: Said | None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What holds of a run, if anything, and what was said before; oldest first."""

    said: Said | None
    history: tuple[Change, ...] = ()

    def with_change(self, change: Change) -> "RunRecord":
        """After one more thing was said; the same again only renews when it was said."""
        last = self.history[-1] if self.history else None
        history = self.history
        if last and last.said and change.said and last.said.same_news(change.said):
            history = history[:-1]
        return RunRecord(change.said, (*history, change)[-HISTORY:])


NOTHING_SAID = RunRecord(None)


@dataclass(frozen=True, slots=True)
class RunRecords:
    """What was said of a route's runs on one service day, by trip; see ``Snapshot``."""

    runs: Mapping[str, RunRecord] = field(default_factory=dict)
    degraded: bool = False


class LiveStore(Protocol):
    """Shared by all processes that serve; any thread may call it.

    Asking never raises: at worst the answer is empty and ``degraded``. Writing raises
    ``StoreAway`` if nothing was kept.
    """

    def put(self, position: Position, *, within_city: bool) -> Put:
        """Judge a position against the vehicle's last one and keep it if it is believed."""

    def vehicles(self, route: int, now: float) -> Snapshot:
        """The vehicles of a route that still count at ``now`` (Unix seconds)."""

    def all_vehicles(self, now: float) -> Snapshot:
        """Those of all routes; ``sighted`` stays empty."""

    def change_run(self, route: int, trip: str, day: date, change: Change) -> None:
        """Keep what an operator said of a run, or that it took it back."""

    def runs(self, route: int, day: date) -> RunRecords:
        """What was said of a route's runs on a service day."""

    def routes_spoken_of(self, day: date) -> frozenset[int] | None:
        """The routes of whose runs on a service day anything was said; None: that is not known."""

    def routes_seen(self, now: float) -> frozenset[int] | None:
        """All routes of whose vehicles ``vehicles`` may tell anything; None: that is not known."""

    def health(self) -> Health:
        """Whether the store could be asked the last time."""


def kept_until(day: date) -> datetime:
    """When what was said of a service day's runs may be forgotten.

    A day after the service day, which is over at four in the morning: no run is later.
    """
    return datetime.combine(day + timedelta(days=2), time(4), SHANGHAI)


def encode_track(track: Track) -> bytes:
    """A vehicle's track."""
    return orjson.dumps(track)


def decode_track(body: bytes | None) -> Track | None:
    """The inverse; whatever can't be read is as good as nothing, for it is worth 90 seconds."""
    if body is None:
        return None
    try:
        return track_of(orjson.loads(body))
    except (ValueError, TypeError, KeyError):
        return None


def track_of(fields: Mapping[str, Any]) -> Track:
    """A track from its JSON object.

    Raises:
        KeyError, TypeError: it isn't one.
    """
    doubted = tuple(Position(**one) for one in fields["doubted"])
    return Track(Position(**fields["latest"]), doubted)


def run_record_of(fields: Mapping[str, Any]) -> RunRecord:
    """A run's record from its JSON object.

    Raises:
        KeyError, TypeError, ValueError: it isn't one.
    """
    changes = (
        Change(one["by"], datetime.fromisoformat(one["at"]), _said(one["said"]))
        for one in fields["history"]
    )
    return RunRecord(_said(fields["said"]), tuple(changes))


def _said(fields: dict[str, Any] | None) -> Said | None:
    if fields is None:
        return None
    return Said(**fields | {"said_at": datetime.fromisoformat(fields["said_at"])})
