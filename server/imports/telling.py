"""The value of a field -> the text of a cell that ``server.imports.reading`` reads back."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from geo.city import City
from server.imports.column import ID, KEY, Column
from server.imports.reading import SEPARATORS


def cell_text(
    column: Column, document: Mapping[str, Any], city: City, listing_id: int, key: str | None
) -> str:
    """What a column says of a listing; empty where nothing is known."""
    if column.field == ID:
        return str(listing_id)
    if column.field == KEY:
        return key or ""
    if column.field.startswith("facts:"):
        _, field, part = column.field.split(":")
        return str((document.get("facts", {}).get(field) or {}).get(part) or "")
    value = document.get(column.field)
    return "" if value is None else _text(column.reader, value, city)


def _text(reader: str, value: Any, city: City) -> str:
    match reader:
        case "kind":
            return _title(value, city.kinds)
        case "theme":
            return _title(value, city.themes)
        case "district":
            return _title(value, city.districts)
        case "facilities":
            return "、".join(_title(code, city.facilities) for code in value)
        case "names":
            return _list(value)
        case "flag":
            return "是" if value else "否"
        case "number":
            return repr(value)
        case "ages":
            return f"{value['min']}-{value['max']}岁"
        case "closures":
            plain = not any(re.search(r"[;；]", one.get("reason", "")) for one in value)
            return "；".join(_closure(one) for one in value) if plain else _json(value)
        case _:
            return str(value)


def _list(items: Sequence[str]) -> str:
    return _json(items) if any(SEPARATORS.search(item) for item in items) else "、".join(items)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _closure(one: Mapping[str, str]) -> str:
    return f"{one['start']}至{one['end']} {one.get('reason', '')}".strip()


def _title(code: str, terms: Any) -> str:
    return next((str(term.title) for term in terms if term.code == code), str(code))
