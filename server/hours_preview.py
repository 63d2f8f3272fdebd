"""What an opening-hours expression means, day by day, while it is being written."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

from geo.calendar import Calendar
from geo.opening import Hours
from geo.opening_rules import Unreadable
from server.day_lines import DayLine, day_line

DAYS = 14


class Preview(NamedTuple):
    """The next days, or what is wrong; messages are Chinese."""

    days: list[DayLine]
    mistake: str = ""
    column: int | None = None
    """The character of the expression, from 1, from which on it is not understood."""
    remarks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return self._asdict() | {"days": [day._asdict() for day in self.days]}


Closure = tuple[date, date, str]


def preview(
    expression: str, closures: Sequence[Closure], calendar: Calendar, today: date
) -> Preview:
    """The ``DAYS`` days from ``today``; an empty expression means that the hours are not known."""
    text = expression.strip()
    try:
        hours = Hours(text or None, calendar, closures)
    except Unreadable as error:
        return Preview([], str(error), error.column)
    except ValueError as error:
        return Preview([], str(error))
    days = [day_line(asdict(day) | _dated(day.date), today) for day in hours.week(today, DAYS)]
    return Preview(days, remarks=tuple(_remarks(text, hours, calendar, today, days)))


def _dated(day: date) -> dict[str, str]:
    return {"date": day.isoformat()}


def _remarks(
    text: str, hours: Hours, calendar: Calendar, today: date, days: list[DayLine]
) -> list[str]:
    if not text:
        return ["没有填写时，家长看到的是“开放时间待核实”。"]
    if hours.always_open:
        return ["全年 24 小时开放。"]
    found = []
    last = date.fromordinal(today.toordinal() + DAYS - 1)
    for year in sorted({today.year, last.year}):
        if not calendar.covers(year):
            found.append(
                f"{year} 年的节假日安排还没有录入，"
                "受节假日影响的日子显示为“开放时间待核实”；请联系管理员导入。"
            )
        if "SH" in text and not calendar.covers_school(year):
            found.append(f"{year} 年的寒暑假安排还没有录入，寒暑假的规则暂时无从判断。")
    if days and all(day.hours == "不开放" for day in days):
        found.append("今后 14 天都不开放，请确认没有写错。")
    return found
