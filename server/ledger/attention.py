"""What needs attention first, of a year as it stands on a day.

Public names: ``Matter``, ``attention``. A matter names what it is about; its page says the rest.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from config.programmes import Period, Programme
from server.db import AnySession
from server.ledger.cells import ReportKey
from server.ledger.indicators import Progress, Year
from server.ledger.matrix import Square
from server.ledger.reminder_words import left
from server.ledger.seen import Seen, differs
from server.ledger.states import Standing, Work, days_left
from server.ledger.totals import confirmation
from server.ledger.values import told


class Matter(NamedTuple):
    """One thing that somebody should look at."""

    kind: str
    """``overdue``, ``returned``, ``behind``, ``fell``, ``map``, ``totals``."""
    title: str
    detail: str
    report: ReportKey | None = None
    indicator: str = ""
    action: int = 0


KINDS: Mapping[str, str] = {
    "overdue": "应报未报",
    "returned": "退回未重报",
    "behind": "进度落后",
    "fell": "比上季度少",
    "map": "与地图不符",
    "totals": "合计未确认",
}
"""In the order in which they matter."""


def attention(
    session: AnySession,
    of: Year,
    squares: Sequence[Square],
    seen: Mapping[str, Seen],
    period: Period,
    today: date,
) -> list[Matter]:
    """All that a quarter and those before it leave open, by kind, the gravest kind first."""
    begun = [square for square in squares if square.key.period <= period.code]
    cells = [cell.until(period) for cell in of.cells]
    found = [
        *_overdue(of.programme, begun, today),
        *_returned(of.programme, begun, today),
        *_behind(cells, today),
        *_fallen(cells, period),
        *_on_the_map(cells, seen),
        *_unconfirmed(session, of, period),
    ]
    order = list(KINDS)
    return sorted(found, key=lambda matter: order.index(matter.kind))


def _overdue(programme: Programme, of: Iterable[Square], today: date) -> Iterator[Matter]:
    for square in of:
        if square.standing is Standing.OVERDUE:
            period = programme.period(square.key.period)
            since = left(days_left(period, today))
            yield Matter("overdue", _named(programme, square.key), since, square.key)


def _returned(programme: Programme, of: Iterable[Square], today: date) -> Iterator[Matter]:
    for square in of:
        if square.work is Work.RETURNED and square.resubmit_by:
            days = (today - square.resubmit_by).days
            late = f"，已过 {days} 天" if days > 0 else ""
            said = f"应于 {square.resubmit_by} 前重报{late}"
            yield Matter("returned", _named(programme, square.key), said, square.key)


def _behind(cells: Iterable[Progress], today: date) -> Iterator[Matter]:
    for cell in cells:
        if cell.is_behind(today):
            line = cell.expected_by(today)
            said = f"已报 {told(cell.value)} {cell.indicator.unit}"
            if line is not None:
                target = told(cell.indicator.target)
                said += f"，按时间进度应到 {told(line)}（目标 {target}）"
            yield _of_cell("behind", cell, said)


def _fallen(cells: Iterable[Progress], period: Period) -> Iterator[Matter]:
    for cell in cells:
        if cell.newest and cell.newest.fell and cell.newest.period == period:
            before = cell.quarters[-2].total
            said = f"{told(before.value)} → {told(cell.value)} {cell.indicator.unit}"
            yield _of_cell("fell", cell, said if cell.value is not None else "上季度报已完成")


def _on_the_map(cells: Iterable[Progress], seen: Mapping[str, Seen]) -> Iterator[Matter]:
    for cell in cells:
        found, newest = seen.get(cell.indicator.code), cell.newest
        if found and newest and differs(found, newest.total.value, newest.total.done):
            said = told(newest.total.value) if newest.total.value is not None else "已完成"
            yield _of_cell("map", cell, f"上报 {said}，地图上现有 {found.number}")


def _unconfirmed(session: AnySession, of: Year, period: Period) -> Iterator[Matter]:
    """Totals of several units that all have reported and the lead has not stood for."""
    for action in of.programme.actions:
        own = [p for p in of.parts if p.action == action.number and p.period == period.code]
        if len(action.units) < 2 or {part.unit for part in own} != set(action.units):
            continue
        word = confirmation(session, action.number, period.code, own)
        if word is None or word.stale:
            title = f"第 {action.number} 项 {action.title}"
            said = "确认后又有变动，须重新确认" if word else f"等{action.lead}确认"
            yield Matter("totals", title, said, action=action.number)


def _of_cell(kind: str, cell: Progress, said: str) -> Matter:
    title = f"{cell.indicator.code} {cell.cell.title}"
    return Matter(kind, title, said, indicator=cell.indicator.code, action=cell.action.number)


def _named(programme: Programme, key: ReportKey) -> str:
    return f"{key.unit} · {programme.period(key.period).title} · 第 {key.action} 项"
