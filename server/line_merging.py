"""Two people changed one line: their changes put together, stop by stop and trip by trip.

Public names: ``merge_lines``, ``conflict_title``, ``in_words``. Plain functions.
"""

from collections.abc import Mapping
from typing import Any

from geo.transit import StopTime
from server.field_labels import label
from server.line_times import write_cell
from server.merging import Conflict, Merged, merge

Json = Mapping[str, Any]

LISTS = {"stops": "站点", "services": "运行日", "trips": "班次"}
"""Fields whose elements have ids."""


def merge_lines(base: Json, theirs: Json, mine: Json) -> Merged:
    """As ``server.merging.merge``, where each stop, service and trip is a part of its own."""
    merged = merge(_flat(base), _flat(theirs), _flat(mine))
    return Merged(_whole(merged.document), merged.conflicts, merged.from_theirs)


def conflict_title(conflict: Conflict) -> str:
    """What both have changed: 班次“早班”, 票价."""
    field, _, id_ = conflict.part.partition("/")
    if not id_:
        return label("bus_route", field)
    known: Json = next((one for one in (conflict.mine, conflict.theirs, conflict.base) if one), {})
    return f"{LISTS[field]}“{known.get('name') or id_}”"


def in_words(value: Any) -> str:
    """A part's value on one line."""
    if value in (None, "", [], {}):
        return "（没有）"
    if not isinstance(value, dict):
        return str(value)
    if "stop_times" in value:
        times = [StopTime.model_validate(time) for time in value["stop_times"]]
        return "、".join(write_cell(time) for time in times)
    if "lon" in value:
        return f"{value['name']}（{value['lon']}, {value['lat']}）"
    if "weekdays" in value:
        return f"{value['weekdays']}，{value['start']} 至 {value['end']}"
    return "，".join(str(each) for each in value.values() if each)


def _flat(document: Json) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for field, value in document.items():
        if field in LISTS:
            flat |= {f"{field}/{element['id']}": element for element in value}
        else:
            flat[field] = value
    return flat


def _whole(flat: Json) -> dict[str, Any]:
    whole: dict[str, Any] = {field: [] for field in LISTS}
    for part, value in flat.items():
        field, _, id_ = part.partition("/")
        if not id_:
            whole[field] = value
        elif value is not None:
            whole[field].append(value)
    return whole
