"""What a unit owes in a year: each report with where it stands, and what comes next.

Public names: ``Owed``, ``owed_by``, ``due_words``, ``next_step``.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import aliased

from config.programmes import Action as ProgrammeAction
from config.programmes import Period, Programme
from server.db import AnySession
from server.ledger import closings, states
from server.ledger.cells import ReportKey
from server.ledger.states import Standing, Work
from server.models import Report, ReportVersion, SealedScan


class Owed(NamedTuple):
    """One report that a unit owes."""

    key: ReportKey
    action: ProgrammeAction
    period: Period
    report: Report | None
    standing: Standing
    work: Work
    late: bool
    days: int
    """To the day it is due; negative: since."""
    begun: bool
    """Whether its quarter has."""
    closed: bool
    scanned: bool
    """Whether a stamped scan of the newest version is there."""
    sealed: bool
    """Whether one is known to be of that version."""
    reasons: Mapping[str, str]
    """While it is returned: by field why."""


def owed_by(session: AnySession, programme: Programme, unit: str, today: date) -> list[Owed]:
    """All that a unit owes in the programme's year, quarter by quarter; two questions."""
    shut = closings.closed(session)
    rows = _rows(session, programme, unit)
    actions = [programme.action(number) for who, number in programme.owed if who == unit]
    return [
        _owed(unit, action, period, rows.get((action.number, period.code)), today, shut)
        for period in programme.periods
        for action in actions
    ]


def due_words(days: int) -> str:
    """How long there is, in plain words."""
    if days > 0:
        return f"还有 {days} 天"
    return "今天到期" if days == 0 else f"已过 {-days} 天"


def next_step(owed: Owed, today: date) -> str:
    """What the unit does next, in plain words."""
    report = owed.report
    if owed.closed:
        return "已封账" if owed.standing != Standing.OVERDUE else "已封账，补报请联系办公室"
    match owed.work:
        case Work.NOT_STARTED:
            return "开始填报" if owed.begun else f"{_day(owed.period.start)}起可以填报"
        case Work.DRAFT:
            return "填完更正后提交" if report and report.correction else "填完后提交"
        case Work.SUBMITTED:
            if owed.scanned and not owed.sealed:
                return "等待办公室核对扫描件"
            return "等待办公室审核" if owed.sealed else "打印盖章，上传扫描件"
        case Work.RETURNED:
            by = report.resubmit_by if report else None
            if by is None:
                return "修改后重新提交"
            past = "（已过期）" if by < today else ""
            return f"{_day(by)}前修改并重新提交{past}"
    return "已办结"


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


class _Row(NamedTuple):
    report: Report
    returned: ReportVersion | None
    """The version that was returned last."""
    scanned: bool
    sealed: bool


def _rows(session: AnySession, programme: Programme, unit: str) -> dict[tuple[int, str], _Row]:
    newest, returned = aliased(ReportVersion), aliased(ReportVersion)
    of_newest = and_(newest.report_id == Report.id, newest.number == Report.newest_number)
    last = select(func.max(ReportVersion.number)).where(
        ReportVersion.report_id == Report.id, ReportVersion.outcome == "returned"
    )
    of_returned = and_(returned.report_id == Report.id, returned.number == last.scalar_subquery())
    scanned = exists().where(SealedScan.version_id == newest.id)
    query = (
        select(
            Report,
            returned,
            scanned.label("scanned"),
            scanned.where(SealedScan.counts).label("sealed"),
        )
        .outerjoin(newest, of_newest)
        .outerjoin(returned, of_returned)
        .where(Report.unit == unit, Report.period.in_([one.code for one in programme.periods]))
    )
    rows = [_Row(*row) for row in session.execute(query)]
    return {(row.report.action, row.report.period): row for row in rows}


def _owed(
    unit: str,
    action: ProgrammeAction,
    period: Period,
    row: _Row | None,
    today: date,
    shut: frozenset[str],
) -> Owed:
    report = row.report if row else None
    returned = row.returned if row and row.report.state == "returned" else None
    return Owed(
        ReportKey(unit, action.number, period.code),
        action,
        period,
        report,
        states.standing(report, period, today),
        states.work(report),
        states.is_late(report, period, today),
        states.days_left(period, today),
        begun=today >= period.start,
        closed=period.code in shut,
        scanned=bool(row and row.scanned),
        sealed=bool(row and row.sealed),
        reasons=returned.reasons if returned else {},
    )
