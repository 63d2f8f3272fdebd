"""A day's opening hours as one line of a table, for parents and staff alike."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from geo.opening_text import TO_BE_CHECKED, WEEKDAYS


class DayLine(NamedTuple):
    """One day of a timetable."""

    name: str
    date: str
    hours: str
    known: bool
    note: str
    today: bool


def day_line(day: Mapping[str, Any], today: date) -> DayLine:
    """One day: 今天 11月23日 9:00–17:00."""
    when = date.fromisoformat(day["date"])
    ahead = (when - today).days
    name = {0: "今天", 1: "明天"}.get(ahead, WEEKDAYS[when.weekday()])
    hours = "、".join(_span(start, end) for start, end in day["ranges"])
    note = day["note"]
    if not hours:
        hours = "不开放" if day["known"] else TO_BE_CHECKED
        note = "" if note == hours else note
    return DayLine(name, f"{when.month}月{when.day}日", hours, day["known"], note, ahead == 0)


def _span(start: str, end: str) -> str:
    """9:00–17:00; 20:00–次日 2:00."""
    overnight = "次日 " if end <= start else ""
    return f"{start.removeprefix('0')}–{overnight}{end.removeprefix('0')}"
