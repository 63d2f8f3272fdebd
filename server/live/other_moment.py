"""What is known of runs where another moment than now is asked about: what operators said.

Public names: ``OtherMoment``, ``spoken_of``.
"""

from datetime import date, datetime, timedelta
from functools import partial

from server.live.repeated import Repeater
from server.live.run_news import RunNews, SaidNews
from server.live.store import DAYS_AHEAD, LiveStore

__all__ = ["OtherMoment", "spoken_of"]

OLDEST, LATEST = timedelta(days=-2), timedelta(days=DAYS_AHEAD)
"""Of which days, counted from today, anything can have been said and is still kept."""

NONE: frozenset[int] = frozenset()


def spoken_of(store: LiveStore, day: date, now: datetime) -> frozenset[int] | None:
    """The routes of whose runs on a service day anything was said by now; None: of any, perhaps.

    Mostly there are few, and who asks about the others need not ask of each.
    """
    if not OLDEST <= day - now.date() <= LATEST:
        return NONE
    return store.routes_spoken_of(day)


class OtherMoment:
    """News for a question about another moment than ``now``: what has been said by now of the
    days asked about. Where buses are is true only now.

    ``answers`` are those of the board, repeated for a second.
    """

    about_now = False

    def __init__(self, store: LiveStore, answers: Repeater, now: datetime) -> None:
        self._store = store
        self._answers = answers
        self._now = now

    def talked_of(self, day: date, at: datetime) -> frozenset[int] | None:
        """See ``LiveBoard``."""
        make = partial(spoken_of, self._store, day, self._now)
        return self._answers.get(("spoken", day), None, self._now, make)

    def news(self, route: int, day: date, at: datetime) -> RunNews:
        """See ``LiveBoard``."""
        make = partial(self._store.runs, route, day)
        said = self._answers.get(("said", route, day), None, self._now, make)
        return SaidNews(said.runs, degraded=said.degraded)
