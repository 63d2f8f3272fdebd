"""Which school lines serve a home, for all schools.

Public names: ``lines_for_home``. Its answers are records of ``geo.journey_answers``.
"""

from geo import opening_text as say
from geo.journey_answers import HomeLine, HomeStop, LinesForHome, WalkToStop
from geo.lines import Lines
from geo.school_side import DETOUR, walk_between
from geo.timetable_columns import DIRECTIONS

__all__ = ["lines_for_home"]


def lines_for_home(lines: Lines, home: tuple[float, float], max_walk_m: float) -> LinesForHome:
    """The lines with a stop within ``max_walk_m`` walked metres of a home (lon, lat; WGS-84).

    A stop serves a home in the directions in which it is not the school's own: where a child
    can get on to school, or off on the way home.
    """
    stops: dict[int, dict[int, HomeStop]] = {}
    for straight, stop in lines.within(*home, max_walk_m / DETOUR):
        for route in lines.columns.routes_at(stop):
            served = stops.setdefault(route, {})
            for direction in (0, 1):
                if direction not in served and (clocks := _clocks(lines, route, direction, stop)):
                    served[direction] = _home_stop(lines, stop, direction, straight, clocks)
    rows = sorted(
        (
            (min(s.metres for s in served.values()), route)
            for route, served in stops.items()
            if served
        )
    )
    found = tuple(_line(lines, route, stops[route]) for _, route in rows)
    nearest = _nearest(lines, home)
    if found:
        text = f"步行 {max_walk_m:.0f} 米内有 {len(found)} 条助学专线"
    elif nearest is None:
        text = "还没有登记助学专线"
    else:
        text = (
            f"步行 {max_walk_m:.0f} 米内没有助学专线；最近的站点是“{nearest.stop.name}”"
            f"（{'、'.join(nearest.route_names)}），步行约 {nearest.metres} 米、"
            f"{nearest.minutes} 分钟"
        )
    return LinesForHome(found, nearest, text)


def _clocks(lines: Lines, route: int, direction: int, stop: int) -> tuple[str, ...]:
    """When the route's trips in a direction call at the stop on home's side of them."""
    columns = lines.columns
    times: dict[str, None] = {}
    for call in columns.stop_order[columns.stop_calls[stop] : columns.stop_calls[stop + 1]]:
        trip = columns.call_trip[call]
        if columns.trip_route[trip] != route or columns.trip_direction[trip] != direction:
            continue
        own = columns.trip_calls[trip] if direction else columns.trip_calls[trip + 1] - 1
        if call != own:
            time = columns.call_arrival[call] if direction else columns.call_departure[call]
            times[say.clock(time // 60)] = None
    return tuple(times)


def _home_stop(
    lines: Lines, stop: int, direction: int, straight: float, clocks: tuple[str, ...]
) -> HomeStop:
    id_, name, lon, lat, *_ = lines.columns.stop_text(stop)
    walk = walk_between(straight)
    way = DIRECTIONS[direction]
    return HomeStop(way, id_, name, lon, lat, round(walk.metres), walk.minutes, clocks)


def _line(lines: Lines, route: int, served: dict[int, HomeStop]) -> HomeLine:
    row = lines.columns.routes[route]
    stops = tuple(served[direction] for direction in sorted(served))
    return HomeLine(row.id, row.name, row.school_code, row.school_name, stops)


def _nearest(lines: Lines, home: tuple[float, float]) -> WalkToStop | None:
    near = lines.nearest(*home)
    if near is None:
        return None
    straight, row = near
    walk = walk_between(straight)
    routes = lines.columns.routes
    names = tuple(routes[route].name for route in lines.columns.routes_at(row))
    return WalkToStop(lines.place(row), round(walk.metres), walk.minutes, names)
