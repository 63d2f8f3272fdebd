"""How far along its trip a vehicle is, and how late.

Public names: ``Course``, ``Progress``, ``progress``.

The course of a trip is the way driven with its stops on it; a position is laid onto the nearest
place of the way, and the delay is the difference between the vehicle's time and the scheduled
time of that place, which runs evenly between stops. Lengths are metres on a plane laid at the
trip's middle latitude: within a city that is off by less than 0.1 %.
Source of the terms: GTFS Realtime, message VehiclePosition (current_stop_sequence,
current_status) and TripUpdate (delay).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from geo.sphere import EARTH_RADIUS_M

__all__ = ["Course", "Progress", "StopCall", "progress"]

OFF_ROUTE_M = 300.0
"""Farther than this from its way a vehicle is off its route."""

STRAIGHT_SLACK = 0.25
"""Where no way is known, streets between two stops may bulge by this part of the straight line
between them, if that is more than ``OFF_ROUTE_M``."""

AT_STOP_M = 30.0
"""Within this distance along the way a vehicle is at the stop."""

AS_NEAR_M = 40.0
"""Places of the way that are farther than the nearest by less than this are as likely: positions
between houses are off by as much."""

ANOTHER_PLACE_M = 300.0
"""Places that are farther apart along the way than this are not the same place."""

EARLIEST_S, LATEST_S = -600, 3600
"""A bus is hardly ever ten minutes early: one that would be so is not on its run yet, but on its
way to it. Nor is it often an hour late: of several places that the position fits, those that would
mean so are left out."""

Array = npt.NDArray[np.float64]
Status = Literal["in_transit_to", "stopped_at"]


@dataclass(frozen=True, slots=True)
class StopCall:
    """A call of the trip: WGS-84 degrees, arrival and departure in Unix seconds."""

    lon: float
    lat: float
    arrival: float
    departure: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a vehicle is on its trip.

    ``next_stop`` is the place in the sequence of the stop that it is at or makes for; None if it
    is off its route, past the last stop, not yet on its run, or at a place that the way passes more
    than once and the time doesn't tell which. ``delay_seconds`` (negative: early) is None where
    that is not known; a bus that waits at a stop until its time is not early.
    """

    next_stop: int | None
    delay_seconds: int | None
    off_route: bool
    status: Status = "in_transit_to"


UNKNOWN = Progress(None, None, off_route=False)
OFF = Progress(None, None, off_route=True)


class Course:
    """A trip's way and stops, made once and asked for each position.

    ``shape`` are (lon, lat) points in the order driven; without it the way is straight from stop
    to stop.

    Raises:
        ValueError: there are fewer than two stops.
    """

    def __init__(
        self, calls: Sequence[StopCall], shape: Sequence[tuple[float, float]] = ()
    ) -> None:
        if len(calls) < 2:
            raise ValueError("a trip calls at two stops at least")
        self.calls = tuple(calls)
        self._middle = math.radians(sum(call.lat for call in calls) / len(calls))
        stops = self._plane([(call.lon, call.lat) for call in calls])
        way = self._plane(shape) if len(shape) > 1 else stops
        self._starts, self._steps = way[:-1], np.diff(way, axis=0)
        lengths = np.hypot(self._steps[:, 0], self._steps[:, 1])
        self._squares = np.maximum(lengths**2, 1e-9)
        self._begins = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
        self._lengths = lengths
        straight = len(shape) < 2
        slack = lengths * STRAIGHT_SLACK if straight else np.zeros(len(lengths))
        self._allowed = np.maximum(OFF_ROUTE_M, slack)
        along = np.append(self._begins, lengths.sum()) if straight else self._stops_on_way(stops)
        self.along: list[float] = along.tolist()
        """Metres from the start of the way to each stop."""

    def _plane(self, points: Sequence[tuple[float, float]]) -> Array:
        degrees = np.asarray(points, float).reshape(-1, 2)
        scale = np.array([math.cos(self._middle), 1.0])
        return np.asarray(np.radians(degrees) * scale * EARTH_RADIUS_M)

    def _stops_on_way(self, stops: Array) -> Array:
        """Each stop at the first place, not before the last stop's, where the way is as near to it
        as anywhere later: a way that comes back along the same street has two."""
        along = np.zeros(len(stops))
        least = 0.0
        for row, stop in enumerate(stops):
            metres, places = self._nearest_of_each(stop)
            ahead = places >= least - 1e-6
            if ahead.any():
                near = ahead & (metres <= metres[ahead].min() + AS_NEAR_M)
                first = int(np.flatnonzero(near)[0])
                window = near & (places <= places[first] + ANOTHER_PLACE_M)
                least = float(places[window][metres[window].argmin()])
            along[row] = least
        return along

    def _nearest_of_each(self, point: npt.NDArray[Any]) -> tuple[Array, Array]:
        """Of each piece of the way: metres from the point, and where along the way."""
        offset = point - self._starts
        part = np.clip((offset * self._steps).sum(axis=1) / self._squares, 0.0, 1.0)
        away = offset - self._steps * part[:, None]
        return np.hypot(away[:, 0], away[:, 1]), self._begins + part * self._lengths

    def places(self, lon: float, lat: float) -> list[float]:
        """Where along the way a position may be, in metres from its start; empty: off the route.

        More than one: the way passes the same place more than once.
        """
        metres, places = self._nearest_of_each(self._plane([(lon, lat)])[0])
        on_way = metres <= self._allowed
        if not on_way.any():
            return []
        likely = np.flatnonzero(on_way & (metres <= metres[on_way].min() + AS_NEAR_M))
        groups = np.split(likely, np.flatnonzero(np.diff(places[likely]) > ANOTHER_PLACE_M) + 1)
        return [float(places[group[metres[group].argmin()]]) for group in groups]


def progress(course: Course, lon: float, lat: float, at: float) -> Progress:
    """Where a vehicle is that was at a WGS-84 position at ``at`` (Unix seconds)."""
    places = course.places(lon, lat)
    if not places:
        return OFF
    found = [_at(course, place, at) for place in places]
    latest = LATEST_S if len(found) > 1 else math.inf
    found = [one for one in found if EARLIEST_S <= (one.delay_seconds or 0) <= latest]
    return found[0] if len(found) == 1 else UNKNOWN


def _at(course: Course, place: float, at: float) -> Progress:
    along, calls = course.along, course.calls
    for row, call in enumerate(calls):
        if abs(place - along[row]) <= AT_STOP_M:
            return _at_stop(course, row, at)
        if place < along[row]:
            if row == 0:
                return Progress(0, round(max(0.0, at - call.departure)), off_route=False)
            before = calls[row - 1]
            part = (place - along[row - 1]) / (along[row] - along[row - 1])
            scheduled = before.departure + part * (call.arrival - before.departure)
            return Progress(row, round(at - scheduled), off_route=False)
    return UNKNOWN


def _at_stop(course: Course, row: int, at: float) -> Progress:
    """On time while the bus may stand there; at its first stop it may wait as long as it likes.

    At its last, from the time of arrival on, nobody can tell for how long it has been there.
    """
    call = course.calls[row]
    delay: int | None = 0
    if row == len(course.calls) - 1 and at > call.arrival:
        delay = None
    elif at > call.departure:
        delay = round(at - call.departure)
    elif row > 0 and at < call.arrival:
        delay = round(at - call.arrival)
    return Progress(row, delay, off_route=False, status="stopped_at")
