"""How long is waited before a message, or WeChat, is tried again.

Public names: ``PAUSES``, ``pause``, ``due``.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, literal

from server.db import UtcDateTime
from server.models import Message

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15))
"""How long to rest after the first attempt, the second, …; the last is for all further ones."""


def pause(attempts: int) -> timedelta:
    """How long to rest after so many attempts, at least one."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def due(at: datetime) -> ColumnElement[bool]:
    """Never tried, or tried so long ago that it may be tried again."""
    *first, last = (literal(at - rest, UtcDateTime()) for rest in PAUSES)
    rested = case(dict(enumerate(first, 1)), value=Message.attempts, else_=last)
    return (Message.attempts == 0) | (Message.attempted_at < rested)
