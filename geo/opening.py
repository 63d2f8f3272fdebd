"""Opening hours of a place: open, closing soon, closed or unknown, why, and until when.

How a day's hours follow from expression, calendar and closures stands in ``geo/opening_day.py``;
which expressions are understood, in ``geo/opening_rules.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

from geo import opening_text as say
from geo.calendar import Calendar
from geo.opening_day import Code, Day, Days, Segment
from geo.opening_rules import DAY, Span, check_expression, read_rules

__all__ = ["SHANGHAI", "Code", "DayHours", "Hours", "OpenState", "State", "check_expression"]

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A fixed offset: China has kept no summer time since 1991, and no tz database is needed."""

HORIZON_DAYS = 60
"""How far ahead the next change is looked for, in days; if it lies beyond, a closed place reads
近期不开放 and an open one 24 小时开放."""

FIRST_YEAR, LAST_YEAR = 1901, 9990
"""The years that the parser of expressions can answer for, less a margin."""

NO_CALENDAR = ("no_calendar", "no_school_calendar")

State = Literal["open", "closing_soon", "closed", "unknown"]


@dataclass(frozen=True)
class OpenState:
    """The answer for one moment.

    ``text`` is short Chinese for a list, ``reason`` Chinese that says why, ``code`` the same for
    machines. ``until`` is the next moment (Asia/Shanghai) at which ``now`` changes; None if it
    lies beyond the horizon, or if what follows is unknown. Before ``text_until`` every field
    stays as it is, so that the answer may be kept until then.
    """

    state: State
    text: str
    reason: str
    code: Code
    until: datetime | None
    text_until: datetime

    @property
    def now(self) -> bool | None:
        """Whether it is open; None if that is unknown."""
        return None if self.state == "unknown" else self.state != "closed"


@dataclass(frozen=True)
class DayHours:
    """One day of a timetable.

    ``ranges`` are (begin, end) as ``HH:MM``: the end 24:00 is midnight, an end not after its
    begin lies on the next day. No ranges mean closed, unless ``known`` is False: then the hours
    are not, or not all, known, and ``note`` says why.
    """

    date: date
    ranges: tuple[tuple[str, str], ...]
    note: str = ""
    known: bool = True


class Hours:
    """The opening hours of one place; threads may share an instance.

    ``expression`` None means that they are not known. ``closures`` are (first day, last day,
    reason), both days included. From ``closing_soon_minutes`` before the end, open is
    closing_soon.

    Raises:
        ValueError: the expression can't be used (Chinese message).
    """

    def __init__(
        self,
        expression: str | None,
        calendar: Calendar,
        closures: Sequence[tuple[date, date, str]] = (),
        closing_soon_minutes: int = 30,
    ) -> None:
        rules = None if expression is None else read_rules(expression)
        self._days = Days(rules, calendar, closures)
        self._soon = closing_soon_minutes
        self._latest: tuple[int, int, OpenState] | None = None
        self.always_open = rules is not None and not closures and rules.always_open
        """Whether it is open around the clock on every day, with no closure announced."""
        self.never_changes = self.always_open or (rules is None and not closures)
        """Whether the answer is the same at every minute of a day."""

    def state(self, at: datetime) -> OpenState:
        """The answer at a moment in any time zone; seconds make no difference.

        Raises:
            ValueError: the datetime is naive, or its year lies outside 1901–9990.
        """
        minute = _minute(at)
        latest = self._latest
        if latest is not None and latest[0] <= minute < latest[1]:
            return latest[2]
        answer, keep = self._answer(minute)
        self._latest = (minute, keep, answer)
        return answer

    def week(self, first: date, days: int = 7) -> list[DayHours]:
        """The hours of ``days`` days from ``first``, each span on the day on which it begins.

        Raises:
            ValueError: a day lies outside the years 1901–9990.
        """
        last = first.toordinal() + max(days, 1) - 1
        if first.year < FIRST_YEAR or last > date(LAST_YEAR, 12, 31).toordinal():
            raise ValueError(f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
        return [self._day_hours(first.toordinal() + i) for i in range(days)]

    def _day_hours(self, ordinal: int) -> DayHours:
        day = self._days.day(ordinal)
        closed_next = self._days.day(ordinal + 1).code == "closure"
        ranges = tuple(
            (_hhmm(span.start), _hhmm(min(span.end, DAY) if closed_next else span.end))
            for span in day.spans
            if span.kind == "open"
        )
        known = all(span.kind == "open" for span in day.spans)
        note = day.note or ("" if known else say.TO_BE_CHECKED)
        return DayHours(date.fromordinal(ordinal), ranges, note, known)

    def _answer(self, minute: int) -> tuple[OpenState, int]:
        """The answer, and the minute up to which it stays as it is."""
        today = minute // DAY
        segment = self._segment_at(minute)
        change, then = self._change(minute, segment.span.kind if segment else "closed")
        keep = min(filter(None, ((today + 1) * DAY, change, segment and segment.end)))
        state: State = segment.span.kind if segment else "closed"
        day = segment.day if segment else self._days.day(today)
        code, reason = day.code, day.reason
        if segment is None:
            text = self._closed_text(minute, change, then)
        elif state == "unknown":
            code, text, reason = _unknown(segment.span, day)
        else:
            text, reason = _open(segment, change, then, today)
            if change and then == "closed" and change - minute <= self._soon:
                state, text, keep = "closing_soon", say.minutes_left(change - minute), minute + 1
            elif change and then == "closed":
                keep = min(keep, change - self._soon)
        if change and then == "unknown":
            reason += self._after(change)
        until = _datetime(change) if change and then != "unknown" else None
        return OpenState(state, text, reason, code, until, _datetime(keep)), keep

    def _closed_text(self, minute: int, change: int | None, then: str) -> str:
        today = minute // DAY
        if change is None:
            return say.NOT_SOON
        if then == "open":
            return f"{say.moment(change, today)} 开放"
        if change // DAY == today:
            return "现在不开放"
        was_open = any(segment.span.kind == "open" for segment in self._days.segments(today))
        return "今天已闭馆" if was_open else "今天不开放"

    def _after(self, change: int) -> str:
        """Why it is not known what comes after a change."""
        day = self._days.day(change // DAY)
        missing = f"{day.reason.partition('，')[0]}，" if day.code in NO_CALENDAR else ""
        return f"；{missing}之后的开放时间待核实"

    def _segment_at(self, minute: int) -> Segment | None:
        for segment in self._days.segments(minute // DAY):
            if segment.start <= minute < segment.end:
                return segment
        return None

    def _change(self, minute: int, kind: str) -> tuple[int | None, str]:
        """When the kind next changes and into which; (None, kind) if not within the horizon."""
        if self.never_changes:
            return None, kind
        reached = minute
        for ordinal in range(minute // DAY, minute // DAY + HORIZON_DAYS + 1):
            for segment in self._days.segments(ordinal):
                if segment.end <= reached:
                    continue
                if segment.start > reached and kind != "closed":
                    return reached, "closed"
                if segment.span.kind != kind:
                    return segment.start, segment.span.kind
                reached = segment.end
            if kind != "closed" and reached < (ordinal + 1) * DAY:
                return reached, "closed"
            reached = (ordinal + 1) * DAY
        return None, kind


def _open(segment: Segment, change: int | None, then: str, today: int) -> tuple[str, str]:
    """Text and reason of an open place."""
    text = say.ALWAYS
    if change is not None:
        text = say.open_until(change, today, at_least=then == "unknown")
    remark = say.comment(segment.span.comment)
    reason = segment.day.reason
    return say.with_comment(text, remark), f"{reason}；{remark}" if remark else reason


def _unknown(span: Span, day: Day) -> tuple[Code, str, str]:
    """Code, text and reason where it isn't known whether the place is open."""
    if day.code.startswith("no_"):
        return day.code, say.TO_BE_CHECKED, day.reason
    remark = say.comment(span.comment)
    if span.open_ended:
        return "no_hours", say.TO_BE_CHECKED, say.NO_END
    if remark == say.BY_APPOINTMENT:
        return "no_hours", remark, remark
    return "no_hours", say.TO_BE_CHECKED, remark or say.NO_HOURS


def _minute(at: datetime) -> int:
    """Minutes since the first ordinal, Asia/Shanghai."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a time without a zone")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
    local = at.astimezone(SHANGHAI)
    return local.toordinal() * DAY + local.hour * 60 + local.minute


def _datetime(minute: int) -> datetime:
    day, rest = divmod(minute, DAY)
    return datetime.combine(date.fromordinal(day), time(rest // 60, rest % 60), SHANGHAI)


def _hhmm(minute: int) -> str:
    """``HH:MM`` of the clock; midnight is 24:00 where a day ends."""
    if minute and minute % DAY == 0:
        return "24:00"
    return say.padded_clock(minute)
