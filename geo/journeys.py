"""From door to door: walk, ride, walk, to school and home.

Public names: ``journeys``, ``journeys_by``. Answers are records of ``geo.journey_answers``.

To school a child gets off at the trip's last stop, on the way home it gets on at the first; that
these are the school's is what ``geo.timetable_checks`` makes sure of. Between gate and stop one
walks too. Home may be at any other stop of the trip. Of each run one way is offered: the one
that arrives first, of these the one with the shortest walk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from geo.bus_answers import Outlook
from geo.bus_notices import local_seconds, moment
from geo.departures import when
from geo.journey_answers import Journeys, WalkToStop
from geo.lines import Lines
from geo.school_side import Near, SchoolSide, near_home, school_side
from geo.timetable_columns import RouteRow
from geo.told_ways import out_of_reach, told_unavailable, told_way
from geo.transit import Direction
from geo.ways import NearCalls, Way, day_of, ways, ways_by

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
    found, unknown = ways(lines, asked.side, asked.near, asked.now, limit)
    offered, gone = _sorted_out(found, limit)
    outlook, why = None, ""
    if asked.near and (
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

    A day goes on until four in the morning.

    Who can leave last comes first. They are all there are: ``outlook`` tells only of a year whose
    holidays are not announced.
    """
    asked = _asked(lines, school_code, home, direction, at, max_walk_m)
    by = local_seconds(arrive_by) // 60 * 60
    found, unknown = ways_by(lines, asked.side, asked.near, asked.now, by)
    offered = [way for way in found if way.served][:limit]
    gone = [way for way in found if not way.served][:limit]
    outlook = lines.outlook((), asked.now, unknown) if unknown else None
    return asked.answer(offered, gone, outlook, outlook.reason if outlook else _why_not(asked, by))


def _why_not(asked: "_Asked", by: int) -> str:
    """Why nothing arrives by a local second."""
    until = " ".join(when(by, asked.now, exact=True)[:2])
    if by <= asked.now:
        return f"{until} 已经过去"
    verdicts = [asked.lines.days.on(service, day_of(by)) for service in asked.services()]
    if all(verdict.runs == "no" for verdict in verdicts):
        return f"{until} 前没有班次：{verdicts[0].reason}" if verdicts else ""
    return f"{until} 前没有赶得上的班次"


@dataclass
class _Asked:
    """A question, and what is near home."""

    lines: Lines
    school: RouteRow
    side: SchoolSide
    direction: Direction
    now: int
    max_walk_m: float
    nearest: WalkToStop | None
    near: NearCalls

    def services(self) -> set[int]:
        """Those whose trips call within reach."""
        return {self.side.trips[trip].service for trip in self.near}

    def answer(
        self, offered: Sequence[Way], gone: Sequence[Way], outlook: Outlook | None, why: str
    ) -> Journeys:
        """The ways in words; ``why`` says why there are none, although a stop is near."""
        name = self.school.school_name
        options = tuple(
            [told_way(self.lines, way, self.direction, name, self.now) for way in offered]
        )
        if options:
            text = options[0].text
        elif not self.near:
            text = out_of_reach(self.school, self.direction, self.nearest, self.max_walk_m)
        else:
            text = f"{gone[0].effect.state_text}。{why}" if gone else why
        return Journeys(
            school_code=self.school.school_code,
            school_name=name,
            direction=self.direction,
            at=moment(self.now),
            options=options,
            unavailable=tuple([told_unavailable(self.lines, way, self.now) for way in gone]),
            within_reach=bool(self.near),
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
    near = near_home(lines, side, home, max_walk_m)
    now = local_seconds(at) // 60 * 60
    nearest, calls = (_nearest(lines, side, near), near.calls) if near else (None, {})
    return _Asked(lines, school, side, direction, now, max_walk_m, nearest, calls)


def _sorted_out(found: list[Way], limit: int) -> tuple[list[Way], list[Way]]:
    """The ways to offer, and those that notices have taken away before the last of them."""
    offered = [way for way in found if way.served][:limit]
    until = offered[-1].arrives if len(offered) == limit else None
    gone = [way for way in found if not way.served and (until is None or way.boards <= until)]
    return offered, gone[:limit]


def _nearest(lines: Lines, side: SchoolSide, near: Near) -> WalkToStop:
    """The nearest stop, with the names of the school's lines that call there."""
    place, (metres, minutes) = near.nearest, near.walk
    return WalkToStop(lines.place(side.stops[place]), round(metres), minutes, side.names[place])
