"""From what is typed to what can be handed in, or all that stands in the way of it.

Public names: ``Mistake``, ``Unready``, ``compose``, ``mistakes``.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from server.ledger import values
from server.ledger.cells import Cell, ReportKey
from server.ledger.content import TEXTS, CellDraft, CellStatement, Draft, ItemTold, Statement
from server.ledger.values import Misread, told
from server.revisions import Refused

BEYOND = 3
"""Times the target: a value above asks whether it is meant."""

NOTHING_NEW = "本季度无进展。"

Items = Mapping[str, Sequence[ItemTold]]


class Mistake(NamedTuple):
    """Something that keeps a report from being handed in."""

    field: str
    """``1.1``, a cell's key, or one of ``TEXTS``."""
    message: str
    asks: bool = False
    """It may be right: a reason given in the cell lets it pass."""


class Unready(Refused):
    """The report can't be handed in as it is; all that is wrong is told."""

    def __init__(self, found: list[Mistake]) -> None:
        super().__init__("；".join(f"{one.field}：{one.message}" for one in found))
        self.mistakes = found


def compose(
    key: ReportKey,
    number: int,
    form: Sequence[Cell],
    draft: Draft,
    *,
    shared: bool,
    items: Items,
    before: Statement | None,
    correction: str = "",
) -> Statement:
    """The statement that a draft makes.

    ``shared``: other units answer for the action too, so that a cell may be none of ours.
    ``items``: by cell the lists that the unit keeps, up to this quarter. ``before``: what was
    handed in last for a quarter before; this year's values go on from it.

    Raises:
        Unready: something is missing or wrong.
    """
    found = mistakes(form, draft, shared=shared, items=items, before=before)
    if found:
        raise Unready(found)
    known = before.cells if before else {}
    if draft.nothing:
        stated = {
            cell.key: _carried(cell, known.get(cell.key), items.get(cell.key)) for cell in form
        }
    else:
        stated = {
            cell.key: _stated(cell, draft.cells[cell.key], items.get(cell.key)) for cell in form
        }
    texts = {name: getattr(draft, name).strip() for name in TEXTS}
    if not draft.nothing:
        texts["nothing_reason"] = ""
    kind = "without_progress" if draft.nothing else "progress"
    return Statement(
        **key._asdict(), number=number, kind=kind, cells=stated, correction=correction, **texts
    )


def mistakes(
    form: Sequence[Cell], draft: Draft, *, shared: bool, items: Items, before: Statement | None
) -> list[Mistake]:
    """All that keeps a draft from being handed in, in the order of the form."""
    found = list(_in_texts(draft))
    if draft.nothing:
        changed = [cell for cell in form if _has_changed(cell, items, before)]
        return [
            *(Mistake(cell.key, "清单和上次报的不一样，不是“无进展”") for cell in changed),
            *found,
        ]
    known = before.cells if before else {}
    cells = [
        mistake
        for cell in form
        for mistake in _in_cell(
            cell,
            draft.cells.get(cell.key, CellDraft()),
            shared,
            items.get(cell.key),
            known.get(cell.key),
        )
    ]
    if shared and not cells and all(draft.cells[cell.key].not_ours for cell in form):
        cells.append(Mistake("progress", "各项都不由本单位负责时，请填“本季度无进展”并说明原因"))
    return cells + found


def _in_texts(draft: Draft) -> Iterator[Mistake]:
    if draft.nothing and len(draft.nothing_reason.strip()) < 2:
        yield Mistake("nothing_reason", "本季度无进展，请写明原因")
    for name in ("filled_by", "signed_by"):
        if not getattr(draft, name).strip():
            yield Mistake(name, f"请填{TEXTS[name]}")


def _in_cell(
    cell: Cell,
    draft: CellDraft,
    shared: bool,
    items: Sequence[ItemTold] | None,
    before: CellStatement | None,
) -> Iterator[Mistake]:
    if draft.not_ours:
        if not shared:
            yield Mistake(cell.key, "只有本单位负责这一项，不能填“不由本单位负责”")
        elif items:
            yield Mistake(cell.key, "本单位有这一项的清单，不能填“不由本单位负责”")
        elif before and _says_something(before) and not draft.reason.strip():
            yield Mistake(cell.key, "此前填报过这一项，请说明为什么不再填报", asks=True)
        return
    if cell.indicator.measure == "narrative":
        if len(draft.note.strip()) < 2:
            yield Mistake(cell.key, "请写明落实情况")
        return
    try:
        said = _stated(cell, draft, items)
    except Misread as error:
        yield Mistake(cell.key, str(error))
        return
    if not draft.reason.strip():
        yield from _questions(cell, said, before)


def _questions(cell: Cell, said: CellStatement, before: CellStatement | None) -> Iterator[Mistake]:
    indicator = cell.indicator
    if said.value is not None:
        if before and before.value is not None and said.value < before.value:
            message = f"比上次报的 {told(before.value)} 少了；累计数应只增不减，请说明原因"
            yield Mistake(cell.key, message, asks=True)
        elif indicator.target is not None and _is_beyond(cell, said.value):
            message = f"超过目标（{told(indicator.target)}）的 {BEYOND} 倍；如果没有填错，请说明"
            yield Mistake(cell.key, message, asks=True)
    elif before and before.done and not said.done:
        yield Mistake(cell.key, "上次填的是“已完成”，请说明原因", asks=True)


def _is_beyond(cell: Cell, value: Decimal) -> bool:
    target = cell.indicator.target
    return target is not None and not cell.indicator.is_percentage and value > BEYOND * target


def _stated(cell: Cell, draft: CellDraft, items: Sequence[ItemTold] | None) -> CellStatement:
    said = {"note": draft.note.strip(), "reason": draft.reason.strip()}
    if draft.not_ours:
        return CellStatement(not_ours=True, **said)
    match cell.indicator.measure:
        case "narrative":
            return CellStatement(**said)
        case "milestone":
            if draft.value not in ("done", "not_done"):
                raise Misread("请选“已完成”或“未完成”")
            return CellStatement(done=draft.value == "done", **said)
        case "at_least" if items:
            return CellStatement(value=Decimal(len(items)), items=tuple(items), **said)
        case "rate" if draft.numerator.strip() or draft.denominator.strip():
            return CellStatement(**_ratio(cell, draft), **said)
    return CellStatement(value=values.read(draft.value, cell.indicator), **said)


def _ratio(cell: Cell, draft: CellDraft) -> dict[str, Decimal]:
    if not cell.indicator.is_percentage:
        raise Misread("这一项请直接填数值")
    numerator, denominator = (values.number(text) for text in (draft.numerator, draft.denominator))
    value = values.percentage(numerator, denominator)
    if draft.value.strip():
        typed = values.read(draft.value, cell.indicator)
        if value.quantize(typed, ROUND_HALF_UP) != typed:
            made = f"{told(numerator)} ÷ {told(denominator)} = {told(value)}%"
            raise Misread(f"填的百分比与分子、分母不符（{made}），请改成一致或只填一种")
    return {"value": value, "numerator": numerator, "denominator": denominator}


def _carried(
    cell: Cell, before: CellStatement | None, items: Sequence[ItemTold] | None
) -> CellStatement:
    """Nothing has happened: what stood before stands, with the list as it is by now."""
    if before is not None:
        return before.model_copy(update={"items": tuple(items)}) if items else before
    match cell.indicator.measure:
        case "at_least":
            return CellStatement(value=Decimal(0))
        case "milestone":
            return CellStatement(done=False)
        case "narrative":
            return CellStatement(note=NOTHING_NEW)
    return CellStatement()


def _says_something(said: CellStatement) -> bool:
    """Whether more was said of a cell than that nothing was reached."""
    told_in_words = said.note not in ("", NOTHING_NEW)
    return not said.not_ours and bool(said.value or said.done or told_in_words)


def _has_changed(cell: Cell, items: Items, before: Statement | None) -> bool:
    """Whether the list of a cell makes another number than was told last."""
    listed = items.get(cell.key)
    known = before.cells.get(cell.key) if before else None
    if not listed:
        return bool(known and known.items)
    return known is None or Decimal(len(listed)) != known.value
