"""The next departures at a stop: today's, last night's, those of the next days.

Public names: ``board``, ``recent``, ``when``.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from geo import opening_text as say
from geo.bus_answers import Board, Departure
from geo.bus_notices import DAY, NORMAL, moment
from geo.lines import EARLIEST, LATEST, Coming, Lines
from geo.timetable_columns import DIRECTIONS

__all__ = ["board", "recent", "when"]


def when(at: int, now: int, *, exact: bool) -> tuple[str, str, str]:
    """Day, clock and both as a phrase: (明天, 6:50, 明天约 6:50); moments are local seconds."""
    day, clock = _day_name(at // DAY, now // DAY), say.clock(at // 60)
    return day, clock, f"{day} {clock}" if exact else f"{day}约 {clock}"


@lru_cache(512)
def _day_name(day: int, today: int) -> str:
    """今天, 明天, 周四, 10月8日; 2027年1月4日 in another year than today's."""
    then = date.fromordinal(day)
    if day - today <= 6 or then.year == date.fromordinal(today).year:
        return say.day_name(day, today)
    return f"{then.year}年{then.month}月{then.day}日"


def board(lines: Lines, stop: int, now: int, limit: int) -> Board:
    """The next calls at the stop in a row from ``now`` on, a whole minute in local seconds."""
    found, unknown = _coming(lines, stop, now, limit)
    listed = tuple([departure(lines, coming, now) for coming in found])
    served = next((d for d in listed if d.served), None)
    if served is None and len(found) == limit:
        more, _ = _coming(lines, stop, now, 1 << 30)
        served = next((departure(lines, c, now) for c in more if c.effect.served), None)
    outlook = None
    if len(found) < limit or (unknown and any(c.day >= unknown for c in found)):
        outlook = lines.outlook(_services(lines, stop), now, unknown)
    return Board(lines.place(stop), moment(now), listed, served, outlook)


def recent(lines: Lines, stop: int, now: int, since: int) -> list[Departure]:
    """The calls at the stop in a row that were due from ``since`` until before ``now``, in order.

    Suspended ones are among them. Whether the bus has come is not what a timetable knows.
    """
    columns = lines.columns
    start, end = columns.stop_calls[stop], columns.stop_calls[stop + 1]
    calls = columns.stop_order[start:end].tolist()
    times = columns.stop_departures[start:end].tolist()
    found: list[Coming] = []
    for day in range(since // DAY - columns.days_over - 1, now // DAY + 2):
        # A notice may have moved a call into the time asked about.
        first = bisect_left(times, since - LATEST - day * DAY)
        beyond = bisect_left(times, now - EARLIEST - day * DAY)
        for call in calls[first:beyond]:
            if lines.days.on(columns.trip_service[columns.call_trip[call]], day).runs == "yes":
                coming = lines.call(call, day, now)
                if since <= coming.at < now:
                    found.append(coming)
    return [departure(lines, coming, now) for coming in sorted(found)]


def _services(lines: Lines, stop: int) -> set[int]:
    columns = lines.columns
    calls = columns.stop_order[columns.stop_calls[stop] : columns.stop_calls[stop + 1]]
    return {columns.trip_service[columns.call_trip[call]] for call in calls}


def _coming(lines: Lines, stop: int, now: int, limit: int) -> tuple[list[Coming], int]:
    """The next calls in order, and the first day of calls not announced; 0 for none met."""
    columns, on = lines.columns, lines.days.on
    start, end = columns.stop_calls[stop], columns.stop_calls[stop + 1]
    calls = columns.stop_order[start:end].tolist()
    times = columns.stop_departures[start:end].tolist()
    trip_service, call_trip = columns.trip_service, columns.call_trip
    services = [trip_service[call_trip[call]] for call in calls]
    last = dict(zip(services, times, strict=True))  # by service the time of its last call
    routes = columns.routes
    shifted = any(lines.told.of(routes[row].id) for row in columns.routes_at(stop))
    early, late = (EARLIEST, LATEST) if shifted else (0, 0)
    found: list[Coming] = []
    unknown = 0
    for day in lines.days_ahead(now):
        if len(found) >= limit and _settled(found, limit, day * DAY + early):
            break
        after = now - late - day * DAY
        running = set()
        for service, time in last.items():
            if time >= after:
                runs = on(service, day).runs
                if runs == "yes":
                    running.add(service)
                elif runs == "not_announced":
                    unknown = unknown or day
        if not running:
            continue
        wanted = len(found) + limit
        for place in range(bisect_left(times, after), len(times)):
            if services[place] not in running:
                continue
            if not shifted:
                found.append(Coming(day * DAY + times[place], calls[place], day, NORMAL))
                if len(found) == wanted:
                    break
            else:
                coming = lines.call(calls[place], day, now)
                if coming.at >= now:
                    found.append(coming)
    found.sort()
    return found[:limit], unknown


def _settled(found: Sequence[Coming], limit: int, bound: int) -> bool:
    """Whether as many as are wanted come before anything of a later service day can."""
    return sum(coming.at < bound for coming in found) >= limit


def departure(lines: Lines, coming: Coming, now: int) -> Departure:
    """A call as it is told at ``now``."""
    columns = lines.columns
    at, call, day, effect = coming
    trip = columns.call_trip[call]
    route = columns.routes[columns.trip_route[trip]]
    text = columns.trip_text(trip)
    exact = bool(columns.call_exact[call])
    name, clock, phrase = when(at, now, exact=exact)
    at_stop_by = lines.at_stop_by(call, at)
    scheduled = moment(day * DAY + columns.call_departure[call])
    return Departure(
        route.id,
        route.name,
        text.id,
        text.name,
        DIRECTIONS[columns.trip_direction[trip]],
        text.headsign,
        text.grades,
        date.fromordinal(day),
        scheduled,
        moment(at) if effect.delay_minutes else scheduled,
        name,
        clock,
        phrase,
        (at - now) // 60,
        moment(at_stop_by),
        say.clock(at_stop_by // 60),
        exact,
        call - columns.trip_calls[trip],
        call + 1 == columns.trip_calls[trip + 1],
        effect.state,
        effect.state_text,
        effect.delay_minutes,
        effect.replacement,
        effect.phone,
        effect.notices,
        text.example,
    )
