"""What live data has to know of the timetable, and no more."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from geo.atlas import Atlas
from geo.bus_answers import Run
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

    def runs(self, route: int, day: date, at: datetime) -> Sequence[Run]:
        """The runs of a route on a service day as told at ``at``, suspended ones included."""

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

    def agency(self, route: int) -> str | None:
        """See ``RouteBook``."""
        row = self._timetable.route_rows.get(route)
        return None if row is None else self._timetable.columns.routes[row].agency

    def has_trip(self, route: int, trip: str) -> bool:
        """See ``RouteBook``."""
        return self._timetable.trip_row(route, trip) is not None

    def runs(self, route: int, day: date, at: datetime) -> Sequence[Run]:
        """See ``RouteBook``."""
        if route not in self._timetable.route_rows:
            return ()
        return self._timetable.runs_of(route, day, at)


@lru_cache(maxsize=1)  # one edition is in force; a replaced one must not be kept in memory
def book_of(atlas: Atlas) -> TimetableBook:
    """The book of an edition."""
    return TimetableBook(atlas.timetable, (atlas.number, atlas.sha256), atlas.shape)
