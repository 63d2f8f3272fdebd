"""Two people changed one listing: their changes put together, field by field. Plain functions.

Public names: ``Conflict``, ``Merged``, ``merge``, ``parts``, ``take``, ``POSITION``, ``FACTS``.

A document falls into parts that make sense alone: each field is one, but longitude and latitude
are one part (``position``), and the provenance of each field is one (``facts.phone``). Within
facilities, aliases and closures single elements come and go, so that two people may add one each.
A closure is an element as a whole: where both have put another in the place of the same one (one
moved its end, the other worded its reason), that is a conflict, not two closures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Json = Mapping[str, Any]

POSITION = "position"
FACTS = "facts."
SETS = frozenset({"aliases", "facilities", "closures"})
"""Of these, facilities are codes: none ever takes the place of another."""
_TOGETHER = ("lon", "lat")


@dataclass(frozen=True)
class Conflict:
    """A part that both have changed, each to something else. None: not there, or not known."""

    part: str
    base: Any
    theirs: Any
    mine: Any


@dataclass(frozen=True)
class Merged:
    """A document with both people's changes; where they conflict it says ``mine``."""

    document: dict[str, Any]
    conflicts: list[Conflict]
    from_theirs: list[str]
    """The parts in which it differs from mine."""


def merge(base: Json, theirs: Json, mine: Json) -> Merged:
    """Put together what became of ``base`` in two hands."""
    old, their, my = parts(base), parts(theirs), parts(mine)
    merged: dict[str, Any] = {}
    conflicts, from_theirs = [], []
    for part in [*my, *(part for part in {**their, **old} if part not in my)]:
        was, one, other = old.get(part), their.get(part), my.get(part)
        value, at_odds = _merged(part, was, one, other)
        if at_odds:
            conflicts.append(Conflict(part, was, one, other))
        elif value != other:
            from_theirs.append(part)
        merged[part] = value
    return Merged(_whole(merged), conflicts, from_theirs)


def parts(document: Json) -> dict[str, Any]:
    """A document's parts by name, in the order of its fields."""
    found: dict[str, Any] = {}
    for field, value in document.items():
        if field == "facts":
            found |= {FACTS + key: fact for key, fact in value.items()}
        elif field in _TOGETHER and all(each in document for each in _TOGETHER):
            found[POSITION] = [document[each] for each in _TOGETHER]
        else:
            found[field] = value
    return found


def take(document: Json, part: str, value: Any) -> dict[str, Any]:
    """The document with one part as given; a provenance of None is taken out."""
    return _whole(parts(document) | {part: value})


def _merged(part: str, base: Any, theirs: Any, mine: Any) -> tuple[Any, bool]:
    """The part's value, and whether the two can't both be had; then the value is mine."""
    if theirs in (mine, base):
        return mine, False
    if mine == base:
        return theirs, False
    if part in SETS:
        return _merged_set(base or [], theirs or [], mine or [], codes=part == "facilities")
    return mine, True


def _merged_set(
    base: list[Any], theirs: list[Any], mine: list[Any], *, codes: bool
) -> tuple[list[Any], bool]:
    old, their, my = (_by_text(each) for each in (base, theirs, mine))
    replaced = old.keys() - their.keys() - my.keys()
    if replaced and not codes and their.keys() - old.keys() != my.keys() - old.keys():
        return mine, True
    kept = [text for text in old if text in their and text in my]
    added = sorted((their.keys() | my.keys()) - old.keys())
    known = old | their | my
    return [known[text] for text in [*kept, *added]], False


def _by_text(elements: list[Any]) -> dict[bytes, Any]:
    return {orjson.dumps(each, option=orjson.OPT_SORT_KEYS): each for each in elements}


def _whole(merged: Json) -> dict[str, Any]:
    document: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for part, value in merged.items():
        if part == POSITION:
            document["lon"], document["lat"] = value
        elif not part.startswith(FACTS):
            document[part] = value
        elif value is not None:
            facts[part.removeprefix(FACTS)] = value
    return document | {"facts": facts}
