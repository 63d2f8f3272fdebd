"""What a document says, in words, part by part. Plain functions.

Public names: ``Told``, ``Change``, ``told``, ``changes``, ``part_label``, ``in_words``.
Parts are those of ``server.merging``.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from geo.city import City
from geo.opening_words import with_code
from server.field_labels import code_title, label
from server.merging import FACTS, POSITION, parts

Json = Mapping[str, Any]

UNKNOWN = "未登记"
_VOCABULARIES = ("kind", "theme", "district", "effect")


class Told(NamedTuple):
    """One part of a document; ``text`` may have several lines."""

    part: str
    label: str
    text: str
    known: bool


class Change(NamedTuple):
    """A part that differs between two documents, in words."""

    part: str
    label: str
    before: str
    after: str


def told(document: Json, city: City) -> list[Told]:
    """Everything that a document says, in the order of its fields; the sources come last."""
    found = []
    for part, value in parts(document).items():
        if part != "type":
            text = in_words(part, value, city)
            name = part_label(document["type"], part)
            found.append(Told(part, name, text or UNKNOWN, bool(text)))
    return sorted(found, key=lambda one: one.part.startswith(FACTS))


def changes(before: Json, after: Json, city: City) -> list[Change]:
    """The parts in which two documents of a type differ."""
    old, new = parts(before), parts(after)
    return [
        Change(
            part,
            part_label(after["type"], part),
            in_words(part, old.get(part), city) or UNKNOWN,
            in_words(part, new.get(part), city) or UNKNOWN,
        )
        for part in {**new, **old}
        if _plain(old.get(part)) != _plain(new.get(part))
    ]


def part_label(type_: str, part: str) -> str:
    """What a part is called: 位置, 信息来源, 电话的来源."""
    if part == POSITION:
        return "位置"
    if part == FACTS:
        return "信息来源"
    if part.startswith(FACTS):
        return f"{label(type_, part.removeprefix(FACTS))}的来源"
    return label(type_, part)


def in_words(part: str, value: Any, city: City) -> str:
    """A part's value as people read it; empty if it is not known."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if part == POSITION:
        return f"东经 {value[0]}，北纬 {value[1]}（WGS-84）"
    if part.startswith(FACTS):
        confirmed = value.get("confirmed_on")
        return f"{value['source']}（{f'{confirmed} 确认' if confirmed else '未确认'}）"
    return _in_words(part, value, city)


def _in_words(part: str, value: Any, city: City) -> str:
    match part:
        case "ages":
            return f"{value['min']}–{value['max']} 周岁"
        case "closures":
            return "\n".join(_closure(each) for each in value)
        case "photos":
            return "\n".join(_photo(n, each) for n, each in enumerate(value, 1))
        case "facilities":
            return "、".join(code_title(city, part, code) for code in value)
        case "opening_hours":
            return with_code(value)
        case "aliases":
            return "、".join(value)
        case _ if part in _VOCABULARIES:
            return code_title(city, part, value)
    if isinstance(value, list | dict):
        return _summary(value)
    return str(value)


def _closure(closure: Json) -> str:
    start, end = closure["start"], closure["end"]
    days = start if start == end else f"{start} 至 {end}"
    return f"{days} {closure.get('reason', '')}".rstrip()


def _photo(number: int, photo: Json) -> str:
    """The beginning of the id tells two photos of the same thing apart."""
    credit = f"（{photo['credit']}）" if photo.get("credit") else ""
    return f"{number}. {photo['alt']}{credit} [{photo['id'][:6]}]"


def _summary(value: list[Any] | dict[str, Any]) -> str:
    """What has a page of its own to be read on is told by its names, or its number."""
    if isinstance(value, dict):
        return str(value.get("name") or f"{len(value)} 项")
    names = [str(each["name"]) for each in value if isinstance(each, dict) and each.get("name")]
    return "、".join(names) if len(names) == len(value) else f"{len(value)} 项"


def _plain(value: Any) -> Any:
    """Values that say the same compare the same: nothing is known either way."""
    return value or None if not isinstance(value, bool) else value
