"""Answers that are repeated for a second, so that many who ask at once cost what one costs."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

REPEATED_S = 1.0
"""Seconds for which an answer is repeated: vehicles report no more often."""

T = TypeVar("T")


def repeated_until(now: datetime) -> datetime:
    """Until when an answer that is made now may be given."""
    return now + timedelta(seconds=REPEATED_S)


class Repeater:
    """Remembers up to ``kept`` answers, of one edition; threads may share it."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._known: dict[Hashable, tuple[float, object, Any]] = {}

    def get(self, key: Hashable, edition: object, now: datetime, make: Callable[[], T]) -> T:
        """The answer to a question, made anew if it is older than a second.

        One that was made for a later moment is no answer either.
        """
        asked_at = now.timestamp()
        known = self._known.get(key)
        if known and known[1] == edition and 0 <= asked_at - known[0] < REPEATED_S:
            repeated: T = known[2]
            return repeated
        if len(self._known) >= self._kept:
            self._known.clear()
        answer = make()
        self._known[key] = (asked_at, edition, answer)
        return answer
