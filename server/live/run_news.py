"""What is known of a route's runs on one service day, and which run a vehicle means.

Public names: ``RunNews``, ``SaidNews``, ``RunFinder``, ``Seen``, ``has_set_out``, ``moment``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from geo.bus_answers import Run
from geo.opening import SHANGHAI
from geo.run_state import Planned, RunState, Sighting, planned, run_state, said_state
from geo.vehicle_rules import Position
from server.live.book import RouteBook
from server.live.passed import Passed
from server.live.store import RunRecord

__all__ = ["RunFinder", "RunNews", "SaidNews", "Seen", "has_set_out", "moment"]

BEFORE = timedelta(minutes=45)
AFTER = timedelta(hours=3)
"""From so long before its departure until so long after its arrival a vehicle that names a trip
means the run of that day."""

LEFT_EARLY = timedelta(minutes=2)
"""A vehicle that is seen earlier than this before its run's departure has not set out yet: behind
it are no stops at which it has called."""


def moment(seconds: float) -> datetime:
    """Unix seconds as a moment in Asia/Shanghai."""
    return datetime.fromtimestamp(seconds, SHANGHAI)


@dataclass(frozen=True, slots=True)
class Seen:
    """A vehicle on a run; ``next_sequence`` is the stop that it is at or makes for, if known.

    ``passed`` is how far along the run any vehicle was ever seen on it.
    """

    sighting: Sighting
    next_sequence: int | None
    passed: Passed | None = None


@dataclass(frozen=True, slots=True)
class RunNews:
    """What was said and seen of a route's runs on a service day, by trip.

    ``sighted`` says when a vehicle was last heard of on a trip (Unix seconds), on whatever day.
    ``degraded``: the store is away; what was said since it went is not known.
    """

    records: Mapping[str, RunRecord] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    sighted: Mapping[str, float] = field(default_factory=dict)
    degraded: bool = False

    def is_silent_on(self, trip: str) -> bool:
        """Whether nothing was said of the run of a trip, and no vehicle is on it."""
        return not self.degraded and trip not in self.records and trip not in self.seen

    def state(self, trip: str, plan: Planned, now: datetime) -> RunState:
        """How the run of a trip stands."""
        record = self.records.get(trip)
        said = record.said if record else None
        return run_state(plan, now, said, self._sighting(trip, plan), degraded=self.degraded)

    def has_called(self, trip: str, sequence: int, plan: Planned) -> bool | None:
        """Whether its vehicle has left a stop behind; None: that is not known."""
        seen = self.seen.get(trip)
        if seen is None:
            return None
        # The departure may have been put off since.
        passed = seen.passed if seen.passed and has_set_out(plan, seen.passed.at) else None
        if passed is not None and sequence < passed.sequence:
            return True
        return None if seen.next_sequence is None else False

    def _sighting(self, trip: str, plan: Planned) -> Sighting | None:
        seen = self.seen.get(trip)
        if seen is not None and seen.sighting.current:
            return seen.sighting
        passed = seen.passed if seen else None
        near_end = bool(passed and passed.near_end and has_set_out(plan, passed.at))
        last = self.sighted.get(trip)
        if last is not None and during(plan, at := moment(last)):
            return Sighting(at, current=False, near_end=near_end)
        return replace(seen.sighting, near_end=near_end) if seen else None


class SaidNews(RunNews):
    """What was said of a route's runs, for another moment than now: see ``said_state``."""

    __slots__ = ()

    def state(self, trip: str, plan: Planned, now: datetime) -> RunState:
        """How the run of a trip stands."""
        record = self.records.get(trip)
        return said_state(plan, record.said if record else None, degraded=self.degraded)


class RunFinder:
    """Finds the run that a vehicle means; asks the book for each route and day once."""

    def __init__(self, book: RouteBook, now: datetime) -> None:
        self._book = book
        self._now = now
        self._known: dict[tuple[int, date], dict[str, Run]] = {}

    def of(self, one: Position) -> Run | None:
        """The run of the trip that the vehicle names on the day that fits best."""
        if one.trip is None:
            return None
        at = moment(one.seen_at)
        days = [at.date() + timedelta(days=n) for n in (-1, 0, 1)]
        runs = [run for day in days if (run := self._on(one.route, day).get(one.trip))]
        runs = [run for run in runs if during(planned(run), at)]
        return min(runs, key=lambda run: abs(planned(run).departure - at), default=None)

    def _on(self, route: int, day: date) -> dict[str, Run]:
        known = self._known.get((route, day))
        if known is None:
            known = {run.trip: run for run in self._book.runs(route, day, self._now)}
            self._known[route, day] = known
        return known


def has_set_out(plan: Planned, at: datetime) -> bool:
    """Whether a vehicle that is seen on the run at that moment may be taken to drive it."""
    return at >= plan.departure - LEFT_EARLY


def during(plan: Planned, at: datetime) -> bool:
    """Whether a vehicle that names the trip at that moment means this run."""
    return plan.departure - BEFORE <= at <= plan.arrival + AFTER
