"""What a person may do with a report now, and why not. The same rules as ``server.ledger.reports``.

Public names: ``Doing``, ``doings``, ``why_not``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from config.programmes import Period, Programme
from server.db import AnySession
from server.ledger import closings, reports
from server.ledger.cells import ReportKey
from server.ledger.people import LedgerPerson
from server.ledger.states import Work, on_the_wall, work
from server.models import Report
from server.permissions import Action, may, of_their_own


class Doing(NamedTuple):
    """Something that is done with a report."""

    act: str
    """``save``, ``submit``, ``withdraw``, ``correct``, ``drop_correction``; ``review``."""
    title: str
    why_not: str
    """Empty: it can be done now."""


def doings(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    at: datetime,
) -> tuple[Doing, ...]:
    """What is the person's to do with a report, each with what stands in its way.

    Raises:
        server.ledger.people.Unseen: no such report is owed.
    """
    period = reports.owed(programme, key)
    report = reports.find(session, key)
    shut = f"{period.title}已封账" if closings.is_closed(session, period.code) else ""
    found: list[Doing] = []
    if may(by, Action.REPORT) and of_their_own(by, key.unit):
        found += _of_the_unit(by, report, shut, _not_begun(period, at))
    if may(by, Action.REVIEW_REPORTS):
        waits = work(report) is Work.SUBMITTED
        found.append(Doing("review", "审核", shut or ("" if waits else "没有等待审核的版本")))
    return tuple(found)


def why_not(found: tuple[Doing, ...], act: str) -> str:
    """What stands in the way of something; empty: nothing."""
    return next((one.why_not for one in found if one.act == act), "您的角色不能做这件事")


def _of_the_unit(
    by: LedgerPerson, report: Report | None, shut: str, not_begun: str
) -> Iterator[Doing]:
    state = work(report)
    fixed = {
        Work.SUBMITTED: "已经提交；要修改请先撤回",
        Work.ACCEPTED: "已经通过；确有错误由单位负责人发起更正",
    }.get(state, "")
    write = not_begun or shut or fixed
    yield Doing("save", "填写和保存", write)
    yield Doing("submit", "提交", write)
    decided = {
        Work.ACCEPTED: "办公室已经审核通过",
        Work.RETURNED: "办公室已经退回，直接修改即可",
    }.get(state, "还没有提交")
    yield Doing("withdraw", "撤回", shut or ("" if state is Work.SUBMITTED else decided))
    yield Doing("correct", "发起更正", _why_not_correct(by, state, shut))
    if report is not None and report.correction:
        waits = "更正已经提交；请先撤回" if state is Work.SUBMITTED else ""
        yield Doing("drop_correction", "放弃更正", _not_the_head(by) or waits)


def _why_not_correct(by: LedgerPerson, state: Work, shut: str) -> str:
    accepted = "" if state is Work.ACCEPTED else "只有已通过的报表才需要更正"
    return shut or accepted or _not_the_head(by)


def _not_the_head(by: LedgerPerson) -> str:
    return "" if may(by, Action.ANSWER_FOR_UNIT) else "由单位负责人办理"


def _not_begun(period: Period, at: datetime) -> str:
    return f"{period.title}还没有开始" if on_the_wall(at) < period.start else ""
