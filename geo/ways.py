"""The ways between a home and a school, run by run: who can be where in time.

Public names: ``Way``, ``ways``, ``ways_by``, ``day_of``.
"""

from typing import NamedTuple

from geo.bus_answers import Effect
from geo.bus_notices import DAY, NORMAL
from geo.lines import EARLIEST, LATEST, Lines
from geo.school_side import SchoolSide, SideTrip, WalkBy

__all__ = ["Way", "day_of", "ways", "ways_by"]


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


NIGHT_S = 4 * 3600
"""Until so long after midnight a day goes on."""

NearCalls = dict[int, list[tuple[int, WalkBy]]]
"""By trip its calls near home, with the walk to each."""


def ways(
    lines: Lines, side: SchoolSide, near: NearCalls, now: int, limit: int
) -> tuple[list[Way], int]:
    """The best way with each run, earliest arrival first, at least ``limit`` of them served.

    Also the first service day on which it isn't announced whether a run comes; 0 for none met.
    """
    on, candidates = lines.days.on, _candidates(lines, side, near)
    shifted = any(candidate.trip.noticed for candidate in candidates)
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
            runs = on(candidate.trip.service, day).runs
            if runs == "not_announced":
                unknown = unknown or day
            elif runs == "yes":
                possible = _with_run(lines, side.homewards, candidate, day, now)
                if possible:
                    found.append(_best(possible))
    found.sort()
    return found, unknown


def day_of(moment: int) -> int:
    """The day (an ordinal) to which a moment belongs for families: whoever wants to be home by
    half past midnight means the evening before."""
    return (moment - NIGHT_S) // DAY


def ways_by(
    lines: Lines, side: SchoolSide, near: NearCalls, now: int, by: int
) -> tuple[list[Way], int]:
    """The best way with each run that arrives on the day of ``by`` (``day_of``), and not after it.

    Who can leave last comes first. Also the first service day, as in ``ways``.
    """
    candidates = _candidates(lines, side, near)
    first = day_of(by)
    found: list[Way] = []
    unknown = 0
    # A run of the day after may come before midnight, where a notice puts it earlier.
    for day in range(first - lines.columns.days_over - 1, by // DAY + 2):
        for candidate in candidates:
            possible = [
                way
                for way in _with_run(lines, side.homewards, candidate, day, now)
                if first * DAY <= way.arrives <= by
            ]
            if not possible:
                continue
            runs = lines.days.on(candidate.trip.service, day).runs
            if runs == "not_announced":
                unknown = unknown or day
            elif runs == "yes":
                found.append(_best(possible))
    return sorted(found, key=lambda way: (-way.leaves, way)), unknown


def _best(possible: list[Way]) -> Way:
    """Of the ways with one run one that the bus serves, and the earliest to arrive."""
    if len(possible) == 1:
        return possible[0]
    return min(possible, key=lambda way: (not way.served, way))


class _Candidate(NamedTuple):
    """A trip that passes near home, the last time at which one can get on (seconds of the service
    day), and its calls near home, best first where nothing is changed by a notice."""

    trip: SideTrip
    boards: int
    calls: list[tuple[int, WalkBy]]


def _candidates(lines: Lines, side: SchoolSide, near: NearCalls) -> list[_Candidate]:
    return [_candidate(lines, side, side.trips[row], calls) for row, calls in near.items()]


def _candidate(
    lines: Lines, side: SchoolSide, trip: SideTrip, calls: list[tuple[int, WalkBy]]
) -> _Candidate:
    arrivals, departures = lines.columns.call_arrival, lines.columns.call_departure
    if side.homewards:
        if len(calls) > 1:
            calls.sort(key=lambda c: (arrivals[c[0]] + c[1].minutes * 60, c[1].minutes, c[0]))
        return _Candidate(trip, trip.begins, calls)
    if len(calls) > 1:
        calls.sort(key=lambda c: (c[1].minutes, departures[c[0]], c[0]))
    return _Candidate(trip, max([departures[call] for call, _ in calls]), calls)


def _with_run(
    lines: Lines, homewards: bool, candidate: _Candidate, day: int, now: int
) -> list[Way]:
    """The ways with one run, by its stops near home, for which one can still set out at ``now``.

    Where no notice changes anything, the best alone.
    """
    if candidate.trip.noticed:
        return _changed(lines, homewards, candidate, day, now)
    way = _plain(lines, homewards, candidate, day, now)
    return [way] if way else []


def _plain(lines: Lines, homewards: bool, candidate: _Candidate, day: int, now: int) -> Way | None:
    """The way by the best stop at which the bus can be met."""
    trip, _, calls = candidate
    columns, midnight = lines.columns, day * DAY
    for call, walk in calls:
        board, alight, first = (
            (trip.gate, call, trip.walk) if homewards else (call, trip.gate, walk)
        )
        boards = midnight + columns.call_departure[board]
        if boards >= now + first.minutes * 60:
            alights = midnight + columns.call_arrival[alight]
            return _way(lines, homewards, trip, call, walk, boards, alights, day, now, NORMAL)
    return None


def _changed(lines: Lines, homewards: bool, candidate: _Candidate, day: int, now: int) -> list[Way]:
    """The ways with a run of whose route notices tell something."""
    trip, columns = candidate.trip, lines.columns
    at_school = lines.call(trip.gate, day, now)
    found = []
    for call, walk in candidate.calls:
        at_home = lines.call(call, day, now)
        board, alight, first = (
            (at_school, at_home, trip.walk) if homewards else (at_home, at_school, walk)
        )
        if board.at >= now + first.minutes * 60:
            shift = alight.effect.delay_minutes * 60
            alights = day * DAY + columns.call_arrival[alight.call] + shift
            effect = board.effect if alight.effect.served else alight.effect
            found.append(
                _way(lines, homewards, trip, call, walk, board.at, alights, day, now, effect)
            )
    return found


def _way(
    lines: Lines,
    homewards: bool,
    trip: SideTrip,
    call: int,
    walk: WalkBy,
    boards: int,
    alights: int,
    day: int,
    now: int,
    effect: Effect,
) -> Way:
    """The way with a trip and a call near home, a walk away from there."""
    if homewards:
        board, alight, first, last = trip.gate, call, trip.walk, walk
    else:
        board, alight, first, last = call, trip.gate, walk, trip.walk
    alights = max(alights, boards)
    return Way(
        alights + last.minutes * 60,
        first.minutes + last.minutes,
        boards,
        board,
        alights,
        alight,
        day,
        walk,
        trip.walk,
        effect,
        effect.served,
        max(lines.at_stop_by(board, boards) - first.minutes * 60, now),
    )
