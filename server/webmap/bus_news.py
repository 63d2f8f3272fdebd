"""How runs stand: by what was said and seen of them, or else by the clock. No Flask."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

from geo.atlas import Atlas
from geo.bus_answers import Departure
from geo.run_state import RunState, planned, run_state
from server.webmap.bus_words import Next, next_of

JUST_NOW = timedelta(minutes=15)
"""For so long after its time a bus is still shown: whoever waits wants to know of that one."""

LOOKED_AT = 40
"""Departures at a stop of which one route's are taken: others may call there as well."""


class Told(Protocol):
    """What a board says of a route's runs on a day, by trip."""

    @property
    def states(self) -> Mapping[str, RunState]: ...


class Board(Protocol):
    """Where live news comes from (``server.live.board.LiveBoard``)."""

    def run_states(self, route: int, day: date, now: datetime) -> Told: ...


class News:
    """The states of runs at a moment; without a board those that the clock alone gives."""

    def __init__(self, atlas: Atlas, at: datetime, board: Board | None = None) -> None:
        self._atlas = atlas
        self._board = board
        self.at = at
        self._known: dict[tuple[int, date], Mapping[str, RunState]] = {}

    def of(self, route: int, day: date) -> Mapping[str, RunState]:
        """The state of each run of a route on a service day, by trip."""
        key = (route, day)
        if key not in self._known:
            self._known[key] = self._look(route, day)
        return self._known[key]

    def _look(self, route: int, day: date) -> Mapping[str, RunState]:
        runs = self._atlas.timetable.runs_of(route, day, self.at)
        states = {run.trip: run_state(planned(run), self.at) for run in runs}
        if self._board is not None:
            states |= self._board.run_states(route, day, self.at).states
        return states

    def coming(self, stop: str, limit: int, route: int | None = None) -> tuple[list[Next], str]:
        """What comes next at a stop (of one route), and why nothing does if nothing is found.

        First, of the last minutes, what should have come and may still be on its way.
        """
        timetable = self._atlas.timetable
        many = limit if route is None else LOOKED_AT
        now = self.at.replace(second=0, microsecond=0)
        since = timetable.departures(stop, now - JUST_NOW, many).departures
        board = timetable.departures(stop, now, many)
        late = [one for one in since if one.expected < now and route in (None, one.route)]
        ahead = [one for one in board.departures if route in (None, one.route)][:limit]
        found = [self._next(one, past=True) for one in late] + [self._next(one) for one in ahead]
        return found, board.outlook.reason if board.outlook and not found else ""

    def _next(self, departure: Departure, *, past: bool = False) -> Next:
        state = self.of(departure.route, departure.service_date).get(departure.trip)
        return next_of(departure, state, past=past)
