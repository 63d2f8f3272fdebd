"""What live data has to know of the timetable, and no more."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

from geo.bus_answers import Run
from geo.opening import SHANGHAI
from geo.timetable import Timetable
from geo.transit import Direction

Way = Sequence[tuple[float, float]]
"""(lon, lat) points, WGS-84."""


class RouteBook(Protocol):
    """The lines of the edition in force."""

    @property
    def edition(self) -> object:
        """Changes with the edition."""

    def agency(self, route: int) -> str | None:
        """Who runs a route; None: there is no such route."""

    def has_trip(self, route: int, trip: str) -> bool:
        """Whether a route has a trip, on whatever days it runs."""

    def runs(self, route: int, day: date) -> Sequence[Run]:
        """The runs of a route on a service day, suspended ones included."""

    def way(self, route: int, direction: Direction) -> Way:
        """The way driven; empty: straight from stop to stop."""


class TimetableBook:
    """The ``RouteBook`` of a timetable."""

    def __init__(
        self,
        timetable: Timetable,
        edition: object,
        way: Callable[[int, Direction], Way] = lambda route, direction: (),
    ) -> None:
        self.edition = edition
        self.way = way
        self._timetable = timetable
        self._trips: dict[int, frozenset[str]] = {}

    def agency(self, route: int) -> str | None:
        """See ``RouteBook``."""
        row = self._timetable.route_rows.get(route)
        return None if row is None else self._timetable.columns.routes[row].agency

    def has_trip(self, route: int, trip: str) -> bool:
        """See ``RouteBook``."""
        known = self._trips.get(route)
        if known is None:
            known = self._trips[route] = self._trips_of(route)
        return trip in known

    def _trips_of(self, route: int) -> frozenset[str]:
        row, columns = self._timetable.route_rows.get(route), self._timetable.columns
        if row is None:
            return frozenset()
        trips = range(columns.route_trips[row], columns.route_trips[row + 1])
        return frozenset(columns.trip_text(trip).id for trip in trips)

    def runs(self, route: int, day: date) -> Sequence[Run]:
        """See ``RouteBook``."""
        if route not in self._timetable.route_rows:
            return ()
        return self._timetable.runs_of(route, day, datetime.now(SHANGHAI))
