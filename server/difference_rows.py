"""The difference between two documents as people read it side by side, in Chinese. Plain functions.

Public names: ``Row``, ``Move``, ``rows``, ``in_a_line``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from geo.city import City
from geo.crs import Crs, convert
from geo.opening import SHANGHAI
from geo.opening_words import in_words
from geo.sphere import distance_m
from server.differences import ABSENT, KEYED, MAPPED, ORDER, Change, Json, changes
from server.field_labels import FIELDS, code_title, label
from server.part_words import PARTS, closure_text, degrees, direction_of, stop_name
from server.word_differences import Piece, compare

POSITION = "position"
HOURS = "opening_hours"
LISTS = frozenset({"aliases", "facilities", "closures", "routes"})
"""Fields of which single elements come and go."""

_MISTAKEN_M = 30.0
"""A position this near to where a mistaken coordinate system puts it was probably mistaken."""

_SYSTEMS: Mapping[Crs, str] = {"gcj02": "火星坐标（高德、腾讯）", "bd09": "百度坐标"}


class Move(NamedTuple):
    """A position that changed, WGS-84 degrees; a place that is new has no ``before``."""

    before: tuple[float, float] | None
    after: tuple[float, float]
    metres: float | None
    warning: str
    """What the move looks like, if it looks like a mistake."""


class Row(NamedTuple):
    """One line of the side-by-side view. Lists tell what comes and goes, texts where they differ.

    ``grave`` is what must not be read over: the number of a hotline. ``codes`` is how what is told
    in words is written on either side: ``Mo-Fr 09:00-17:00``; empty where the text is what is kept.
    """

    field: str
    label: str
    before: list[Piece]
    after: list[Piece]
    gone: list[str]
    come: list[str]
    move: Move | None = None
    grave: bool = False
    codes: tuple[str, str] = ("", "")


class Words(NamedTuple):
    """What it takes to word a document."""

    city: City
    type: str
    listings: Mapping[int, str]
    """Names of the listings that a notice is about."""


def rows(
    before: Json | None, after: Json, city: City, listings: Mapping[int, str] | None = None
) -> list[Row]:
    """All that differs, in the order in which people read a listing's fields."""
    words = Words(city, str(after["type"]), listings or {})
    found = []
    changed = [change for change in changes(before, after) if change.field != "type"]
    if any(change.field in ("lon", "lat") for change in changed):
        found.append(_moved(before, after))
    for change in changed:
        if change.field not in ("lon", "lat") and not _says_nothing(change):
            found.append(_row(change, before or {}, after, words))
    order = [field for field in FIELDS.get(words.type, {}) if field != "facts"]
    return sorted(found, key=lambda row: _place(order, row.field))


def in_a_line(before: Json | None, after: Json) -> str:
    """What changed in one line: 改了地址、电话、位置; or that the listing is new."""
    if before is None:
        return "新条目"
    changed = [change for change in changes(before, after) if not _says_nothing(change)]
    names = dict.fromkeys(
        "位置" if change.field in ("lon", "lat") else label(str(after["type"]), change.field)
        for change in changed
    )
    return f"改了{'、'.join(names)}" if names else "没有改动"


def _place(order: Sequence[str], field: str) -> int:
    field = "lon" if field == POSITION else field
    return order.index(field) if field in order else len(order)


def _says_nothing(change: Change) -> bool:
    """Both sides say nothing, each in its own way: not there, None, an empty text or list.

    Old documents lack the fields that came later; no is what these say until somebody says yes.
    """
    both = (change.before, change.after)
    if ABSENT in both and False in both:
        return True
    return all(_is_empty(value) for value in both)


def _is_empty(value: Any) -> bool:
    return value is ABSENT or value is None or value in ("", [], {})


def _moved(before: Json | None, after: Json) -> Row:
    new = (float(after["lon"]), float(after["lat"]))
    if before is None or "lon" not in before:
        move = Move(None, new, None, "")
    else:
        old = (float(before["lon"]), float(before["lat"]))
        move = Move(old, new, distance_m(*old, *new), _mistaken(old, new))
    told = [degrees(*each) if each else "" for each in (move.before, move.after)]
    return Row(POSITION, "位置", *compare(*told), [], [], move)


def _mistaken(old: tuple[float, float], new: tuple[float, float]) -> str:
    """Whether the move is just what taking one coordinate system for another makes of a place."""
    for crs, title in _SYSTEMS.items():
        shifted = convert(*old, "wgs84", crs)
        restored = convert(*old, crs, "wgs84")
        if distance_m(*shifted, *new) < _MISTAKEN_M:
            return f"新位置像是把{title}当成了 WGS-84，请核对"
        if distance_m(*restored, *new) < _MISTAKEN_M:
            return f"旧位置像是把{title}当成了 WGS-84，这次改正了它"
    return ""


def _row(change: Change, before: Json, after: Json, words: Words) -> Row:
    name = _label(change, before, after, words)
    grave = words.type == "hotline" and change.path in (("number",), ("facts", "number"))
    if len(change.path) == 1 and change.field in LISTS | MAPPED | KEYED.keys():
        return _elements(change, name, before, after, words)
    old = _text(change, change.before, before, words)
    new = _text(change, change.after, after, words)
    sides = compare(old, new) if old and new else (_whole(old), _whole(new))
    return Row(change.field, name, *sides, [], [], grave=grave, codes=_codes(change))


def _codes(change: Change) -> tuple[str, str]:
    if change.path != (HOURS,):
        return "", ""
    before, after = (
        "" if _is_empty(value) or in_words(value) is None else str(value)
        for value in (change.before, change.after)
    )
    return before, after


def _whole(text: str) -> list[Piece]:
    return [Piece(text, True)] if text else []


def _elements(change: Change, name: str, before: Json, after: Json, words: Words) -> Row:
    old = _worded(change.field, change.before, before, words)
    new = _worded(change.field, change.after, after, words)
    gone, come = [e for e in old if e not in new], [e for e in new if e not in old]
    if not gone and not come:
        # The same things in another order, or one of them twice.
        return Row(change.field, name, *compare("、".join(old), "、".join(new)), [], [])
    return Row(change.field, name, [], [], gone, come)


def _worded(field: str, members: Any, document: Json, words: Words) -> list[str]:
    """Every member of a list or a mapping, in words."""
    if _is_empty(members):
        return []
    if isinstance(members, dict):
        worded = ((key, PARTS[field](each, document)) for key, each in members.items())
        return [f"{_key_label(field, key, words)}：{text}" for key, text in worded]
    # A notice names stops and runs by their codes alone.
    return [
        PARTS[field](each, document)
        if isinstance(each, dict) and field in PARTS
        else _element(field, each, words)
        for each in members
    ]


def _element(field: str, value: Any, words: Words) -> str:
    match field:
        case "closures" if isinstance(value, dict):
            return closure_text(value)
        case "routes":
            name = words.listings.get(value)
            return f"{name}（编号 {value}）" if name else f"编号 {value}"
    return code_title(words.city, field, str(value))


def _key_label(field: str, key: str, words: Words) -> str:
    if field == "shapes":
        return code_title(words.city, "direction", key)
    return label(words.type, key) if key else "全部内容"


def _label(change: Change, before: Json, after: Json, words: Words) -> str:
    field = label(words.type, change.field)
    if len(change.path) == 1:
        return field
    key = change.path[1]
    if key == ORDER:
        return f"{field}的次序"
    match change.field:
        case "facts":
            return f"{label(words.type, key)}的来源" if key else "信息来源"
        case "shapes":
            return f"{field}（{code_title(words.city, 'direction', key)}）"
        case "stops":
            return f"站点 {stop_name(after, key) or stop_name(before, key) or key}{_shift(change)}"
        case "trips":
            trip = change.before if change.after is ABSENT else change.after
            return f"班次 {trip.get('name') or key}（{direction_of(trip)}）"
    return f"{field} {key}"


def _shift(change: Change) -> str:
    """By how much a stop moves, if it does by a metre or more."""
    if ABSENT in (change.before, change.after):
        return ""
    old, new = ((stop["lon"], stop["lat"]) for stop in (change.before, change.after))
    metres = distance_m(*old, *new)
    return f"（移动 {metres:.0f} 米）" if metres >= 1 else ""


def _text(change: Change, value: Any, document: Json, words: Words) -> str:
    """One side of a change, as text; empty if it says nothing."""
    if _is_empty(value):
        return ""
    if len(change.path) == 2 and change.path[1] == ORDER:
        return " → ".join(stop_name(document, key) or key for key in value)
    if change.field in PARTS:
        return PARTS[change.field](value, document)
    return _plain(change.field, value, words)


def _plain(field: str, value: Any, words: Words) -> str:
    if field == HOURS:
        return in_words(value) or str(value)
    if isinstance(value, bool):
        return _YES_NO.get(field, ("是", "否"))[not value]
    if isinstance(value, list | tuple):
        return "、".join(each if isinstance(each, str) else str(each) for each in value)
    if field in ("announced_at", "start", "end"):
        moment = datetime.fromisoformat(value).astimezone(SHANGHAI)
        return moment.strftime("%Y-%m-%d %H:%M")
    return code_title(words.city, field, str(value))


_YES_NO = {
    "verified": ("已核实", "未核实"),
    "free": ("免费", "收费"),
    "internal": ("仅供内部，不公布", "公布"),
}
