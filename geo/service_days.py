"""Does a service run on a date: yes, no, or not announced; and by which rule.

Public names: ``runs_on``, ``RunsOn``, ``Runs``, ``Code``, ``ServiceDays``.

The rules, in the order in which they decide a day:

1. An exception of the service itself (GTFS calendar_dates) is certain, inside its period and out.
2. Outside ``start`` to ``end`` nothing runs: the period is the service's term.
3. A service of rule ``plain`` then runs on its weekdays, as in GTFS; so all that follows is of
   rule ``school``.
4. On a day of the school holidays (寒暑假) nothing runs. Where the calendar has none for a year,
   the service's own period is taken at its word.
5. On an official holiday nothing runs; a make-up working day (调休) is a school day like an
   ordinary Wednesday, as it is for opening hours.
6. A year whose official holidays nobody has imported is never guessed. The day is read as an
   ordinary day, as a holiday and, at a weekend, as a make-up day: if all agree, that is the
   answer; if not, it is not announced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from geo import opening_text as say
from geo.calendar import SATURDAY, Calendar
from geo.transit import Service

__all__ = ["Code", "Runs", "RunsOn", "ServiceDays", "day_text", "runs_on"]

Runs = Literal["yes", "no", "not_announced"]

Code = Literal[
    "weekday",
    "weekend",
    "holiday",
    "school_holiday",
    "makeup_workday",
    "exception",
    "out_of_period",
    "suspension",
    "cancelled",
    "not_announced",
    "no_trips",
]
"""Why. ``suspension``, ``cancelled`` (by the operator, every run of the day) and ``no_trips`` are
said of routes, never of a service alone."""

RULES: dict[Code, str] = {
    "weekday": "每周运行日",
    "weekend": "每周运行日",
    "holiday": "国务院办公厅节假日安排",
    "school_holiday": "寒暑假安排",
    "makeup_workday": "国务院办公厅节假日安排（调休）",
    "exception": "线路的加开、停开日期",
    "out_of_period": "线路的运行期",
    "suspension": "停运通知",
    "cancelled": "运营方的消息",
    "not_announced": "国务院办公厅节假日安排（尚未公布）",
    "no_trips": "线路的班次表",
}
"""What decided, in Chinese."""

MIDWEEK = 2
"""The weekday, a Wednesday, whose service a make-up working day has."""

REMEMBERED = 1 << 16
"""Answers kept at once: some 15 MB at most."""


@dataclass(frozen=True)
class RunsOn:
    """Whether something runs on a day.

    ``code`` says why for machines, ``reason`` for parents in Chinese, and ``rule`` names the
    rule that decided.
    """

    runs: Runs
    code: Code
    reason: str

    @property
    def rule(self) -> str:
        """What decided, in Chinese: 国务院办公厅节假日安排."""
        return RULES[self.code]


def day_text(day: date) -> str:
    """2026年10月8日."""
    return f"{day.year}年{day.month}月{day.day}日"


def runs_on(service: Service, day: date, calendar: Calendar) -> RunsOn:
    """Whether the service runs on that service day, by the rules of the module's text."""
    for exception in service.exceptions:
        if exception.date == day:
            word = "加开" if exception.runs else "停开"
            reason = f"{word}：{exception.reason}" if exception.reason else f"当天{word}"
            return RunsOn("yes" if exception.runs else "no", "exception", reason)
    if day < service.start:
        reason = f"{day_text(service.start)}起运行"
        return RunsOn("no", "out_of_period", reason)
    if day > service.end:
        return RunsOn("no", "out_of_period", f"本期班次已于{day_text(service.end)}结束")
    if service.rule == "school":
        special = _school_day(service, day, calendar)
        if special is not None:
            return special
    return _by_weekday(service, day)


def _by_weekday(service: Service, day: date) -> RunsOn:
    name = say.WEEKDAYS[day.weekday()]
    code: Code = "weekend" if day.weekday() >= SATURDAY else "weekday"
    if service.weekdays[day.weekday()] == "1":
        return RunsOn("yes", code, f"{name}运行")
    return RunsOn("no", code, f"{name}（周末）不运行" if code == "weekend" else f"{name}不运行")


def _school_day(service: Service, day: date, calendar: Calendar) -> RunsOn | None:
    """What the city's calendar makes of a day; None where its weekday decides."""
    if holidays := calendar.school_holiday(day):
        return RunsOn("no", "school_holiday", f"{holidays.name}期间不运行")
    midweek = service.weekdays[MIDWEEK] == "1"
    if not calendar.covers(day.year):
        return _unknown_year(service, day, midweek)
    if makeup := calendar.makeup(day):
        if midweek:
            return RunsOn("yes", "makeup_workday", f"{makeup.name}，按上学日运行")
        return RunsOn("no", "makeup_workday", f"{makeup.name}，周三的班次照开，其他班次不运行")
    if holiday := calendar.holiday(day):
        return RunsOn("no", "holiday", f"{say.holiday(holiday.name)}不运行")
    return None


def _unknown_year(service: Service, day: date, midweek: bool) -> RunsOn | None:
    """Not announced, unless the day is off however the year is arranged."""
    might_be_made_up = midweek and day.weekday() >= SATURDAY
    if service.weekdays[day.weekday()] == "0" and not might_be_made_up:
        return None
    reason = f"{day.year} 年的节假日安排尚未公布，当天是否运行待定"
    return RunsOn("not_announced", "not_announced", reason)


class ServiceDays:
    """The days of several services, worked out when asked for and remembered.

    Threads may share an instance: what is remembered is the same whoever works it out.
    """

    def __init__(self, services: Sequence[Service], calendar: Calendar) -> None:
        self._services = services
        self._calendar = calendar
        self._known: dict[tuple[int, int], RunsOn] = {}

    def on(self, service: int, ordinal: int) -> RunsOn:
        """Whether the service with that place in the sequence runs on ``date.toordinal()``."""
        found = self._known.get((service, ordinal))
        if found is None:
            found = runs_on(self._services[service], date.fromordinal(ordinal), self._calendar)
            if len(self._known) >= REMEMBERED:
                self._known = {}
            self._known[service, ordinal] = found
        return found

    def last_day(self, services: Sequence[int]) -> int:
        """The ordinal of the last day on which any of these may run; 0 for none at all."""
        days = [self._services[place].end.toordinal() for place in services]
        for place in services:
            days += [e.date.toordinal() for e in self._services[place].exceptions if e.runs]
        return max(days, default=0)
