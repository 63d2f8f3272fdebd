"""What became of a report, from the audit trail: who did what and when, the newest first.

Public names: ``Moment``, ``of_report``.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from server.db import AnySession
from server.history import names
from server.ledger.cells import Cell
from server.ledger.states import on_the_wall
from server.ledger.typed import label
from server.ledger.words import EVENTS
from server.models import AuditEvent

Detail = Mapping[str, Any]


class Moment(NamedTuple):
    """Something that was done to a report; the same by one person on one day is told once."""

    at: datetime
    """Of the last time."""
    who: str
    action: str
    title: str
    told: tuple[str, ...]
    times: int = 1


def of_report(session: AnySession, report_id: int, form: Sequence[Cell]) -> list[Moment]:
    """All that was done to a report; ``form`` are the cells that it has."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_type == "report", AuditEvent.subject_id == report_id)
        .order_by(AuditEvent.id)
    ).all()
    people = names(session, {event.account_id for event in events})
    found: list[Moment] = []
    for event in events:
        moment = _moment(event, people, form)
        if found and _is_one_more(found[-1], moment):
            told = tuple(dict.fromkeys((*found[-1].told, *moment.told)))
            moment = moment._replace(told=told, times=found[-1].times + 1)
            found.pop()
        found.append(moment)
    return found[::-1]


def _moment(event: AuditEvent, people: Mapping[int, str], form: Sequence[Cell]) -> Moment:
    who = people.get(event.account_id or 0, event.actor)
    tell = _TELLING.get(event.action)
    told = tuple(tell(event.detail, form)) if tell else ()
    return Moment(event.at, who, event.action, EVENTS.get(event.action, event.action), told)


def _is_one_more(last: Moment, this: Moment) -> bool:
    same = (last.action, last.who) == (this.action, this.who)
    return same and this.action == "report.saved" and on_the_wall(last.at) == on_the_wall(this.at)


def _saved(detail: Detail, form: Sequence[Cell]) -> list[str]:
    return [label(str(name), form) for name in detail.get("fields", ())]


def _submitted(detail: Detail, form: Sequence[Cell]) -> list[str]:
    return [f"第 {detail['number']} 版", *(["逾期"] if detail.get("late") else [])]


def _numbered(detail: Detail, form: Sequence[Cell]) -> list[str]:
    unsealed = detail.get("unsealed")
    return [f"第 {detail['number']} 版", *([f"没有扫描件：{unsealed}"] if unsealed else [])]


def _returned(detail: Detail, form: Sequence[Cell]) -> list[str]:
    by = date.fromisoformat(detail["resubmit_by"])
    reasons = [f"{label(name, form)}：{why}" for name, why in detail["reasons"].items()]
    return [f"第 {detail['number']} 版", *reasons, f"请在 {by.month} 月 {by.day} 日前重报"]


def _scan(detail: Detail, form: Sequence[Cell]) -> list[str]:
    waits = detail.get("matched_by") == "unread"
    told = ["没有读出二维码，待办公室人工核对"] if waits else []
    return [f"第 {detail['number']} 版", *told, *filter(None, [str(detail.get("note", ""))])]


def _reason(detail: Detail, form: Sequence[Cell]) -> list[str]:
    return [str(detail["reason"])]


_TELLING: Mapping[str, Callable[[Detail, Sequence[Cell]], list[str]]] = {
    "report.saved": _saved,
    "report.submitted": _submitted,
    "report.withdrawn": _numbered,
    "report.accepted": _numbered,
    "report.returned": _returned,
    "report.correction_begun": _reason,
    "scan.taken": _scan,
    "scan.matched_by_hand": _scan,
}
