"""A notice in a parent's words: for the public pages, and for whoever writes one.

Public names: ``EFFECTS``, ``Told``, ``told``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from geo.opening import SHANGHAI

EFFECTS = {"suspension": "停运", "detour": "改道", "time_change": "改点", "other": "公告"}


class Told(NamedTuple):
    """A notice as a page shows it."""

    kind: str
    name: str
    text: str
    period: str
    replacement: str
    phone: str | None


def told(record: Mapping[str, Any]) -> Told:
    """A notice's document, or its public record."""
    return Told(
        kind=EFFECTS[record["effect"]],
        name=record["name"],
        text=record["text"],
        period=_period(record["start"], record["end"]),
        replacement=record["replacement"],
        phone=record["phone"],
    )


def _period(start: str, end: str | None) -> str:
    first = _minute(datetime.fromisoformat(start))
    last = "恢复时间另行通知" if end is None else f"至 {_minute(datetime.fromisoformat(end))}"
    return f"{first} 起，{last}" if end is None else f"{first} {last}"


def _minute(at: datetime) -> str:
    at = at.astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日 {at.hour}:{at.minute:02}"
