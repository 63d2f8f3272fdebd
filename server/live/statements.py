"""What operators said of runs, remembered for a second.

Public names: ``Statements``, ``OtherMoment``.
"""

from datetime import date, datetime, timedelta
from functools import partial

from server.live.repeated import Repeater
from server.live.run_news import RunNews, SaidNews
from server.live.store import DAYS_AHEAD, LiveStore, RunRecords

__all__ = ["OtherMoment", "Statements"]

KEPT = 4096
"""Answers that are remembered."""

OLDEST, LATEST = timedelta(days=-2), timedelta(days=DAYS_AHEAD)
"""Of which days, counted from today, anything can have been said and is still kept."""

NONE: frozenset[int] = frozenset()


class Statements:
    """See the module. Threads may share it."""

    def __init__(self, store: LiveStore) -> None:
        self._store = store
        self._answers = Repeater(KEPT)

    def routes(self, day: date, now: datetime) -> frozenset[int] | None:
        """The routes of whose runs on a service day anything was said; None: of any, perhaps.

        Mostly there are few, and who asks about the others need not ask of each.
        """
        if not OLDEST <= day - now.date() <= LATEST:
            return NONE
        make = partial(self._store.routes_spoken_of, day)
        return self._answers.get(day, None, now, make)

    def on(self, route: int, day: date, now: datetime) -> RunRecords:
        """What was said of a route's runs on a service day."""
        return self._answers.get((route, day), None, now, partial(self._store.runs, route, day))


class OtherMoment:
    """News for a question about another moment than ``now``: what has been said by now of the
    days asked about. Where buses are is true only now."""

    about_now = False

    def __init__(self, statements: Statements, now: datetime) -> None:
        self._statements = statements
        self._now = now

    def talked_of(self, day: date, at: datetime) -> frozenset[int] | None:
        """See ``LiveBoard``."""
        return self._statements.routes(day, self._now)

    def news(self, route: int, day: date, at: datetime) -> RunNews:
        """See ``LiveBoard``."""
        records = self._statements.on(route, day, self._now)
        return SaidNews(records.runs, degraded=records.degraded)
