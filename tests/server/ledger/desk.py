"""People who keep the ledger, and reports as they write them; for tests of its rules."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.programmes import Indicator, Programme, programmes
from config.settings import ROOT
from geo.city import City, load_city
from geo.opening import SHANGHAI
from server.db import db
from server.ledger import deciding, reports
from server.ledger.cells import Cell, ReportKey, cells
from server.ledger.content import CellDraft, Draft
from server.models import Report, ReportVersion
from server.revisions import writing

PROGRAMME: Programme = programmes()[2023]
CITY: City = load_city(ROOT / "config/zibo.toml")

BUREAU, COUNCIL, TRANSPORT = "市教育局", "市妇联", "市交通运输局"
SCHOOLS = ReportKey(BUREAU, 1, "2023Q1")
"""Action 1, of one unit alone: four counts."""
TOWN = ReportKey(COUNCIL, 3, "2023Q1")
"""Action 3: the council leads, the transport bureau answers for the bus lines."""
BUSES = ReportKey(TRANSPORT, 3, "2023Q1")

IN_TIME = datetime(2023, 3, 25, 9, tzinfo=SHANGHAI)
LATE = datetime(2023, 4, 3, 9, tzinfo=SHANGHAI)


@dataclass
class Clerk:
    """Somebody at the ledger."""

    role: str
    unit: str | None = None
    account_id: int | None = None
    login: str = "clerk"


REPORTER = Clerk("reporter", BUREAU)
HEAD = Clerk("unit_head", BUREAU)
REVIEWER = Clerk("office_reviewer")
OFFICE_HEAD = Clerk("office_head")
LEADER = Clerk("leader")
SIGNED = {"filled_by": "张三（示例）", "signed_by": "李四（示例）"}


def form(action: int) -> tuple[Cell, ...]:
    return cells(PROGRAMME.action(action), CITY)


def plausible(indicator: Indicator, quarter: int) -> CellDraft:
    """A quarter of the target each quarter; a milestone done in the last."""
    match indicator.measure:
        case "narrative":
            return CellDraft(note=f"第 {quarter} 季度按计划落实。")
        case "milestone":
            return CellDraft(value="done" if quarter == 4 else "not_done")
        case "at_least":
            assert indicator.target is not None
            return CellDraft(value=str(int(indicator.target * quarter / 4)))
    assert indicator.target is not None
    return CellDraft(value=f"{indicator.target * quarter / 4:.2f}")


def filled(key: ReportKey, **cells_: Any) -> Draft:
    """A report that can be handed in; ``cells_`` by code with ``_`` for the dot, or texts."""
    quarter = int(key.period[-1])
    said = {cell.key: plausible(cell.indicator, quarter) for cell in form(key.action)}
    texts = dict(SIGNED)
    for name, value in cells_.items():
        code = name.removeprefix("c").replace("_", ".")
        if name.startswith("c") and code in said:
            said[code] = CellDraft(**value) if isinstance(value, dict) else CellDraft(value=value)
        else:
            texts[name] = value
    return Draft(cells=said, **texts)


def save(
    key: ReportKey, draft: Draft, by: Clerk | None = None, at: datetime = IN_TIME, edit: int = -1
) -> Report:
    """Save as the key's own reporter, on what stands now unless an ``edit`` is given."""
    by = by or Clerk("reporter", key.unit)
    if edit < 0:
        standing = reports.find(db.session, key)
        edit = standing.edit if standing else 0
    with writing(db.session):
        return reports.save(db.session, by, PROGRAMME, key, draft, edit, at)


def hand_in(
    key: ReportKey, draft: Draft | None = None, at: datetime = IN_TIME, by: Clerk | None = None
) -> ReportVersion:
    """Save and hand in."""
    by = by or Clerk("reporter", key.unit)
    report = save(key, draft or filled(key), by, at)
    with writing(db.session):
        return reports.submit(db.session, by, PROGRAMME, key, report.edit, CITY, at)


def accept(key: ReportKey, number: int = 1) -> Report:
    with writing(db.session):
        return deciding.accept(
            db.session, REVIEWER, PROGRAMME, key, number, LATE, "测试：没有扫描件"
        )


def send_back(key: ReportKey, number: int = 1, **reasons: str) -> Report:
    """Return with reasons by text, or by cell as ``c1_1``; on the day, to be back in a week."""
    named = {
        name.removeprefix("c").replace("_", ".") if name[1:2].isdigit() else name: reason
        for name, reason in reasons.items()
    }
    with writing(db.session):
        return deciding.send_back(
            db.session, REVIEWER, PROGRAMME, key, number, named, date(2023, 4, 10), LATE
        )
