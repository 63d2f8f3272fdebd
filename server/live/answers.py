"""The timetable's answers with the state of each run: what is printed, and what has become of it.

Public names: ``RunStates``, ``Known``, ``DepartureNow``, ``StopBoard``, ``RunNow``. Ways from door
to door stand in ``server.live.ways``.

Printed times stay as they are; what is known of a run stands beside them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from operator import attrgetter

from geo import opening_text as say
from geo.bus_answers import Departure, Outlook, RouteDay, Run, StopPlace
from geo.run_state import RunState, as_planned, scheduled
from geo.service_days import RULES
from geo.timetable import Timetable
from server.live.board import LiveBoard
from server.live.other_moment import OtherMoment
from server.live.run_news import RunNews

__all__ = ["DepartureNow", "Known", "RunNow", "RunStates", "StopBoard"]

Known = LiveBoard | OtherMoment
"""Whoever has news of runs."""

TOLD_AFTER = timedelta(minutes=20)
"""For so long after its time a call is told of: whoever stands at the stop asks what has become of
the bus. One that is known to be on its way is told of until it has come."""

LATEST = timedelta(minutes=240)
"""The longest delay that an operator may tell."""

DAY_ENDS_AT = 4
"""The hour at which no run of the day before is on its way any more."""

SILENCE = RunNews()
"""What is known of the runs of a route of which nobody talks."""

MOST = 50
"""Departures among which the next that takes people is looked for."""


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


class RunStates:
    """How runs stand at the moment ``at``, for one answer; ``minute`` is the start of its minute.

    ``known`` is the board for now, or what it knows for another moment (``other_moment``): then
    operators' words count, but not where buses are, and no run is in doubt by the clock.
    ``degraded`` turns true when live news that was asked for could not be had.
    """

    def __init__(self, timetable: Timetable, at: datetime, known: Known) -> None:
        self.degraded = False
        self._timetable = timetable
        self.at = at
        self._known = known
        self._silence = SILENCE if known.about_now else None
        self._today = at.date()
        self.minute = at.replace(second=0, microsecond=0)
        self._clock = say.padded_clock(at.hour * 60 + at.minute)
        self._talked: dict[date, frozenset[int] | None] = {}
        self._news: dict[tuple[int, date], RunNews] = {}

    def of(self, route: int, trip: str, day: date) -> RunState:
        """How the run of a trip stands."""
        news = self._of_day(route, day)
        if news is None or (day >= self._today and news.is_silent_on(trip)):
            clock = self._timetable.sets_out(route, trip)
            if clock is not None and (news is None or day > self._today or clock > self._clock):
                return scheduled(clock)
        plan = self._timetable.planned(route, trip, day, self.at)
        return as_planned(plan) if news is None else news.state(trip, plan, self.at)

    def run(self, one: Run) -> RunNow:
        """A run with its state."""
        return RunNow(*(*_run(one), self.of(one.route, one.trip, one.service_date)))

    def runs(self, route: int) -> list[RunNow]:
        """The runs of today; before them those of the service day before that are not over.

        Raises:
            LookupError: there is no such route.
        """
        today = [self.run(run) for run in self._timetable.runs_of(route, self._today, self.at)]
        if self.at.hour >= DAY_ENDS_AT:
            return today
        before = self._timetable.runs_of(route, self._today - timedelta(days=1), self.at)
        return [*filter(self._is_under_way, map(self.run, before)), *today]

    def _is_under_way(self, one: RunNow) -> bool:
        """Whether a run that began yesterday is on its way, by its time or by what is known."""
        state = one.run_state
        if state.state in ("cancelled", "replaced"):
            return False
        if state.source == "vehicle" and state.state != "not_confirmed":
            return True
        late = one.effect.delay_minutes + (state.minutes or 0)
        return one.calls[-1].arrival + timedelta(minutes=late) >= self.at

    def departure(self, one: Departure) -> DepartureNow:
        """A call with the state of its run."""
        state, called = self.of(one.route, one.trip, one.service_date), None
        if one.served:  # at a stop that is skipped there is nothing to expect and nothing to miss
            called = self.called(one.route, one.trip, one.service_date, one.stop_sequence)
        comes = one.served and not called
        expected = self.expected(one.expected, state) if comes else None
        return DepartureNow(*(*_departure(one), state, expected, called))

    def stop_board(self, stop: str, limit: int) -> StopBoard:
        """The next departures at a stop, and what has become of those that were due.

        Raises:
            LookupError: there is no such stop.
        """
        due, left = self._recent(stop)
        found = self._timetable.departures(stop, self.at, limit)
        coming = [self.departure(one) for one in found.departures]
        if early := [one for one in coming if one.called]:
            left += early
            found = self._timetable.departures(stop, self.at, limit + len(early))
            coming = [self.departure(one) for one in found.departures]
        listed = [*due, *[one for one in coming if not one.called][:limit]]
        served = min(filter(self._comes, listed), key=_when, default=None)
        served = served or self._later(stop, found.next_served)
        return StopBoard(found.stop, tuple(listed), tuple(left), served, found.outlook)

    def day(self, route: int, one: RouteDay) -> RouteDay:
        """Whether a route runs on a day, if its operator has not cancelled every run of it."""
        news = self._of_day(route, one.date) if one.runs == "yes" else None
        if news is None or not news.records:
            return one
        said = []
        for run in self._timetable.runs_of(route, one.date, self.at):
            record = news.records.get(run.trip)
            if record is None or record.said is None or record.said.state != "cancelled":
                return one
            said.append(record.said)
        reason = f"{said[-1].said_by}：当天班次全部取消"
        return replace(one, runs="no", code="cancelled", reason=reason, rule=RULES["cancelled"])

    def called(self, route: int, trip: str, day: date, sequence: int) -> bool | None:
        """Whether the bus has left a stop behind; None: that is not known."""
        news = self._of_day(route, day)
        if news is None or trip not in news.seen:
            return None
        plan = self._timetable.planned(route, trip, day, self.at)
        return news.has_called(trip, sequence, plan)

    def longest_delay(self, routes: Iterable[int]) -> timedelta:
        """By how much any run of today is known to be late at most."""
        talked = self._talked_of(self._today)
        some = routes if talked is None else talked.intersection(routes)
        delays = [timedelta()]
        for route in some:
            if news := self._of_day(route, self._today):
                delays += _delays(news)
        return max(delays)

    def _of_day(self, route: int, day: date) -> RunNews | None:
        """None: nobody said anything, and the moment is not now, when silence tells something."""
        talked = self._talked[day] if day in self._talked else self._talked_of(day)
        if talked is not None and route not in talked:
            return self._silence
        news = self._news.get((route, day))
        if news is None:
            news = self._news[route, day] = self._known.news(route, day, self.at)
            self.degraded = self.degraded or news.degraded
        return news

    def _talked_of(self, day: date) -> frozenset[int] | None:
        """The routes of which there is news; None: any may be."""
        if day not in self._talked:
            self._talked[day] = self._known.talked_of(day, self.at)
        return self._talked[day]

    def expected(self, printed: datetime, state: RunState) -> datetime | None:
        """When a call printed for a moment is expected, its run standing so; None: not known."""
        if state.minutes is None:
            return None
        at = printed + timedelta(minutes=state.minutes)
        if state.source != "vehicle":
            return at
        # A bus that is seen on its way and has not come is expected from now on.
        return max(at, self.minute)

    def _recent(self, stop: str) -> tuple[list[DepartureNow], list[DepartureNow]]:
        """The calls that were due: those of which one is still told, and those that are gone.

        At another moment than now only a bus that is said to be late is told of: until it comes.
        """
        due: list[DepartureNow] = []
        left: list[DepartureNow] = []
        told_after = TOLD_AFTER if self._known.about_now else timedelta()
        if not told_after and not self._talked_of(self._today):
            return due, left
        for one in map(self.departure, self._timetable.recent(stop, self.at, LATEST + TOLD_AFTER)):
            since = self.at - one.expected - timedelta(minutes=one.run_state.minutes or 0)
            if one.called is False or since < told_after:
                (left if one.called else due).append(one)
        return due, left

    def _comes(self, one: DepartureNow) -> bool:
        """Whether one may count on it: what is overdue must be known to be on its way."""
        if not one.served or one.run_state.state in ("cancelled", "replaced"):
            return False
        on_its_way = one.called is False or (one.live_expected or one.expected) >= self.at
        return one.minutes >= 0 or on_its_way

    def _later(self, stop: str, served: Departure | None) -> DepartureNow | None:
        """The first to count on among many; ``served`` is the first by the timetable."""
        if served is None:
            return None
        more = self._timetable.departures(stop, self.at, MOST).departures
        told = map(self.departure, (*more, served))
        comes = (one for one in told if not one.called and self._comes(one))
        return min(comes, key=_when, default=None)


def _delays(news: RunNews) -> Iterator[timedelta]:
    for record in news.records.values():
        if record.said is not None and record.said.minutes is not None:
            yield timedelta(minutes=record.said.minutes)
    for seen in news.seen.values():
        if seen.sighting.delay_seconds is not None:
            yield timedelta(seconds=seen.sighting.delay_seconds)


def _when(one: DepartureNow) -> datetime:
    return one.live_expected or one.expected


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


# The values of a record in order, several times as fast as by its dictionary.
_departure = attrgetter(*_names(Departure))
_run = attrgetter(*_names(Run))
