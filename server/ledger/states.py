"""How a report stands: towards the calendar, and towards the work on it. Never mixed up.

Public names: ``Standing``, ``Work``, ``standing``, ``work``, ``is_late``, ``days_left``.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from config.programmes import Period
from geo.opening import SHANGHAI


class Standing(StrEnum):
    """Whether it has been handed in, and if not, whether it should have been."""

    NOT_DUE = "not_due"
    OVERDUE = "overdue"
    WITHOUT_PROGRESS = "without_progress"
    FILED = "filed"


class Work(StrEnum):
    """How far the work on it is."""

    NOT_STARTED = "not_started"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


STANDINGS = {
    Standing.NOT_DUE: "未到期",
    Standing.OVERDUE: "应报未报",
    Standing.WITHOUT_PROGRESS: "已报·无进展",
    Standing.FILED: "已报",
}

WORKS = {
    Work.NOT_STARTED: "未开始",
    Work.DRAFT: "填报中",
    Work.SUBMITTED: "待审核",
    Work.RETURNED: "已退回",
    Work.ACCEPTED: "已通过",
}


class Told(Protocol):
    """What is asked of a report."""

    state: str
    filed_at: datetime | None
    without_progress: bool


def standing(report: Told | None, period: Period, today: date) -> Standing:
    """How it stands towards the calendar.

    What was returned counts as filed: the unit did hand it in. It is the work on it that is open.
    """
    if report is not None and report.filed_at is not None:
        return Standing.WITHOUT_PROGRESS if report.without_progress else Standing.FILED
    return Standing.OVERDUE if today > period.due else Standing.NOT_DUE


def work(report: Told | None) -> Work:
    """How far the work on it is."""
    return Work(report.state) if report is not None else Work.NOT_STARTED


def is_late(report: Told | None, period: Period, today: date) -> bool:
    """Whether it came after the day it was due, or has not come and should have."""
    if report is None or report.filed_at is None:
        return today > period.due
    return on_the_wall(report.filed_at) > period.due


def days_left(period: Period, today: date) -> int:
    """Days to the day it is due; negative: since."""
    return (period.due - today).days


def on_the_wall(at: datetime) -> date:
    """The day in Zibo at a moment."""
    return at.astimezone(SHANGHAI).date()
