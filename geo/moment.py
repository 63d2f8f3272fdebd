"""Open or not: all places of an edition at one minute.

Places share opening hours, so the state is worked out once for each distinct hours and minute,
and kept ready-encoded until the minute is over.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from geo.calendar import Calendar
from geo.opening import SHANGHAI, Hours, OpenState

KEPT = 32
"""Minutes (or days, see ``Moments``) kept at once: now, and the few that ``at=`` and ``open=`` ask
about."""

DAY = 1440
SHANGHAI_AHEAD = 480
"""Minutes by which Asia/Shanghai is ahead of UTC; it keeps no summer time."""


class Moment:
    """The state of every distinct opening hours at a minute that starts ``at`` (Asia/Shanghai)."""

    def __init__(self, hours: Sequence[Hours], at: datetime) -> None:
        self._at = at
        self.encoded = _Encoded(hours, at)
        """The ``open`` object of each distinct hours as JSON, by its place in the sequence."""
        self._hours = hours
        self._flags: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None = None

    @property
    def flags(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """By place in the sequence: open for certain, and not known."""
        if self._flags is None:
            now = [hours.state(self._at).now for hours in self._hours]
            self._flags = (
                np.array([state is True for state in now], dtype=np.bool_),
                np.array([state is None for state in now], dtype=np.bool_),
            )
        return self._flags


class _Encoded(dict[int, bytes]):
    """Fills itself: most answers show few of the distinct hours."""

    def __init__(self, hours: Sequence[Hours], at: datetime) -> None:
        super().__init__()
        self._hours = hours
        self._at = at

    def __missing__(self, place: int) -> bytes:
        encoded = orjson.dumps(told(self._hours[place].state(self._at)))
        self[place] = encoded
        return encoded


def told(state: OpenState) -> dict[str, Any]:
    """A state in the words of ``geo.public.Open``."""
    return {
        "now": state.now,
        "state": state.state,
        "text": state.text,
        "reason": state.reason,
        "code": state.code,
        "until": state.until,
    }


class Moments:
    """The recent minutes of one edition's opening hours; safe to share between threads.

    ``hours`` are the distinct pairs of expression and closures (start, end, reason) that
    ``geo.bake`` found.
    """

    def __init__(
        self, hours: Sequence[Sequence[Any]], calendar: Calendar, closing_soon: int
    ) -> None:
        self.hours = [
            Hours(
                expression,
                calendar,
                closures=[
                    (date.fromisoformat(start), date.fromisoformat(end), reason)
                    for start, end, reason in closures
                ],
                closing_soon_minutes=closing_soon,
            )
            for expression, closures in hours
        ]
        # Around the clock, or never known: such hours are worked out once a day.
        self._minutes = DAY if all(one.never_changes for one in self.hours) else 1
        self._kept: dict[int, Moment] = {}

    def at_minute(self, minute: int) -> Moment:
        """The moment that many whole minutes after 1970-01-01T00:00Z, or one of the same day
        (Asia/Shanghai) at which all is the same."""
        key = (minute + SHANGHAI_AHEAD) // self._minutes
        moment = self._kept.get(key)
        if moment is None:
            at = datetime.fromtimestamp(minute * 60, SHANGHAI)
            moment = Moment(self.hours, at)
            kept = dict(self._kept)
            while len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[key] = moment
            self._kept = kept
        return moment


def minute_of(at: datetime) -> int:
    """Whole minutes since 1970-01-01T00:00Z of an aware time."""
    return int(at.timestamp() // 60)
