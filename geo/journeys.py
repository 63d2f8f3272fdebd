"""From door to door: walk, ride, walk, to school and home.

Public names: ``journeys``, ``journeys_by``. Answers are records of ``geo.journey_answers``.

To school a child gets off at the trip's last stop, on the way home it gets on at the first; that
these are the school's is what ``geo.timetable_checks`` makes sure of. Between gate and stop one
walks too. Home may be at any other stop of the trip. Of each run one way is offered: the one
that arrives first, of these the one with the shortest walk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from geo import opening_text as say
from geo.bus_answers import Outlook
from geo.bus_notices import DAY, local_seconds, moment
from geo.departures import when
from geo.journey_answers import Journey, Journeys, RideLeg, Unavailable, WalkLeg, WalkToStop
from geo.lines import Lines
from geo.school_side import DETOUR, SchoolSide, WalkBy, school_side, walk_between
from geo.spatial import squared_chords
from geo.sphere import arc, unit_vector
from geo.timetable_columns import RouteRow
from geo.transit import Direction
from geo.ways import Way, ways, ways_by

__all__ = ["journeys", "journeys_by"]


def journeys(
    lines: Lines,
    school_code: str,
    home: tuple[float, float],
    direction: Direction,
    at: datetime,
    max_walk_m: float,
    limit: int = 3,
) -> Journeys:
    """The best ways between a home (lon, lat; WGS-84) and a school, setting out at ``at`` or later.

    The earliest arrival is the best, with the shorter walk where two arrive together.
    ``max_walk_m`` bounds the walk between home and stop, in walked metres.

    Raises:
        LookupError: no line serves such a school.
        ValueError: ``at`` is naive or lies outside the years 1901–9990.
    """
    asked = _asked(lines, school_code, home, direction, at, max_walk_m)
    found, unknown = ways(lines, asked.side, asked.walks, asked.now, limit)
    offered, gone = _sorted_out(found, limit)
    outlook, why = None, ""
    if asked.walks and (
        len(offered) < limit or (unknown and any(w.day >= unknown for w in offered))
    ):
        outlook = lines.outlook(asked.services(), asked.now, unknown)
        why = outlook.reason
    return asked.answer(offered, gone, outlook, why)


def journeys_by(
    lines: Lines,
    school_code: str,
    home: tuple[float, float],
    direction: Direction,
    at: datetime,
    arrive_by: datetime,
    max_walk_m: float,
    limit: int = 3,
) -> Journeys:
    """The ways that arrive on the day of ``arrive_by`` and not after it, as in ``journeys``.

    Who can leave last comes first. They are all there are: ``outlook`` tells only of a year whose
    holidays are not announced.
    """
    asked = _asked(lines, school_code, home, direction, at, max_walk_m)
    by = local_seconds(arrive_by) // 60 * 60
    found, unknown = ways_by(lines, asked.side, asked.walks, asked.now, by)
    offered = [way for way in found if way.served][:limit]
    gone = [way for way in found if not way.served][:limit]
    outlook = lines.outlook((), asked.now, unknown) if unknown else None
    return asked.answer(offered, gone, outlook, outlook.reason if outlook else _why_not(asked, by))


def _why_not(asked: "_Asked", by: int) -> str:
    """Why nothing arrives by a local second."""
    until = " ".join(when(by, asked.now, exact=True)[:2])
    if by <= asked.now:
        return f"{until} 已经过去"
    verdicts = [asked.lines.days.on(service, by // DAY) for service in asked.services()]
    if all(verdict.runs == "no" for verdict in verdicts):
        return f"{until} 前没有班次：{verdicts[0].reason}" if verdicts else ""
    return f"{until} 前没有赶得上的班次"


@dataclass(frozen=True)
class _Asked:
    """A question, with the stops near home: ``walks`` has by call the walk to each in reach."""

    lines: Lines
    school: RouteRow
    side: SchoolSide
    direction: Direction
    now: int
    max_walk_m: float
    nearest: WalkToStop | None
    walks: dict[int, WalkBy]

    def services(self) -> set[int]:
        """Those whose trips call within reach."""
        columns = self.lines.columns
        return {columns.trip_service[columns.call_trip[call]] for call in self.walks}

    def answer(
        self, offered: Sequence[Way], gone: Sequence[Way], outlook: Outlook | None, why: str
    ) -> Journeys:
        """The ways in words; ``why`` says why there are none, although a stop is near."""
        options = tuple([_journey(self.lines, way, self.direction, self.now) for way in offered])
        if options:
            text = options[0].text
        elif not self.walks:
            text = _out_of_reach(self.school, self.direction, self.nearest, self.max_walk_m)
        else:
            text = f"{gone[0].effect.state_text}。{why}" if gone else why
        return Journeys(
            school_code=self.school.school_code,
            school_name=self.school.school_name,
            direction=self.direction,
            at=moment(self.now),
            options=options,
            unavailable=tuple([_unavailable(self.lines, way, self.now) for way in gone]),
            within_reach=bool(self.walks),
            nearest=self.nearest,
            text=text,
            outlook=outlook,
        )


def _asked(
    lines: Lines,
    school_code: str,
    home: tuple[float, float],
    direction: Direction,
    at: datetime,
    max_walk_m: float,
) -> _Asked:
    side = school_side(lines, school_code, direction)
    school = lines.columns.routes[lines.schools[school_code][0]]
    nearest, walks = _walks(lines, side, home, max_walk_m)
    now = local_seconds(at) // 60 * 60
    return _Asked(lines, school, side, direction, now, max_walk_m, nearest, walks)


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


def _ride(lines: Lines, way: Way, route: RouteRow) -> RideLeg:
    columns = lines.columns
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
