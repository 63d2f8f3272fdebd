"""Lists and important matters of the made-up year.

Public names: ``is_listed``, ``top_up``, ``tell``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from config.programmes import Indicator, Programme
from geo.city import City
from server.db import AnySession
from server.ledger import item_keeping, matters
from server.ledger.cells import Cell, ReportKey
from server.ledger.content import Draft
from server.ledger.demo_people import REVIEWER, Somebody
from server.ledger.item_checks import ItemSaid, ListKey
from server.ledger.matters import MatterSaid

NAMED = frozenset({"所", "处", "个"})
"""Units of what has a name and a place."""
MOST = 30
"""Longer lists would show no more."""

_MATTERS = (
    ("示例：连续降雨影响工期", "两处工地停工 9 天，已调整工序，预计不影响年度目标。（示例）", True),
    ("示例：专项资金已到位", "第二批专项资金已拨付到各区县。（示例）", True),
    ("示例：请协调场地", "活动场地与另一项活动冲突，请办公室协调。（示例）", False),
)
"""Title, text, whether the office has answered."""


def is_listed(indicator: Indicator) -> bool:
    """Whether the made-up units keep a list of it."""
    counted = indicator.measure == "at_least" and indicator.per is None
    return counted and indicator.unit in NAMED and (indicator.target or 0) <= MOST


def top_up(
    session: AnySession,
    programme: Programme,
    city: City,
    key: ReportKey,
    form: Sequence[Cell],
    draft: Draft,
    known: Mapping[str, int],
    at: datetime,
) -> None:
    """Make a unit's lists as long as its draft counts; ``known`` is how long they are."""
    for cell in form:
        typed = draft.cells.get(cell.key)
        if not is_listed(cell.indicator) or typed is None or not typed.value:
            continue
        first, last = known.get(cell.key, 0) + 1, int(typed.value)
        said = [
            ItemSaid(
                name=f"示例{cell.title}{number:02}",
                period=key.period,
                place=f"示例区示例路 {number} 号",
                evidence=f"示例文号〔{programme.year}〕{number} 号",
            )
            for number in range(first, last + 1)
        ]
        if said:
            clerk = Somebody("reporter", key.unit)
            where = ListKey(programme.year, cell.indicator.code, key.unit)
            item_keeping.add(session, clerk, programme, where, said, city, at)


def tell(session: AnySession, programme: Programme, moments: Sequence[datetime]) -> None:
    """Important matters of the first units, one at each moment."""
    for (title, body, answered), unit, at in zip(_MATTERS, programme.units, moments, strict=False):
        clerk = Somebody("reporter", unit)
        row = matters.tell(session, clerk, programme, MatterSaid(title, body))
        row.told_at = at
        if answered:
            matters.answer(session, REVIEWER, row.id, "已收到，请继续按计划推进。（示例）")
            row.seen_at = row.answered_at = at
