"""How much of what a family needs to know a listing says.

Public names: ``EXPECTED``, ``gaps``, ``score``, ``confirmed_on``. Plain functions on documents.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

Json = Mapping[str, Any]

EXPECTED: Mapping[str, Mapping[str, int]] = {
    "site": {
        "opening_hours": 3,
        "address": 2,
        "phone": 2,
        "ages": 2,
        "free": 2,
        "booking": 1,
        "facilities": 1,
        "introduction": 1,
        "cover": 1,
        "website": 1,
    },
    "hotline": {"number": 4, "opening_hours": 2, "audience": 1, "note": 1},
    "bus_route": {
        "stops": 3,
        "trips": 3,
        "services": 2,
        "phone": 1,
        "fare": 1,
        "introduction": 1,
    },
    "notice": {"text": 3, "replacement": 1},
}
"""By type, the fields that should be filled, and what each weighs: a trip in vain weighs most."""


def gaps(document: Json) -> tuple[str, ...]:
    """The expected fields that say nothing, the weightiest first."""
    expected = EXPECTED.get(str(document.get("type")), {})
    return tuple(field for field in expected if _says_nothing(document, field))


def score(type_: str, missing: tuple[str, ...]) -> int:
    """How complete a listing with these gaps is: whole per cent of all weight."""
    expected = EXPECTED.get(type_, {})
    whole = sum(expected.values())
    if not whole:
        return 100
    return 100 * (whole - sum(expected.get(field, 0) for field in missing)) // whole


def confirmed_on(document: Json) -> date | None:
    """The latest day on which somebody made sure of any of its facts."""
    days = [fact.get("confirmed_on") for fact in (document.get("facts") or {}).values()]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def _says_nothing(document: Json, field: str) -> bool:
    value = document.get(field)
    if field == "free" and value is None:
        # A stated fee answers the question as well.
        return not document.get("fee")
    return value is None or value in ("", [], {})
