"""The day on which stories are told. What they are about is published as of that day, too: a
notice that is over is not put out any more, and every notice with a date will be over one day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, tzinfo

import pytest

from geo.opening import SHANGHAI
from server import composing

TODAY = date(2026, 11, 24)
"""A Tuesday."""


class _Then(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Then":
        return cls(TODAY.year, TODAY.month, TODAY.day, 10, tzinfo=SHANGHAI).astimezone(tz)


@contextmanager
def publishing_then() -> Iterator[None]:
    """Within, this process publishes on that day."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composing, "datetime", _Then)
        yield
