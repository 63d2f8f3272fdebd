"""A school's lines in one direction, arranged for the question of who lives near which stop.

Public names: ``SchoolSide``, ``SideTrip``, ``school_side``, ``Near``, ``near_home``, ``WalkBy``,
``walk_between``.
"""

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from geo.lines import Lines
from geo.sphere import (
    DETOUR,
    EARTH_RADIUS_M,
    Vector,
    chord,
    distance_m,
    unit_vector,
    walking_minutes,
)
from geo.timetable_columns import DIRECTIONS
from geo.transit import Direction

__all__ = [
    "DETOUR",
    "Near",
    "SchoolSide",
    "SideTrip",
    "WalkBy",
    "near_home",
    "school_side",
    "walk_between",
]

SLACK_DEG = 1e-6
"""More than what rounding may do to a stop at the very end of the walk."""


class WalkBy(NamedTuple):
    """A walk by streets: metres and whole minutes."""

    metres: float
    minutes: int


class SideTrip(NamedTuple):
    """A trip to or from the school.

    ``begins`` is its first departure in seconds of the service day; ``noticed``: there are notices
    on its route. It meets the school at ``gate``, a call, a ``walk`` away from the school's gate.
    """

    service: int
    begins: int
    noticed: bool
    gate: int
    walk: WalkBy


class SchoolSide(NamedTuple):
    """The stops, other than the school's own, at which a school's trips in a direction call.

    They stand from south to north: ``lats`` are their latitudes, ``stops`` their rows, ``places``
    their positions (lon, lat), ``xyz`` their unit vectors, ``calls`` the calls at each, ``names``
    the lines that these are of. ``trips`` go by their rows. A school has some tens of stops: plain
    lists are gone through before numpy has set out.
    """

    homewards: bool
    lats: list[float]
    stops: list[int]
    places: list[tuple[float, float]]
    xyz: list[Vector]
    calls: list[list[int]]
    names: list[tuple[str, ...]]
    trips: dict[int, SideTrip]


class Near(NamedTuple):
    """What is near a home: by trip the calls within reach with the walk to each, and of all stops
    the nearest, by its place among the side's, with the walk there."""

    calls: dict[int, list[tuple[int, WalkBy]]]
    nearest: int
    walk: WalkBy


def walk_between(straight_m: float) -> WalkBy:
    """The walk between two places that far apart in a straight line."""
    return WalkBy(straight_m * DETOUR, walking_minutes(straight_m))


def near_home(
    lines: Lines, side: SchoolSide, home: tuple[float, float], max_walk_m: float
) -> Near | None:
    """What is within a walk (in walked metres) of a home; None if there are no stops at all."""
    if not side.stops:
        return None
    reach_m = max_walk_m / DETOUR
    reach_deg = math.degrees(reach_m / EARTH_RADIUS_M) + SLACK_DEG
    south = bisect_left(side.lats, home[1] - reach_deg)
    north = bisect_right(side.lats, home[1] + reach_deg)
    x, y, z = unit_vector(*home)
    least = chord(reach_m) ** 2
    reach = least
    call_trip = lines.columns.call_trip
    calls: dict[int, list[tuple[int, WalkBy]]] = {}
    nearest, walk_there = -1, None
    for place, (a, b, c) in enumerate(side.xyz[south:north], south):
        square = (a - x) * (a - x) + (b - y) * (b - y) + (c - z) * (c - z)
        if square > reach:
            continue
        walk = walk_between(distance_m(*home, *side.places[place]))
        for call in side.calls[place]:
            calls.setdefault(call_trip[call], []).append((call, walk))
        if walk_there is None or square < least:
            nearest, walk_there, least = place, walk, square
    if walk_there is None:
        squares = [(a - x) ** 2 + (b - y) ** 2 + (c - z) ** 2 for a, b, c in side.xyz]
        nearest = squares.index(min(squares))
        walk_there = walk_between(distance_m(*home, *side.places[nearest]))
    return Near(calls, nearest, walk_there)


def school_side(lines: Lines, school_code: str, direction: Direction) -> SchoolSide:
    """Worked out when first asked for, and remembered for as long as the timetable lives.

    Raises:
        LookupError: no line serves such a school.
    """
    side = lines.sides.get((school_code, direction))
    if side is None:
        side = _arranged(lines, lines.schools[school_code], direction)
        lines.sides[school_code, direction] = side
    return side


def _arranged(lines: Lines, routes: list[int], direction: Direction) -> SchoolSide:
    columns = lines.columns
    homewards = direction == "to_home"
    by_stop: dict[int, list[int]] = {}
    trips = {}
    for route in routes:
        for trip in range(columns.route_trips[route], columns.route_trips[route + 1]):
            if DIRECTIONS[columns.trip_direction[trip]] != direction:
                continue
            calls = range(columns.trip_calls[trip], columns.trip_calls[trip + 1])
            own = calls[0] if homewards else calls[-1]
            trips[trip] = _side_trip(lines, trip, own)
            for call in calls:
                if call != own:
                    by_stop.setdefault(columns.call_stop[call], []).append(call)
    stops = sorted(by_stop, key=lambda row: lines.position(row)[1])
    places = [lines.position(row) for row in stops]
    return SchoolSide(
        homewards,
        [lat for _, lat in places],
        stops,
        places,
        [unit_vector(*place) for place in places],
        [by_stop[row] for row in stops],
        [_names(lines, by_stop[row]) for row in stops],
        trips,
    )


def _names(lines: Lines, calls: list[int]) -> tuple[str, ...]:
    """The names of the lines that the calls are of, each once."""
    columns = lines.columns
    routes = {columns.trip_route[columns.call_trip[call]]: None for call in calls}
    return tuple([columns.routes[row].name for row in routes])


def _side_trip(lines: Lines, trip: int, gate: int) -> SideTrip:
    columns = lines.columns
    route = columns.routes[columns.trip_route[trip]]
    straight_m = distance_m(
        *lines.position(columns.call_stop[gate]), route.school_lon, route.school_lat
    )
    return SideTrip(
        columns.trip_service[trip],
        columns.begins(trip),
        bool(lines.notices_on_trip(trip)),
        gate,
        walk_between(straight_m),
    )
