"""What is different between two documents of a listing, field by field. Pure; no words.

Public names: ``Change``, ``ABSENT``, ``changes``, ``applied``.

``applied(before, changes(before, after))`` says the same as ``after``, for any two documents:
nothing that differs can be missed, and what is shown is all that is different.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]

ORDER: Final = "*"
"""The last part of a path when the same things stand in another order."""

KEYED: Final = {"stops": "id", "services": "id", "trips": "id"}
"""Lists whose members are known by one of their fields."""

MAPPED: Final = frozenset({"facts", "shapes"})
"""Fields that are mappings, each entry of which is looked at by itself."""


class _Absent:
    """Stands for what is not there; None is a value of its own."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


@dataclass(frozen=True)
class Change:
    """One thing that differs. ``path`` is a field, or a field and a key within it."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def field(self) -> str:
        """The document's field that it belongs to."""
        return self.path[0]


def changes(before: Json | None, after: Json) -> list[Change]:
    """All that differs, in the order of the fields of ``after``; without a before all is new."""
    found: list[Change] = []
    former = before or {}
    for field in [*after, *(name for name in former if name not in after)]:
        old, new = former.get(field, ABSENT), after.get(field, ABSENT)
        if old != new or type(old) is not type(new):
            found += _within(field, old, new)
    return found


def applied(before: Json | None, changed: Sequence[Change]) -> dict[str, Any]:
    """The document after the changes."""
    document = dict(before or {})
    for change in changed:
        match change.path:
            case (field,):
                _put(document, field, change.after)
            case (field, key):
                document[field] = _member_put(document.get(field, {}), field, key, change.after)
    return document


def _within(field: str, old: Any, new: Any) -> list[Change]:
    if field in MAPPED and isinstance(old, dict) and isinstance(new, dict):
        return _members((field,), old, new)
    if field in MAPPED and old is ABSENT and isinstance(new, dict) and new:
        return _members((field,), {}, new)
    if field in KEYED and isinstance(old, list | tuple) and isinstance(new, list | tuple):
        was, becomes = _by_key(field, old), _by_key(field, new)
        if was is not None and becomes is not None:
            return _members((field,), was, becomes) + _order(field, list(was), list(becomes))
    return [Change((field,), old, new)]


def _members(path: tuple[str, ...], old: Json, new: Json) -> list[Change]:
    keys = [*old, *(key for key in new if key not in old)]
    pairs = [(key, old.get(key, ABSENT), new.get(key, ABSENT)) for key in keys]
    return [Change((*path, key), was, becomes) for key, was, becomes in pairs if was != becomes]


def _order(field: str, old: list[str], new: list[str]) -> list[Change]:
    """A change of order, if what stays and what comes don't stand as they would by themselves."""
    by_itself = [key for key in old if key in new] + [key for key in new if key not in old]
    return [] if by_itself == new else [Change((field, ORDER), old, new)]


def _by_key(field: str, members: Sequence[Any]) -> dict[str, Any] | None:
    """The members by their keys; None if some have none, or the same."""
    key = KEYED[field]
    keyed = {
        str(member[key]): member for member in members if isinstance(member, dict) and key in member
    }
    return keyed if len(keyed) == len(members) and ORDER not in keyed else None


def _put(document: dict[str, Any], field: str, value: Any) -> None:
    if value is ABSENT:
        document.pop(field, None)
    else:
        document[field] = value


def _member_put(members: Any, field: str, key: str, value: Any) -> Any:
    if field in MAPPED:
        changed = dict(members)
        _put(changed, key, value)
        return changed
    keyed = _by_key(field, members) or {}
    if key == ORDER:
        return [keyed[each] for each in value]
    _put(keyed, key, value)
    return list(keyed.values())
