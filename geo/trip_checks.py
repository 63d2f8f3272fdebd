"""Can a bus drive this trip: times that go forward, speeds, the way, the school at its end.

Public names: ``trip_problems``, ``shape_problems``, ``Implausible``.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from geo.polyline import Polyline
from geo.sphere import distance_m
from geo.transit import BusRoute, Stop, StopTime, Trip, seconds

__all__ = ["Implausible", "shape_problems", "trip_problems"]

FASTEST_KMH = 100
"""No school bus is faster between two stops."""

ROUNDING_S = 30
"""Times of whole minutes are up to this many seconds from the truth, on either side together."""

AT_ONCE_M = 500
"""Two stops may share a minute if they lie no further apart."""

OFF_SHAPE_M = 200
"""How far a stop may lie from the drawn way."""

BACK_M = 50
"""How far back along the way a next stop may lie: stops face each other across a road."""

AT_SCHOOL_M = 500
"""How far from the gate a school's own stop may lie, in a straight line."""


class Implausible(NamedTuple):
    """What can't be right: the field by its path (``trips.0.stop_times.3``), and a message in
    Chinese."""

    path: str
    message: str


def trip_problems(route: BusRoute, number: int) -> Iterator[Implausible]:
    """All that is wrong with the times of the trip of that number, and with where it goes."""
    trip = route.trips[number]
    path = f"trips.{number}"
    if trip.service not in {service.id for service in route.services}:
        message = f"班次“{_title(trip)}”用了没有登记的运行日“{trip.service}”"
        yield Implausible(f"{path}.service", message)
    stops = {stop.id: stop for stop in route.stops}
    unknown = False
    for place, time in enumerate(trip.stop_times):
        if time.stop not in stops:
            unknown = True
            message = f"班次“{_title(trip)}”停靠了没有登记的站点“{time.stop}”"
            yield Implausible(f"{path}.stop_times.{place}.stop", message)
    if not unknown:
        yield from _times(trip, path, stops)
        yield from _school(route, trip, path, stops)


def _title(trip: Trip) -> str:
    return trip.name or trip.id


def _times(trip: Trip, path: str, stops: Mapping[str, Stop]) -> Iterator[Implausible]:
    before: StopTime | None = None
    for place, time in enumerate(trip.stop_times):
        here = f"{path}.stop_times.{place}"
        name = stops[time.stop].name
        if time.departure is not None and seconds(time.departure) < seconds(time.arrival):
            message = (
                f"班次“{_title(trip)}”在“{name}”{time.arrival} 到站，却在 {time.departure} 开出"
            )
            yield Implausible(f"{here}.departure", message)
        if before is not None:
            yield from _step(trip, here, stops, before, time)
        before = time


def _step(
    trip: Trip, here: str, stops: Mapping[str, Stop], before: StopTime, after: StopTime
) -> Iterator[Implausible]:
    """From one stop to the next."""
    a, b = stops[before.stop], stops[after.stop]
    left = before.departure or before.arrival
    taken = seconds(after.arrival) - seconds(left)
    between = f"班次“{_title(trip)}”从“{a.name}”（{left}）到“{b.name}”（{after.arrival}）"
    if taken < 0:
        yield Implausible(f"{here}.arrival", f"{between}时间倒退")
        return
    if a.id == b.id:
        yield Implausible(f"{here}.stop", f"{between}连续两次停靠同一站")
        return
    far = distance_m(a.lon, a.lat, b.lon, b.lat)
    whole = seconds(after.arrival) % 60 == seconds(left) % 60 == 0
    slack = ROUNDING_S if whole else 0
    if taken == 0 and far > AT_ONCE_M:
        yield Implausible(f"{here}.arrival", f"{between}相距 {far:.0f} 米，却在同一时刻")
    elif taken > 0 and far > FASTEST_KMH / 3.6 * (taken + slack):
        speed = far / taken * 3.6
        message = f"{between}相距 {far / 1000:.1f} 公里，时速须达 {speed:.0f} 公里，不可能"
        yield Implausible(f"{here}.arrival", message)


def _school(
    route: BusRoute, trip: Trip, path: str, stops: Mapping[str, Stop]
) -> Iterator[Implausible]:
    """A trip to school ends at the school, one home begins there."""
    homewards = trip.direction == "to_home"
    place = 0 if homewards else len(trip.stop_times) - 1
    stop = stops[trip.stop_times[place].stop]
    far = distance_m(stop.lon, stop.lat, route.school.lon, route.school.lat)
    if far > AT_SCHOOL_M:
        kind, where = ("放学", "从学校出发") if homewards else ("上学", "在学校结束")
        message = (
            f"{kind}班次“{_title(trip)}”应{where}，但“{stop.name}”离{route.school.name} "
            f"{far:.0f} 米（最多 {AT_SCHOOL_M} 米）"
        )
        yield Implausible(f"{path}.stop_times.{place}.stop", message)


def shape_problems(route: BusRoute) -> Iterator[Implausible]:
    """Stops off the drawn way, and trips that call in another order than it passes them."""
    stops = {stop.id: stop for stop in route.stops}
    for direction, points in route.shapes.items():
        path = f"shapes.{direction}"
        if len(set(points)) < 2:
            yield Implausible(path, "线路走向至少要有两个不同的点")
            continue
        line = Polyline(points)
        told: set[str] = set()
        for number, trip in enumerate(route.trips):
            if trip.direction != direction:
                continue
            called = [stops[time.stop] for time in trip.stop_times if time.stop in stops]
            off = [stop for stop in called if line.distance_m(stop.lon, stop.lat) > OFF_SHAPE_M]
            for stop in off:
                if stop.id not in told:
                    told.add(stop.id)
                    yield _off_shape(route, line, stop)
            wrong = line.out_of_order([(stop.lon, stop.lat) for stop in called], BACK_M)
            if not off and wrong is not None:
                message = (
                    f"班次“{_title(trip)}”的站序与线路走向不符：“{called[wrong].name}”"
                    f"应在“{called[wrong - 1].name}”之前"
                )
                yield Implausible(f"trips.{number}.stop_times.{wrong}", message)


def _off_shape(route: BusRoute, line: Polyline, stop: Stop) -> Implausible:
    far = line.distance_m(stop.lon, stop.lat)
    number = [other.id for other in route.stops].index(stop.id)
    message = f"站点“{stop.name}”离线路走向 {far:.0f} 米（最多 {OFF_SHAPE_M} 米）"
    return Implausible(f"stops.{number}", message)
