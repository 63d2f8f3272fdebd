"""Where the buses of a route are and how its runs stand: live data laid onto the timetable.

Public names: ``LiveBoard``, ``LiveVehicle``, ``LiveVehicles``.

One board a process. What it works out of a route is repeated for a second, so that what pollers
cost does not depend on how many they are.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal

from geo.bus_answers import Call, Run
from geo.run_state import Sighting, planned
from geo.vehicle_progress import Course, Progress, StopCall, progress
from geo.vehicle_rules import FRESH_S, Position
from server.live.book import RouteBook
from server.live.other_moment import OtherMoment, spoken_of
from server.live.passed import Passed, PassedStops
from server.live.repeated import Repeater, repeated_until
from server.live.run_news import RunFinder, RunNews, Seen, has_set_out, moment
from server.live.store import LiveStore

__all__ = ["LiveBoard", "LiveVehicle", "LiveVehicles"]

KEPT = 4096
"""Answers and courses that are remembered."""

ONE_DAY = timedelta(days=1)
"""Vehicles that are seen now drive runs of service days no further from today."""

KEPT_WHOLE = 128
"""Whole answers that readers have remembered: some are a hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class LiveVehicle:
    """A vehicle that still counts. Terms of GTFS Realtime's VehiclePosition; WGS-84 degrees.

    ``next_stop`` (and its name, and its place in the sequence, from 0) is the stop that it is at
    or makes for; ``expected_at`` when it is expected there; ``delay_seconds`` by how much it is
    late. Each is None where it can't be told: no trip named, no such run today, off its route.
    ``direction`` and ``service_date`` are those of the run.
    """

    vehicle: str
    operator: str
    route: int
    trip: str | None
    service_date: date | None
    direction: str | None
    lon: float
    lat: float
    bearing: float | None
    speed: float | None
    at: datetime
    next_stop: str | None
    next_stop_name: str | None
    stop_sequence: int | None
    status: Literal["in_transit_to", "stopped_at"] | None
    expected_at: datetime | None
    delay_seconds: int | None
    off_route: bool


@dataclass(frozen=True, slots=True)
class LiveVehicles:
    """The vehicles of a route. ``degraded``: the store is away, some may be missing."""

    vehicles: tuple[LiveVehicle, ...]
    degraded: bool


class LiveBoard:
    """See the module. ``book`` gives the lines of the edition in force."""

    about_now = True

    def __init__(self, store: LiveStore, book: Callable[[], RouteBook]) -> None:
        self.store = store
        self._book = book
        self.whole_answers = Repeater(KEPT_WHOLE)
        """What readers made of this board's answers, to be repeated as long as these are."""
        self._answers = Repeater(KEPT)
        self._courses: dict[Hashable, Course] = {}
        self._passed = PassedStops()

    def vehicles(self, route: int, now: datetime) -> LiveVehicles:
        """The vehicles of a route that still count, with next stop and delay."""
        book = self._book()
        make = partial(self._vehicles, book, route, now)
        return _counting(self._answers.get(("vehicles", route), book.edition, now, make), now)

    def all_vehicles(self, now: datetime) -> LiveVehicles:
        """Those of all routes."""
        book = self._book()
        make = partial(self._all_vehicles, book, now)
        return _counting(self._answers.get("vehicles", book.edition, now, make), now)

    def news(self, route: int, day: date, now: datetime) -> RunNews:
        """What is known of the runs of a route on a service day."""
        book = self._book()
        make = partial(self._news, book, route, day, now)
        return self._answers.get(("news", route, day), book.edition, now, make)

    def talked_of(self, day: date, now: datetime) -> frozenset[int] | None:
        """The routes of whose runs on a service day there may be news; None: of any."""
        return self._answers.get(("talked", day), None, now, partial(self._talked_of, day, now))

    def _talked_of(self, day: date, now: datetime) -> frozenset[int] | None:
        said = spoken_of(self.store, day, now)
        if said is None or abs(day - now.date()) > ONE_DAY:
            return said
        seen = self.store.routes_seen(now.timestamp())
        return None if seen is None else said | seen

    def other_moment(self, now: datetime) -> OtherMoment:
        """What is known now for questions about another moment."""
        return OtherMoment(self.store, self._answers, now)

    def _vehicles(self, book: RouteBook, route: int, now: datetime) -> LiveVehicles:
        snapshot = self.store.vehicles(route, now.timestamp())
        told = self._told(book, snapshot.positions, now)
        return LiveVehicles(told, snapshot.degraded)

    def _all_vehicles(self, book: RouteBook, now: datetime) -> LiveVehicles:
        snapshot = self.store.all_vehicles(now.timestamp())
        known = [one for one in snapshot.positions if book.agency(one.route) is not None]
        return LiveVehicles(self._told(book, known, now), snapshot.degraded)

    def _told(
        self, book: RouteBook, positions: Sequence[Position], now: datetime
    ) -> tuple[LiveVehicle, ...]:
        runs = RunFinder(book, now)
        told = (self._vehicle(book, one, runs.of(one)) for one in positions)
        return tuple(sorted(told, key=lambda one: (one.route, one.operator, one.vehicle)))

    def _vehicle(self, book: RouteBook, one: Position, run: Run | None) -> LiveVehicle:
        where, call, expected = None, None, None
        if run is not None:
            calls = _served(run)
            where = self._progress(book, one, run, calls)
            if where is not None and where.next_stop is not None:
                call = calls[where.next_stop]
                if where.delay_seconds is not None:
                    late = timedelta(seconds=where.delay_seconds)
                    expected = _expected(call, call.arrival) + late
        return LiveVehicle(
            vehicle=one.vehicle,
            operator=one.operator,
            route=one.route,
            trip=one.trip,
            service_date=run.service_date if run else None,
            direction=run.direction if run else None,
            lon=one.lon,
            lat=one.lat,
            bearing=one.bearing,
            speed=one.speed,
            at=moment(one.seen_at),
            next_stop=call.stop if call else None,
            next_stop_name=call.stop_name if call else None,
            stop_sequence=call.sequence if call else None,
            status=where.status if where and call else None,
            expected_at=expected,
            delay_seconds=where.delay_seconds if where else None,
            off_route=where.off_route if where else False,
        )

    def _progress(
        self, book: RouteBook, one: Position, run: Run, calls: list[Call]
    ) -> Progress | None:
        if len(calls) < 2:
            return None
        # A notice may change times and skip stops at any minute.
        changes = tuple([(call.sequence, call.effect.delay_minutes) for call in calls])
        key = (book.edition, run.route, run.trip, run.service_date, changes)
        course = self._courses.get(key)
        if course is None:
            if len(self._courses) >= KEPT:
                self._courses.clear()
            way = book.way(run.route, run.direction)
            course = self._courses[key] = Course([_stop_call(call) for call in calls], way)
        return progress(course, one.lon, one.lat, one.seen_at)

    def _news(self, book: RouteBook, route: int, day: date, now: datetime) -> RunNews:
        records = self.store.runs(route, day)
        snapshot = self.store.vehicles(route, now.timestamp())
        runs, seen = RunFinder(book, now), {}
        for one in sorted(snapshot.positions, key=lambda one: one.seen_at):
            run = runs.of(one)
            if run is not None and run.service_date == day:
                seen[run.trip] = self._seen(book, one, run)
        for trip, passed in self._passed.on(book.edition, route, day).items():
            silent = Seen(Sighting(passed.at, current=False), None)
            seen[trip] = replace(seen.get(trip, silent), passed=passed)
        degraded = records.degraded or snapshot.degraded
        return RunNews(records.runs, seen, snapshot.sighted, degraded)

    def _seen(self, book: RouteBook, one: Position, run: Run) -> Seen:
        calls = _served(run)
        where = self._progress(book, one, run, calls)
        late = where.delay_seconds if where else None
        next_ = where.next_stop if where else None
        sighting = Sighting(moment(one.seen_at), current=True, delay_seconds=late)
        if next_ is None:
            return Seen(sighting, None)
        sequence = calls[next_].sequence
        if has_set_out(planned(run), sighting.at):
            passed = Passed(sequence, sighting.at, near_end=next_ >= len(calls) - 2)
            self._passed.see(book.edition, run.route, run.service_date, run.trip, passed)
        return Seen(sighting, sequence)


def _counting(told: LiveVehicles, now: datetime) -> LiveVehicles:
    """Without those that grow too old while the answer is repeated, here or by who asked."""
    oldest = repeated_until(now) - timedelta(seconds=FRESH_S)
    if all(vehicle.at > oldest for vehicle in told.vehicles):
        return told
    return replace(told, vehicles=tuple(one for one in told.vehicles if one.at > oldest))


def _served(run: Run) -> list[Call]:
    """The calls that notices leave; a bus doesn't make for a stop that it skips."""
    return [call for call in run.calls if call.effect.state != "skipped"]


def _stop_call(call: Call) -> StopCall:
    return StopCall(
        call.lon,
        call.lat,
        _expected(call, call.arrival).timestamp(),
        _expected(call, call.departure).timestamp(),
    )


def _expected(call: Call, at: datetime) -> datetime:
    return at + timedelta(minutes=call.effect.delay_minutes)
