"""Days on which offices work.

Public names: ``working_day_after``, ``RESUBMIT_DAYS``.
"""

from datetime import date, timedelta

from geo.calendar import Calendar

RESUBMIT_DAYS = 5
"""Working days that a unit is given to mend a report, unless the office says otherwise."""

SATURDAY = 5


def working_day_after(calendar: Calendar, day: date, count: int) -> date:
    """The ``count``-th working day after a day.

    Of a year whose holidays are not known, every Monday to Friday counts.
    """
    while count:
        day += timedelta(days=1)
        works = calendar.is_workday(day)
        count -= day.weekday() < SATURDAY if works is None else works
    return day
