"""The grid of times: what is typed into its cells, rows that hold all trips of a direction.

Public names: ``Time``, ``read_cell``, ``write_cell``, ``shifted``, ``common_rows``, ``placed``.

A cell says ``06:50``, ``约07:15`` for an estimate, ``17:30/17:32`` where the bus arrives and
leaves at different times; hours go on after midnight (``25:10``).
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from geo.transit import StopTime, seconds

ABOUT = "约"
LAST = 50 * 3600
WRONG = "时刻应写成 07:30，估计的写 约07:30，过了零点写 25:10"

_CLOCK = r"(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?|(\d{2})(\d{2})"
_CELL = re.compile(rf"([约~～准]?)\s*(?:{_CLOCK})(?:\s*[/／]\s*(?:{_CLOCK}))?")


class Time(NamedTuple):
    """A cell, read; clocks as ``geo.transit.Clock``."""

    arrival: str
    departure: str | None
    timepoint: bool


def read_cell(text: str) -> Time | None:
    """None if it is no time; the cell must not be empty."""
    found = _CELL.fullmatch(text.strip())
    if found is None:
        return None
    mark, *parts = found.groups()
    arrival, departure = _clock(parts[:5]), _clock(parts[5:])
    if arrival is None or (departure is None and any(parts[5:])):
        return None
    return Time(arrival, departure, mark not in (ABOUT, "~", "～"))


def write_cell(time: StopTime) -> str:
    """As ``read_cell`` reads it."""
    mark = "" if time.timepoint else ABOUT
    leaves = f"/{time.departure}" if time.departure is not None else ""
    return f"{mark}{time.arrival}{leaves}"


def shifted(text: str, minutes: int) -> str:
    """The cell some minutes later (or earlier); empty if that is no time of the service day."""
    time = read_cell(text) if text.strip() else None
    if time is None:
        return text
    arrival = _moved(time.arrival, minutes)
    departure = _moved(time.departure, minutes) if time.departure else ""
    if arrival is None or departure is None:
        return ""
    return f"{'' if time.timepoint else ABOUT}{arrival}{f'/{departure}' if departure else ''}"


def common_rows(trips: Iterable[Sequence[str]]) -> list[str]:
    """Stops in an order in which every trip calls, each as often as some trip needs it."""
    rows: list[str] = []
    for trip in trips:
        merged: list[str] = []
        matcher = SequenceMatcher(None, rows, trip, autojunk=False)
        for kind, i, j, m, n in matcher.get_opcodes():
            merged += rows[i:j]
            merged += trip[m:n] if kind != "equal" else ()
        rows = merged
    return rows


def placed(trip: Sequence[str], rows: Sequence[str]) -> list[int]:
    """The row of each of the trip's calls, from the first on."""
    found, row = [], 0
    for stop in trip:
        row = rows.index(stop, row)
        found.append(row)
        row += 1
    return found


def _clock(parts: Sequence[str | None]) -> str | None:
    hours, minutes = parts[0] or parts[3], parts[1] or parts[4]
    if hours is None or minutes is None:
        return None
    rest = f":{parts[2]}" if parts[2] else ""
    if int(hours) >= LAST // 3600 or int(minutes) > 59 or int(parts[2] or 0) > 59:
        return None
    return f"{int(hours):02}:{minutes}{rest}"


def _moved(clock: str, minutes: int) -> str | None:
    at = seconds(clock) + minutes * 60
    if not 0 <= at < LAST:
        return None
    rest = f":{at % 60:02}" if at % 60 else ""
    return f"{at // 3600:02}:{at // 60 % 60:02}{rest}"
