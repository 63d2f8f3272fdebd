"""A made-up year, played through the ledger's own rules, so that everything has something to show.

Public names: ``fill``, ``Filled``. The year is marked in the audit trail as made up, for good, and
every page and file that shows it says so.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import select

from config.programmes import Period, Programme
from geo.city import City
from geo.opening import SHANGHAI
from server import audit
from server.db import AnySession
from server.ledger import closings, correcting, deciding, demo_values, items, reports, totals
from server.ledger.cells import Cell, ReportKey, cells
from server.ledger.content import CellDraft, Draft
from server.ledger.demo_lists import is_listed, tell, top_up
from server.ledger.demo_mark import FILLED, SUBJECT, demo_years
from server.ledger.demo_people import HEAD, LOGIN, REVIEWER, Somebody
from server.models import ImportantMatter, ListedItem, Report
from server.revisions import Refused

UNSEALED = "示例数据，没有盖章扫描件"

_MISCOUNTED = frozenset({"corrected", "fell"})

_FATES: tuple[Mapping[str, int], ...] = (
    {"corrected": 2, "late": 4, "returned": 3, "withdrawn": 1},
    {"corrected": 1, "late": 3, "returned": 3, "nothing": 2},
    {"fell": 1, "late": 4, "returned": 2, "nothing": 2, "missing": 2},
    {"late": 2, "waiting": 6, "sent_back": 2, "typed": 4, "missing": 5},
)
"""By quarter how many reports fare otherwise than well."""


@dataclass
class Filled:
    """What the year holds now, by fate how many reports."""

    fates: dict[str, int] = field(default_factory=dict)
    reports: int = 0
    confirmed: int = 0


def fill(session: AnySession, programme: Programme, city: City, seed: int = 1) -> Filled:
    """Play a year; the same seed gives the same year. Run within ``server.revisions.writing``.

    Raises:
        Refused: the ledger holds something already.
    """
    _refuse_real(session)
    told = {"year": programme.year, "seed": seed}
    audit.record(session, LOGIN, FILLED, SUBJECT, programme.year, told)
    year = _Year(session, programme, city, random.Random(seed))  # noqa: S311  (no secrets)
    for quarter in programme.periods:
        year.play(quarter)
    tell(session, programme, year.moments())
    return year.filled


def _refuse_real(session: AnySession) -> None:
    if years := demo_years(session):
        raise Refused(f"台账里已经有 {'、'.join(map(str, sorted(years)))} 年的示例数据，没有再填")
    for model in (Report, ListedItem, ImportantMatter):
        if session.scalar(select(model.id).limit(1)) is not None:
            raise Refused("台账里已经有真实的填报，没有填入示例数据；请在空的数据库上演示")


class _Year:
    """The year as it goes on."""

    def __init__(
        self, session: AnySession, programme: Programme, city: City, dice: random.Random
    ) -> None:
        self._session, self._programme, self._city, self._dice = session, programme, city, dice
        self._forms = {one.number: cells(one, city) for one in programme.actions}
        self._parts = {
            one.number: demo_values.parts(one, self._forms[one.number], dice)
            for one in programme.actions
        }
        self.filled = Filled()
        self._plays: Mapping[str, Callable[[ReportKey, Period], None]] = {
            "well": self._well,
            "late": self._late,
            "returned": self._returned,
            "corrected": self._corrected,
            "withdrawn": self._withdrawn,
            "nothing": self._nothing,
            "fell": self._fell,
            "waiting": self._waiting,
            "sent_back": self._sent_back,
            "typed": self._typed,
        }

    def play(self, quarter: Period) -> None:
        """One quarter: reports, the lead units' word, corrections, and the books are closed."""
        keys = [ReportKey(*owed, quarter.code) for owed in self._programme.owed]
        fated = self._fates(quarter, keys)
        for key, fate in fated:
            self.filled.fates[fate] = self.filled.fates.get(fate, 0) + 1
            if fate != "missing":
                self._plays[fate](key, quarter)
                self.filled.reports += 1
        missing = {key.action for key, fate in fated if fate in ("missing", "typed", "sent_back")}
        self._confirm(quarter, missing)
        for key, fate in fated:
            if fate == "corrected":
                self._correct(key, quarter)
        if quarter.quarter <= 2:
            closings.close(self._session, HEAD, quarter)

    def _fates(self, quarter: Period, keys: Sequence[ReportKey]) -> list[tuple[ReportKey, str]]:
        """Whom what befalls; only who counts something can have miscounted."""
        left = list(keys)
        self._dice.shuffle(left)
        found = dict.fromkeys(keys, "well")
        for fate, number in _FATES[quarter.quarter - 1].items():
            able = [key for key in left if fate not in _MISCOUNTED or self._counts(key)]
            for key in able[:number]:
                found[key] = fate
                left.remove(key)
        return list(found.items())

    def moments(self) -> list[datetime]:
        """One in each quarter, some weeks before its end."""
        return [self._at(quarter, -40) for quarter in self._programme.periods]

    def _counts(self, key: ReportKey) -> bool:
        own = self._parts[key.action][key.unit]
        return any(cell.key in own for cell in self._counted(key))

    def _counted(self, key: ReportKey) -> list[Cell]:
        """What is counted by a number alone: that of a list is what it is."""
        return [
            cell
            for cell in self._forms[key.action]
            if cell.indicator.measure == "at_least" and not is_listed(cell.indicator)
        ]

    def _confirm(self, quarter: Period, missing: set[int]) -> None:
        for action in self._programme.actions:
            if action.number in missing:
                continue
            head = Somebody("unit_head", action.lead)
            args = (self._programme, action.number, quarter.code, self._city, "")
            row = totals.confirm(self._session, head, *args)
            row.confirmed_at = self._at(quarter, 6)
            self.filled.confirmed += 1

    def _well(self, key: ReportKey, quarter: Period) -> None:
        number = self._hand_in(key, self._draft(key, quarter), self._in_time(quarter))
        self._accept(key, number, self._at(quarter, 4))

    def _late(self, key: ReportKey, quarter: Period) -> None:
        at = self._at(quarter, self._dice.randint(1, 9))
        number = self._hand_in(key, self._draft(key, quarter), at)
        self._accept(key, number, at + timedelta(days=1))

    def _returned(self, key: ReportKey, quarter: Period) -> None:
        draft = self._draft(key, quarter)
        number = self._hand_in(key, draft, self._in_time(quarter))
        self._send_back(key, number, quarter)
        noted = draft.model_copy(update={"progress": f"{draft.progress}已按退回意见补充。"})
        # Some come back after the day they were expected again.
        at = self._at(quarter, self._dice.choice((4, 5, 12)))
        self._accept(key, self._hand_in(key, noted, at), at + timedelta(days=1))

    def _corrected(self, key: ReportKey, quarter: Period) -> None:
        """What is corrected later says too much at first."""
        draft = self._draft(key, quarter)
        name = demo_values.first_count(draft, self._counted(key))
        if name is not None:
            much = str(int(draft.cells[name].value) + 2)
            draft = _with(draft, name, CellDraft(value=much))
        self._accept(key, self._hand_in(key, draft, self._in_time(quarter)), self._at(quarter, 3))

    def _correct(self, key: ReportKey, quarter: Period) -> None:
        head, report = Somebody("unit_head", key.unit), self._report(key)
        why = "重复统计 2 处，予以核减（示例）"
        correcting.correct(self._session, head, self._programme, key, why, report.edit)
        at = self._at(quarter, 20)
        self._accept(key, self._hand_in(key, self._draft(key, quarter), at), at)

    def _withdrawn(self, key: ReportKey, quarter: Period) -> None:
        at = self._in_time(quarter)
        self._hand_in(key, self._draft(key, quarter), at)
        clerk = Somebody("reporter", key.unit)
        edit = self._report(key).edit
        reports.withdraw(self._session, clerk, self._programme, key, edit, at)
        self._well(key, quarter)

    def _nothing(self, key: ReportKey, quarter: Period) -> None:
        why = "本季度处于招标阶段，尚无新的进展（示例）"
        draft = Draft(nothing=True, nothing_reason=why, **demo_values.SIGNED)
        self._accept(key, self._hand_in(key, draft, self._in_time(quarter)), self._at(quarter, 4))

    def _fell(self, key: ReportKey, quarter: Period) -> None:
        draft = self._draft(key, quarter)
        before = reports.before(self._session, self._programme, key)
        name = demo_values.first_count(draft, self._counted(key))
        said = before.cells[name].value if before and name in before.cells else None
        if name is not None and said:
            why = "上季度有 1 处未通过验收，予以核减（示例）"
            draft = _with(draft, name, CellDraft(value=f"{said - 1:f}", reason=why))
        self._accept(key, self._hand_in(key, draft, self._in_time(quarter)), self._at(quarter, 4))

    def _waiting(self, key: ReportKey, quarter: Period) -> None:
        self._hand_in(key, self._draft(key, quarter), self._in_time(quarter))

    def _sent_back(self, key: ReportKey, quarter: Period) -> None:
        number = self._hand_in(key, self._draft(key, quarter), self._in_time(quarter))
        self._send_back(key, number, quarter)

    def _typed(self, key: ReportKey, quarter: Period) -> None:
        self._save(key, self._draft(key, quarter), self._in_time(quarter))

    def _draft(self, key: ReportKey, quarter: Period) -> Draft:
        own = self._parts[key.action][key.unit]
        return demo_values.drafted(key, quarter.quarter, self._forms[key.action], own)

    def _save(self, key: ReportKey, draft: Draft, at: datetime) -> Report:
        clerk, form = Somebody("reporter", key.unit), self._forms[key.action]
        report = reports.find(self._session, key)
        lists = items.lists(self._session, self._programme.year, key)
        known = {name: len(listed) for name, listed in lists.items()}
        top_up(self._session, self._programme, self._city, key, form, draft, known, at)
        edit = report.edit if report else 0
        return reports.save(self._session, clerk, self._programme, key, draft, edit, at)

    def _hand_in(self, key: ReportKey, draft: Draft, at: datetime) -> int:
        edit = self._save(key, draft, at).edit
        clerk = Somebody("reporter", key.unit)
        return reports.submit(
            self._session, clerk, self._programme, key, edit, self._city, at
        ).number

    def _accept(self, key: ReportKey, number: int, at: datetime) -> None:
        deciding.accept(self._session, REVIEWER, self._programme, key, number, at, UNSEALED)

    def _send_back(self, key: ReportKey, number: int, quarter: Period) -> None:
        cell = next(iter(self._parts[key.action][key.unit]))
        reasons = {cell: "请附名单和佐证材料（示例）", "general": "请逐项核对后重报（示例）"}
        by, at = self._at(quarter, 7).date(), self._at(quarter, 2)
        deciding.send_back(self._session, REVIEWER, self._programme, key, number, reasons, by, at)

    def _report(self, key: ReportKey) -> Report:
        report = reports.find(self._session, key)
        if report is None:
            raise LookupError(key)
        return report

    def _in_time(self, quarter: Period) -> datetime:
        return self._at(quarter, -self._dice.randint(1, 9))

    def _at(self, quarter: Period, days: int) -> datetime:
        """So many days after it is due, in office hours."""
        hour = time(self._dice.randint(9, 16), self._dice.randint(0, 59), tzinfo=SHANGHAI)
        return datetime.combine(quarter.due + timedelta(days=days), hour)


def _with(draft: Draft, name: str, cell: CellDraft) -> Draft:
    return draft.model_copy(update={"cells": draft.cells | {name: cell}})
