"""What of the ledger waits for a person: for a unit what was returned and what is overdue, for the
office what a unit has told.

Public names: ``Waits``, ``returned``, ``overdue``, ``untold``, ``counts``.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, distinct, func, literal, select

from config.programmes import Programme
from server.ledger import closings, owing
from server.ledger.matters import unseen
from server.ledger.people import LedgerPerson
from server.ledger.states import Standing, Work
from server.models import ImportantMatter, PeriodClosing, Report
from server.permissions import Action, may
from server.revisions import AnySession


class Waits(NamedTuple):
    """One thing that waits; ``where`` is what its page is found by."""

    id: int
    title: str
    detail: str
    where: dict[str, Any]


def returned(
    session: AnySession, by: LedgerPerson, programme: Programme, today: date
) -> Iterator[Waits]:
    """A unit's reports that the office has sent back."""
    for one in _owed(session, by, programme, today):
        if one.work is Work.RETURNED and not one.closed:
            why = "；".join(one.reasons.values())
            yield _waits(one, f"退回原因：{why}\n{owing.next_step(one, today)}")


def overdue(
    session: AnySession, by: LedgerPerson, programme: Programme, today: date
) -> Iterator[Waits]:
    """A unit's reports that should have been handed in."""
    for one in _owed(session, by, programme, today):
        if one.standing is Standing.OVERDUE and not one.closed:
            yield _waits(one, owing.due_words(one.days))


def untold(session: AnySession, by: LedgerPerson) -> Iterator[Waits]:
    """What units have told, and nobody of the office has read."""
    if may(by, Action.REVIEW_REPORTS):
        rows = session.scalars(select(ImportantMatter).where(unseen()).order_by(ImportantMatter.id))
        for row in rows:
            yield Waits(row.id, row.title, row.unit, {"id_": row.id})


def counts(by: LedgerPerson, programme: Programme, today: date) -> list[ColumnElement[int]]:
    """The numbers of all these, to be asked together."""
    found: list[ColumnElement[int]] = []
    if may(by, Action.REPORT) and by.unit:
        codes = [period.code for period in programme.periods]
        back = (Report.state == "returned") & Report.period.in_(codes) & ~_in_closed()
        found.append(_number(Report, (Report.unit == by.unit) & back))
        found.append(_overdue(by.unit, programme, today))
    if may(by, Action.REVIEW_REPORTS):
        found.append(_number(ImportantMatter, unseen()))
    return found


def _owed(
    session: AnySession, by: LedgerPerson, programme: Programme, today: date
) -> list[owing.Owed]:
    if not may(by, Action.REPORT) or not by.unit:
        return []
    return owing.owed_by(session, programme, by.unit, today)


def _waits(one: owing.Owed, detail: str) -> Waits:
    title = f"{one.period.title} · 第 {one.key.action} 项 {one.action.title}"
    return Waits(one.report.id if one.report else 0, title, detail, one.key._asdict())


def _number(of: type[Report | ImportantMatter], which: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(of.id)).where(which).scalar_subquery()


def _in_closed() -> ColumnElement[bool]:
    return Report.period.in_(closings.closed_query())


def _overdue(unit: str, programme: Programme, today: date) -> ColumnElement[int]:
    """What is due less what was handed in, over the quarters that are not closed."""
    due = [period.code for period in programme.periods if today > period.due]
    actions = [number for who, number in programme.owed if who == unit]
    shut = select(func.count(distinct(PeriodClosing.period))).where(
        PeriodClosing.reopened_at.is_(None), PeriodClosing.period.in_(due)
    )
    filed = (Report.unit == unit) & Report.filed_at.is_not(None) & Report.period.in_(due)
    owed = Report.action.in_(actions) & ~_in_closed()
    expected = literal(len(actions)) * (literal(len(due)) - shut.scalar_subquery())
    return expected - _number(Report, filed & owed)
