"""A draft as a form has it: fields by name, each a text. And what becomes of two at once.

Public names: ``PARTS``, ``YES``, ``Fields``, ``Merged``, ``flat``, ``read``, ``merge``, ``label``,
``said``.

A field of a cell is named ``1.1:value``, the others as in ``Draft``. What is empty has no field.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from geo.wording import in_chinese
from server.ledger.cells import Cell
from server.ledger.checks import Mistake, Unready
from server.ledger.content import TEXTS, Draft
from server.ledger.plain_text import plain

Fields = Mapping[str, str]

YES = "yes"
"""What a ticked box says."""

PARTS: Mapping[str, str] = {
    "value": "累计完成",
    "numerator": "分子",
    "denominator": "分母",
    "note": "说明",
    "reason": "原因",
    "not_ours": "不由本单位负责",
}
"""The fields of a cell and what the form calls them."""

_TICKED = frozenset({"not_ours", "nothing"})
_SAID = {"done": "已完成", "not_done": "未完成", YES: "是", "": "（空）"}


class Merged(NamedTuple):
    """What two people typed on top of one text."""

    fields: dict[str, str]
    """Mine, with what only the other has changed."""
    taken: tuple[str, ...]
    """Fields that only the other has changed."""
    clashes: tuple[str, ...]
    """Fields that both have changed, each to something else; mine stands in ``fields``."""


def flat(draft: Draft) -> dict[str, str]:
    """The fields of a draft that say something."""
    found = {name: getattr(draft, name) for name in TEXTS}
    found["nothing"] = YES if draft.nothing else ""
    for key, cell in draft.cells.items():
        for part in PARTS:
            value = getattr(cell, part)
            found[f"{key}:{part}"] = (YES if value else "") if part in _TICKED else value
    return {name: text for name, text in found.items() if text}


def read(fields: Fields, form: Sequence[Cell]) -> Draft:
    """The draft that a form's fields make; others than the form's are passed over.

    Raises:
        Unready: a text is longer than it may be.
    """
    texts = {name: plain(fields.get(name, "")) for name in TEXTS}
    cells = {cell.key: said for cell in form if (said := _cell(fields, cell.key))}
    given = {**texts, "nothing": fields.get("nothing") == YES, "cells": cells}
    try:
        return Draft.model_validate(given)
    except ValidationError as error:
        raise Unready([_mistake(found) for found in error.errors()]) from error


def merge(base: Fields, theirs: Fields, mine: Fields) -> Merged:
    """Join what two people made of ``base``, field by field."""
    fields: dict[str, str] = {}
    taken, clashes = [], []
    for name in {**base, **theirs, **mine}:
        was, other, own = (each.get(name, "") for each in (base, theirs, mine))
        if own == was != other:
            own = other
            taken.append(name)
        elif own != other and other != was:
            clashes.append(name)
        if own:
            fields[name] = own
    return Merged(fields, tuple(taken), tuple(clashes))


def label(name: str, form: Sequence[Cell]) -> str:
    """What a field, or a whole cell, is called: ``1.1 新改扩建幼儿园 · 说明``."""
    key, _, part = name.partition(":")
    cell = next((each for each in form if each.key == key), None)
    if cell is None:
        return {"nothing": "本季度无进展", "general": "整体", "seal": "盖章扫描件"}.get(
            name, TEXTS.get(name, name)
        )
    titled = f"{cell.indicator.code} {cell.title}"
    return f"{titled} · {PARTS[part]}" if part in PARTS else titled


def said(name: str, text: str) -> str:
    """A field's text as people read it."""
    is_choice = name == "nothing" or name.partition(":")[2] in ("value", "not_ours")
    return _SAID.get(text, text) if is_choice or not text else text


def _cell(fields: Fields, key: str) -> dict[str, Any]:
    given: dict[str, Any] = {
        part: plain(text) for part in PARTS if (text := fields.get(f"{key}:{part}", ""))
    }
    if "not_ours" in given:
        given["not_ours"] = given["not_ours"] == YES
    return {part: value for part, value in given.items() if value}


def _mistake(found: ErrorDetails) -> Mistake:
    place = [str(part) for part in found["loc"]]
    field = place[1] if place[0] == "cells" and len(place) > 1 else place[0]
    part = PARTS.get(place[-1], "") if place[0] == "cells" else ""
    return Mistake(field, f"{part}{in_chinese(found)}")
