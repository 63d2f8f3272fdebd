"""A listing's form: what was typed <-> a document. Plain functions; nothing that was typed is lost.

Public names: ``Raw``, ``CHANGE_NOTE``, ``blank``, ``typed``, ``read``, ``beside``, ``kept``,
``dialable``.

What was typed is a flat table of strings by the names of the inputs: ``name``, ``ages.min``,
``closures.0.start``, ``facilities.parking``, ``facts..source``, ``facts.phone.confirmed_on``.
``crs`` says in which coordinate system ``lon`` and ``lat`` are; documents are in WGS-84.
"""

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from geo.crs import Crs, convert
from server import photo_form
from server.listing_fields import Field, fields

Raw = Mapping[str, str]
Json = Mapping[str, Any]

CHANGE_NOTE = "change_note"
"""The input for what was changed and how it is known; no part of the document."""
SPARE_CLOSURES = 1
"""Empty rows after those that are there."""
MOST_CLOSURES = 60

_YES_NO = {"yes": True, "no": False}


def blank(type_: str) -> dict[str, str]:
    """What an untouched form of a new listing holds."""
    return typed({"type": type_})


def typed(document: Json) -> dict[str, str]:
    """What somebody would have typed to say what the document says."""
    raw: dict[str, str] = {}
    for field in fields(document["type"]):
        raw |= _typed(field, document.get(field.name))
    facts = document.get("facts") or {}
    named = [f.name for f in fields(document["type"]) if f.own_source]
    for key in ["", *named, *(key for key in facts if key and key not in named)]:
        fact = facts.get(key) or {}
        raw[f"facts.{key}.source"] = fact.get("source", "")
        raw[f"facts.{key}.confirmed_on"] = fact.get("confirmed_on") or ""
    return raw | ({"crs": "wgs84"} if document["type"] == "site" else {})


def read(type_: str, raw: Raw) -> dict[str, Any]:
    """The document that was typed; what makes no sense stays as typed, for the model to refuse."""
    document: dict[str, Any] = {"type": type_}
    for field in fields(type_):
        value = _read(field, raw)
        if value is not None:
            document[field.name] = value
    if document.get("lon") is not None and document.get("lat") is not None:
        document["lon"], document["lat"] = _to_wgs84(
            document["lon"], document["lat"], raw.get("crs", "wgs84")
        )
    return document | {"facts": _read_facts(raw)}


def beside(type_: str, raw: Raw, told: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Messages about parts of a document, by the input beside which each belongs.

    ``told`` are pairs as of ``server.revisions.Lack``: ``closures.0.end``, a message. What
    belongs to no input stands under ``""``.
    """
    rows = _rows(raw)
    known = {each.name: each for each in fields(type_)}
    found: dict[str, list[str]] = {}
    for path, message in told:
        name, text = _place(photo_form.input_of(path, raw), message, known, rows)
        found.setdefault(name, []).append(text)
    return found


def kept(given: Iterable[tuple[str, str]], type_: str) -> dict[str, str]:
    """Of a form's pairs those that are inputs of the type's form."""
    names = {each.name for each in fields(type_)} | {"crs", CHANGE_NOTE}
    return {
        name: text
        for name, text in given
        if name in names or name.split(".")[0] in (names & _COMPOUND) | {"facts"}
    }


_COMPOUND = {"ages", "closures", "facilities", "photos"}


def _typed(field: Field, value: Any) -> dict[str, str]:
    match field.kind:
        case "closures":
            rows = [*(value or ()), *[{}] * SPARE_CLOSURES]
            return {
                f"closures.{n}.{part}": row.get(part, "")
                for n, row in enumerate(rows)
                for part in ("start", "end", "reason")
            }
        case "ages":
            ages = value or {}
            return {f"ages.{part}": str(ages.get(part, "")) for part in ("min", "max")}
        case "checks":
            return {f"{field.name}.{code}": "on" for code in value or ()}
        case "photos":
            return photo_form.typed(value)
        case "lines":
            return {field.name: "\n".join(value or ())}
        case "yes_no":
            return {field.name: "yes" if value else "no"}
        case "yes_no_unknown":
            return {field.name: {None: "", True: "yes", False: "no"}[value]}
        case _:
            return {field.name: "" if value is None else str(value)}


def _read(field: Field, raw: Raw) -> Any:
    """The field's value; None: nothing was typed, so that the model's own default holds."""
    text = raw.get(field.name, "").strip()
    match field.kind:
        case "closures":
            return [_closure(raw, n) for n in _rows(raw)]
        case "ages":
            ends = {part: raw.get(f"ages.{part}", "").strip() for part in ("min", "max")}
            return {part: end for part, end in ends.items() if end} or None
        case "checks":
            start = field.name + "."
            return sorted(name.removeprefix(start) for name in raw if name.startswith(start))
        case "photos":
            return photo_form.read(raw)
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "yes_no" | "yes_no_unknown":
            return _YES_NO.get(text, text or None)
        case "tel":
            return dialable(text) or None
        case _:
            return text or None


def dialable(text: str) -> str:
    """A telephone number as people write it, nearer to how it is dialled: no full-width digits,
    spaces or long dashes; ``（0533）2164568`` is ``0533-2164568``."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for dash in "‐‑‒–—―−":
        plain = plain.replace(dash, "-")
    if plain.startswith("(") and ")" in plain:
        plain = plain[1:].replace(")", "-", 1)
    return "-".join(part for part in plain.replace("-", " ").split() if part)


def _rows(raw: Raw) -> list[int]:
    """The numbers of the rows of closures in which anything was typed."""
    numbers = {
        int(parts[1])
        for name, text in raw.items()
        if (parts := name.split("."))[0] == "closures" and text.strip()
        if len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 4
    }
    return sorted(numbers)[:MOST_CLOSURES]


def _closure(raw: Raw, row: int) -> dict[str, str]:
    start, end, reason = (
        raw.get(f"closures.{row}.{part}", "").strip() for part in ("start", "end", "reason")
    )
    # Most closures last a day; whoever gives one date means that day.
    days = {"start": start or end, "end": end or start}
    return {part: day for part, day in days.items() if day} | {"reason": reason}


def _read_facts(raw: Raw) -> dict[str, dict[str, str]]:
    facts: dict[str, dict[str, str]] = {}
    for name in raw:
        key = name.removeprefix("facts.").removesuffix(".source")
        if name != f"facts.{key}.source":
            continue
        source = raw[name].strip()
        confirmed = raw.get(f"facts.{key}.confirmed_on", "").strip()
        if source or confirmed:
            facts[key] = {"source": source} | ({"confirmed_on": confirmed} if confirmed else {})
    return facts


def _to_wgs84(lon: Any, lat: Any, crs: str) -> tuple[Any, Any]:
    """Numbers, converted; anything else as it is."""
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        return lon, lat
    if crs == "wgs84" or crs not in get_args(Crs) or not (math.isfinite(x) and math.isfinite(y)):
        return lon, lat
    converted = convert(x, y, crs, "wgs84")  # type: ignore[arg-type]
    return round(converted[0], 7), round(converted[1], 7)


def _place(
    path: str, message: str, known: Mapping[str, Field], rows: Sequence[int]
) -> tuple[str, str]:
    head, *rest = path.split(".")
    if head == "facts" and len(rest) >= 2:
        return path, message
    if head not in known:
        return "", message
    match known[head].kind:
        case "closures" if rest and rest[0].isdecimal() and int(rest[0]) < len(rows):
            part = rest[1] if len(rest) > 1 else "end"
            return f"closures.{rows[int(rest[0])]}.{part}", message
        case "photos":
            return path, message
        case "ages":
            return f"ages.{rest[0]}" if rest else "ages.max", message
        case "lines" if rest and rest[0].isdecimal():
            return head, f"第 {int(rest[0]) + 1} 个：{message}"
    return head, message
