"""The ways between a home and a school, run by run: who can be where in time.

Public names: ``Way``, ``ways``, ``ways_by``.
"""

from typing import NamedTuple

from geo.bus_answers import Effect
from geo.bus_notices import DAY, NORMAL
from geo.lines import EARLIEST, LATEST, Coming, Lines
from geo.school_side import Gate, SchoolSide, WalkBy

__all__ = ["Way", "ways", "ways_by"]


class Way(NamedTuple):
    """One way, before it is put in words; moments are local seconds.

    One leaves so as to be at the stop in time for a bus that is a little ahead of its estimate;
    or at once, where that is past and the bus can still be met.
    """

    arrives: int
    walking: int
    boards: int
    board: int
    alights: int
    alight: int
    day: int
    home: WalkBy
    gate: WalkBy
    effect: Effect
    served: bool
    leaves: int


def ways(
    lines: Lines, side: SchoolSide, walks: dict[int, WalkBy], now: int, limit: int
) -> tuple[list[Way], int]:
    """The best way with each run, earliest arrival first, at least ``limit`` of them served.

    Also the first service day on which it isn't announced whether a run comes; 0 for none met.
    """
    on, candidates = lines.days.on, _candidates(lines, side, walks)
    shifted = any(candidate.noticed for candidate in candidates)
    early, late = (EARLIEST, LATEST) if shifted else (0, 0)
    found: list[Way] = []
    unknown = 0
    for day in lines.days_ahead(now) if candidates else ():
        if (
            len(found) >= limit
            and sum(way.served and way.arrives < day * DAY + early for way in found) >= limit
        ):
            break
        after = now - late - day * DAY
        for candidate in candidates:
            if candidate.boards < after:
                continue
            runs = on(candidate.service, day).runs
            if runs == "not_announced":
                unknown = unknown or day
            elif runs == "yes":
                possible = _with_run(lines, side.homewards, candidate, day, now)
                if possible:
                    found.append(min(possible, key=_served_first))
    return sorted(found), unknown


def ways_by(
    lines: Lines, side: SchoolSide, walks: dict[int, WalkBy], now: int, by: int
) -> tuple[list[Way], int]:
    """The best way with each run that arrives on the day of ``by``, and not after it.

    Who can leave last comes first. Also the first service day, as in ``ways``.
    """
    candidates = _candidates(lines, side, walks)
    today = by // DAY
    found: list[Way] = []
    unknown = 0
    # A run of the day after may come before midnight, where a notice puts it earlier.
    for day in range(today - lines.columns.days_over - 1, today + 2):
        for candidate in candidates:
            possible = [
                way
                for way in _with_run(lines, side.homewards, candidate, day, now)
                if today * DAY <= way.arrives <= by
            ]
            if not possible:
                continue
            runs = lines.days.on(candidate.service, day).runs
            if runs == "not_announced":
                unknown = unknown or day
            elif runs == "yes":
                found.append(min(possible, key=_served_first))
    return sorted(found, key=lambda way: (-way.leaves, way)), unknown


def _served_first(way: Way) -> tuple[bool, Way]:
    return not way.served, way


class _Candidate(NamedTuple):
    """A trip that passes near home: its service, the last time at which one can get on (seconds
    of the service day), whether it has notices, its call at school, and those near home, best
    first where nothing is changed by a notice."""

    service: int
    boards: int
    noticed: bool
    gate: Gate
    calls: list[tuple[int, WalkBy]]


def _candidates(lines: Lines, side: SchoolSide, walks: dict[int, WalkBy]) -> list[_Candidate]:
    call_trip = lines.columns.call_trip
    by_trip: dict[int, list[tuple[int, WalkBy]]] = {}
    for call, walk in walks.items():
        by_trip.setdefault(call_trip[call], []).append((call, walk))
    return [_candidate(lines, side, trip, calls) for trip, calls in by_trip.items()]


def _candidate(
    lines: Lines, side: SchoolSide, trip: int, calls: list[tuple[int, WalkBy]]
) -> _Candidate:
    columns = lines.columns
    arrivals, departures = columns.call_arrival, columns.call_departure
    if side.homewards:
        boards = columns.begins(trip)
        calls.sort(key=lambda c: (arrivals[c[0]] + c[1].minutes * 60, c[1].minutes, c[0]))
    else:
        boards = max(departures[call] for call, _ in calls)
        calls.sort(key=lambda c: (c[1].minutes, departures[c[0]], c[0]))
    noticed = bool(lines.notices_on_trip(trip))
    return _Candidate(columns.trip_service[trip], boards, noticed, side.gates[trip], calls)


def _with_run(
    lines: Lines, homewards: bool, candidate: _Candidate, day: int, now: int
) -> list[Way]:
    """The ways with one run, by its stops near home, for which one can still set out at ``now``.

    Where no notice changes anything, the best alone.
    """
    gate = candidate.gate
    at_school = _coming(lines, candidate, gate.call, day, now)
    found = []
    for call, walk in candidate.calls:
        at_home = _coming(lines, candidate, call, day, now)
        board, alight = (at_school, at_home) if homewards else (at_home, at_school)
        first, last = (gate.walk, walk) if homewards else (walk, gate.walk)
        if board.at < now + first.minutes * 60:
            continue
        shift = alight.effect.delay_minutes * 60
        alights = max(day * DAY + lines.columns.call_arrival[alight.call] + shift, board.at)
        effect = board.effect if alight.effect.served else alight.effect
        found.append(
            Way(
                alights + last.minutes * 60,
                first.minutes + last.minutes,
                board.at,
                board.call,
                alights,
                alight.call,
                day,
                walk,
                gate.walk,
                effect,
                effect.served,
                max(lines.at_stop_by(board.call, board.at) - first.minutes * 60, now),
            )
        )
        if not candidate.noticed:
            break
    return found


def _coming(lines: Lines, candidate: _Candidate, call: int, day: int, now: int) -> Coming:
    if candidate.noticed:
        return lines.call(call, day, now)
    return Coming(day * DAY + lines.columns.call_departure[call], call, day, NORMAL)
