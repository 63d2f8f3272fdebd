"""What a line as it is typed would come to: what can't be right, on which days it runs.

Public names: ``Day``, ``told_of``, ``coming_days``. No Flask, no database.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from geo.calendar import Calendar
from geo.city import City
from geo.notice_checks import inconsistent
from geo.opening_text import WEEKDAYS
from geo.service_days import runs_on
from geo.timetable import Timetable
from geo.timetable_checks import implausible
from geo.transit import BusRoute, Notice
from geo.trip_checks import Implausible

DAYS = 14
RUNS = {"yes": "运行", "no": "不运行", "not_announced": "待定"}

Notices = Sequence[tuple[int, Notice]]


class Day(NamedTuple):
    """A day of the line, or of one service."""

    title: str
    runs: str
    """``yes``, ``no``, ``not_announced``."""
    text: str
    reason: str


def told_of(
    route: BusRoute,
    id_: int,
    others: Sequence[tuple[int, BusRoute]],
    notices: Notices,
    calendar: Calendar,
    today: date,
    city: City,
) -> list[Implausible]:
    """What keeps the line from being published, by itself and beside the other lines."""
    found = implausible(route, calendar, today, city.bounds, notices, id_)
    beside = [(other, document) for other, document in others if other != id_]
    differs = inconsistent([*beside, (id_, route)])
    return found + [Implausible(one.path, one.message) for one in differs if one.route == id_]


def coming_days(
    route: BusRoute, id_: int, notices: Notices, calendar: Calendar, at: datetime
) -> list[tuple[str, list[Day]]]:
    """Of the whole line and of each of its services, if there are several, the next days."""
    days = [at.date() + timedelta(n) for n in range(DAYS)]
    found = []
    known = {service.id for service in route.services}
    if all(trip.service in known for trip in route.trips):
        timetable = Timetable.of([(id_, route)], notices, calendar)
        whole = [timetable.route_day(id_, day, at) for day in days]
        found.append(("整条线路", [_day(one.date, one.runs, one.reason) for one in whole]))
    if len(route.services) > 1 or not found:
        for number, service in enumerate(route.services, 1):
            each = [(day, runs_on(service, day, calendar)) for day in days]
            found.append((f"运行日 {number}", [_day(d, one.runs, one.reason) for d, one in each]))
    return found


def _day(day: date, runs: str, reason: str) -> Day:
    return Day(f"{day.month}/{day.day} {WEEKDAYS[day.weekday()]}", runs, RUNS[runs], reason)
