"""How far each indicator of a year has come: by quarter, against its target and the calendar.

Public names: ``Reached``, ``Progress``, ``Year``, ``year``, ``expected``, ``pace``,
``newest_begun``, ``BEHIND``.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from config.programmes import Action, Indicator, Period, Programme
from geo.city import City
from server.db import AnySession
from server.ledger.cells import Cell
from server.ledger.totals import Part, Total, parts, totals

BEHIND = Decimal("0.8")
"""Of what is expected by now: less is behind."""


class Reached(NamedTuple):
    """A cell's total at a quarter's end, and what stood behind it."""

    period: Period
    total: Total
    waiting: tuple[str, ...]
    """Units whose part the office has not accepted yet."""
    fell: bool
    """Less than at the quarter before, though all who reported then have done so again."""
    missing: tuple[str, ...] = ()
    """Units that reported it for the quarter before and have reported nothing for this one."""


class Progress(NamedTuple):
    """One cell over the year."""

    action: Action
    cell: Cell
    quarters: tuple[Reached, ...]
    """Of those that somebody has reported it for, in order."""

    @property
    def indicator(self) -> Indicator:
        """What was promised."""
        return self.cell.indicator

    @property
    def newest(self) -> Reached | None:
        """As reported last."""
        return self.quarters[-1] if self.quarters else None

    @property
    def value(self) -> Decimal | None:
        """Of a count or a rate, as reported last."""
        return self.newest.total.value if self.newest else None

    @property
    def reached(self) -> bool:
        """Whether it is what was promised."""
        return bool(self.newest and self.newest.total.reached)

    def until(self, period: Period) -> "Progress":
        """As it stood with the reports of a quarter and those before it."""
        known = tuple(one for one in self.quarters if one.period.code <= period.code)
        return self._replace(quarters=known)

    def expected_by(self, today: date) -> Decimal | None:
        """What the count should have come to at the end of the quarter that it was reported last
        for, or today if that is earlier."""
        if self.newest is None:
            return None
        return expected(self.indicator, min(today, self.newest.period.end))

    def is_behind(self, today: date) -> bool:
        """Whether the count reported last is more than a fifth below what was expected by then.
        Not while a part of it is missing."""
        if self.value is None or self.newest is None or self.newest.missing:
            return False
        line = self.expected_by(today)
        return line is not None and self.value < BEHIND * line


class Year(NamedTuple):
    """A year's indicators, and the reports that they were made of."""

    programme: Programme
    cells: tuple[Progress, ...]
    parts: tuple[Part, ...]

    def of(self, code: str) -> tuple[Progress, ...]:
        """An indicator's cells: one, or one for each district."""
        return tuple(one for one in self.cells if one.indicator.code == code)


def year(
    session: AnySession,
    programme: Programme,
    city: City,
    *,
    accepted: bool = False,
    unit: str | None = None,
) -> Year:
    """All indicators of a year from what was reported; ``accepted``: from that alone.

    With a ``unit``, of its own actions, from its own reports.
    """
    codes = [period.code for period in programme.periods]
    found = parts(session, codes, accepted=accepted, unit=unit)
    by_period = {code: [part for part in found if part.period == code] for code in codes}
    cells = tuple(
        progress
        for action in programme.actions
        if unit is None or unit in action.units
        for progress in _of_action(programme, action, city, by_period)
    )
    return Year(programme, cells, tuple(found))


def expected(indicator: Indicator, day: date) -> Decimal | None:
    """What a count should have come to by the end of a day: as many whole ones as ``pace`` makes.

    None for all else.
    """
    line = pace(indicator, day)
    return None if line is None else line.to_integral_value(ROUND_FLOOR)


def pace(indicator: Indicator, day: date) -> Decimal | None:
    """Where a count stands at the end of a day of its year that grows evenly to its target.

    None for all else: a rate is how things are, not how much was done since New Year.
    """
    if indicator.measure != "at_least" or indicator.target is None:
        return None
    first = date(day.year, 1, 1)
    days = (date(day.year + 1, 1, 1) - first).days
    return indicator.target * ((day - first).days + 1) / days


def newest_begun(programme: Programme, today: date) -> Period:
    """The quarter that people report on now; of a year to come its first."""
    begun = [period for period in programme.periods if period.start <= today]
    return begun[-1] if begun else programme.periods[0]


def _of_action(
    programme: Programme, action: Action, city: City, by_period: Mapping[str, Sequence[Part]]
) -> list[Progress]:
    found: dict[str, Progress] = {}
    for period in programme.periods:
        own = [part for part in by_period[period.code] if part.action == action.number]
        for total in totals(action, city, own):
            known = found.setdefault(total.cell.key, Progress(action, total.cell, ()))
            if total.units:
                reached = _reached(period, total, own, known.newest)
                found[total.cell.key] = known._replace(quarters=(*known.quarters, reached))
    return list(found.values())


def _reached(period: Period, total: Total, of: Sequence[Part], before: Reached | None) -> Reached:
    waiting = tuple(part.unit for part in of if part.unit in total.units and not part.accepted)
    last = before.total if before else None
    reported = {part.unit for part in of}
    missing = tuple(unit for unit in (last.units if last else ()) if unit not in reported)
    fell = (
        last is not None
        and not missing
        and (
            (total.value is not None and last.value is not None and total.value < last.value)
            or (bool(last.done) and total.done is False)
        )
    )
    return Reached(period, total, waiting, fell, missing)
