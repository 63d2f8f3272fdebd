"""A school's lines in one direction, arranged for the question of who lives near which stop.

Public names: ``SchoolSide``, ``school_side``, ``WalkBy``, ``walk_between``.
"""

from typing import NamedTuple

from geo.lines import Lines
from geo.sphere import DETOUR, Vector, distance_m, unit_vector, walking_minutes
from geo.timetable_columns import DIRECTIONS
from geo.transit import Direction

__all__ = ["DETOUR", "Gate", "SchoolSide", "WalkBy", "school_side", "walk_between"]


class WalkBy(NamedTuple):
    """A walk by streets: metres and whole minutes."""

    metres: float
    minutes: int


class Gate(NamedTuple):
    """Where a trip meets the school: its call there, and the walk between stop and gate."""

    call: int
    walk: WalkBy


class SchoolSide(NamedTuple):
    """The stops, other than the school's own, at which a school's trips in a direction call.

    ``stops`` are rows, ``places`` their positions, ``xyz`` their unit vectors, ``calls`` the calls
    at each; ``gates`` go by trip. A school has some tens of stops: plain lists are gone through
    before numpy has set out.
    """

    homewards: bool
    stops: list[int]
    places: list[tuple[float, float]]
    xyz: list[Vector]
    calls: list[list[int]]
    gates: dict[int, Gate]


def walk_between(straight_m: float) -> WalkBy:
    """The walk between two places that far apart in a straight line."""
    return WalkBy(straight_m * DETOUR, walking_minutes(straight_m))


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
    gates = {}
    for route in routes:
        row = columns.routes[route]
        for trip in range(columns.route_trips[route], columns.route_trips[route + 1]):
            if DIRECTIONS[columns.trip_direction[trip]] != direction:
                continue
            calls = range(columns.trip_calls[trip], columns.trip_calls[trip + 1])
            own = calls[0] if homewards else calls[-1]
            lon, lat = lines.position(columns.call_stop[own])
            straight = distance_m(lon, lat, row.school_lon, row.school_lat)
            gates[trip] = Gate(own, walk_between(straight))
            for call in calls:
                if call != own:
                    by_stop.setdefault(columns.call_stop[call], []).append(call)
    stops = list(by_stop)
    places = [lines.position(row) for row in stops]
    xyz = [unit_vector(*place) for place in places]
    return SchoolSide(homewards, stops, places, xyz, list(by_stop.values()), gates)
