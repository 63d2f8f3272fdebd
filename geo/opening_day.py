"""The hours of one place day by day: expression, calendar and closures taken together.

The rules, in the order in which they decide a day:

1. A closure closes the whole day, the hours after midnight of the evening before included.
2. Hours that nobody has entered are unknown, never closed.
3. On a make-up working day (调休) the hours of an ordinary Wednesday hold, unless the expression
   names the date with its year.
4. ``PH`` and ``SH`` are the calendar's holidays and school holidays. An expression that does not
   mention them says nothing of them: its weekly hours hold.
5. Where the calendar lacks the year, the day is read both ways: as a holiday and as none, at a
   weekend also as a make-up working day. If all readings agree, that is the answer; if not, the
   day is unknown, and the year is named. So ``Tu-Su 09:00-17:00`` never needs a calendar,
   ``Mo-Fr 09:00-17:00`` needs it for Saturdays and Sundays only.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

from geo import opening_text as say
from geo.calendar import SATURDAY, Calendar
from geo.opening_rules import DAY, DayPlan, Rules, Span

Code = Literal[
    "regular",
    "holiday",
    "makeup_workday",
    "school_holiday",
    "closure",
    "no_hours",
    "no_calendar",
    "no_school_calendar",
]
"""Why the hours of a day are what they are."""

REMEMBERED_DAYS = 256


class Day(NamedTuple):
    """One day: the spans that begin on it, why they are these, and a short note for a timetable."""

    spans: tuple[Span, ...]
    code: Code
    reason: str
    note: str = ""


class Segment(NamedTuple):
    """A part of one calendar day: [start, end) in minutes, ``date.toordinal() * 1440`` onwards."""

    start: int
    end: int
    span: Span
    day: Day
    """The day on which the span began."""


class Facts(NamedTuple):
    """What the calendar may say of a day."""

    holiday: bool
    school: bool
    makeup: bool


class Days:
    """The days of one place, read when asked for; remembers some hundreds of them.

    Threads may share an instance: what is remembered is the same whoever works it out.
    """

    def __init__(
        self, rules: Rules | None, calendar: Calendar, closures: Sequence[tuple[date, date, str]]
    ) -> None:
        self._rules = rules
        self._calendar = calendar
        self._closures = tuple(closures)
        self._days: dict[int, Day] = {}
        self._segments: dict[int, tuple[Segment, ...]] = {}

    def day(self, ordinal: int) -> Day:
        """The day with that ``date.toordinal()``."""
        day = self._days.get(ordinal)
        if day is None:
            day = self._read(date.fromordinal(ordinal))
            if len(self._days) >= REMEMBERED_DAYS:
                self._days = {}
            self._days[ordinal] = day
        return day

    def segments(self, ordinal: int) -> tuple[Segment, ...]:
        """What lies within a calendar day, in order and apart; the rest of the day is closed.

        It includes what the evening before has left over.
        """
        segments = self._segments.get(ordinal)
        if segments is None:
            today, before = self.day(ordinal), self.day(ordinal - 1)
            found = [
                Segment(day * DAY + span.start, day * DAY + span.end, span, owner)
                for day, owner in ((ordinal, today), (ordinal - 1, before))
                for span in owner.spans
                if today.code != "closure"
            ]
            segments = _apart(found, ordinal * DAY, (ordinal + 1) * DAY)
            if len(self._segments) >= REMEMBERED_DAYS:
                self._segments = {}
            self._segments[ordinal] = segments
        return segments

    def _read(self, day: date) -> Day:
        for first, last, reason in self._closures:
            if first <= day <= last:
                words = say.closure(reason)
                return Day((), "closure", words, words)
        rules = self._rules
        if rules is None:
            return Day((Span(0, DAY, "unknown"),), "no_hours", say.NO_HOURS, say.NO_HOURS)
        plans = {facts: self._plan(rules, day, facts) for facts in self._possible(rules, day)}
        if len(set(plans.values())) > 1:
            return self._undecided(day, plans)
        facts, plan = next(iter(plans.items()))
        return self._decided(rules, day, facts, plan)

    def _possible(self, rules: Rules, day: date) -> list[Facts]:
        """All that may be true of a day: one thing where the calendar covers what matters."""
        calendar = self._calendar
        weekend = day.weekday() >= SATURDAY
        holidays, makeups, schools = [False], [False], [False]
        if calendar.covers(day.year):
            makeups = [weekend and calendar.makeup(day) is not None]
            holidays = [calendar.holiday(day) is not None and not makeups[0]]
        else:
            makeups += [True] * weekend
            holidays += [True] * rules.mentions_holidays
        if calendar.covers_school(day.year):
            schools = [calendar.school_holiday(day) is not None]
        else:
            schools += [True] * rules.mentions_school
        possible = (Facts(h, s, m) for h in holidays for s in schools for m in makeups)
        return [facts for facts in possible if not (facts.holiday and facts.makeup)]

    @staticmethod
    def _plan(rules: Rules, day: date, facts: Facts) -> DayPlan:
        return rules.on(day, holiday=facts.holiday, school=facts.school, midweek=facts.makeup)

    @staticmethod
    def _undecided(day: date, plans: dict[Facts, DayPlan]) -> Day:
        """A day whose hours depend on what the calendar doesn't have."""
        end = max((span.end for plan in plans.values() for span in plan.spans), default=DAY)
        unknown = (Span(0, max(end, DAY), "unknown"),)
        by_school: dict[bool, set[DayPlan]] = {}
        for facts, plan in plans.items():
            by_school.setdefault(facts.school, set()).add(plan)
        if any(len(readings) > 1 for readings in by_school.values()):
            reason = say.no_calendar(day.year)
            return Day(unknown, "no_calendar", reason, reason)
        reason = say.no_school_calendar(day.year)
        return Day(unknown, "no_school_calendar", reason, reason)

    def _decided(self, rules: Rules, day: date, facts: Facts, plan: DayPlan) -> Day:
        """A day whose hours are known: the reason is what made them other than weekly ones."""
        note = self._note(rules, day, plan)
        if plan.closed_comment and not plan.spans:
            return Day((), "regular", f"不开放：{plan.closed_comment}", note)
        if facts.makeup and plan != self._plan(rules, day, facts._replace(makeup=False)):
            reason = say.MAKEUP if plan.spans else say.MAKEUP_CLOSED
            return Day(plan.spans, "makeup_workday", reason, note)
        holiday = self._calendar.holiday(day)
        if holiday and rules.mentions_holidays:
            return Day(plan.spans, "holiday", say.holiday(holiday.name), note)
        school = self._calendar.school_holiday(day)
        if school and plan != self._plan(rules, day, facts._replace(school=False)):
            return Day(plan.spans, "school_holiday", say.holiday(school.name), note)
        reason = say.WEEKLY
        if holiday:
            reason += f"（未登记{say.holiday(holiday.name)}的安排）"
        return Day(plan.spans, "regular", reason, note)

    def _note(self, rules: Rules, day: date, plan: DayPlan) -> str:
        """国庆节；需预约: the day's names, then the comments of the expression."""
        calendar = self._calendar
        official = calendar.holiday(day)
        school = calendar.school_holiday(day) if rules.mentions_school else None
        notes = [special.name for special in (official, school) if special]
        if calendar.makeup(day):
            notes.append("调休上班")
        comments = [say.comment(span.comment) for span in plan.spans] + [plan.closed_comment]
        return "；".join(dict.fromkeys(filter(None, notes + comments)))


def _apart(found: Iterable[Segment], first: int, end: int) -> tuple[Segment, ...]:
    """The segments cut to [first, end); where they overlap, open counts before unknown."""
    kept: list[Segment] = []
    for segment in sorted(found, key=lambda s: (s.span.kind != "open", s.start, s.end)):
        pieces = [(max(segment.start, first), min(segment.end, end))]
        for other in kept:
            pieces = [
                piece
                for start, stop in pieces
                for piece in ((start, min(stop, other.start)), (max(start, other.end), stop))
                if piece[0] < piece[1]
            ]
        kept += [segment._replace(start=start, end=stop) for start, stop in pieces if start < stop]
    return tuple(sorted(kept, key=lambda s: s.start))
