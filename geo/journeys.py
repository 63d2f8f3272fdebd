"""From door to door: walk, ride, walk, to school and home.

Public names: ``journeys``, ``MAX_WALK_M``. Its answers are records of ``geo.journey_answers``.

To school a child gets off at the trip's last stop, on the way home it gets on at the first; that
these are the school's is what ``geo.timetable_checks`` makes sure of. Between gate and stop one
walks too. Home may be at any other stop of the trip. Of each run one way is offered: the one
that arrives first, of these the one with the shortest walk.
"""

from datetime import date, datetime

import numpy as np

from geo import opening_text as say
from geo.bus_notices import DAY, local_seconds, moment
from geo.departures import when
from geo.journey_answers import Journey, Journeys, RideLeg, Unavailable, WalkLeg, WalkToStop
from geo.lines import Lines
from geo.school_side import DETOUR, SchoolSide, WalkBy, school_side, walk_between
from geo.spatial import squared_chords
from geo.sphere import arc, unit_vector
from geo.timetable_columns import RouteRow
from geo.transit import Direction
from geo.ways import Way, ways

__all__ = ["MAX_WALK_M", "journeys"]

MAX_WALK_M = 800.0
"""How far a child walks to a stop, in walked metres, where nobody says otherwise."""


def journeys(
    lines: Lines,
    school_code: str,
    home: tuple[float, float],
    direction: Direction,
    at: datetime,
    max_walk_m: float = MAX_WALK_M,
    limit: int = 3,
) -> Journeys:
    """The best ways between a home (lon, lat; WGS-84) and a school, setting out at ``at`` or later.

    The earliest arrival is the best, with the shorter walk where two arrive together.
    ``max_walk_m`` bounds the walk between home and stop, in walked metres.

    Raises:
        LookupError: no line serves such a school.
        ValueError: ``at`` is naive or lies outside the years 1901–9990.
    """
    now = local_seconds(at) // 60 * 60
    side = school_side(lines, school_code, direction)
    school = lines.columns.routes[lines.schools[school_code][0]]
    nearest, walks = _walks(lines, side, home, max_walk_m)
    found, unknown = ways(lines, side, walks, now, limit)
    offered, gone = _sorted_out(found, limit)
    outlook = None
    if walks and (len(offered) < limit or (unknown and any(w.day >= unknown for w in offered))):
        services = {lines.columns.trip_service[lines.columns.call_trip[call]] for call in walks}
        outlook = lines.outlook(services, now, unknown)
    options = tuple(_journey(lines, way, direction, now) for way in offered)
    if options:
        text = options[0].text
    elif outlook is None:
        text = _out_of_reach(school, direction, nearest, max_walk_m)
    else:
        text = f"{gone[0].effect.state_text}。{outlook.reason}" if gone else outlook.reason
    return Journeys(
        school_code=school_code,
        school_name=school.school_name,
        direction=direction,
        at=moment(now),
        options=options,
        unavailable=tuple(_unavailable(lines, way, now) for way in gone),
        within_reach=bool(walks),
        nearest=nearest,
        text=text,
        outlook=outlook,
    )


def _sorted_out(found: list[Way], limit: int) -> tuple[list[Way], list[Way]]:
    """The ways to offer, and those that notices have taken away before the last of them."""
    offered = [way for way in found if way.served][:limit]
    until = offered[-1].arrives if len(offered) == limit else None
    gone = [way for way in found if not way.served and (until is None or way.boards <= until)]
    return offered, gone[:limit]


def _walks(
    lines: Lines, side: SchoolSide, home: tuple[float, float], max_walk_m: float
) -> tuple[WalkToStop | None, dict[int, WalkBy]]:
    """The nearest stop, and by call the walk to each within reach."""
    if not side.stops:
        return None, {}
    squares = squared_chords(side.xyz, unit_vector(*home))
    far = arc(np.sqrt(squares))
    walks: dict[int, WalkBy] = {}
    for place in np.flatnonzero(far * DETOUR <= max_walk_m).tolist():
        walks.update(dict.fromkeys(side.calls[place], walk_between(float(far[place]))))
    best = int(far.argmin())
    columns = lines.columns
    routes = dict.fromkeys(columns.trip_route[columns.call_trip[c]] for c in side.calls[best])
    names = tuple(columns.routes[row].name for row in routes)
    walk = walk_between(float(far[best]))
    nearest = WalkToStop(lines.place(side.stops[best]), round(walk.metres), walk.minutes, names)
    return nearest, walks


def _journey(lines: Lines, way: Way, direction: Direction, now: int) -> Journey:
    columns = lines.columns
    route = columns.routes[columns.trip_route[columns.call_trip[way.board]]]
    ride = _ride(lines, way, route)
    doors = ("家", route.school_name)
    walks = (way.home, way.gate)
    if direction == "to_home":
        doors, walks = ("学校", "家"), (way.gate, way.home)
    first, last = walks
    leaves = way.boards - first.minutes * 60
    day, _, text = when(way.boards, now, exact=ride.board_exact)
    whither = "到家" if direction == "to_home" else "到校"
    about = "" if ride.alight_exact else "约 "
    arrival = say.clock(way.arrives // 60)
    return Journey(
        direction=direction,
        day=day,
        text=f"{text} 在{ride.board_name}上车，{about}{arrival} {whither}",
        leaves=moment(leaves),
        arrives=moment(way.arrives),
        minutes=(way.arrives - leaves) // 60,
        walking_metres=round(first.metres + last.metres),
        walking_minutes=way.walking,
        first_walk=_leg(doors[0], ride.board_name, leaves, first),
        ride=ride,
        last_walk=_leg(ride.alight_name, doors[1], way.alights, last),
    )


def _leg(from_name: str, to_name: str, starts: int, walk: WalkBy) -> WalkLeg:
    ends = starts + walk.minutes * 60
    return WalkLeg(
        from_name,
        to_name,
        moment(starts),
        moment(ends),
        say.clock(starts // 60),
        say.clock(ends // 60),
        round(walk.metres),
        walk.minutes,
    )


def _ride(lines: Lines, way: Way, route: RouteRow) -> RideLeg:
    columns = lines.columns
    text = columns.trip_text(columns.call_trip[way.board])
    board = columns.stop_text(columns.call_stop[way.board])
    alight = columns.stop_text(columns.call_stop[way.alight])
    return RideLeg(
        route=route.id,
        route_name=route.name,
        trip=text.id,
        trip_name=text.name,
        headsign=text.headsign,
        grades=text.grades,
        service_date=date.fromordinal(way.day),
        board_stop=board[0],
        board_name=board[1],
        board=moment(way.boards),
        board_clock=say.clock(way.boards // 60),
        board_exact=bool(columns.call_exact[way.board]),
        alight_stop=alight[0],
        alight_name=alight[1],
        alight=moment(way.alights),
        alight_clock=say.clock(way.alights // 60),
        alight_exact=bool(columns.call_exact[way.alight]),
        minutes=(way.alights - way.boards) // 60,
        calls=way.alight - way.board,
        state=way.effect.state,
        state_text=way.effect.state_text,
        delay_minutes=way.effect.delay_minutes,
        notices=way.effect.notices,
        example=text.example,
    )


def _unavailable(lines: Lines, way: Way, now: int) -> Unavailable:
    columns = lines.columns
    trip = columns.call_trip[way.board]
    route = columns.routes[columns.trip_route[trip]]
    text = columns.trip_text(trip)
    scheduled = way.day * DAY + columns.call_departure[way.board]
    return Unavailable(
        route=route.id,
        route_name=route.name,
        trip=text.id,
        trip_name=text.name,
        service_date=date.fromordinal(way.day),
        scheduled=moment(scheduled),
        text=when(scheduled, now, exact=bool(columns.call_exact[way.board]))[2],
        reason=way.effect.state_text,
        replacement=way.effect.replacement,
        phone=way.effect.phone,
        notices=way.effect.notices,
    )


def _out_of_reach(
    school: RouteRow, direction: Direction, nearest: WalkToStop | None, max_walk_m: float
) -> str:
    if nearest is None:
        way = "放学" if direction == "to_home" else "上学"
        return f"{school.school_name}还没有{way}方向的班次"
    return (
        f"步行 {max_walk_m:.0f} 米内没有{school.school_name}线路的站点；最近的是"
        f"{'、'.join(nearest.route_names)}的“{nearest.stop.name}”站，"
        f"步行约 {nearest.metres} 米、{nearest.minutes} 分钟"
    )
