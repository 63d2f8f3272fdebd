"""What the parts of several units add up to, and the lead unit's word for it.

Public names: ``Part``, ``Total``, ``parts``, ``told``, ``totals``, ``total_of``, ``confirm``,
``Confirmation``, ``confirmation``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select

from config.programmes import Action as ProgrammeAction
from config.programmes import Indicator, Programme
from geo.city import City
from server import audit
from server.db import AnySession
from server.ledger import closings, values
from server.ledger.cells import Cell, cells
from server.ledger.content import CellStatement, Statement
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.ledger.plain_text import plain
from server.models import Report, ReportVersion, TotalsConfirmed
from server.permissions import Action
from server.revisions import Refused

LONGEST_NOTE = 1000
"""Characters."""


class Part(NamedTuple):
    """What one unit has reported on one action for a quarter."""

    unit: str
    action: int
    period: str
    accepted: bool
    submitted_at: datetime
    says: Statement


class Total(NamedTuple):
    """One cell of an action, all units together. Cumulative: from the year's beginning on."""

    cell: Cell
    value: Decimal | None
    """Of a count or a rate; None: no unit has reported it, or rates that can't be joined."""
    done: bool | None
    """Of a milestone."""
    units: tuple[str, ...]
    """Who has reported it."""
    reached: bool | None
    """Whether it is what was promised; None: nothing is known, or it is told in words."""
    notes: tuple[tuple[str, str], ...]
    """By unit what it says of it."""

    @property
    def share(self) -> Decimal | None:
        """How much of the target, in per cent, of counts and rates."""
        target = self.cell.indicator.target
        if self.value is None or target is None:
            return None
        return (100 * self.value / target).quantize(Decimal("0.1"))


class Confirmation(NamedTuple):
    """The lead unit's word: the totals that it stands for."""

    row: TotalsConfirmed
    stale: bool
    """A part has changed since."""


def parts(
    session: AnySession, periods: Iterable[str], *, accepted: bool, unit: str | None = None
) -> list[Part]:
    """What was reported for quarters: of each report the version in force.

    ``accepted``: only what the office has accepted; otherwise what waits for it counts too, where
    nothing is accepted. What was withdrawn or returned counts nowhere.
    """
    newest = select(
        ReportVersion.report_id,
        func.max(ReportVersion.number)
        .filter(ReportVersion.outcome == "accepted")
        .label("in_force"),
        func.max(ReportVersion.number).filter(ReportVersion.outcome == "waiting").label("waiting"),
    ).group_by(ReportVersion.report_id)
    found = newest.subquery()
    wanted = found.c.in_force if accepted else func.coalesce(found.c.in_force, found.c.waiting)
    query = (
        select(
            Report.unit,
            Report.action,
            Report.period,
            ReportVersion.outcome,
            ReportVersion.submitted_at,
            ReportVersion.content,
        )
        .join(ReportVersion, ReportVersion.report_id == Report.id)
        .join(found, and_(found.c.report_id == Report.id, ReportVersion.number == wanted))
        .where(Report.period.in_(list(periods)))
        .order_by(Report.period, Report.action, Report.id)
    )
    if unit is not None:
        query = query.where(Report.unit == unit)
    return [
        Part(
            row.unit,
            row.action,
            row.period,
            row.outcome == "accepted",
            row.submitted_at,
            Statement.model_validate(row.content),
        )
        for row in session.execute(query)
    ]


def told(
    session: AnySession, periods: Iterable[str], unit: str, action: int
) -> Iterator[Statement]:
    """What a unit's versions say of an action that count, or will if the office accepts them."""
    query = (
        select(ReportVersion.content)
        .join(Report, Report.id == ReportVersion.report_id)
        .where(
            Report.unit == unit,
            Report.action == action,
            Report.period.in_(list(periods)),
            or_(
                ReportVersion.number == Report.accepted_number,
                ReportVersion.outcome == "waiting",
            ),
        )
    )
    return (Statement.model_validate(content) for content in session.scalars(query))


def totals(action: ProgrammeAction, city: City, of: Sequence[Part]) -> tuple[Total, ...]:
    """All cells of an action, each over the parts of its units for one quarter."""
    own = [part for part in of if part.action == action.number]
    by_unit = {part.unit: part.says.cells for part in own}
    return tuple(total_of(cell, by_unit) for cell in cells(action, city))


def total_of(cell: Cell, by_unit: Mapping[str, Mapping[str, CellStatement]]) -> Total:
    """One cell over its units.

    Counts add up. Rates with both their numbers are pooled; a rate that one unit alone reports is
    its own; others can't be joined. A milestone is done when a unit says so.
    """
    said = {
        unit: stated[cell.key]
        for unit, stated in by_unit.items()
        if cell.key in stated and not stated[cell.key].not_ours
    }
    indicator, given = cell.indicator, list(said.values())
    value = done = None
    match indicator.measure:
        case "at_least":
            counts = [one.value for one in given if one.value is not None]
            value = sum(counts, Decimal(0)) if counts else None
        case "rate":
            value = _rate(indicator, given)
        case "milestone":
            answers = [one.done for one in given if one.done is not None]
            done = any(answers) if answers else None
    notes = tuple((unit, one.note) for unit, one in said.items() if one.note)
    return Total(cell, value, done, tuple(said), _reached(indicator, value, done), notes)


def confirm(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    number: int,
    period: str,
    city: City,
    note: str = "",
) -> TotalsConfirmed:
    """Give the lead unit's word for an action's totals of a quarter.

    Raises:
        Unseen: the person's unit does not lead the action.
        Refused: a unit has not handed in its part yet, the quarter is closed, or the note
            is too long.
    """
    action, quarter = programme.action(number), programme.period(period)
    refuse_unless(by, Action.ANSWER_FOR_UNIT)
    if by.unit != action.lead:
        raise Unseen(f"这一项的合计由牵头单位{action.lead}确认")
    closings.refuse_closed(session, quarter)
    note = plain(note).strip()
    if len(note) > LONGEST_NOTE:
        raise Refused(f"说明最多 {LONGEST_NOTE} 字")
    of = [part for part in parts(session, [period], accepted=False) if part.action == number]
    missing = [unit for unit in action.units if unit not in {part.unit for part in of}]
    if missing:
        raise Refused(f"还有单位没有报送：{'、'.join(missing)}")
    row = TotalsConfirmed(
        period=period,
        action=number,
        totals={total.cell.key: _kept(total) for total in totals(action, city, of)},
        parts=_numbers(of),
        note=note,
        confirmed_by=by.account_id,
    )
    session.add(row)
    session.flush()
    told = {"action": number, "period": period, "totals": row.totals, "parts": row.parts}
    audit.record(session, by, "totals.confirmed", "totals", row.id, told)
    return row


def confirmation(
    session: AnySession, action: int, period: str, of: Sequence[Part]
) -> Confirmation | None:
    """The lead unit's newest word for an action, held against the parts as they are now."""
    query = select(TotalsConfirmed).where(
        TotalsConfirmed.period == period, TotalsConfirmed.action == action
    )
    row = session.scalars(query.order_by(TotalsConfirmed.id.desc()).limit(1)).first()
    if row is None:
        return None
    own = [part for part in of if part.action == action and part.period == period]
    return Confirmation(row, row.parts != _numbers(own))


def _numbers(of: Iterable[Part]) -> dict[str, int]:
    return {part.unit: part.says.number for part in of}


def _kept(total: Total) -> dict[str, object]:
    value = None if total.value is None else str(total.value)
    return {"value": value, "done": total.done, "reached": total.reached}


def _rate(indicator: Indicator, given: Sequence[CellStatement]) -> Decimal | None:
    known = [one for one in given if one.value is not None]
    if len(known) < 2:
        return known[0].value if known else None
    pairs = [
        (one.numerator, one.denominator)
        for one in known
        if one.numerator is not None and one.denominator is not None
    ]
    if len(pairs) < len(known) or not indicator.is_percentage:
        return None
    return values.percentage(
        sum((pair[0] for pair in pairs), Decimal(0)), sum((pair[1] for pair in pairs), Decimal(0))
    )


def _reached(indicator: Indicator, value: Decimal | None, done: bool | None) -> bool | None:
    if indicator.measure == "milestone":
        return done
    if indicator.target is None or value is None:
        return None
    return value >= indicator.target
