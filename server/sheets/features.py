"""GeoJSON (RFC 7946) as a table: a row a feature, its properties as columns, its point as two."""

import json
import math
from typing import Any

from server.sheets.table import MAX_ROWS, Row, Sheet, Unreadable

MAX_PROPERTIES = 200
POSITION = ("lon", "lat")
_NOT_A_POINT = "应为点（Point），这里不是"


def read_features(body: bytes) -> Sheet:
    """The features of a FeatureCollection; row 0 holds the names of their properties.

    What is no text is written as JSON: the columns' own readers know lists and objects.

    Raises:
        Unreadable: it is no FeatureCollection, or says that it is not WGS-84 where it must be.
    """
    features = _features(body)
    names = _names(features)
    notes: dict[str, str] = {}
    rows = [Row(0, (*POSITION, *names))]
    for line, feature in enumerate(features, 1):
        lon, lat, told = _position(feature)
        if told:
            notes[f"第{line}个要素的lon"] = told
        properties = feature.get("properties") if isinstance(feature, dict) else None
        given = _flat(properties) if isinstance(properties, dict) else {}
        rows.append(Row(line, (lon, lat, *(_as_text(given.get(name)) for name in names))))
    return Sheet("", tuple(rows), notes)


def _features(body: bytes) -> list[Any]:
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable("GeoJSON 文件不是 UTF-8 编码。") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("不是有效的 JSON，文件可能没有传完整。") from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise Unreadable("不是 GeoJSON 要素集合（FeatureCollection）。")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise Unreadable("GeoJSON 里没有要素。")
    if len(features) > MAX_ROWS:
        raise Unreadable(f"要素超过 {MAX_ROWS} 个，请分成几个文件。")
    return features


def _names(features: list[Any]) -> list[str]:
    """The names of all properties in the order in which they are first met."""
    names: dict[str, None] = {}
    for feature in features:
        if not isinstance(feature, dict):
            continue
        properties = feature.get("properties")
        if isinstance(properties, dict):
            names |= dict.fromkeys(_flat(properties))
        if len(names) > MAX_PROPERTIES:
            raise Unreadable(f"属性的种类超过 {MAX_PROPERTIES} 种。")
    return [name for name in names if name not in POSITION]


def _flat(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties, with the provenance of each field as ``facts:field:source`` and the like."""
    facts = properties.get("facts")
    if not isinstance(facts, dict):
        return properties
    told = {
        f"facts:{field}:{part}": value
        for field, fact in facts.items()
        if isinstance(fact, dict)
        for part, value in fact.items()
    }
    return {name: value for name, value in properties.items() if name != "facts"} | told


def _position(feature: Any) -> tuple[str, str, str]:
    """Longitude and latitude as text, and what is wrong with them."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return "", "", _NOT_A_POINT
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or len(coordinates) not in (2, 3):
        return "", "", "坐标应为 [经度, 纬度]"
    lon, lat = coordinates[:2]
    if not (_is_number(lon) and _is_number(lat)):
        return "", "", "坐标应为有限的数"
    return repr(lon), repr(lat), ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= 180


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            # No spreadsheet program has put a quote before it.
            return value.strip()
        case bool():
            return "是" if value else "否"
        case _:
            return json.dumps(value, ensure_ascii=False)
