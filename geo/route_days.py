"""A route day by day: does it run, why not, and with which runs.

Public names: ``route_day``, ``overview``, ``runs_of``, ``planned``.
"""

from collections.abc import Sequence
from datetime import date, datetime

from geo import opening_text as say
from geo.bus_answers import Call, Effect, RouteDay, RouteDirection, RouteOverview, Run
from geo.bus_notices import DAY, Told, moment
from geo.lines import Lines
from geo.run_state import Planned
from geo.service_days import Code, RunsOn, day_text
from geo.timetable_columns import DIRECTIONS
from geo.transit import Direction

__all__ = ["DAYS", "overview", "planned", "route_day", "runs_of"]

DAYS = 14
"""How many days are shown."""

TELLING: tuple[Code, ...] = (
    "suspension",
    "exception",
    "makeup_workday",
    "holiday",
    "school_holiday",
    "weekend",
    "weekday",
    "out_of_period",
    "not_announced",
    "no_trips",
)
"""Of several reasons for the same answer the first of these is told."""


def _trips(lines: Lines, route: int, direction: int | None = None) -> list[int]:
    offsets, ways = lines.columns.route_trips, lines.columns.trip_direction
    trips = range(offsets[route], offsets[route + 1])
    return [trip for trip in trips if direction in (None, ways[trip])]


def route_day(lines: Lines, route: int, day: int, now: int) -> RouteDay:
    """Whether the route in a row runs on a service day (an ordinal), as far as told by ``now``.

    It runs if any trip does that isn't suspended; it is not announced if none is certain to run
    and some trip is not announced.
    """
    columns = lines.columns
    verdicts: dict[RunsOn, None] = {}
    touched: dict[int, None] = {}
    heard = lines.told.of(columns.routes[route].id)
    for trip in _trips(lines, route):
        verdict = lines.days.on(columns.trip_service[trip], day)
        if heard and verdict.runs != "no":
            effect = lines.run(trip, day, now)
            touched |= dict.fromkeys(effect.notices)
            if effect.state == "suspended":
                verdict = _suspended(heard, effect.notices)
        verdicts[verdict] = None
    told = _together(list(verdicts))
    return RouteDay(
        date.fromordinal(day), told.runs, told.code, told.reason, told.rule, tuple(touched)
    )


def _together(verdicts: Sequence[RunsOn]) -> RunsOn:
    for runs in ("yes", "not_announced", "no"):
        some = [verdict for verdict in verdicts if verdict.runs == runs]
        if some:
            return min(some, key=lambda verdict: TELLING.index(verdict.code))
    return RunsOn("no", "no_trips", "这条线路还没有登记班次")


def _suspended(heard: Sequence[Told], ids: tuple[int, ...]) -> RunsOn:
    told = next(t for t in reversed(heard) if t.id in ids and t.notice.effect == "suspension")
    until = "，恢复时间另行通知"
    if told.notice.end is not None:
        last = moment(told.end - 1)
        until = f"，至{day_text(last.date())} {say.clock(told.end // 60 % 1440 or 1440)}"
    instead = f"；{told.notice.replacement}" if told.notice.replacement else ""
    return RunsOn("no", "suspension", f"停运通知：{told.notice.name}{until}{instead}")


def overview(lines: Lines, route: int, now: int) -> RouteOverview:
    """The route in a row at a moment, in local seconds."""
    row = lines.columns.routes[route]
    days = tuple([route_day(lines, route, now // DAY + i, now) for i in range(DAYS)])
    return RouteOverview(
        route=row.id,
        name=row.name,
        school_code=row.school_code,
        school_name=row.school_name,
        agency=row.agency,
        phone=row.phone,
        stops=row.stops,
        today=days[0],
        days=days,
        directions=tuple(directions(lines, route, now)),
        notices=tuple(told.id for told in lines.told.public(now, row.id)),
        example=row.example,
    )


def directions(lines: Lines, route: int, now: int) -> list[RouteDirection]:
    """First and last departure each way, of today or of the next day with a run."""
    found = []
    for number, name in enumerate(DIRECTIONS):
        if trips := _trips(lines, route, number):
            found.append(_direction(lines, name, trips, now))
    return found


def _direction(lines: Lines, name: Direction, trips: list[int], now: int) -> RouteDirection:
    columns = lines.columns
    running, on = trips, None
    for day in range(now // DAY, now // DAY + DAYS):
        some = [t for t in trips if lines.days.on(columns.trip_service[t], day).runs == "yes"]
        if some := [t for t in some if lines.run(t, day, now).served]:
            running, on = some, date.fromordinal(day)
            break
    running = sorted(running, key=columns.begins)
    first, last = running[0], running[-1]
    ends = columns.call_stop[columns.trip_calls[first + 1] - 1]
    return RouteDirection(
        direction=name,
        date=on,
        first=say.clock(columns.begins(first) // 60),
        last=say.clock(columns.begins(last) // 60),
        trips=len(running),
        from_stop=columns.stop_text(columns.call_stop[columns.trip_calls[first]])[1],
        to_stop=columns.stop_text(ends)[1],
    )


def runs_of(lines: Lines, route: int, day: int, now: int) -> list[Run]:
    """All runs of the route in a row on a service day, suspended ones included, by time."""
    columns = lines.columns
    trips = [
        trip
        for trip in _trips(lines, route)
        if lines.days.on(columns.trip_service[trip], day).runs == "yes"
    ]
    return [_run(lines, trip, day, now) for trip in sorted(trips, key=columns.begins)]


def planned(lines: Lines, trip: int, day: int, now: int) -> Planned:
    """When the trip in a row leaves its first stop and reaches its last on a service day."""
    columns, effect = lines.columns, lines.run(trip, day, now)
    shifted = day * DAY + effect.delay_minutes * 60
    ends = columns.call_arrival[columns.trip_calls[trip + 1] - 1]
    begins = moment(shifted + columns.begins(trip))
    return Planned(begins, moment(shifted + ends), effect, _suspended_at(lines, trip, effect))


def _suspended_at(lines: Lines, trip: int, effect: Effect) -> datetime | None:
    """When the last of the notices was announced that make a trip not run."""
    if effect.served:
        return None
    told = [told for told in lines.notices_on_trip(trip) if told.id in effect.notices]
    return moment(max(one.announced for one in told if one.notice.effect == "suspension"))


def _run(lines: Lines, trip: int, day: int, now: int) -> Run:
    columns = lines.columns
    text = columns.trip_text(trip)
    calls = range(columns.trip_calls[trip], columns.trip_calls[trip + 1])
    return Run(
        route=columns.routes[columns.trip_route[trip]].id,
        trip=text.id,
        trip_name=text.name,
        direction=DIRECTIONS[columns.trip_direction[trip]],
        headsign=text.headsign,
        grades=text.grades,
        service_date=date.fromordinal(day),
        effect=lines.run(trip, day, now),
        calls=tuple(_call(lines, call, call - calls[0], day, now) for call in calls),
        example=text.example,
    )


def _call(lines: Lines, call: int, sequence: int, day: int, now: int) -> Call:
    columns = lines.columns
    id_, name, lon, lat, *_ = columns.stop_text(columns.call_stop[call])
    departs = day * DAY + columns.call_departure[call]
    return Call(
        sequence=sequence,
        stop=id_,
        stop_name=name,
        lon=lon,
        lat=lat,
        arrival=moment(day * DAY + columns.call_arrival[call]),
        departure=moment(departs),
        exact=bool(columns.call_exact[call]),
        at_stop_by=moment(lines.at_stop_by(call, departs)),
        effect=lines.call(call, day, now).effect,
    )
