"""The lines of one edition: their columns, the days on which they run, the notices on them.

Public names: ``Lines``, ``Coming``, ``HORIZON_DAYS``.

Moments are local seconds: ``date.toordinal() * 86400`` and the second of the day. A service
day's midnight is noon minus twelve hours (GTFS), which is midnight, for China keeps no summer
time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geo import opening_text as say
from geo.bus_answers import Effect, NearStop, Outlook, StopPlace
from geo.bus_notices import DAY, NORMAL, Notices, Told, effect_on_call, effect_on_run
from geo.calendar import Calendar
from geo.journey_answers import RideLeg
from geo.service_days import day_text
from geo.spatial import squared_chords
from geo.sphere import arc, box_around, chord, unit_vector, walking_minutes
from geo.timetable_columns import Columns

__all__ = ["EARLIEST", "HORIZON_DAYS", "LATEST", "REMEMBERED", "Coming", "Lines"]

HORIZON_DAYS = 60
"""How far ahead of today the next run is looked for, in days: longer than a winter holiday."""

EARLIEST, LATEST = -120 * 60, 240 * 60
"""By how many seconds a notice may shift a time (``geo.transit.Notice.delay_minutes``)."""

REMEMBERED = 4096
"""Stops, and rides, remembered at once: some 15 MB at most."""

ABOUT_EARLY_S = 5 * 60
"""By how much a bus may be ahead of an estimated time: estimates of stops between two known times
are whole minutes, and some minutes off. From a timepoint it never leaves early (GTFS)."""


class Coming(NamedTuple):
    """A call of a trip on a service day (an ordinal); ``at`` is its local second, as expected."""

    at: int
    call: int
    day: int
    effect: Effect


class Lines:
    """Columns, service days and notices together; threads may share an instance."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], calendar: Calendar) -> None:
        self.columns = Columns(arrays)
        self.days = self.columns.days(calendar)
        self.told = Notices(self.columns.notices)
        self.rides: dict[tuple[int, int, int, int], RideLeg] = {}
        """What ``geo.told_ways`` remembers."""
        self._places: dict[int, StopPlace] = {}
        self.route_rows = {route.id: row for row, route in enumerate(self.columns.routes)}
        """By listing id."""
        self.schools: dict[str, list[int]] = {}
        """By a school's code the rows of its routes."""
        for row, route in enumerate(self.columns.routes):
            self.schools.setdefault(route.school_code, []).append(row)

        self.sides: dict[tuple[str, str], Any] = {}
        """What ``geo.school_side`` remembers."""
        self._trip_rows: dict[int, dict[str, int]] = {}

    # Stops

    def stop_row(self, stop_id: str) -> int:
        """The row of a stop by its id.

        Raises:
            LookupError: there is no such stop.
        """
        row = self.columns.stop_row(stop_id)
        if row is None:
            raise LookupError(stop_id)
        return row

    def route_row(self, route: int) -> int:
        """The row of a route by its listing id.

        Raises:
            LookupError: there is no such route.
        """
        return self.route_rows[route]

    def trip_row(self, route: int, trip: str) -> int | None:
        """The row of a trip by its route's listing id and its own; None if there is none."""
        known = self._trip_rows.get(route)
        if known is None:
            columns, row = self.columns, self.route_rows.get(route)
            if row is None:
                return None
            trips = range(columns.route_trips[row], columns.route_trips[row + 1])
            known = self._trip_rows[route] = {columns.trip_text(one).id: one for one in trips}
        return known.get(trip)

    def position(self, row: int) -> tuple[float, float]:
        """(lon, lat) of the stop in a row, WGS-84 degrees."""
        return float(self.columns.stop_lon[row]), float(self.columns.stop_lat[row])

    def place(self, row: int) -> StopPlace:
        """The stop in a row; remembered, for a stop is the nearest of a whole neighbourhood."""
        place = self._places.get(row)
        if place is None:
            if len(self._places) >= REMEMBERED:
                self._places.clear()
            place = self._places[row] = self._place(row)
        return place

    def _place(self, row: int) -> StopPlace:
        routes = self.columns.routes
        ids = tuple([routes[route].id for route in self.columns.routes_at(row)])
        id_, name, lon, lat, code, note, example = self.columns.stop_text(row)
        return StopPlace(id_, name, lon, lat, code, note, example, ids)

    def near(self, row: int, metres: float) -> NearStop:
        """The stop in a row, that many metres away in a straight line."""
        return NearStop(self.place(row), metres, walking_minutes(metres))

    def within(self, lon: float, lat: float, radius_m: float) -> list[tuple[float, int]]:
        """(metres in a straight line, row) of the stops within ``radius_m``, nearest first."""
        part = self.columns.near
        places = part.box(box_around(lon, lat, radius_m))
        if not len(places):
            return []
        squares = squared_chords(part.xyz[:, places], unit_vector(lon, lat))
        close = squares <= chord(radius_m) ** 2
        metres = arc(np.sqrt(squares[close])).tolist()
        return sorted(zip(metres, part.rows[places[close]].tolist(), strict=True))

    def nearest(self, lon: float, lat: float) -> tuple[float, int] | None:
        """(metres in a straight line, row) of the nearest stop at which any bus calls."""
        radius_m = 1000.0
        while radius_m < 100_000_000:  # beyond half the earth's girth, so that all are looked at
            for found in self.within(lon, lat, radius_m):
                if self.columns.routes_at(found[1]):
                    return found
            radius_m *= 4
        return None

    # Runs

    def days_ahead(self, now: int) -> Iterator[int]:
        """The service days of which runs may be under way or still to come."""
        today = now // DAY
        return iter(range(today - self.columns.days_over - 1, today + HORIZON_DAYS + 1))

    def notices_on_trip(self, trip: int) -> Sequence[Told]:
        """Whatever is told of the route of a trip, whenever."""
        columns = self.columns
        return self.told.of(columns.routes[columns.trip_route[trip]].id)

    def call(self, call: int, day: int, now: int) -> Coming:
        """A call on a service day, with what the notices told by ``now`` make of it."""
        columns = self.columns
        trip = columns.call_trip[call]
        at = day * DAY + columns.call_departure[call]
        notices = self.notices_on_trip(trip)
        if not notices:
            return Coming(at, call, day, NORMAL)
        effect = effect_on_call(
            notices,
            now,
            columns.trip_text(trip).id,
            day * DAY + columns.begins(trip),
            columns.stop_text(columns.call_stop[call])[0],
            at,
            columns.routes[columns.trip_route[trip]].phone,
        )
        return Coming(at + effect.delay_minutes * 60, call, day, effect)

    def clock_of(self, trip: int) -> str:
        """The clock (``HH:MM``) at which the trip in a row sets out, where no notice changes it."""
        return say.padded_clock(self.columns.begins(trip) // 60)

    def at_stop_by(self, call: int, at: int) -> int:
        """When to be at the stop so as not to miss a call expected at ``at`` (local seconds)."""
        return at if self.columns.call_exact[call] else at - ABOUT_EARLY_S

    def run(self, trip: int, day: int, now: int) -> Effect:
        """What the notices told by ``now`` make of a whole trip on a service day."""
        notices = self.notices_on_trip(trip)
        if not notices:
            return NORMAL
        columns = self.columns
        begins = day * DAY + columns.begins(trip)
        phone = columns.routes[columns.trip_route[trip]].phone
        return effect_on_run(notices, now, columns.trip_text(trip).id, begins, phone)

    def outlook(self, services: Iterable[int], now: int, unknown: int) -> Outlook:
        """Why no more was found of these services; ``unknown`` is the first such day, or 0."""
        today = now // DAY
        if unknown:
            first = date.fromordinal(unknown)
            reason = f"{first.year} 年的节假日安排尚未公布，{day_text(first)}起的班次待定"
            return Outlook(date.fromordinal(unknown - 1), "not_announced", reason)
        end = today + HORIZON_DAYS
        last = self.days.last_day(list(services))
        if last > end:
            until = date.fromordinal(end)
            reason = f"{HORIZON_DAYS} 天内（至{day_text(until)}）没有更多班次"
            return Outlook(until, "horizon", reason)
        if not last:
            return Outlook(date.fromordinal(end), "ended", "没有登记班次")
        until = date.fromordinal(last)
        ended = "已于" if last < today else "将于"
        return Outlook(until, "ended", f"本期班次{ended}{day_text(until)}结束，之后的班次尚未公布")
