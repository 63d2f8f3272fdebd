"""Which runs a notice touches, and what parents will read of each. No Flask, no database.

Public names: ``Touched``, ``touched``.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from geo.bus_answers import Run
from geo.calendar import Calendar
from geo.opening import SHANGHAI
from geo.opening_text import clock
from geo.timetable import Timetable
from geo.transit import BusRoute, Notice

DAYS = 3
"""Days of which runs are shown, from the notice's first on that is not over."""


class Touched(NamedTuple):
    """A run, or a run's call at some stops, with what the notice makes of it."""

    line: str
    day: date
    """The day by whose timetable it runs."""
    clock: str
    name: str
    state: str
    stops: tuple[str, ...]
    """Where only calls at some stops are touched."""


def touched(
    notice: Notice,
    routes: Sequence[tuple[int, BusRoute]],
    others: Sequence[tuple[int, Notice]],
    calendar: Calendar,
    now: datetime,
    id_: int = 0,
) -> list[Touched]:
    """The runs that the notice touches within some days; ``others`` are the notices beside it.

    ``id_`` is its listing id, 0 for a new one.
    """
    beside = [(other, told) for other, told in others if other != id_]
    timetable = Timetable.of(routes, [*beside, (id_, notice)], calendar)
    # Told from later on, it is looked at as it will be told then.
    at = max(now, notice.announced_at)
    first = max(notice.start, now).astimezone(SHANGHAI).date()
    found = []
    # A run of the evening before may set out after midnight.
    for day in (first + timedelta(days=n) for n in range(-1, DAYS)):
        if notice.end is not None and day > notice.end.astimezone(SHANGHAI).date():
            break
        for route, document in routes:
            if notice.touches(route):
                runs = timetable.runs_of(route, day, at)
                found += [_touched(document.name, run, id_) for run in runs]
    return [one for one in found if one is not None]


def _touched(line: str, run: Run, id_: int) -> Touched | None:
    first = run.calls[0]
    departs = clock(first.departure.hour * 60 + first.departure.minute)
    if id_ in run.effect.notices:
        state = run.effect.state_text or "见公告"
        return Touched(line, run.service_date, departs, run.trip_name, state, ())
    calls = [call for call in run.calls if id_ in call.effect.notices]
    if not calls:
        return None
    state = calls[0].effect.state_text or "见公告"
    stops = tuple(call.stop_name for call in calls)
    return Touched(line, run.service_date, departs, run.trip_name, state, stops)
