"""Does the calendar say what was imported, and nothing that was not?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.calendar import Calendar, CalendarDay, Problem, parse_calendar_csv

HEADER = "date,kind,name\n"
OCTOBER = Calendar(
    [
        CalendarDay(date=date(2026, 10, 1), kind="holiday", name="国庆节"),
        CalendarDay(date=date(2026, 10, 10), kind="makeup_workday", name="国庆节调休上班"),
        CalendarDay(date=date(2027, 7, 10), kind="school_holiday", name="暑假"),
    ]
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 9), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2027, 10, 11), None),
    ],
)
def test_is_it_a_day_on_which_people_work(day: date, works: bool | None) -> None:
    assert OCTOBER.is_workday(day) is works


def test_which_kind_of_day_is_it() -> None:
    holiday = OCTOBER.holiday(date(2026, 10, 1))
    assert holiday is not None
    assert holiday.name == "国庆节"
    assert OCTOBER.makeup(date(2026, 10, 10)) is not None
    assert OCTOBER.school_holiday(date(2027, 7, 10)) is not None
    assert OCTOBER.holiday(date(2026, 10, 10)) is None


def test_which_years_are_covered() -> None:
    assert (OCTOBER.covers(2026), OCTOBER.covers_school(2026)) == (True, False)
    assert (OCTOBER.covers(2027), OCTOBER.covers_school(2027)) == (False, True)


def test_is_a_good_file_read_with_its_byte_order_mark_and_empty_lines() -> None:
    text = "\ufeff" + HEADER + "2026-10-01,holiday,国庆节\r\n\r\n2026-07-10, school_holiday ,暑假\n"
    days, problems = parse_calendar_csv(text)
    assert problems == []
    assert [(d.date, d.kind, d.name) for d in days] == [
        (date(2026, 10, 1), "holiday", "国庆节"),
        (date(2026, 7, 10), "school_holiday", "暑假"),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-13-01,holiday,元旦", "日期“2026-13-01”不对，应写成 2026-10-01"),
        ("20261002,holiday,国庆节", "日期“20261002”不对，应写成 2026-10-02"),
        ("2026-10-02,vacation,国庆节", "类型“vacation”不对"),
        ("2026-10-02,holiday", "应有 3 列，这里有 2 列"),
        ("2026-10-02,holiday,", "名称应为 1 到 40 个字"),
        ("2026-10-09,makeup_workday,补班", "2026-10-09 不是周六或周日"),
        ("2026-10-01,holiday,国庆节", "2026-10-01 与第 2 行重复"),
        ("2026-10-10,holiday,国庆节", "2026-10-10 在第 3 行是另一种类型"),
    ],
)
def test_is_a_mistake_told_with_its_line(row: str, told: str) -> None:
    good = "2026-10-01,holiday,国庆节\n2026-10-10,makeup_workday,国庆节调休上班\n"
    days, problems = parse_calendar_csv(HEADER + good + row + "\n")
    assert len(days) == 2
    assert [problem.line for problem in problems] == [4]
    assert told in problems[0].message


def test_is_a_wrong_header_told() -> None:
    assert parse_calendar_csv("日期,类型,名称\n") == ([], [Problem(1, "表头应为 date,kind,name")])
    assert parse_calendar_csv("")[1] == [Problem(1, "表头应为 date,kind,name")]


def test_may_a_day_be_both_an_official_and_a_school_holiday() -> None:
    text = HEADER + "2026-02-16,holiday,春节\n2026-02-16,school_holiday,寒假\n"
    assert parse_calendar_csv(text)[1] == []


@given(st.text())
def test_is_hostile_text_answered_with_problems_only(text: str) -> None:
    parse_calendar_csv(text)
    parse_calendar_csv(HEADER + text)
