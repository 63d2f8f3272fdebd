"""What of the ledger waits for one person: a unit's people what they owe, the office what came in.

Public names: ``sections``, ``waiting``, ``current``, ``report_of``. They join the inbox of
``server.inbox``.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import select

from config.programmes import Programme
from server.db import AnySession
from server.inbox import SHOWN, Item, Section
from server.ledger import closings, matrix, matters, queue, reminders
from server.ledger.cells import ReportKey
from server.ledger.matrix import Square
from server.ledger.people import LedgerPerson
from server.ledger.reminder_words import left
from server.ledger.states import Standing, Work, days_left, on_the_wall
from server.models import ImportantMatter
from server.permissions import Action, may

REPORT = "report:"
"""Begins the kind of an item that names a report; quarter, action and unit follow."""

YEARS = 2
"""The last quarter of a year is due when the next has begun."""


def current(programmes: Mapping[int, Programme], today: date) -> list[Programme]:
    """The programmes that are worked on: the newest that have begun."""
    return [each for year, each in programmes.items() if year <= today.year][:YEARS]


def sections(
    session: AnySession, by: LedgerPerson, programmes: Iterable[Programme], today: date
) -> list[Section]:
    """All that waits of the ledger; a section with nothing in it is left out."""
    found: list[Section] = []
    for programme in programmes:
        if may(by, Action.REPORT) and by.unit:
            found += _of_the_unit(session, programme, by.unit, today)
        if may(by, Action.REVIEW_REPORTS):
            found.append(_unsent(session, programme))
    if may(by, Action.REVIEW_REPORTS):
        found.insert(0, _section("reports", "等我审核的报表", list(_queue(session))))
        found.insert(1, _section("matters", "各单位新报的重要情况", list(_untold(session))))
    return [section for section in found if section.total]


def waiting(
    session: AnySession, by: LedgerPerson, programmes: Iterable[Programme], today: date
) -> int:
    """How many things ask for this person now."""
    if may(by, Action.REVIEW_REPORTS):
        return queue.waiting(session) + matters.waiting(session)
    if not (may(by, Action.REPORT) and by.unit):
        return 0
    own = (_of_the_unit(session, programme, by.unit, today) for programme in programmes)
    return sum(section.total for found in own for section in found)


def report_of(item: Item) -> ReportKey | None:
    """The report that an item names, if it names one."""
    if not item.kind.startswith(REPORT):
        return None
    period, action, unit = item.kind.removeprefix(REPORT).split(":", 2)
    return ReportKey(unit, int(action), period)


def _of_the_unit(
    session: AnySession, programme: Programme, unit: str, today: date
) -> list[Section]:
    every = matrix.squares(session, programme, today)
    own = [square for square in every if square.key.unit == unit]
    year = programme.year
    return [
        _section("returned", f"{year} 年退回的报表", list(_returned(programme, own))),
        _section(
            "overdue", f"{year} 年应报未报的报表", list(_overdue(session, programme, own, today))
        ),
        _section("reminded", f"{year} 年催报", list(_reminded(session, programme, own, today))),
    ]


def _returned(programme: Programme, own: Iterable[Square]) -> Iterator[Item]:
    for square in own:
        if square.work is Work.RETURNED:
            late = "，已超期" if square.resubmit_late else ""
            yield _item(programme, square.key, f"请在 {square.resubmit_by} 前重报{late}")


def _overdue(
    session: AnySession, programme: Programme, own: Iterable[Square], today: date
) -> Iterator[Item]:
    shut = closings.closed(session)
    for square in own:
        if square.standing is Standing.OVERDUE and square.key.period not in shut:
            period = programme.period(square.key.period)
            yield _item(programme, square.key, left(days_left(period, today)))


def _reminded(
    session: AnySession, programme: Programme, own: Iterable[Square], today: date
) -> Iterator[Item]:
    """What is still missing of the quarters to come that the unit was reminded of."""
    unit = next((square.key.unit for square in own), "")
    at = {row.period: row.at for row in reversed(reminders.latest(session, programme, unit))}
    for square in own:
        if square.standing is Standing.NOT_DUE and square.key.period in at:
            said = left(days_left(programme.period(square.key.period), today))
            yield _item(
                programme, square.key, f"{said}，{on_the_wall(at[square.key.period])} 提醒过"
            )


def _queue(session: AnySession) -> Iterator[Item]:
    for one in queue.queue(session):
        marks = [*(["迟报"] if one.late else []), *([] if one.sealed else ["没有盖章件"])]
        told = "，".join([f"{on_the_wall(one.submitted_at)} 提交", *marks])
        yield Item(
            _kind(one.key), 0, f"{one.key.unit} {one.key.period} 第 {one.key.action} 项", told
        )


def _untold(session: AnySession) -> Iterator[Item]:
    for row in session.scalars(
        select(ImportantMatter).where(matters.unseen()).order_by(ImportantMatter.id)
    ):
        yield Item("matter", row.id, row.title, row.unit)


def _unsent(session: AnySession, programme: Programme) -> Section:
    """Reminders that reached nobody: the group was not told, or nobody can sign in."""
    failed = reminders.failures(session, programme)
    items = [Item("reminders", row.id, row.unit, row.failure) for row in failed]
    return _section("unsent", f"{programme.year} 年没有发出的催报", items)


def _item(programme: Programme, key: ReportKey, told: str) -> Item:
    title = f"{programme.period(key.period).title}第 {key.action} 项"
    return Item(_kind(key), 0, f"{title} {programme.action(key.action).title}", told)


def _kind(key: ReportKey) -> str:
    return f"{REPORT}{key.period}:{key.action}:{key.unit}"


def _section(key: str, title: str, items: list[Item]) -> Section:
    return Section(f"ledger_{key}", title, items[:SHOWN], len(items), True)
