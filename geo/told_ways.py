"""Ways from door to door in words: the records of ``geo.journey_answers``.

Public names: ``told_way``, ``told_unavailable``, ``out_of_reach``.
"""

from datetime import date

from geo import opening_text as say
from geo.bus_notices import DAY, NORMAL, moment
from geo.departures import when
from geo.journey_answers import Journey, RideLeg, Unavailable, WalkLeg, WalkToStop
from geo.lines import REMEMBERED, Lines
from geo.route_days import planned
from geo.run_state import RunState, as_planned, scheduled
from geo.school_side import WalkBy
from geo.timetable_columns import RouteRow
from geo.transit import Direction
from geo.ways import Way

__all__ = ["out_of_reach", "told_unavailable", "told_way"]


def told_way(lines: Lines, way: Way, direction: Direction, school: str, now: int) -> Journey:
    """A way at a moment (local seconds), to or from the school of that name."""
    ride = _ride(lines, way, now)
    doors = ("家", school)
    first, last = way.home, way.gate
    if direction == "to_home":
        doors, first, last = ("学校", "家"), way.gate, way.home
    first_walk = _leg(doors[0], ride.board_name, way.leaves, first)
    last_walk = _leg(ride.alight_name, doors[1], way.alights, last)
    day, _, text = when(way.boards, now, exact=ride.board_exact)
    early = "" if ride.board_exact else f"（最晚 {ride.at_stop_by_clock} 到站）"
    whither = "到家" if direction == "to_home" else "到校"
    about = "" if ride.alight_exact else "约 "
    return Journey(
        direction,
        day,
        f"{text} 在{ride.board_name}上车{early}，{about}{last_walk.ends_clock} {whither}",
        first_walk.starts,
        last_walk.ends,
        (way.arrives - way.leaves) // 60,
        round(first.metres + last.metres),
        way.walking,
        (way.boards - way.leaves) // 60 - first.minutes,
        first_walk,
        ride,
        last_walk,
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


def _ride(lines: Lines, way: Way, now: int) -> RideLeg:
    """The ride of a way. Families of one stop take the same: where no notice has changed it, it is
    remembered."""
    if way.effect is not NORMAL:
        state = as_planned(planned(lines, lines.columns.call_trip[way.board], way.day, now))
        return _made_ride(lines, way, state)
    key = way.board, way.alight, way.boards, way.alights
    ride = lines.rides.get(key)
    if ride is None:
        if len(lines.rides) >= REMEMBERED:
            lines.rides.clear()
        state = scheduled(lines.clock_of(lines.columns.call_trip[way.board]))
        ride = lines.rides[key] = _made_ride(lines, way, state)
    return ride


def _made_ride(lines: Lines, way: Way, state: RunState) -> RideLeg:
    columns = lines.columns
    route = columns.routes[columns.trip_route[columns.call_trip[way.board]]]
    text = columns.trip_text(columns.call_trip[way.board])
    board = columns.stop_text(columns.call_stop[way.board])
    alight = columns.stop_text(columns.call_stop[way.alight])
    at_stop_by = lines.at_stop_by(way.board, way.boards)
    return RideLeg(
        route=route.id,
        route_name=route.name,
        trip=text.id,
        trip_name=text.name,
        headsign=text.headsign,
        grades=text.grades,
        service_date=date.fromordinal(way.day),
        board_stop=board[0],
        board_sequence=way.board - columns.trip_calls[columns.call_trip[way.board]],
        board_name=board[1],
        board=moment(way.boards),
        board_clock=say.clock(way.boards // 60),
        board_exact=bool(columns.call_exact[way.board]),
        at_stop_by=moment(at_stop_by),
        at_stop_by_clock=say.clock(at_stop_by // 60),
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
        run_state=state,
        live_expected=None,
    )


def told_unavailable(lines: Lines, way: Way, now: int) -> Unavailable:
    """A run that a notice has taken away."""
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


def out_of_reach(
    school: RouteRow, direction: Direction, nearest: WalkToStop | None, max_walk_m: float
) -> str:
    """That no stop lies within the walk, and which is the nearest."""
    if nearest is None:
        way = "放学" if direction == "to_home" else "上学"
        return f"{school.school_name}还没有{way}方向的班次"
    return (
        f"步行 {max_walk_m:.0f} 米内没有{school.school_name}线路的站点；最近的是"
        f"{'、'.join(nearest.route_names)}的“{nearest.stop.name}”站，"
        f"步行约 {nearest.metres} 米、{nearest.minutes} 分钟"
    )
