"""The form 工作进展情况报表 as data: for a unit, an action or all, for a quarter or the year.

Public names: ``Scope``, ``Figure``, ``Line``, ``Words``, ``Listed``, ``Section``, ``Table``,
``table``, ``choose``.

What stands in it is what is in force, and where nothing is accepted yet, what waits for the
office, said to be so. A figure that a correction has replaced stands above the new one, to be
struck through. Of what was withdrawn or returned there is nothing but its standing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from sqlalchemy import select

from config.programmes import Action as ProgrammeAction
from config.programmes import Indicator, Period, Programme
from geo.city import City
from server import audit
from server.db import AnySession
from server.ledger import totals
from server.ledger.cells import Cell, ReportKey, cells
from server.ledger.content import TEXTS, CellStatement, ItemTold, Statement, report_number
from server.ledger.demo_mark import is_demo
from server.ledger.people import LedgerPerson, Unseen, refuse_unless, refuse_unseen
from server.ledger.states import STANDINGS, WORKS, Standing, is_late, on_the_wall, standing, work
from server.ledger.totals import Part
from server.models import Report, ReportVersion
from server.permissions import Action, of_their_own

TOTAL, NOBODY = "合计", "尚未报送"
TOLD = ("progress", "problems", "next_steps", "nothing_reason")


class Scope(NamedTuple):
    """What a table is of. Neither unit nor action: of all of them."""

    programme: Programme
    periods: tuple[Period, ...]
    unit: str | None = None
    action: int | None = None

    @property
    def when(self) -> str:
        """2023 年第一季度, or 2023 年."""
        return self.periods[0].title if len(self.periods) == 1 else f"{self.programme.year} 年"

    @property
    def of(self) -> str:
        """Whose part, as it stands in a title and in the name of a file."""
        if self.unit:
            return self.unit
        return f"第{self.action}项行动" if self.action else "全部"

    @property
    def actions(self) -> tuple[ProgrammeAction, ...]:
        """The actions that it has to do with."""
        return tuple(
            action
            for action in self.programme.actions
            if self.action in (None, action.number) and self.unit in (None, *action.units)
        )


class Figure(NamedTuple):
    """What was reached by the end of a quarter; nothing of both: nothing is said of it."""

    value: Decimal | None = None
    done: bool | None = None


class Line(NamedTuple):
    """One row: what a unit, or all of them together, have reached of one thing."""

    kind: Literal["part", "superseded", "total"]
    cell: Cell
    unit: str
    figures: tuple[Figure, ...]
    """By quarter of the scope."""
    note: str

    @property
    def share(self) -> Decimal | None:
        """Of the target, in per cent, by the newest figure."""
        target = self.cell.indicator.target
        known = [one.value for one in self.figures if one.value is not None]
        if target is None or not known:
            return None
        return (100 * known[-1] / target).quantize(Decimal("0.1"))


class Words(NamedTuple):
    """How a unit's report of a quarter stands, and what it says beside the figures."""

    unit: str
    period: Period
    standing: str
    is_open: bool
    """Not handed in though due."""
    number: str
    """Of the report; empty: there is none."""
    digest: str
    submitted_on: date | None
    texts: tuple[tuple[str, str], ...]
    """By title."""


class Listed(NamedTuple):
    """One thing of a list that a figure counts."""

    cell: Cell
    unit: str
    item: ItemTold


@dataclass(frozen=True)
class Section:
    """One action."""

    action: ProgrammeAction
    lines: tuple[Line, ...]
    words: tuple[Words, ...]
    items: tuple[Listed, ...]


@dataclass(frozen=True)
class Table:
    """The whole form."""

    scope: Scope
    sections: tuple[Section, ...]
    made_at: datetime
    head: audit.Head
    """Of the audit trail, when it was made."""
    demo: bool

    @property
    def title(self) -> str:
        """The form's own, with a mark on what is made up."""
        return self.scope.programme.form_title + ("（示例）" if self.demo else "")

    @property
    def subtitle(self) -> str:
        """What it is of."""
        return f"{self.scope.when} · {self.scope.of}"

    @property
    def trail(self) -> str:
        """How far the audit trail went."""
        return f"审计记录第 {self.head.number} 条 · {self.head.hash[:12]}"


@dataclass(frozen=True)
class _Known:
    """All that was read."""

    parts: Mapping[ReportKey, Part]
    superseded: Mapping[ReportKey, Sequence[ReportVersion]]
    reports: Mapping[ReportKey, Report]
    digests: Mapping[tuple[int, int], str]


def choose(
    programme: Programme, by: LedgerPerson, period: str, unit: str = "", action: int | None = None
) -> Scope:
    """What a person asks for; those of a unit get their own unit's, whether they say so or not.

    ``period`` is a quarter's code, or the year.

    Raises:
        Unseen: it is another unit's, or nothing of the kind is owed.
    """
    refuse_unless(by, Action.VIEW_LEDGER)
    wanted = unit or (by.unit or None)
    if wanted is not None:
        refuse_unseen(by, wanted)
    try:
        whole = period == str(programme.year)
        periods = programme.periods if whole else (programme.period(period),)
    except LookupError:
        raise Unseen(f"没有 {period} 这个季度") from None
    scope = Scope(programme, periods, wanted, action)
    if not scope.actions:
        raise Unseen(f"{wanted or ''}没有这一项行动的填报任务")
    return scope


def table(session: AnySession, by: LedgerPerson, scope: Scope, city: City, at: datetime) -> Table:
    """The form as it stands at a moment.

    Raises:
        Unseen: it is more than the person may see.
    """
    if not of_their_own(by, scope.unit or ""):
        raise Unseen("这是其他单位的台账，您不能查看")
    known = _read(session, scope)
    sections = tuple(_section(scope, one, city, known, at) for one in scope.actions)
    demo = is_demo(session, scope.programme.year)
    return Table(scope, sections, at, audit.head(session), demo)


def _read(session: AnySession, scope: Scope) -> _Known:
    codes = [period.code for period in scope.periods]
    parts = totals.parts(session, codes, accepted=False, unit=scope.unit)
    query = select(Report).where(Report.period.in_(codes))
    reports = {
        ReportKey(one.unit, one.action, one.period): one
        for one in session.scalars(
            query if scope.unit is None else query.filter_by(unit=scope.unit)
        )
    }
    keys = {report.id: key for key, report in reports.items()}
    superseded: dict[ReportKey, list[ReportVersion]] = defaultdict(list)
    digests = {}
    versions = select(ReportVersion).where(ReportVersion.report_id.in_(keys))
    for row in session.scalars(versions.order_by(ReportVersion.report_id, ReportVersion.number)):
        digests[(row.report_id, row.number)] = row.digest
        if row.outcome == "accepted" and row.number != reports[keys[row.report_id]].accepted_number:
            superseded[keys[row.report_id]].append(row)
    found = {ReportKey(one.unit, one.action, one.period): one for one in parts}
    return _Known(found, superseded, reports, digests)


def _section(
    scope: Scope, action: ProgrammeAction, city: City, known: _Known, at: datetime
) -> Section:
    units = [unit for unit in action.units if scope.unit in (None, unit)]
    form = cells(action, city)
    lines = [line for cell in form for line in _lines(scope, action, cell, units, known)]
    words = [_words(action, unit, period, known, at) for unit in units for period in scope.periods]
    items = [
        listed for cell in form for unit in units for listed in _items(scope, cell, unit, known)
    ]
    return Section(action, tuple(lines), tuple(words), tuple(items))


def _lines(
    scope: Scope, action: ProgrammeAction, cell: Cell, units: Sequence[str], known: _Known
) -> Iterator[Line]:
    shared = len(action.units) > 1 and scope.unit is None
    told = 0
    for unit in units:
        said = [_said(known, ReportKey(unit, action.number, p.code), cell) for p in scope.periods]
        if shared and all(one is None or one.not_ours for one in said):
            continue
        told += 1
        yield from _superseded(scope, action, cell, unit, known)
        figures = tuple(_figure(one) for one in said)
        yield Line("part", cell, unit, figures, _note(cell.indicator, said))
    # What one unit alone has told is the total by itself.
    if shared and told != 1 and (told == 0 or cell.indicator.measure != "narrative"):
        unit = TOTAL if told else NOBODY
        yield Line("total", cell, unit, _totals(scope, action, cell, known), "")


def _totals(scope: Scope, action: ProgrammeAction, cell: Cell, known: _Known) -> tuple[Figure, ...]:
    found = []
    for period in scope.periods:
        by_unit = {
            unit: part.says.cells
            for unit in action.units
            if (part := known.parts.get(ReportKey(unit, action.number, period.code)))
        }
        total = totals.total_of(cell, by_unit)
        found.append(Figure(total.value, total.done))
    return tuple(found)


def _superseded(
    scope: Scope, action: ProgrammeAction, cell: Cell, unit: str, known: _Known
) -> Iterator[Line]:
    """Rows of what was in force once and says another thing of this cell."""
    for place, period in enumerate(scope.periods):
        key = ReportKey(unit, action.number, period.code)
        rows, part = known.superseded.get(key, ()), known.parts.get(key)
        if part is None:
            continue
        said = [*(Statement.model_validate(row.content) for row in rows), part.says]
        for row, (old, new) in zip(rows, pairwise(said), strict=True):
            then = _figure(old.cells.get(cell.key))
            if then == _figure(new.cells.get(cell.key)):
                continue
            figures = [Figure()] * len(scope.periods)
            figures[place] = then
            yield Line("superseded", cell, unit, tuple(figures), _replaced(row, new))


def _replaced(row: ReportVersion, by: Statement) -> str:
    why = f"：{by.correction}" if by.correction else ""
    return f"第 {row.number} 版原报（{on_the_wall(row.submitted_at)}），已更正{why}"


def _said(known: _Known, key: ReportKey, cell: Cell) -> CellStatement | None:
    part = known.parts.get(key)
    return part.says.cells.get(cell.key) if part else None


def _figure(said: CellStatement | None) -> Figure:
    return Figure() if said is None or said.not_ours else Figure(said.value, said.done)


def _note(indicator: Indicator, said: Sequence[CellStatement | None]) -> str:
    """What was said last."""
    known = [one for one in said if one is not None]
    if not known:
        return ""
    last = known[-1]
    if last.not_ours:
        return "不由本单位负责"
    parts = [last.note] if last.note else []
    if last.numerator is not None and indicator.is_percentage:
        parts.append(f"{last.numerator:f} / {last.denominator:f}")
    if last.items:
        parts.append(f"附清单 {len(last.items)} 条")
    if last.reason:
        parts.append(f"原因：{last.reason}")
    return "；".join(parts)


def _items(scope: Scope, cell: Cell, unit: str, known: _Known) -> Iterator[Listed]:
    """The newest list: it holds those of the quarters before."""
    number = int(cell.key.partition(".")[0])
    for period in reversed(scope.periods):
        said = _said(known, ReportKey(unit, number, period.code), cell)
        if said is not None:
            yield from (Listed(cell, unit, item) for item in said.items or ())
            return


def _words(
    action: ProgrammeAction, unit: str, period: Period, known: _Known, at: datetime
) -> Words:
    key = ReportKey(unit, action.number, period.code)
    report, part = known.reports.get(key), known.parts.get(key)
    today = on_the_wall(at)
    stands = standing(report, period, today)
    told = _standing_words(report, period, today)
    if part is None or report is None:
        return Words(unit, period, told, stands is Standing.OVERDUE, "", "", None, ())
    says = part.says
    texts = tuple((TEXTS[name], text) for name in TOLD if (text := getattr(says, name)))
    if says.correction:
        texts = (("更正原因", says.correction), *texts)
    number = report_number(period.code, action.number, action.units.index(unit) + 1, says.number)
    digest = known.digests[(report.id, says.number)]
    day = on_the_wall(part.submitted_at)
    return Words(unit, period, told, False, number, digest, day, texts)


def _standing_words(report: Report | None, period: Period, today: date) -> str:
    stands = standing(report, period, today)
    words = [STANDINGS[stands]]
    if report is not None and report.filed_at is not None:
        words.append(WORKS[work(report)])
        if report.correction:
            words.append("更正中")
        if is_late(report, period, today):
            words.append("迟报")
    return "·".join(words)
