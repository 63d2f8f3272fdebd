"""How far along its stops each run was seen: a stop that a bus has left stays left.

Public names: ``Passed``, ``PassedStops``.

Without it a bus that falls silent, or leaves its route, would turn the stops behind it into stops
at which it is overdue. Each process remembers what it saw itself; what it never saw it does not
claim. The store does not keep it: what it takes in are positions, each a fraction of a millisecond
of work, and how far along its run a bus is takes the timetable and the way driven, for every one
of 200 reports a second; or else those who ask would have to write. A process that nobody asked
while a bus passed says that it does not know, which is true.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

KEPT = 2048
"""Routes and days that are remembered; a route has some dozen runs a day."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A vehicle had left the stops before ``sequence`` behind when it was seen at ``at``.

    ``near_end``: there was one more stop to come after that one, or none.
    """

    sequence: int
    at: datetime
    near_end: bool = False


class PassedStops:
    """See the module. Of the edition in force, today's service day and the one before."""

    def __init__(self) -> None:
        self._edition: object = None
        self._known: dict[tuple[int, date], dict[str, Passed]] = {}
        self._lock = threading.Lock()

    def see(self, edition: object, route: int, day: date, trip: str, passed: Passed) -> None:
        """A vehicle on the run was seen; of several the foremost counts."""
        with self._lock:
            self._begin(edition)
            if (route, day) not in self._known:
                self._make_room(passed.at.date() - timedelta(days=1))
            runs = self._known.setdefault((route, day), {})
            known = runs.get(trip)
            if known is None or known.sequence < passed.sequence:
                runs[trip] = passed

    def on(self, edition: object, route: int, day: date) -> Mapping[str, Passed]:
        """How far the runs of a route were seen on a service day, by trip."""
        with self._lock:
            self._begin(edition)
            return dict(self._known.get((route, day), {}))

    def _begin(self, edition: object) -> None:
        if edition != self._edition:  # another edition may count its stops otherwise
            self._edition = edition
            self._known.clear()

    def _make_room(self, oldest: date) -> None:
        for key in [key for key in self._known if key[1] < oldest]:
            del self._known[key]
        if len(self._known) >= KEPT:
            del self._known[next(iter(self._known))]
