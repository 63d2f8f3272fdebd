"""A row's values laid over what a listing says already.

Public names: ``put``, ``stay_put``, ``same``.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from geo.listing import LISTING

Json = dict[str, Any]

_SAME_DEGREES = 2e-7
"""How far a position moves when it is converted forth and back and rounded."""


def put(document: Json, name: str, value: Any) -> None:
    """Enter a value in a document; None takes the field out, so that its default holds."""
    if name.startswith("facts:"):
        _, fact, part = name.split(":")
        facts = document["facts"]
        told = facts.get(fact, {})
        if part == "source" and told.get("source") not in (None, value):
            # The day told when the former source was looked at.
            told = {}
        told = {key: text for key, text in (told | {part: value}).items() if text}
        facts[fact] = told
    elif value is None:
        document.pop(name, None)
    else:
        document[name] = value


def stay_put(document: Json, former: Json) -> None:
    """A position that moved by less than converting it back and forth does has not moved."""
    if "lon" not in document or "lon" not in former or "lat" not in document:
        return
    if all(abs(document[axis] - former[axis]) <= _SAME_DEGREES for axis in ("lon", "lat")):
        document |= {"lon": former["lon"], "lat": former["lat"]}


def same(document: Json | None, other: Mapping[str, Any]) -> bool:
    if document is None or document == other:
        return document is not None
    try:
        return document == LISTING.validate_python(dict(other)).model_dump(mode="json")
    except ValidationError:
        return False
