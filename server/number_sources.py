"""Where a hotline's new number is known from. Plain functions.

Public names: ``unsourced``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from geo.listing import Hotline

Json = Mapping[str, Any]


def unsourced(approved: Json | None, hotline: Hotline, today: date) -> str | None:
    """What is missing of the source of a number that changes, in Chinese; None if nothing is."""
    if approved is not None and approved.get("number") == hotline.number:
        return None
    fact = hotline.facts.get("number")
    if fact is None or not fact.source:
        return "更改热线号码须注明来源（文件或主管单位的确认）"
    if fact.confirmed_on is None or fact.confirmed_on > today:
        return "更改热线号码须注明哪一天确认过"
    former = ((approved or {}).get("facts") or {}).get("number")
    # What was known of the old number says nothing of the new one.
    if former and _is_of(former, fact.model_dump(mode="json")):
        return "更改热线号码须注明新号码自己的来源和确认日期，现有的是旧号码的"
    return None


def _is_of(former: Json, fact: Json) -> bool:
    """Whether a fact is what was known of the former number, or older than that."""
    same = all(fact.get(key) == former.get(key) for key in ("source", "confirmed_on"))
    return same or fact["confirmed_on"] < (former.get("confirmed_on") or "")
