"""What the made-up year says: figures that grow, sentences that are seen to be made up.

Public names: ``Part``, ``parts``, ``drafted``, ``first_count``.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.programmes import Action
from server.ledger.cells import Cell, ReportKey
from server.ledger.content import CellDraft, Draft

SIGNED = {"filled_by": "示例填报人", "phone": "0533-0000000", "signed_by": "示例负责人"}

_PACE = (0.22, 0.47, 0.74, 1.0)
"""How much of a year's work is done by the end of each quarter."""

_SEES_TO = (
    ("工会", "市总工会"),
    ("公积金", "市住房公积金管理中心"),
    ("住宅", "市住房城乡建设局"),
    ("专线", "市交通运输局"),
    ("学生", "市教育局"),
    ("家庭教育", "市教育局"),
    ("家政", "市商务局"),
    ("雏凤", "市妇联"),
    ("保险", "市总工会"),
    ("救助金", "市妇联"),
    ("文明家庭", "市文明办"),
    ("司法", "市检察院"),
    ("强制报告", "市检察院"),
    ("科普", "市科协"),
    ("希望小屋", "团市委"),
    ("康复", "市残联"),
    ("女性健康", "市妇联"),
    ("眼保健", "市卫生健康委"),
)
"""By a word of an indicator's title who would see to it; so that the year looks likely."""


@dataclass(frozen=True)
class Part:
    """One unit's share in one cell."""

    share: float
    """Of the target."""
    speed: float
    """1 reaches its share at the year's end."""
    done_in: int
    """The quarter in which its milestone is reached; 5: not in this year."""


def parts(action: Action, form: Sequence[Cell], dice: random.Random) -> dict[str, dict[str, Part]]:
    """By unit and cell who does how much; what is not there is another unit's."""
    made: dict[str, dict[str, Part]] = {unit: {} for unit in action.units}
    for cell in form:
        unit = _owner(action, cell)
        made[unit][cell.key] = _part(1.0, dice)
    shared = next(
        (c for c in form if c.indicator.measure == "at_least" and not c.district), form[0]
    )
    for own in made.values():
        if not own:
            own[shared.key] = _part(0.3, dice)
    return made


def drafted(key: ReportKey, quarter: int, form: Sequence[Cell], own: Mapping[str, Part]) -> Draft:
    """A unit's report of a quarter, as it would type it."""
    cells = {
        cell.key: _typed(cell, own[cell.key], quarter)
        if cell.key in own
        else CellDraft(not_ours=True)
        for cell in form
    }
    return Draft(
        cells=cells,
        progress=f"第 {quarter} 季度按年度计划推进第 {key.action} 项行动的各项工作。（示例）",
        problems="个别区县进度偏慢，正在逐项核实。（示例）" if quarter % 2 else "",
        next_steps="对照年度目标倒排工期，按月调度。（示例）",
        **SIGNED,
    )


def first_count(draft: Draft, form: Sequence[Cell]) -> str | None:
    """The cell with the largest count that a draft gives; none where it counts nothing."""
    counts = {
        cell.key: int(draft.cells[cell.key].value)
        for cell in form
        if cell.indicator.measure == "at_least" and draft.cells[cell.key].value
    }
    return max(counts, key=lambda name: (counts[name], name)) if counts else None


def _owner(action: Action, cell: Cell) -> str:
    for word, unit in _SEES_TO:
        if word in cell.title and unit in action.units:
            return unit
    return action.lead


def _part(share: float, dice: random.Random) -> Part:
    return Part(share, dice.uniform(0.7, 1.12), dice.choice((1, 2, 2, 3, 4, 5)))


def _typed(cell: Cell, part: Part, quarter: int) -> CellDraft:
    indicator = cell.indicator
    if indicator.measure == "narrative":
        return CellDraft(note=f"已制定实施方案并按方案落实，第 {quarter} 季度无异常。（示例）")
    if indicator.measure == "milestone":
        return CellDraft(value="done" if quarter >= part.done_in else "not_done")
    reached = float(indicator.target or 0) * part.share * part.speed * _PACE[quarter - 1]
    if indicator.measure == "at_least":
        return CellDraft(value=str(int(reached + 0.5)))
    if indicator.is_percentage:
        whole = 20_000
        counted = min(whole, int(reached / 100 * whole))
        return CellDraft(numerator=str(counted), denominator=str(whole))
    return CellDraft(value=str(Decimal(str(reached)).quantize(Decimal("0.01"))))
