"""Who has reported what: units by quarters of a year, and how each report stands.

Public names: ``Square``, ``Line``, ``squares``, ``lines``, ``tally``. One question to the database.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from config.programmes import Period, Programme
from server.db import AnySession
from server.ledger import states
from server.ledger.cells import ReportKey
from server.ledger.states import Standing, Work
from server.models import Report


class Square(NamedTuple):
    """How one report that is owed stands today."""

    key: ReportKey
    begun: bool
    """The quarter has begun: there is something to report on."""
    work: Work
    standing: Standing
    late: bool
    """Handed in after the day it was due; or not handed in, and that day is past."""
    resubmit_by: date | None
    """While it is returned: the day by which it is expected again."""
    resubmit_late: bool
    correcting: bool
    """What was accepted is being corrected."""

    @property
    def filed_late(self) -> bool:
        """Whether it was handed in, but late."""
        return self.late and self.standing is not Standing.OVERDUE


class Line(NamedTuple):
    """One unit's row of the matrix."""

    unit: str
    quarters: tuple[tuple[Square, ...], ...]
    """By quarter its squares, in the order of the actions."""


@dataclass
class _Row:
    state: str
    filed_at: datetime | None
    without_progress: bool
    resubmit_by: date | None
    correction: str


def squares(session: AnySession, programme: Programme, today: date) -> list[Square]:
    """Every report that the year owes, in the programme's order of units, quarters and actions."""
    there = _rows(session, [period.code for period in programme.periods])
    return [
        _square(ReportKey(unit, action, period.code), period, there, today)
        for unit in programme.units
        for period in programme.periods
        for action in (action.number for action in programme.actions if unit in action.units)
    ]


def lines(programme: Programme, of: Iterable[Square]) -> list[Line]:
    """Squares as rows of units; a unit with none of them is left out."""
    found: dict[str, dict[str, list[Square]]] = {}
    for square in of:
        quarters = found.setdefault(square.key.unit, {})
        quarters.setdefault(square.key.period, []).append(square)
    codes = [period.code for period in programme.periods]
    return [
        Line(unit, tuple(tuple(quarters.get(code, ())) for code in codes))
        for unit, quarters in found.items()
    ]


def tally(of: Sequence[Square], period: str) -> Mapping[str, int]:
    """How many of a quarter's reports are at each ``Work`` and ``Standing``, how many were
    handed in ``late``, and ``all``."""
    own = [square for square in of if square.key.period == period]
    counts = Counter[str](square.work for square in own)
    counts.update(square.standing for square in own)
    return counts | Counter(late=sum(square.filed_late for square in own), all=len(own))


def _rows(session: AnySession, periods: list[str]) -> Mapping[ReportKey, _Row]:
    row = Report
    query = select(
        row.unit, row.action, row.period,
        row.state, row.filed_at, row.without_progress, row.resubmit_by, row.correction,
    ).where(row.period.in_(periods))  # fmt: skip
    return {ReportKey(*told[:3]): _Row(*told[3:]) for told in session.execute(query)}


def _square(key: ReportKey, period: Period, there: Mapping[ReportKey, _Row], today: date) -> Square:
    row = there.get(key)
    expected = row.resubmit_by if row is not None and row.state == "returned" else None
    return Square(
        key,
        today >= period.start,
        states.work(row),
        states.standing(row, period, today),
        states.is_late(row, period, today),
        expected,
        expected is not None and today > expected,
        bool(row and row.correction),
    )
