"""A timetable as columns: what an edition's routes say, as arrays to be stored and mapped.

Public names: ``timetable_arrays``, ``Columns``.

Stops, routes, trips and calls (rows of GTFS's stop_times) are numbered from 0. Stops are sorted
by id; trips stand route by route, calls trip by trip; and each stop has its calls sorted by the
time of the service day. Texts stand as bytes in one array, with the offset of each in another.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from geo.calendar import Calendar
from geo.service_days import ServiceDays
from geo.spatial import Partition, partition
from geo.transit import BusRoute, Direction, Notice, Service, Stop, Trip, seconds

__all__ = ["DIRECTIONS", "Columns", "RouteRow", "TripText", "timetable_arrays"]

Array = npt.NDArray[Any]
Arrays = dict[str, Array]

DIRECTIONS: tuple[Direction, Direction] = ("to_school", "to_home")
"""By the number that stands for them."""


class RouteRow(NamedTuple):
    """What is kept of a route. ``id`` is its listing's; ``phone`` its own or its agency's."""

    id: int
    name: str
    school_code: str
    school_name: str
    school_lon: float
    school_lat: float
    agency: str
    phone: str | None
    stops: int
    example: bool


class TripText(NamedTuple):
    """What a trip is called. ``headsign`` is the school, or on the way home the last stop."""

    id: str
    name: str
    headsign: str
    grades: tuple[int, ...]
    example: bool


def timetable_arrays(
    routes: Iterable[tuple[int, BusRoute]], notices: Iterable[tuple[int, Notice]]
) -> Arrays:
    """Everything that ``Columns`` needs, from listings with their ids.

    Of a stop that stands on several routes the one with the lowest listing id is taken.

    Raises:
        ValueError: a trip names a stop or a service that its route doesn't have.
    """
    ordered = sorted(routes, key=lambda pair: pair[0])
    stops: dict[str, Stop] = {}
    for _, route in ordered:
        for stop in route.stops:
            stops.setdefault(stop.id, stop)
    ids = sorted(stops)
    rows = {id_: row for row, id_ in enumerate(ids)}
    services: dict[bytes, int] = {}
    texts: list[bytes] = []
    trips: list[tuple[int, int, int, int]] = []
    calls: list[tuple[int, int, int, int, bool]] = []
    for row, (id_, route) in enumerate(ordered):
        own = {s.id: services.setdefault(_said(s), len(services)) for s in route.services}
        names = {stop.id: stop.name for stop in route.stops}
        for trip in route.trips:
            if trip.service not in own or any(t.stop not in names for t in trip.stop_times):
                raise ValueError(f"{id_} {route.name}: {trip.id}: 缺少它的站点或运行日")
            direction = DIRECTIONS.index(trip.direction)
            trips.append((row, own[trip.service], direction, len(calls)))
            texts.append(_trip_text(route, trip, names))
            for time in trip.stop_times:
                arrival = seconds(time.arrival)
                leaves = time.departure is not None and time is not trip.stop_times[-1]
                departure = seconds(time.departure or time.arrival) if leaves else arrival
                calls.append((rows[time.stop], len(trips) - 1, arrival, departure, time.timepoint))
    meta = {
        "routes": [list(_route_row(id_, route)) for id_, route in ordered],
        "services": [orjson.loads(said) for said in services],
        "notices": [[id_, notice.model_dump(mode="json")] for id_, notice in notices],
    }
    return (
        _of_trips(trips, len(ordered), len(calls))
        | _of_calls(calls, trips, len(ids))
        | _of_stops([stops[id_] for id_ in ids])
        | _packed("trip_text", texts)
        | {"meta": np.frombuffer(orjson.dumps(meta), np.uint8)}
    )


def _said(service: Service) -> bytes:
    """What a service says but for its id: equal ones are one."""
    return service.model_copy(update={"id": "any"}).model_dump_json().encode()


def _route_row(id_: int, route: BusRoute) -> RouteRow:
    school = route.school
    called = {time.stop for trip in route.trips for time in trip.stop_times}
    return RouteRow(
        id=id_,
        name=route.short_name or route.name,
        school_code=school.code,
        school_name=school.name,
        school_lon=school.lon,
        school_lat=school.lat,
        agency=route.agency.name,
        phone=route.phone or route.agency.phone,
        stops=len(called),
        example=route.example,
    )


def _trip_text(route: BusRoute, trip: Trip, names: Mapping[str, str]) -> bytes:
    last = names[trip.stop_times[-1].stop]
    headsign = route.school.name if trip.direction == "to_school" else last
    return orjson.dumps([trip.id, trip.name, headsign, trip.grades, trip.example or route.example])


def _of_trips(trips: Sequence[tuple[int, ...]], routes: int, calls: int) -> Arrays:
    table = np.array(trips, np.int64).reshape(-1, 4)
    return {
        "trip_route": table[:, 0].astype(np.int32),
        "trip_service": table[:, 1].astype(np.int32),
        "trip_direction": table[:, 2].astype(np.int32),
        "trip_calls": np.append(table[:, 3], calls).astype(np.int64),
        "route_trips": np.searchsorted(table[:, 0], np.arange(routes + 1)).astype(np.int64),
    }


def _of_calls(
    calls: Sequence[tuple[int, ...]], trips: Sequence[tuple[int, ...]], stops: int
) -> Arrays:
    table = np.array(calls, np.int64).reshape(-1, 5)
    stop, trip, departure = table[:, 0], table[:, 1], table[:, 3]
    order = np.lexsort((np.arange(len(table)), departure, stop))
    route = np.array([row for row, *_ in trips], np.int64)[trip] if len(table) else trip
    pairs = np.unique(np.stack([stop, route], axis=1), axis=0)
    return {
        "call_stop": stop.astype(np.int32),
        "call_trip": trip.astype(np.int32),
        "call_arrival": table[:, 2].astype(np.int32),
        "call_departure": departure.astype(np.int32),
        "call_exact": table[:, 4].astype(np.uint8),
        "stop_calls": np.searchsorted(stop[order], np.arange(stops + 1)).astype(np.int64),
        "stop_order": order.astype(np.int32),
        "stop_departures": departure[order].astype(np.int32),
        "stop_routes": np.searchsorted(pairs[:, 0], np.arange(stops + 1)).astype(np.int64),
        "stop_route_rows": pairs[:, 1].astype(np.int32),
    }


def _of_stops(stops: Sequence[Stop]) -> Arrays:
    lon = np.array([stop.lon for stop in stops], np.float64)
    lat = np.array([stop.lat for stop in stops], np.float64)
    part = partition(np.arange(len(stops), dtype=np.int32), lon, lat)
    texts = [orjson.dumps([s.id, s.name, s.lon, s.lat, s.code, s.note, s.example]) for s in stops]
    return {
        "stop_ids": np.array([stop.id for stop in stops] or [""], "S64")[: len(stops)],
        "stop_lon": lon,
        "stop_lat": lat,
        "near_rows": part.rows,
        "near_xyz": part.xyz,
        "near_starts": part.starts,
        "near_grid": np.array(part.grid),
    } | _packed("stop_text", texts)


def _packed(name: str, texts: Sequence[bytes]) -> Arrays:
    ends = np.cumsum([0, *(len(text) for text in texts)], dtype=np.int64)
    return {name: np.frombuffer(b"".join(texts), np.uint8), f"{name}_ends": ends}


def _view(array: Array) -> "memoryview[int]":
    return array.data


class Columns:
    """The arrays of ``timetable_arrays`` with names, each column read by row.

    Memory views read a single number in a third of the time that an array takes.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.trip_route = _view(arrays["trip_route"])
        self.trip_service = _view(arrays["trip_service"])
        self.trip_direction = _view(arrays["trip_direction"])
        self.trip_calls = _view(arrays["trip_calls"])
        """Offsets: the calls of trip i are those from [i] up to [i + 1]; likewise below."""
        self.route_trips = _view(arrays["route_trips"])
        self.call_stop = _view(arrays["call_stop"])
        self.call_trip = _view(arrays["call_trip"])
        self.call_arrival = _view(arrays["call_arrival"])
        self.call_departure = _view(arrays["call_departure"])
        """Seconds of the service day; from its last stop a trip departs when it arrives."""
        self.call_exact = _view(arrays["call_exact"])
        self.stop_calls = _view(arrays["stop_calls"])
        self.stop_order = _view(arrays["stop_order"])
        """The calls at a stop by departure, and beside them their departures."""
        self.stop_departures = _view(arrays["stop_departures"])
        self.stop_routes = _view(arrays["stop_routes"])
        self.stop_route_rows = _view(arrays["stop_route_rows"])
        self.stop_lon = arrays["stop_lon"]
        self.stop_lat = arrays["stop_lat"]
        self._stop_ids = arrays["stop_ids"]
        self._stop_text = _view(arrays["stop_text"])
        self._stop_text_ends = _view(arrays["stop_text_ends"])
        self._trip_text = _view(arrays["trip_text"])
        self._trip_text_ends = _view(arrays["trip_text_ends"])
        self._known_trips: dict[int, TripText] = {}
        self.near = Partition(
            rows=arrays["near_rows"],
            xyz=arrays["near_xyz"],
            starts=arrays["near_starts"],
            grid=tuple(arrays["near_grid"].tolist()),
        )
        meta = orjson.loads(arrays["meta"].tobytes())
        self.routes = [RouteRow(*row) for row in meta["routes"]]
        self.services = [Service.model_validate(service) for service in meta["services"]]
        self.notices = [(id_, Notice.model_validate(notice)) for id_, notice in meta["notices"]]
        self.days_over = int(arrays["call_departure"].max(initial=0)) // 86_400
        """By how many days the latest call is later than its service day."""

    def stop_row(self, id_: str) -> int | None:
        """The row of a stop by its id; None if there is none."""
        wanted = id_.encode()
        row = int(self._stop_ids.searchsorted(wanted)) if len(wanted) <= 64 else -1
        if 0 <= row < len(self._stop_ids) and self._stop_ids[row] == wanted:
            return row
        return None

    def stop_text(self, row: int) -> list[Any]:
        """id, name, lon, lat, code, note, example."""
        ends = self._stop_text_ends
        text: list[Any] = orjson.loads(self._stop_text[ends[row] : ends[row + 1]])
        return text

    def trip_text(self, row: int) -> TripText:
        """What a trip is called; remembered, for a trip is told of again and again."""
        text = self._known_trips.get(row)
        if text is None:
            ends = self._trip_text_ends
            id_, name, headsign, grades, example = orjson.loads(
                self._trip_text[ends[row] : ends[row + 1]]
            )
            text = self._known_trips[row] = TripText(id_, name, headsign, tuple(grades), example)
        return text

    def routes_at(self, stop: int) -> list[int]:
        """The rows of the routes that call at a stop."""
        rows: list[int] = self.stop_route_rows[
            self.stop_routes[stop] : self.stop_routes[stop + 1]
        ].tolist()
        return rows

    def begins(self, trip: int) -> int:
        """When a trip leaves its first stop, in seconds of the service day."""
        return self.call_departure[self.trip_calls[trip]]

    def departs(self, call: int) -> int:
        """When the bus leaves, in seconds of the service day."""
        return self.call_departure[call]

    def days(self, calendar: Calendar) -> ServiceDays:
        """When the services run by a calendar."""
        return ServiceDays(self.services, calendar)
