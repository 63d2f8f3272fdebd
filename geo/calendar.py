"""The city's calendar: official holidays, make-up working days, school holidays.

The calendar is data, imported once a year from the State Council's notice (国务院办公厅关于节假日
安排的通知) and carried by every edition. A year that nobody has imported is told as such, never
guessed: the official arrangement can't be computed.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints

Kind = Literal["holiday", "makeup_workday", "school_holiday"]

COLUMNS = ("date", "kind", "name")

SATURDAY = 5
"""``date.weekday()`` of the first day of a weekend."""


class CalendarDay(BaseModel):
    """One special day.

    ``holiday``: a day off of an official holiday, its weekend days included;
    ``makeup_workday``: a Saturday or Sunday that is worked (调休);
    ``school_holiday``: a day of the winter or summer holidays (寒暑假).
    ``name`` is what people call it: 国庆节, 国庆节调休上班, 暑假.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    kind: Kind
    name: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$"
        ),
    ]


@dataclass(frozen=True)
class Problem:
    """What is wrong in an imported file: the line (the header is line 1) and a Chinese message."""

    line: int
    message: str


class Calendar:
    """The special days by date; immutable after construction, so free to share among threads.

    Of two rows with the same date and kind the later one counts.
    """

    def __init__(self, days: Iterable[CalendarDay] = ()) -> None:
        self._days: dict[Kind, dict[date, CalendarDay]] = {kind: {} for kind in get_args(Kind)}
        for day in days:
            self._days[day.kind][day.date] = day
        self._years = {day.year for day in self._days["holiday"]}
        self._school_years = {day.year for day in self._days["school_holiday"]}

    def covers(self, year: int) -> bool:
        """Whether the official holidays of the year have been imported."""
        return year in self._years

    def covers_school(self, year: int) -> bool:
        """Whether the school holidays of the year have been imported."""
        return year in self._school_years

    def holiday(self, day: date) -> CalendarDay | None:
        """The official holiday on that day; None also where the year is not covered."""
        return self._days["holiday"].get(day)

    def makeup(self, day: date) -> CalendarDay | None:
        """The make-up working day on that day; None also where the year is not covered."""
        return self._days["makeup_workday"].get(day)

    def school_holiday(self, day: date) -> CalendarDay | None:
        """The school holiday on that day; None also where the year is not covered."""
        return self._days["school_holiday"].get(day)

    def is_workday(self, day: date) -> bool | None:
        """Whether people work on that day; None if the year's holidays have not been imported."""
        if not self.covers(day.year):
            return None
        if self.makeup(day):
            return True
        return day.weekday() < SATURDAY and self.holiday(day) is None


def parse_calendar_csv(text: str) -> tuple[list[CalendarDay], list[Problem]]:
    """Read a CSV file with the columns ``date`` (YYYY-MM-DD), ``kind`` and ``name``.

    Returns the good rows in the order of the file, and all problems found. Nothing is to be
    imported while there are problems. Empty lines are passed over, a byte order mark is allowed.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    days: list[CalendarDay] = []
    problems: list[Problem] = []
    seen: dict[tuple[date, str], int] = {}
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != COLUMNS:
            return [], [Problem(1, f"表头应为 {','.join(COLUMNS)}")]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            day = _row(cells)
            trouble = day if isinstance(day, str) else _clash(day, seen)
            if trouble is not None:
                problems.append(Problem(reader.line_num, trouble))
            elif isinstance(day, CalendarDay):
                seen[day.date, day.kind] = reader.line_num
                days.append(day)
    except csv.Error:
        problems.append(Problem(reader.line_num, "这一行不是有效的 CSV"))
    return days, problems


def _row(cells: list[str]) -> CalendarDay | str:
    """The day that a row states, or a Chinese message."""
    if len(cells) != len(COLUMNS):
        return f"应有 {len(COLUMNS)} 列，这里有 {len(cells)} 列"
    when, kind, name = (cell.strip() for cell in cells)
    try:
        day = date.fromisoformat(when)
    except ValueError:
        return f"日期“{when[:20]}”不对，应写成 2026-10-01"
    if when != day.isoformat():
        return f"日期“{when[:20]}”不对，应写成 {day.isoformat()}"
    if kind not in get_args(Kind):
        return f"类型“{kind[:20]}”不对，应为 {'、'.join(get_args(Kind))} 之一"
    if kind == "makeup_workday" and day.weekday() < SATURDAY:
        return f"{when} 不是周六或周日，不能是调休上班日"
    try:
        return CalendarDay(date=day, kind=kind, name=name)
    except ValueError:
        return "名称应为 1 到 40 个字，不含控制字符"


def _clash(day: CalendarDay, seen: dict[tuple[date, str], int]) -> str | None:
    """The Chinese message if an earlier line already says something else of that day."""
    if (day.date, day.kind) in seen:
        return f"{day.date} 与第 {seen[day.date, day.kind]} 行重复"
    opposite = {"holiday": "makeup_workday", "makeup_workday": "holiday"}.get(day.kind, "")
    if (day.date, opposite) in seen:
        return f"{day.date} 在第 {seen[day.date, opposite]} 行是另一种类型：不能既放假又上班"
    return None
