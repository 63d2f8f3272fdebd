"""A timetable that can't be right: what keeps a route from being published.

Public names: ``implausible``, ``Implausible``. Notices and what stands on several routes are
checked in ``geo.notice_checks``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from geo.bus_answers import RouteDay
from geo.calendar import Calendar
from geo.opening import SHANGHAI
from geo.service_days import day_text, runs_on
from geo.timetable import Timetable
from geo.transit import BusRoute, Notice, School, Stop
from geo.trip_checks import Implausible, shape_problems, trip_problems

__all__ = ["SOON_DAYS", "Implausible", "implausible"]

SOON_DAYS = 7
"""Within how many days, today included, a run is wanted."""

EXPLAINED = frozenset({"holiday", "school_holiday", "suspension", "out_of_period"})
"""Reasons for which a line may stand still for so long; the last, because a service's period is
its term: the next term's timetable may be published before it begins."""

NO_REASON = frozenset({"weekday", "weekend"})
"""Days on which it wouldn't run anyway: they neither explain a standstill nor contradict it."""

A_YEAR = 366
"""How many days ahead a service day has to come."""


def implausible(
    route: BusRoute,
    calendar: Calendar,
    today: date,
    bounds: tuple[float, float, float, float],
    notices: Sequence[tuple[int, Notice]] = (),
    route_id: int = 0,
) -> list[Implausible]:
    """All that can't be right in a route, in the order of its fields; empty if it may go out.

    ``bounds`` are the city's: west, south, east, north in WGS-84 degrees. ``notices`` (with their
    listing ids) may explain why nothing runs; they name the route by its listing id ``route_id``.
    """
    found = [*_doubles(route), *_outside(route, bounds), *_services(route)]
    if not route.trips:
        found.append(Implausible("trips", "这条线路还没有班次"))
    broken = False
    for number in range(len(route.trips)):
        problems = list(trip_problems(route, number))
        broken = broken or any(p.path.endswith((".service", ".stop")) for p in problems)
        found += problems
    found += shape_problems(route)
    if route.trips and not broken:
        timetable = Timetable.of([(route_id, route)], notices, calendar)
        found += _standstill(timetable, route, route_id, calendar, today, notices)
    return found


def _doubles(route: BusRoute) -> Iterator[Implausible]:
    """Ids that stand twice."""
    groups: tuple[tuple[str, str, list[str]], ...] = (
        ("stops", "站点", [stop.id for stop in route.stops]),
        ("services", "运行日", [service.id for service in route.services]),
        ("trips", "班次", [trip.id for trip in route.trips]),
    )
    for path, word, ids in groups:
        for id_ in _twice(ids):
            last = len(ids) - 1 - ids[::-1].index(id_)
            yield Implausible(f"{path}.{last}.id", f"{word}编号“{id_}”重复")


def _twice(ids: Iterable[str]) -> list[str]:
    return [id_ for id_, count in Counter(ids).items() if count > 1]


def _outside(route: BusRoute, bounds: tuple[float, float, float, float]) -> Iterator[Implausible]:
    west, south, east, north = bounds
    places: list[tuple[str, str, Stop | School]] = [
        (f"stops.{number}", f"站点“{stop.name}”", stop) for number, stop in enumerate(route.stops)
    ]
    places.append(("school", f"学校“{route.school.name}”", route.school))
    for path, what, place in places:
        if not (west <= place.lon <= east and south <= place.lat <= north):
            where = f"经度 {place.lon:.4f}、纬度 {place.lat:.4f}"
            yield Implausible(path, f"{what}的位置（{where}）不在本市范围内")


def _services(route: BusRoute) -> Iterator[Implausible]:
    for number, service in enumerate(route.services):
        path = f"services.{number}"
        if service.end < service.start:
            message = f"运行日“{service.id}”的结束日期 {service.end} 早于开始日期 {service.start}"
            yield Implausible(f"{path}.end", message)
        if "1" not in service.weekdays and not any(e.runs for e in service.exceptions):
            message = f"运行日“{service.id}”没有任何运行的日子"
            yield Implausible(f"{path}.weekdays", message)
        days = [exception.date.isoformat() for exception in service.exceptions]
        for day in _twice(days):
            message = f"运行日“{service.id}”的例外日期 {day} 重复"
            yield Implausible(f"{path}.exceptions", message)


def _standstill(
    timetable: Timetable,
    route: BusRoute,
    route_id: int,
    calendar: Calendar,
    today: date,
    notices: Sequence[tuple[int, Notice]],
) -> Iterator[Implausible]:
    """A calendar that is over, or no run soon without a reason that explains it.

    Notices count that are told within these days.
    """
    used = {trip.service for trip in route.trips}
    services = [service for service in route.services if service.id in used]
    coming = (today + timedelta(n) for n in range(A_YEAR))
    if not any(runs_on(s, day, calendar).runs != "no" for day in coming for s in services):
        last = max(service.end for service in services)
        over = f"已经过期（最后一天是{day_text(last)}）" if last < today else "已经用完"
        yield Implausible("services", f"运行日历{over}，今天及以后没有班次")
        return
    at = datetime.combine(today + timedelta(SOON_DAYS), time(), SHANGHAI)
    days = [timetable.route_day(route_id, today + timedelta(n), at) for n in range(SOON_DAYS)]
    off = [day for day in days if day.code not in NO_REASON]
    told = [
        notice for _, notice in notices if notice.touches(route_id) and notice.announced_at <= at
    ]
    unexplained = [day for day in off if not _explained(day, calendar, told)]
    if any(day.runs != "no" for day in days) or (off and not unexplained):
        return  # what isn't announced may still run
    why = next(iter(unexplained), days[0])
    message = f"今后 {SOON_DAYS} 天没有班次（{day_text(why.date)}：{why.reason}）"
    yield Implausible("services", message)


def _explained(day: RouteDay, calendar: Calendar, notices: Sequence[Notice]) -> bool:
    """Whether anybody can see why nothing runs on a day.

    A day that the service itself leaves out is explained by a holiday, since a feed that knows
    none writes each out, and by a suspension of the whole line.
    """
    if day.code in EXPLAINED:
        return True
    if calendar.holiday(day.date) or calendar.school_holiday(day.date):
        return True
    noon = datetime.combine(day.date, time(12), SHANGHAI)
    return any(
        notice.effect == "suspension"
        and not notice.trips
        and not notice.stops
        and notice.start <= noon
        and (notice.end is None or noon < notice.end)
        for notice in notices
    )
