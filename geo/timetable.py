"""The school lines of one edition: which buses call when, on which days, and what has changed.

Public names: ``Timetable``; its answers are the records of ``geo.bus_answers``. Ways from door to
door stand in ``geo.journeys``.

A timetable never changes, and threads may share it. It is made of columns that are worked out
once (``geo.timetable_columns.timetable_arrays``) and may be mapped from files. Moments that are
asked about may be in any time zone, and "now" lasts until its minute is over; answers are in
Asia/Shanghai.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from geo import departures, route_days
from geo.bus_answers import Board, Departure, NearStop, RouteDay, RouteOverview, Run, StopPlace
from geo.bus_notices import DAY, local_seconds
from geo.calendar import Calendar
from geo.lines import HORIZON_DAYS, Lines
from geo.run_state import Planned
from geo.timetable_columns import timetable_arrays
from geo.transit import BusRoute, Notice

__all__ = ["HORIZON_DAYS", "Timetable"]


class Timetable(Lines):
    """An index over the routes and notices of an edition.

    Each question raises LookupError for a stop, route or trip that isn't there, and ValueError for
    a moment without a zone or outside the years 1901–9990.
    """

    @classmethod
    def of(
        cls,
        routes: Iterable[tuple[int, BusRoute]],
        notices: Iterable[tuple[int, Notice]],
        calendar: Calendar,
    ) -> "Timetable":
        """The timetable of listings with their ids; see ``timetable_arrays`` for what it raises."""
        return cls(timetable_arrays(routes, notices), calendar)

    # Stops

    def stop(self, stop_id: str) -> StopPlace:
        """A stop, with the routes that call there."""
        return self.place(self.stop_row(stop_id))

    def stops_near(
        self, lon: float, lat: float, radius_m: float, limit: int | None = None
    ) -> list[NearStop]:
        """The stops within ``radius_m`` metres in a straight line, nearest first."""
        return [self.near(row, metres) for metres, row in self.within(lon, lat, radius_m)[:limit]]

    def nearest_stop(self, lon: float, lat: float) -> NearStop | None:
        """The nearest stop at which a bus calls; None if there is none at all."""
        found = self.nearest(lon, lat)
        return None if found is None else self.near(found[1], found[0])

    # Runs

    def departures(self, stop_id: str, at: datetime, limit: int = 10) -> Board:
        """The next calls at a stop from ``at`` on, suspended ones among them.

        It looks ``HORIZON_DAYS`` ahead; a board with fewer than ``limit`` says why.
        """
        return departures.board(self, self.stop_row(stop_id), _minute(at), limit)

    def recent(self, stop_id: str, at: datetime, back: timedelta) -> list[Departure]:
        """The calls at a stop that were due within ``back`` before ``at``, suspended included."""
        now = _minute(at)
        since = now - int(back.total_seconds())
        return departures.recent(self, self.stop_row(stop_id), now, since)

    def route_day(self, route: int, day: date, at: datetime) -> RouteDay:
        """Whether a route runs on a service day, as far as notices are told by ``at``."""
        return route_days.route_day(self, self.route_row(route), day.toordinal(), _minute(at))

    def route_days(
        self, route: int, at: datetime, days: int = route_days.DAYS
    ) -> tuple[RouteDay, ...]:
        """Whether a route runs, from today on."""
        row, now = self.route_row(route), _minute(at)
        first = now // DAY
        return tuple(route_days.route_day(self, row, first + i, now) for i in range(days))

    def route_overview(self, route: int, at: datetime) -> RouteOverview:
        """What a list of routes shows of one: runs today and why not, first and last departure."""
        return route_days.overview(self, self.route_row(route), _minute(at))

    def runs_of(self, route: int, day: date, at: datetime) -> list[Run]:
        """All runs of a route on a service day with their scheduled times, suspended included."""
        return route_days.runs_of(self, self.route_row(route), day.toordinal(), _minute(at))

    def planned(self, route: int, trip: str, day: date, at: datetime) -> Planned:
        """When the run of a trip leaves and ends, by the timetable and the notices on it."""
        row = self.trip_row(route, trip)
        if row is None:
            raise LookupError(trip)
        return route_days.planned(self, row, day.toordinal(), _minute(at))

    def sets_out(self, route: int, trip: str) -> str | None:
        """The clock (``HH:MM``) at which a trip sets out on all its days; None where there are
        notices on its route, which may change that.

        Raises:
            LookupError: there is no such trip.
        """
        row = self.trip_row(route, trip)
        if row is None:
            raise LookupError(trip)
        return None if self.told.of(route) else self.clock_of(row)

    # Notices

    def notices(self, at: datetime) -> list[tuple[int, Notice]]:
        """All notices in force or announced, with their listing ids; those told first, first."""
        return [(told.id, told.notice) for told in self.told.public(_minute(at))]

    def notices_for(self, route: int, at: datetime) -> list[tuple[int, Notice]]:
        """Those of one route."""
        self.route_row(route)
        return [(told.id, told.notice) for told in self.told.public(_minute(at), route)]


@lru_cache(256)  # one answer asks again and again for the same moment
def _minute(at: datetime) -> int:
    """The whole minute of a moment, in local seconds."""
    return local_seconds(at) // 60 * 60
