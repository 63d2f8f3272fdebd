"""A service's days in the form of GTFS: weekdays of a period, and dates that differ from them.

GTFS knows no school holidays and no make-up days, so that they are written out as exceptions. A
day on which it isn't announced whether the service runs is not claimed: the period is cut to the
years whose holidays are known, and an unknown day between such years is an exception.
Source: GTFS Schedule Reference, calendar.txt and calendar_dates.txt.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from geo.calendar import Calendar
from geo.service_days import runs_on
from geo.transit import Service

NEVER = "0000000"


class GtfsDays(NamedTuple):
    """``start`` and ``end`` are None where only ``dates`` count, as GTFS allows.

    ``dates`` are in order; True means added, False removed.
    """

    weekdays: str
    start: date | None
    end: date | None
    dates: tuple[tuple[date, bool], ...]

    def span(self) -> tuple[date, date] | None:
        """The first and the last day that these days can name; None for none at all."""
        days = [day for day, runs in self.dates if runs]
        if self.start and self.end and self.weekdays != NEVER:
            days += [self.start, self.end]
        return (min(days), max(days)) if days else None


def gtfs_days(service: Service, calendar: Calendar) -> GtfsDays:
    """The days on which the service is known to run."""
    own = {e.date: e.runs for e in reversed(service.exceptions)}
    if service.start > service.end:
        added = ((day, True) for day, runs in own.items() if runs)
        return GtfsDays(NEVER, None, None, tuple(sorted(added)))
    if service.rule == "plain":
        return GtfsDays(service.weekdays, service.start, service.end, tuple(sorted(own.items())))
    known = _known_period(service, calendar)
    if known is None:
        dates = {day: True for day, runs in own.items() if runs}
        return GtfsDays(NEVER, service.start, service.end, tuple(sorted(dates.items())))
    start, end = known
    dates = {day: True for day, runs in own.items() if runs and not start <= day <= end}
    for day in _days(start, end):
        runs = runs_on(service, day, calendar).runs == "yes"
        if runs != (service.weekdays[day.weekday()] == "1"):
            dates[day] = runs
    return GtfsDays(service.weekdays, start, end, tuple(sorted(dates.items())))


def _known_period(service: Service, calendar: Calendar) -> tuple[date, date] | None:
    """The service's period from the first known year on to the last known one."""
    years = [y for y in range(service.start.year, service.end.year + 1) if calendar.covers(y)]
    if not years:
        return None
    start = max(service.start, date(years[0], 1, 1))
    return start, min(service.end, date(years[-1], 12, 31))


def _days(start: date, end: date) -> Iterator[date]:
    for offset in range((end - start).days + 1):
        yield start + timedelta(offset)
