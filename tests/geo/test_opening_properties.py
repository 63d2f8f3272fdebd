"""Do the answers agree, minute by minute, with a plain reading of the table on the door?"""

from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.calendar import Calendar, parse_calendar_csv
from geo.opening import SHANGHAI, Hours

NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
STARTER = Path(__file__).parents[2] / "config" / "starter" / "calendar.csv"
FIRST = date(2026, 1, 1)
MINUTES = 365 * 1440

Spans = list[tuple[int, int]]


@cache
def calendar() -> Calendar:
    days, _ = parse_calendar_csv(STARTER.read_text(encoding="utf-8"))
    return Calendar(days)


class Door(NamedTuple):
    """What is written on a door: spans in minutes by weekday, and for holidays if it says so."""

    week: list[Spans]
    holiday: Spans | None

    def expression(self) -> str:
        rules = [f"{name} {written(day)}" for name, day in zip(NAMES, self.week, strict=True)]
        if self.holiday is not None:
            rules.append(f"PH {written(self.holiday)}")
        return "; ".join(rules)

    def spans(self, day: date) -> Spans:
        """The plain reading: make-up day as Wednesday, then holiday, then weekday."""
        if calendar().makeup(day):
            return self.week[2]
        if self.holiday is not None and calendar().holiday(day):
            return self.holiday
        return self.week[day.weekday()]

    def open_minutes(self) -> bytearray:
        """One byte for each minute of 2026: 1 where it is open."""
        minutes = bytearray(MINUTES + 2 * 1440)
        for i in range(-1, 365):
            for start, end in self.spans(FIRST + timedelta(days=i)):
                for minute in range(max(0, i * 1440 + start), i * 1440 + end):
                    minutes[minute] = 1
        return minutes[:MINUTES]


def written(spans: Spans) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60 % 24:02}:{minute % 60:02}"

    return ",".join(f"{clock(a)}-{clock(b)}" for a, b in spans) or "off"


@st.composite
def a_day(draw: st.DrawFn) -> Spans:
    """None, one or two spans of at least five minutes; the last may end after midnight."""
    marks = draw(st.lists(st.integers(0, 287), max_size=4, unique=True).map(sorted))
    spans = [(marks[i] * 5, marks[i + 1] * 5) for i in range(0, len(marks) - 1, 2)]
    if spans and spans[0][0] > 60 and draw(st.booleans()):
        spans[-1] = (spans[-1][0], 1440 + draw(st.integers(1, spans[0][0] // 5 - 1)) * 5)
    return spans


doors = st.builds(Door, st.lists(a_day(), min_size=7, max_size=7), st.none() | a_day())
moments = st.integers(0, MINUTES - 90 * 1440)
LIBRARY = Door([[], *[[(540, 1020)]] * 4, [(600, 960)], [(600, 960)]], [])


def at(minute: int) -> datetime:
    return datetime.combine(FIRST, time(), SHANGHAI) + timedelta(minutes=minute)


def minute_of(when: datetime) -> int:
    return int((when - at(0)).total_seconds()) // 60


@settings(max_examples=12, deadline=None)
@example(LIBRARY)
@given(doors)
def test_is_every_minute_of_the_year_answered_as_the_door_says(door: Door) -> None:
    expected = door.open_minutes()
    hours = Hours(door.expression(), calendar())
    answered = bytearray()
    while len(answered) < MINUTES:
        answer = hours.state(at(len(answered)))
        lasts = min(minute_of(answer.text_until), MINUTES) - len(answered)
        assert lasts > 0
        answered += bytes([1 if answer.now else 0]) * lasts
    assert answered == expected


@settings(max_examples=60, deadline=None)
@given(doors, moments)
def test_is_until_the_first_minute_at_which_it_changes(door: Door, minute: int) -> None:
    expected = door.open_minutes()
    until = Hours(door.expression(), calendar()).state(at(minute)).until
    change = expected.find(1 - expected[minute], minute)
    horizon = (minute // 1440 + 61) * 1440
    if until is None:
        assert change == -1 or change >= horizon
    else:
        assert minute_of(until) == change


@settings(max_examples=60, deadline=None)
@given(doors, moments, st.lists(st.integers(0, 999), max_size=8))
def test_does_the_answer_stay_until_it_says(door: Door, minute: int, parts: list[int]) -> None:
    first = Hours(door.expression(), calendar()).state(at(minute))
    for part in [*parts, 999]:
        later = at(minute) + part * (first.text_until - at(minute)) / 1000
        assert Hours(door.expression(), calendar()).state(later) == first
    after = Hours(door.expression(), calendar()).state(first.text_until)
    assert after.text_until > first.text_until


@settings(max_examples=60, deadline=None)
@given(doors, moments)
def test_does_it_close_soon_exactly_in_the_last_minutes(door: Door, minute: int) -> None:
    answer = Hours(door.expression(), calendar(), closing_soon_minutes=20).state(at(minute))
    left = None if answer.until is None else minute_of(answer.until) - minute
    soon = bool(answer.now) and left is not None and left <= 20
    assert (answer.state == "closing_soon") is soon
    if soon:
        assert answer.text == f"{left} 分钟后闭馆"


@settings(max_examples=60, deadline=None)
@given(doors, st.integers(0, 364))
def test_is_the_timetable_of_a_day_what_the_door_says(door: Door, day: int) -> None:
    when = FIRST + timedelta(days=day)
    shown = Hours(door.expression(), calendar()).week(when, 1)[0]
    begins = door.spans(when)
    assert ",".join("-".join(r) for r in shown.ranges).replace("24:00", "00:00") == (
        written(begins) if begins else ""
    )
    assert shown.known


@settings(max_examples=30, deadline=None)
@given(doors, st.integers(0, MINUTES - 1))
def test_is_a_year_without_rows_never_answered_against_the_door(door: Door, minute: int) -> None:
    """Whatever the missing calendar would say, an answer that is given must be right."""
    blank = Hours(door.expression(), Calendar()).state(at(minute))
    if blank.now is not None:
        assert blank.now is bool(door.open_minutes()[minute])
