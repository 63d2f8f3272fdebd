"""Does a service run on that day, and is the reason the one that a parent would give?"""

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.calendar import Calendar
from geo.service_days import REMEMBERED, RULES, ServiceDays, runs_on
from geo.transit import Service
from tests.geo import buses

FIRST = date(2025, 9, 1)
YEAR = [FIRST + timedelta(n) for n in range(365)]
"""A school year: National Day, a make-up Sunday and Saturdays, winter and summer."""


@cache
def days() -> Calendar:
    return buses.calendar()


def service(**given: Any) -> Service:
    return Service.model_validate(buses.service(**given))


@pytest.mark.parametrize(
    ("day", "runs", "code", "words"),
    [
        ("2026-10-09", "yes", "weekday", "周五"),
        ("2026-10-10", "yes", "makeup_workday", "调休"),
        ("2026-10-11", "no", "weekend", "周末"),
        ("2026-10-01", "no", "holiday", "国庆节"),
        ("2026-10-03", "no", "holiday", "国庆节"),
        ("2026-08-31", "no", "out_of_period", "2026年9月1日"),
        ("2027-01-21", "no", "out_of_period", "2027年1月20日"),
        ("2027-01-04", "not_announced", "not_announced", "2027 年"),
        ("2027-01-09", "not_announced", "not_announced", "尚未公布"),
    ],
)
def test_does_it_run_on_that_day_of_term(day: str, runs: str, code: str, words: str) -> None:
    told = runs_on(service(), date.fromisoformat(day), days())
    assert (told.runs, told.code) == (runs, code)
    assert words in told.reason
    assert told.rule == RULES[told.code]


@pytest.mark.parametrize(
    ("day", "runs", "code"),
    [
        ("2026-02-10", "no", "school_holiday"),
        ("2026-02-14", "no", "school_holiday"),  # made up for, but within the winter holiday
        ("2026-02-28", "yes", "makeup_workday"),
        ("2026-03-02", "yes", "weekday"),
    ],
)
def test_is_the_winter_holiday_off(day: str, runs: str, code: str) -> None:
    told = runs_on(service(start="2025-09-01"), date.fromisoformat(day), days())
    assert (told.runs, told.code) == (runs, code)


def test_is_an_exception_told_with_its_reason_even_outside_the_term() -> None:
    exceptions = [
        {"date": "2026-10-09", "runs": False, "reason": "运动会"},
        {"date": "2027-02-27", "runs": True},
        {"date": "2027-01-09", "runs": True, "reason": "期末考试"},
    ]
    some = service(exceptions=exceptions)
    off = runs_on(some, date(2026, 10, 9), days())
    assert (off.runs, off.code, off.reason) == ("no", "exception", "停开：运动会")
    assert runs_on(some, date(2027, 2, 27), days()).runs == "yes"
    assert runs_on(some, date(2027, 1, 9), days()).reason == "加开：期末考试"


@pytest.mark.parametrize(
    ("weekdays", "day", "runs"),
    [
        ("1101100", "2026-10-10", "no"),  # a make-up day is an ordinary Wednesday
        ("0010000", "2026-10-10", "yes"),
        ("1101100", "2027-01-09", "no"),  # off, whether or not that Saturday is made up for
        ("1101100", "2027-01-06", "no"),  # a Wednesday: off in any arrangement
        ("0000010", "2027-01-09", "not_announced"),
    ],
)
def test_which_weekday_is_a_make_up_day(weekdays: str, day: str, runs: str) -> None:
    assert runs_on(service(weekdays=weekdays), date.fromisoformat(day), days()).runs == runs


def test_does_the_plain_rule_know_no_holidays() -> None:
    plain = service(rule="plain")
    asked = [date(2026, 10, 1), date(2026, 10, 10), date(2027, 1, 4)]
    assert [runs_on(plain, day, days()).runs for day in asked] == ["yes", "no", "yes"]


def plainly(given: Service, day: date) -> str:
    """The same, read off the rules on a wall."""
    for exception in given.exceptions:
        if exception.date == day:
            return "yes" if exception.runs else "no"
    if not given.start <= day <= given.end:
        return "no"
    school_day = day.weekday()
    if given.rule == "school":
        if buses.WINTER[0] <= day <= buses.WINTER[1] or days().holiday(day):
            return "no"
        if days().makeup(day):
            school_day = 2
    return "yes" if given.weekdays[school_day] == "1" else "no"


a_day = st.sampled_from(YEAR)
services = st.builds(
    lambda weekdays, ends, rule, off: service(
        weekdays="".join(map(str, weekdays)),
        start=min(ends),
        end=max(ends),
        rule=rule,
        exceptions=[{"date": day, "runs": runs} for day, runs in off.items()],
    ),
    st.lists(st.integers(0, 1), min_size=7, max_size=7),
    st.tuples(a_day, a_day),
    st.sampled_from(["school", "plain"]),
    st.dictionaries(a_day, st.booleans(), max_size=4),
)


@settings(max_examples=60, deadline=None)
@given(some=services)
def test_is_every_day_of_a_school_year_as_the_rules_have_it(some: Service) -> None:
    told = {day: runs_on(some, day, days()).runs for day in YEAR}
    assert told == {day: plainly(some, day) for day in YEAR}


def test_are_remembered_days_the_same_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(YEAR) < REMEMBERED
    monkeypatch.setattr("geo.service_days.REMEMBERED", 10)
    some = ServiceDays([service(start="2025-09-01")], days())
    for _ in range(2):
        for day in YEAR[:40]:
            assert some.on(0, day.toordinal()).runs == plainly(service(start="2025-09-01"), day)
            assert len(some._known) <= 10


def test_what_is_the_last_day_of_several_services() -> None:
    extra = service(exceptions=[{"date": "2027-02-27", "runs": True}])
    some = ServiceDays([service(), extra], days())
    assert date.fromordinal(some.last_day([0])) == date(2027, 1, 20)
    assert date.fromordinal(some.last_day([0, 1])) == date(2027, 2, 27)
    assert some.last_day([]) == 0
