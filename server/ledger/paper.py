"""The printed form of one version of a report, as data; and of a draft, to be looked at before.

Public names: ``Paper``, ``Row``, ``Annex``, ``of_version``, ``of_draft``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from config.programmes import Programme
from geo.city import City
from geo.opening import SHANGHAI
from server.ledger import seal_code, values
from server.ledger.cells import Cell, ReportKey, cells
from server.ledger.content import CellDraft, CellStatement, Draft, ItemTold, Statement
from server.ledger.content import report_number as numbered
from server.models import ReportVersion

HEADINGS = ("序号", "指标", "目标", "累计完成", "完成率", "说明")
LIST_HEADINGS = ("序号", "名称", "地点", "季度", "依据")
NOT_TOLD = "—"
NOT_TYPED = "（未填）"

Mark = Literal["", "更正", "草稿"]


class Row(NamedTuple):
    """A line of the form, in the order of ``HEADINGS``."""

    order: int
    title: str
    target: str
    reached: str
    share: str
    note: str


class Annex(NamedTuple):
    """The list behind a count, in the order of ``LIST_HEADINGS``."""

    title: str
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paper:
    """All that is printed."""

    title: str
    document: str
    period: str
    unit: str
    action: str
    remark: str
    """What is to be known of all of it: that it is made up, say."""
    mark: Mark
    correction: str
    """Why it is corrected."""
    without_progress: str
    """Why nothing was reached; empty: something was."""
    rows: tuple[Row, ...]
    texts: tuple[tuple[str, str], ...]
    """Heading and text."""
    annexes: tuple[Annex, ...]
    filled_by: str
    phone: str
    signed_by: str
    day: str
    """On which it was handed in; empty of a draft."""
    version: int
    number: str
    """``2023Q1-02-03-1``; a draft has none."""
    digest: str
    """In groups of four; a draft has none."""
    code: str
    """For the QR code; a draft has none."""


def of_version(programme: Programme, city: City, version: ReportVersion, remark: str = "") -> Paper:
    """What is printed of a version that was handed in."""
    said = Statement.model_validate(version.content)
    action = programme.action(said.action)
    number = report_number(programme, said.key, version.number)
    form = cells(action, city)
    at = version.submitted_at.astimezone(SHANGHAI)
    return Paper(
        **_heading(programme, said.key),
        remark=remark,
        mark="更正" if said.correction else "",
        correction=said.correction,
        without_progress=said.nothing_reason if said.kind == "without_progress" else "",
        rows=tuple(
            _stated(order, cell, said.cells[cell.key])
            for order, cell in enumerate(form, 1)
            if cell.key in said.cells
        ),
        texts=_texts(said),
        annexes=_annexes(form, {key: one.items or () for key, one in said.cells.items()}),
        filled_by=said.filled_by,
        phone=said.phone,
        signed_by=said.signed_by,
        day=f"{at.year} 年 {at.month} 月 {at.day} 日",
        version=version.number,
        number=number,
        digest=seal_code.grouped(version.digest),
        code=seal_code.code_of(number, version.digest),
    )


def of_draft(
    programme: Programme,
    city: City,
    key: ReportKey,
    draft: Draft,
    correction: str,
    items: Mapping[str, Sequence[ItemTold]],
    remark: str = "",
) -> Paper:
    """What is typed, as it would be printed; what is missing shows. It bears no code."""
    form = cells(programme.action(key.action), city)
    listed = {} if draft.nothing else items
    return Paper(
        **_heading(programme, key),
        remark=remark,
        mark="草稿",
        correction=correction,
        without_progress=(draft.nothing_reason.strip() or NOT_TYPED) if draft.nothing else "",
        rows=tuple(
            _typed(order, cell, draft.cells.get(cell.key, CellDraft()), listed.get(cell.key))
            for order, cell in enumerate(form, 1)
            if not draft.nothing
        ),
        texts=_texts(draft),
        annexes=_annexes(form, listed),
        filled_by=draft.filled_by,
        phone=draft.phone,
        signed_by=draft.signed_by,
        day="",
        version=0,
        number="",
        digest="",
        code="",
    )


def report_number(programme: Programme, key: ReportKey, number: int) -> str:
    """The number of a version, as it is printed on it."""
    place = programme.action(key.action).units.index(key.unit) + 1
    return numbered(key.period, key.action, place, number)


def _heading(programme: Programme, key: ReportKey) -> dict[str, str]:
    action = programme.action(key.action)
    return {
        "title": programme.form_title,
        "document": programme.document,
        "period": programme.period(key.period).title,
        "unit": key.unit,
        "action": f"第 {action.number} 项 {action.title}",
    }


def _stated(order: int, cell: Cell, said: CellStatement) -> Row:
    return Row(
        order, cell.title, _target(cell), _reached(cell, said), _share(cell, said), _note(said)
    )


def _typed(order: int, cell: Cell, draft: CellDraft, listed: Sequence[ItemTold] | None) -> Row:
    """A line as it is typed, sense or not."""
    value = draft.value.strip()
    if cell.indicator.measure == "rate" and (draft.numerator or draft.denominator):
        value = f"{draft.numerator.strip() or '？'} ÷ {draft.denominator.strip() or '？'}"
    match cell.indicator.measure:
        case "narrative":
            reached = NOT_TOLD
        case "milestone":
            reached = {"done": "已完成", "not_done": "未完成"}.get(value, NOT_TYPED)
        case "at_least" if listed:
            reached = f"{len(listed)} {cell.indicator.unit}"
        case _:
            reached = value or NOT_TYPED
    if draft.not_ours:
        reached = "其他单位填报"
    note = _joined(draft.note.strip(), draft.reason.strip())
    return Row(order, cell.title, _target(cell), reached, NOT_TOLD, note)


def _target(cell: Cell) -> str:
    if cell.indicator.target is not None:
        return _with_unit(cell.indicator.target, cell)
    return "完成" if cell.indicator.measure == "milestone" else NOT_TOLD


def _reached(cell: Cell, said: CellStatement) -> str:
    if said.not_ours:
        return "其他单位填报"
    if said.value is not None:
        return _with_unit(said.value, cell)
    if said.done is not None:
        return "已完成" if said.done else "未完成"
    return NOT_TOLD


def _share(cell: Cell, said: CellStatement) -> str:
    target = cell.indicator.target
    if said.value is None or target is None:
        return NOT_TOLD
    share = (100 * said.value / target).quantize(Decimal("0.1"))
    return f"{values.told(share)}%"


def _note(said: CellStatement) -> str:
    made_of = ""
    if said.numerator is not None and said.denominator is not None:
        made_of = f"按 {values.told(said.numerator)} ÷ {values.told(said.denominator)} 计算"
    return _joined(made_of, said.note, said.reason)


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _with_unit(value: Decimal, cell: Cell) -> str:
    between = "" if cell.indicator.is_percentage else " "
    return f"{values.told(value)}{between}{cell.indicator.unit}"


def _texts(said: Statement | Draft) -> tuple[tuple[str, str], ...]:
    named = (
        ("一、进展情况", said.progress),
        ("二、存在问题", said.problems),
        ("三、下一步打算", said.next_steps),
    )
    return tuple((heading, text.strip() or "无。") for heading, text in named)


def _annexes(form: Sequence[Cell], items: Mapping[str, Sequence[ItemTold]]) -> tuple[Annex, ...]:
    return tuple(
        Annex(
            f"附表：{cell.title}（{len(items[cell.key])} {cell.indicator.unit}）",
            tuple(
                (str(order), item.name, item.place, _quarter(item.period), item.evidence)
                for order, item in enumerate(items[cell.key], 1)
            ),
        )
        for cell in form
        if items.get(cell.key)
    )


def _quarter(period: str) -> str:
    return f"第{'一二三四'[int(period[-1]) - 1]}季度"
