"""What comes next at a stop and how runs stand, by the live board. No Flask."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from geo.atlas import Atlas
from geo.bus_answers import RouteDay
from geo.journey_answers import Journeys
from geo.run_state import RunState
from server.live.answers import RunStates
from server.live.board import LiveBoard
from server.live.ways import JourneysNow, ways_now
from server.webmap.bus_words import Next, next_of

LOOKED_AT = 40
"""Departures at a stop of which one route's are taken: others may call there as well."""


class News:
    """The states of runs at a moment, for one page."""

    def __init__(self, atlas: Atlas, at: datetime, board: LiveBoard) -> None:
        self._states = RunStates(atlas.timetable, at, board)
        self.at = at

    def of(self, route: int, trip: str, day: date) -> RunState:
        """How a run stands."""
        return self._states.of(route, trip, day)

    def coming(self, stop: str, limit: int, route: int | None = None) -> tuple[list[Next], str]:
        """What comes next at a stop (of one route), and why nothing does if nothing is found.

        First what should have come and may still be on its way; it takes nothing of the limit.
        """
        board = self._states.stop_board(stop, limit if route is None else LOOKED_AT)
        told = [one for one in board.departures if route in (None, one.route)]
        overdue = [one for one in told if one.minutes < 0]
        found = [*overdue, *told[len(overdue) :][:limit]]
        nothing = board.outlook.reason if board.outlook and not found else ""
        return [next_of(one) for one in found], nothing

    def ways(
        self, ask: Callable[[datetime, int], Journeys], routes: Iterable[int], limit: int
    ) -> JourneysNow:
        """The best ways with runs that can be met: see ``ways_now``."""
        return ways_now(self._states, ask, routes, limit)

    def day(self, route: int, day: RouteDay) -> RouteDay:
        """Whether a route runs on a day, its operator's word included."""
        return self._states.day(route, day)
