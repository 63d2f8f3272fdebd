"""Opening-hours expressions: which are understood, and what they say of one single day.

The syntax is that of OpenStreetMap's ``opening_hours``
(https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification), read by opening-hours-py.
Three things that its answers lack are done here, by rewriting the text before it is parsed:

- ``PH`` and ``SH`` are the caller's to know: for a holiday they become ``Mo-Su``, for another
  day a weekday that the day is not. So ``Mo-Fr,PH`` (or) and ``SH Mo-Fr`` (and) both work.
- A make-up working day is read as if it were a Wednesday: midweek is neither the museums'
  closing day (Monday) nor the libraries' short one (Friday). Month and date selectors still see
  the true date, and a rule that names a date with its year is heard last, so that it wins.
- A day owns its hours until they end, also past midnight. The library cuts 18:00-02:00 where the
  next day has a rule of its own. It therefore never sees a clock time, but the rank of each time
  among those in the text (00:01, 00:02, ...), in which no span passes midnight.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import opening_hours

MAX_LENGTH = 500
DAY = 1440
"""Minutes in a day."""

_QUOTED = re.compile(r'"([^"]*)"')
_HOLIDAYS = r"(?<![A-Za-z])(?:PH|SH)(?:,(?:PH|SH))*(?![A-Za-z])"
_WEEKDAY = r"(?<![A-Za-z])(?:[Mm]o|[Tt]u|[Ww]e|[Tt]h|[Ff]r|[Ss]a|[Ss]u)(?![A-Za-z])"
_ELEMENT = rf"{_WEEKDAY}(?:-{_WEEKDAY})?(?:\[[^\]]*\](?: ?[+-] ?\d+ days?)?)?"
_HOLIDAYS_THAT_ARE = re.compile(rf"({_HOLIDAYS}) ({_ELEMENT}(?:,{_ELEMENT})*)")
_HOLIDAYS_BESIDES = re.compile(rf"({_WEEKDAY}|\]) (?={_HOLIDAYS})")
_HOLIDAY = re.compile(r"(?<![A-Za-z])(PH|SH)(?![A-Za-z])")
_ONE_ELEMENT = re.compile(_ELEMENT)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?:\s*-\s*(\d{1,2}):(\d{2}))?\s*(\+)?")
_EXACT_DATE = re.compile(r"\d{4} ?[A-Za-z]{3} ?\d")
_COLUMN = re.compile(r"--> \d+:(\d+)")
_SAYS_WHEN = re.compile(r":|24/7|\"|(?<![A-Za-z])(?:off|closed|open|unknown)(?![A-Za-z])")
_OFF = re.compile(r"(?<![A-Za-z])(?:off|closed)(?![A-Za-z])")
_NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_WEDNESDAY = 2
_OPEN_END = 3 * DAY
"""Stands for the end of a span that has none (``18:00+``); later than any time."""

_REFUSED = (
    (
        re.compile(r"sunrise|sunset|dawn|dusk", re.IGNORECASE),
        "不支持日出日落（sunrise、sunset 等），请写明钟点",
    ),
    (re.compile(r":\d{2}\s*\+?\s*/"), "不支持“/”间隔写法，请逐段写明钟点"),
    (
        re.compile(rf"{_HOLIDAYS} ?[+-]? ?\d+ days?"),
        "不支持节假日的前后几天（PH -1 day），请写明日期",
    ),
)


class Unreadable(ValueError):
    """Text that isn't of the syntax (Chinese message), and from which of its characters on."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column
        """From 1."""


class Span(NamedTuple):
    """Hours that begin on one day: minutes after its midnight; ``end`` may be up to 2880.

    ``unknown`` says that the place may be open; ``open_ended`` that only the beginning is known.
    """

    start: int
    end: int
    kind: Literal["open", "unknown"]
    comment: str = ""
    open_ended: bool = False


class DayPlan(NamedTuple):
    """What an expression says of one day: its spans in order, and why it is closed, if told."""

    spans: tuple[Span, ...]
    closed_comment: str = ""


class _Reading(NamedTuple):
    """How a day is looked at; with ``never`` the index of a weekday that it is not."""

    holiday: bool
    school: bool
    midweek: bool
    never: int


class _Compiled(NamedTuple):
    hours: opening_hours.OpeningHours
    points: tuple[int, ...]
    """Minutes after midnight by rank."""


class Rules:
    """An expression, parsed once; threads may share it.

    Raises:
        ValueError: the expression can't be used (Chinese message).
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._comments = _QUOTED.findall(self.text)
        masked = _masked(self.text)
        _refuse(self.text, masked)
        mentioned = set(_HOLIDAY.findall(masked))
        self.mentions_holidays = "PH" in mentioned
        self.mentions_school = "SH" in mentioned
        self._texts = {r: _reworded(masked, r) for r in self._readings()}
        self._compiled = {r: _compile(text) for r, text in self._texts.items()}

    def _readings(self) -> list[_Reading]:
        return [
            _Reading(holiday, school, midweek, never)
            for holiday in (False, True)[: 1 + self.mentions_holidays]
            for school in (False, True)[: 1 + self.mentions_school]
            for midweek, never in ((False, 0), (False, 1), (True, 0))
        ]

    @property
    def always_open(self) -> bool:
        """Whether it is open around the clock on every day, holidays included."""
        return all(str(_parse(text).normalize()) == "24/7" for text in self._texts.values())

    def on(self, day: date, *, holiday: bool, school: bool, midweek: bool) -> DayPlan:
        """The hours that begin on a day.

        ``holiday`` and ``school``: whether it is an official or a school holiday; ``midweek``:
        whether it is a make-up working Saturday or Sunday, and so read as a Wednesday.
        """
        never = 1 if day.weekday() == 0 else 0
        reading = _Reading(
            holiday and self.mentions_holidays, school and self.mentions_school, midweek, never
        )
        hours, points = self._compiled[reading]
        spans: list[Span] = []
        closed_comment = ""
        midnight = datetime.combine(day, time())
        for begin, until, state, mark in hours.intervals(midnight, midnight + timedelta(days=1)):
            comment = self._comments[int(mark)] if mark.isdecimal() else ""
            if state == opening_hours.State.CLOSED:
                closed_comment = closed_comment or comment
                continue
            start = points[begin.hour * 60 + begin.minute]
            whole = until.date() > day
            end = DAY if whole else points[until.hour * 60 + until.minute]
            if end > start:
                known = state == opening_hours.State.OPEN and end != _OPEN_END
                spans.append(_span(start, end, "open" if known else "unknown", comment))
        return DayPlan(tuple(spans), closed_comment)


@lru_cache(maxsize=2048)
def read_rules(text: str) -> Rules:
    """``Rules(text)``, remembered: many places keep the same hours."""
    return Rules(text)


def check_expression(text: str) -> str:
    """Return the expression without surrounding space if it can be used.

    Raises:
        ValueError: it is empty, too long, not understood, or needs what isn't supported
            (sunrise, intervals, days before a holiday); the message is Chinese.
    """
    return read_rules(text.strip()).text


def _span(start: int, end: int, kind: Literal["open", "unknown"], comment: str) -> Span:
    """A span; an open end is taken to last until midnight, as the library takes it."""
    if end != _OPEN_END:
        return Span(start, end, kind, comment)
    return Span(start, (start // DAY + 1) * DAY, kind, comment, open_ended=True)


def _masked(text: str) -> str:
    """The text with each quoted comment replaced by its number, so that it can't look like syntax.

    An empty comment stays empty: the library drops it.
    """
    number = iter(range(len(text)))
    return _QUOTED.sub(lambda _: f'"{next(number)}"', text)


def _refuse(text: str, masked: str) -> None:
    if not text:
        raise ValueError("开放时间不能是空的；不知道就不要填")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"开放时间不能超过 {MAX_LENGTH} 个字符")
    if not text.isprintable():
        raise ValueError("开放时间里有换行、全角空格或看不见的字符，请删去")
    for pattern, message in _REFUSED:
        if pattern.search(masked):
            raise ValueError(message)
    _parse(text)
    for rule in re.split(r";|\|\|", masked):
        pieces = re.split(r"\s+,\s*|,\s+", rule)
        # The library takes "Mo, We 09:00-17:00" for two rules: Monday around the clock, too.
        if not all(_SAYS_WHEN.search(piece) for piece in pieces[:-1]):
            raise ValueError("逗号前后不要留空格：写成 Mo,We 09:00-17:00")
        if any(_OFF.search(piece) and _passes_midnight(piece) for piece in pieces):
            raise ValueError("不开放（off）的时段不能跨过午夜，请分成两段来写")


def _passes_midnight(rule: str) -> bool:
    return any(point[0] > DAY for clock in _CLOCK.finditer(rule) for point in _points(clock))


def _parse(text: str) -> opening_hours.OpeningHours:
    try:
        return opening_hours.OpeningHours(text, auto_country=False, auto_timezone=False)
    except opening_hours.ParserError as error:  # type: ignore[attr-defined]  # not in its stub
        where = _COLUMN.search(str(error))
        column = int(where[1]) if where else 1
        rest = text[column - 1 : column + 11]
        hint = f"第 {column} 个字符起看不懂：“{rest}”" if rest else "写法不完整"
        if re.search(r"[，：；－–—～（）“”]", _masked(text)):
            hint += "（请使用英文标点）"
        raise Unreadable(f"开放时间的写法不对，{hint}", column) from None


def _reworded(masked: str, reading: _Reading) -> str:
    """The expression as it reads for a day of which holidays and weekday are known."""
    never = _NAMES[reading.never]
    true = {"PH": reading.holiday, "SH": reading.school}

    def restricted(match: re.Match[str]) -> str:
        return match[2] if any(true[name] for name in match[1].split(",")) else never

    def as_wednesday(match: re.Match[str]) -> str:
        if "[" in match[0]:
            return never
        first, _, last = match[0].title().partition("-")
        begin, end = _NAMES.index(first), _NAMES.index(last or first)
        holds = (_WEDNESDAY - begin) % 7 <= (end - begin) % 7
        return "Mo-Su" if holds else never

    text = _HOLIDAYS_THAT_ARE.sub(restricted, masked)
    text = _HOLIDAYS_BESIDES.sub(r"\1,", text)
    if reading.midweek:
        text = _ONE_ELEMENT.sub(as_wednesday, _dated_last(text))
    return _HOLIDAY.sub(lambda match: "Mo-Su" if true[match[1]] else never, text)


def _dated_last(text: str) -> str:
    """The rules with those that name a date and its year, but no weekday, moved to the end."""
    rules = [rule.strip() for rule in text.split(";")]
    if "||" in text:
        return text
    rules.sort(key=lambda rule: bool(_EXACT_DATE.match(rule) and not _ONE_ELEMENT.search(rule)))
    return "; ".join(rules)


def _compile(text: str) -> _Compiled:
    """Replace each clock time by its rank, and parse."""
    points = sorted({(0, 0)}.union(*(_points(clock) for clock in _CLOCK.finditer(text))))
    rank = {point: f"{i // 60:02}:{i % 60:02}" for i, point in enumerate(points)}

    def ranked(clock: re.Match[str]) -> str:
        ranks = [rank[point] for point in _points(clock)]
        return ",".join("-".join(ranks[i : i + 2]) for i in range(0, len(ranks), 2))

    return _Compiled(_parse(_CLOCK.sub(ranked, text)), tuple(minute for minute, _ in points))


def _points(clock: re.Match[str]) -> list[tuple[int, int]]:
    """Begin and end of the one or two spans of a match, as (minutes after midnight, order).

    The open part of ``10:00-16:00+`` begins at 16:00, but in order after the end of the known
    part: the library would join the two.
    """
    begin = int(clock[1]) * 60 + int(clock[2])
    if clock[3] is None:
        return [(begin, 1), (_OPEN_END, 0)]
    end = int(clock[3]) * 60 + int(clock[4])
    if end <= begin:
        end += DAY
    known = [(begin, 0), (end, 0)]
    return [*known, (end, 1), (_OPEN_END, 0)] if clock[5] else known
