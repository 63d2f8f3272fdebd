"""The timetable's answers with the state of each run: what is printed, and what has become of it.

Public names: ``RunStates``, ``DepartureNow``, ``StopBoard``, ``RunNow``, ``RideNow``,
``JourneyNow``, ``JourneysNow``.

Printed times stay as they are; what is known of a run stands beside them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from operator import attrgetter

from geo.bus_answers import Departure, Outlook, RouteDay, Run, StopPlace
from geo.journey_answers import Journey, Journeys, RideLeg, Unavailable
from geo.run_state import RunState, as_planned, scheduled
from geo.service_days import RULES
from geo.timetable import Timetable
from server.live.board import LiveBoard
from server.live.run_news import RunNews
from server.live.store import DAYS_AHEAD

__all__ = [
    "DepartureNow",
    "JourneyNow",
    "JourneysNow",
    "RideNow",
    "RunNow",
    "RunStates",
    "StopBoard",
]

TOLD_AFTER = timedelta(minutes=20)
"""For so long after its time a call is told of: whoever stands at the stop asks what has become of
the bus. One that is known to be on its way is told of until it has come."""

LATEST = timedelta(minutes=240)
"""The longest delay that an operator may tell."""

MOST = 50
"""Departures among which the next that takes people is looked for."""

MOST_WAYS = 30
"""Ways among which those with runs that are not cancelled are looked for."""


@dataclass
class DepartureNow(Departure):
    """A call, and how its run stands.

    ``live_expected`` is when the bus is expected by what was said or seen last, None where that
    is not known or there is nothing to expect any more; ``called`` says whether it has left the
    stop behind, None where that is not known.
    """

    run_state: RunState
    live_expected: datetime | None
    called: bool | None


@dataclass(frozen=True)
class StopBoard:
    """What comes to a stop: see ``geo.bus_answers.Board``.

    First of ``departures`` are those that are overdue and not known to have come. ``left`` are
    those that were here within the last minutes. ``next_served`` is the first to count on.
    """

    stop: StopPlace
    departures: tuple[DepartureNow, ...]
    left: tuple[DepartureNow, ...]
    next_served: DepartureNow | None
    outlook: Outlook | None


@dataclass(frozen=True)
class RunNow(Run):
    """A run, and how it stands."""

    run_state: RunState


@dataclass
class RideNow(RideLeg):
    """A ride, and how its run stands; ``live_expected`` is when the bus is expected at the stop
    where one gets on."""

    run_state: RunState
    live_expected: datetime | None


@dataclass
class JourneyNow(Journey):
    """A way from door to door with what is known of its bus."""

    ride: RideNow


@dataclass(frozen=True)
class JourneysNow:
    """The best ways with runs that are not cancelled, those that are not to be had, and a line.

    The rest is as ``by_timetable`` says.
    """

    options: tuple[JourneyNow, ...]
    unavailable: tuple[Unavailable, ...]
    text: str
    by_timetable: Journeys


class RunStates:
    """How runs stand at a moment, for one answer.

    Without a board, as for a moment that is not now, the timetable and its notices alone tell.
    ``degraded`` turns true when live news that was asked for could not be had.
    """

    def __init__(self, timetable: Timetable, at: datetime, board: LiveBoard | None) -> None:
        self.degraded = False
        self._timetable = timetable
        self._at = at
        self._board = board
        self._today = at.date()
        self._until = self._today + timedelta(days=DAYS_AHEAD)
        self._minute = at.replace(second=0, microsecond=0)
        self._clock = f"{at.hour:02}:{at.minute:02}"
        self._known: dict[tuple[int, date], RunNews] = {}

    def of(self, route: int, trip: str, day: date) -> RunState:
        """How the run of a trip stands."""
        news = self._news(route, day)
        if news is None or (day >= self._today and news.is_silent_on(trip)):
            clock = self._timetable.sets_out(route, trip)
            if clock is not None and (news is None or day > self._today or clock > self._clock):
                return scheduled(clock)
        plan = self._timetable.planned(route, trip, day, self._at)
        return as_planned(plan) if news is None else news.state(trip, plan, self._at)

    def run(self, one: Run) -> RunNow:
        """A run with its state."""
        return RunNow(*(*_run(one), self.of(one.route, one.trip, one.service_date)))

    def departure(self, one: Departure) -> DepartureNow:
        """A call with the state of its run."""
        state, called = self.of(one.route, one.trip, one.service_date), None
        if one.served:  # at a stop that is skipped there is nothing to expect and nothing to miss
            called = self._called(one.route, one.trip, one.service_date, one.stop_sequence)
        comes = one.served and not called
        expected = self._expected(one.expected, state) if comes else None
        return DepartureNow(*(*_departure(one), state, expected, called))

    def stop_board(self, stop: str, limit: int) -> StopBoard:
        """The next departures at a stop, and what has become of those that were due.

        Raises:
            LookupError: there is no such stop.
        """
        due, left = self._recent(stop)
        found = self._timetable.departures(stop, self._at, limit)
        coming = [self.departure(one) for one in found.departures]
        if early := [one for one in coming if one.called]:
            left += early
            found = self._timetable.departures(stop, self._at, limit + len(early))
            coming = [self.departure(one) for one in found.departures]
        listed = [*due, *[one for one in coming if not one.called][:limit]]
        served = min(filter(self._comes, listed), key=_when, default=None)
        served = served or self._later(stop, found.next_served)
        return StopBoard(found.stop, tuple(listed), tuple(left), served, found.outlook)

    def ways(
        self,
        ask: Callable[[datetime, int], Journeys],
        routes: Iterable[int],
        limit: int,
        by: datetime | None = None,
    ) -> JourneysNow:
        """As many ways as are wanted with runs of ``routes`` that can be met and arrive in time.

        ``ask`` gives so many ways by the timetable for setting out at a moment: one before now
        where runs are late, as the bus of 6:56 can still be met at 7:01.
        """
        wanted, since = limit, self._at - self._longest_delay(routes)
        while True:
            found = ask(since, wanted)
            told = [self._journey(one) for one in found.options]
            kept = [one for one in told if self._is_met(one, by)]
            lacking = limit - len(kept)
            if lacking <= 0 or len(told) < wanted or wanted >= MOST_WAYS:
                break
            wanted += lacking
        if by is None:
            kept.sort(key=_arrives)
        kept = kept[:limit]
        gone = [
            _unavailable(one)
            for one in told
            if one.ride.run_state.state == "cancelled" or _is_late(one, by)
        ]
        text = found.text
        if kept:
            text = _in_a_line(kept[0])
        elif gone:
            text = f"{gone[0].text} 的班次{gone[0].reason}"
        return JourneysNow(tuple(kept), (*gone, *found.unavailable), text, found)

    def day(self, route: int, one: RouteDay) -> RouteDay:
        """Whether a route runs on a day, if its operator has not cancelled every run of it."""
        news = self._news(route, one.date) if one.runs == "yes" else None
        if news is None or not news.records:
            return one
        said = []
        for run in self._timetable.runs_of(route, one.date, self._at):
            record = news.records.get(run.trip)
            if record is None or record.said is None or record.said.state != "cancelled":
                return one
            said.append(record.said)
        reason = f"{said[-1].said_by}：当天班次全部取消"
        return replace(one, runs="no", code="cancelled", reason=reason, rule=RULES["cancelled"])

    def _longest_delay(self, routes: Iterable[int]) -> timedelta:
        """By how much any run of today is known to be late at most."""
        delays = [timedelta()]
        for route in routes:
            if news := self._news(route, self._today):
                delays += _delays(news)
        return max(delays)

    def _is_met(self, one: JourneyNow, by: datetime | None) -> bool:
        """Whether a family that sets out now meets the bus, and arrives in time."""
        ride = one.ride
        if ride.run_state.state == "cancelled" or _is_late(one, by):
            return False
        if self._called(ride.route, ride.trip, ride.service_date, ride.board_sequence):
            return False
        walk = timedelta(minutes=one.first_walk.minutes)
        return (ride.live_expected or ride.board) >= self._minute + walk

    def _called(self, route: int, trip: str, day: date, sequence: int) -> bool | None:
        """Whether the bus has left a stop behind; None: that is not known."""
        news = self._news(route, day)
        if news is None or trip not in news.seen:
            return None
        plan = self._timetable.planned(route, trip, day, self._at)
        return news.has_called(trip, sequence, plan)

    def _news(self, route: int, day: date) -> RunNews | None:
        """None: it is not asked for, or nobody can have said anything yet."""
        if self._board is None or day > self._until:
            return None
        news = self._known.get((route, day))
        if news is None:
            news = self._known[route, day] = self._board.news(route, day, self._at)
            self.degraded = self.degraded or news.degraded
        return news

    def _expected(self, printed: datetime, state: RunState) -> datetime | None:
        if state.minutes is None:
            return None
        at = printed + timedelta(minutes=state.minutes)
        if state.source != "vehicle":
            return at
        # A bus that is seen on its way and has not come is expected from now on.
        return max(at, self._minute)

    def _recent(self, stop: str) -> tuple[list[DepartureNow], list[DepartureNow]]:
        """The calls that were due: those of which one is still told, and those that are gone."""
        due: list[DepartureNow] = []
        left: list[DepartureNow] = []
        if self._board is None:
            return due, left
        for one in map(self.departure, self._timetable.recent(stop, self._at, LATEST + TOLD_AFTER)):
            since = self._at - one.expected - timedelta(minutes=one.run_state.minutes or 0)
            if one.called is False or since < TOLD_AFTER:
                (left if one.called else due).append(one)
        return due, left

    def _comes(self, one: DepartureNow) -> bool:
        """Whether one may count on it: what is overdue must be known to be on its way."""
        if not one.served or one.run_state.state in ("cancelled", "replaced"):
            return False
        on_its_way = one.called is False or (one.live_expected or one.expected) >= self._at
        return one.minutes >= 0 or on_its_way

    def _later(self, stop: str, served: Departure | None) -> DepartureNow | None:
        """The first to count on among many; ``served`` is the first by the timetable."""
        if served is None:
            return None
        more = self._timetable.departures(stop, self._at, MOST).departures
        told = map(self.departure, (*more, served))
        comes = (one for one in told if not one.called and self._comes(one))
        return min(comes, key=_when, default=None)

    def _journey(self, one: Journey) -> JourneyNow:
        state = self.of(one.ride.route, one.ride.trip, one.ride.service_date)
        expected = self._expected(one.ride.board, state)
        ride = RideNow(*(*_ride(one.ride), state, expected))
        return JourneyNow(*(*_until_ride(one), ride, one.last_walk))


def _delays(news: RunNews) -> Iterator[timedelta]:
    for record in news.records.values():
        if record.said is not None and record.said.minutes is not None:
            yield timedelta(minutes=record.said.minutes)
    for seen in news.seen.values():
        if seen.sighting.delay_seconds is not None:
            yield timedelta(seconds=seen.sighting.delay_seconds)


def _when(one: DepartureNow) -> datetime:
    return one.live_expected or one.expected


def _arrives(one: JourneyNow) -> datetime:
    """When one arrives, by what is known of the bus."""
    ride = one.ride
    late = ride.live_expected - ride.board if ride.live_expected else timedelta()
    return one.arrives + late


def _is_late(one: JourneyNow, by: datetime | None) -> bool:
    return by is not None and _arrives(one) > by


def _in_a_line(one: JourneyNow) -> str:
    """The way in a line, with what is known of its bus."""
    state = one.ride.run_state
    return one.text if state.source not in ("operator", "vehicle") else f"{one.text}；{state.text}"


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


# The values of a record in order, several times as fast as by its dictionary.
_departure = attrgetter(*_names(Departure))
_run = attrgetter(*_names(Run))
_ride = attrgetter(*_names(RideLeg))
_until_ride = attrgetter(*_names(Journey)[: _names(Journey).index("ride")])


def _unavailable(one: JourneyNow) -> Unavailable:
    ride, state = one.ride, one.ride.run_state
    about = "" if ride.board_exact else "约"
    return Unavailable(
        route=ride.route,
        route_name=ride.route_name,
        trip=ride.trip,
        trip_name=ride.trip_name,
        service_date=ride.service_date,
        scheduled=ride.board - timedelta(minutes=ride.delay_minutes),
        text=f"{one.day}{about} {ride.board_clock}",
        reason=state.text,
        replacement=state.replacement,
        phone=state.phone,
        notices=ride.notices,
    )
