"""Is the calendar that we start with the official one?

``python -m tests.config.test_calendar_data`` writes the file anew, from chinesecalendar.
"""

from datetime import date
from pathlib import Path

import chinese_calendar
import pytest
from chinese_calendar import constants

from geo.calendar import Calendar, parse_calendar_csv

STARTER = Path(__file__).parents[2] / "config" / "starter" / "calendar.csv"
YEARS = range(2023, 2027)
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


def official_csv() -> str:
    """The holidays and make-up working days of YEARS, by date."""
    rows = [
        (day, "holiday", NAMES[h]) for day, h in constants.holidays.items() if day.year in YEARS
    ]
    rows += [
        (day, "makeup_workday", f"{NAMES[h]}调休上班")
        for day, h in constants.workdays.items()
        if day.year in YEARS
    ]
    lines = [f"{day},{kind},{name}\n" for day, kind, name in sorted(rows)]
    return "date,kind,name\n" + "".join(lines)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    days, problems = parse_calendar_csv(STARTER.read_text(encoding="utf-8"))
    assert problems == []
    return Calendar(days)


def test_is_the_file_what_the_official_arrangements_say() -> None:
    assert STARTER.read_text(encoding="utf-8") == official_csv()


def test_does_every_day_agree_on_whether_people_work(calendar: Calendar) -> None:
    day = date(2023, 1, 1)
    while day.year in YEARS:
        assert calendar.is_workday(day) is chinese_calendar.is_workday(day), day
        day = date.fromordinal(day.toordinal() + 1)


def test_which_days_of_2026_are_off_and_which_weekends_are_worked(calendar: Calendar) -> None:
    october = [d for d in range(1, 32) if calendar.holiday(date(2026, 10, d))]
    february = [d for d in range(1, 29) if calendar.holiday(date(2026, 2, d))]
    assert october == [1, 2, 3, 4, 5, 6, 7]
    assert february == list(range(15, 24))
    days = [date(2026, 1, 1).toordinal() + i for i in range(365)]
    worked = [date.fromordinal(d) for d in days if calendar.makeup(date.fromordinal(d))]
    assert [(d.month, d.day) for d in worked] == [
        (1, 4),
        (2, 14),
        (2, 28),
        (5, 9),
        (9, 20),
        (10, 10),
    ]


def test_are_years_without_an_arrangement_told(calendar: Calendar) -> None:
    assert [year for year in range(2020, 2030) if calendar.covers(year)] == list(YEARS)
    assert not any(calendar.covers_school(year) for year in range(2020, 2030))


if __name__ == "__main__":
    STARTER.write_text(official_csv(), encoding="utf-8")
