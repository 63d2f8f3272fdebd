"""Sites as GeoJSON (RFC 7946), out and in.

A feature's point is the site's position, WGS-84 as the RFC demands; its properties are the other
fields of the document, under their own names. What is read is taken as hostile: it is parsed by
the standard library, not into the classes of ``geojson``, which pick a constructor by the file's
own ``type`` members.
"""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import geojson
from pydantic import ValidationError

from geo.crs import Crs, convert
from geo.listing import Site
from geo.wording import in_chinese

MAX_PROBLEMS = 200
"""A file with more is not worth reading to the end by a person; the rest are only counted."""

_UNROUNDED = 324
"""Past the last decimal of any float: ``geojson`` rounds to six unless told."""
_CONVERTED_DECIMALS = 9
"""What a conversion is accurate to; further digits would only be noise in a form."""
_MAX_NAME = 40
"""Characters of a file's own member names that are repeated in a problem."""

_WGS84_NAMES = frozenset(
    {
        "crs84",
        "ogc:crs84",
        "urn:ogc:def:crs:ogc::crs84",
        "urn:ogc:def:crs:ogc:1.3:crs84",
        "http://www.opengis.net/def/crs/ogc/0/crs84",
        "http://www.opengis.net/def/crs/ogc/1.3/crs84",
        "epsg:4326",
        "urn:ogc:def:crs:epsg::4326",
        "http://www.opengis.net/def/crs/epsg/0/4326",
    }
)
_GEOMETRIES = {
    "MultiPoint": "多点",
    "LineString": "线",
    "MultiLineString": "多线",
    "Polygon": "面",
    "MultiPolygon": "多面",
    "GeometryCollection": "几何集合",
}


class Problem(NamedTuple):
    """What is wrong with an uploaded file, and where: ``features[3].properties.kind``."""

    where: str
    message: str
    """Chinese, for the person who uploaded the file."""


class _Refused(Exception):
    """Something that makes a whole feature, or the whole file, unreadable."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(where, message)


def to_feature(id: int, site: Site) -> geojson.Feature:
    """A site as a feature; ``id`` is its listing's."""
    return geojson.Feature(
        id=id,
        geometry=geojson.Point((site.lon, site.lat), precision=_UNROUNDED),
        properties=site.model_dump(mode="json", exclude={"lon", "lat"}),
    )


def to_collection(sites: Iterable[tuple[int, Site]]) -> geojson.FeatureCollection:
    """Sites with their listings' ids as one collection, in the order given."""
    return geojson.FeatureCollection([to_feature(id, site) for id, site in sites])


def dump(collection: geojson.FeatureCollection) -> str:
    """The collection as JSON text without spaces, Chinese unescaped.

    The same sites give the same text: members stand in the order of the models' fields.
    """
    text: str = geojson.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return text


def sites_from_geojson(text: str | bytes, crs: Crs = "wgs84") -> tuple[list[Site], list[Problem]]:
    """Read the sites of a FeatureCollection.

    Every feature must be a Point whose properties are fields of :class:`Site`; its ``id``, a
    third coordinate (height) and foreign members are ignored. Features that have a problem are
    left out, the others are returned in their order.

    Args:
        text: the file; bytes are UTF-8, with or without a byte-order mark. Its size is for the
            caller to limit.
        crs: what the file's positions are in. Positions are stored as WGS-84, converted ones
            rounded to 9 decimals. A ``crs`` member that names anything but WGS-84 is refused.

    Returns:
        The sites and the problems, at most ``MAX_PROBLEMS`` and one that counts the rest. Nothing
        that is in a file raises.
    """
    try:
        features = _features(_parse(text))
    except _Refused as refusal:
        return [], [refusal.problem]
    sites: list[Site] = []
    problems: list[Problem] = []
    unlisted = 0
    for index, feature in enumerate(features):
        found = _read_feature(feature, f"features[{index}]", crs)
        if isinstance(found, Site):
            sites.append(found)
            continue
        room = MAX_PROBLEMS - len(problems)
        problems += found[:room]
        unlisted += max(0, len(found) - room)
    if unlisted:
        problems.append(Problem("", f"另有 {unlisted} 处问题未列出"))
    return sites, problems


def _parse(text: str | bytes) -> Any:
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(decoded.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise _Refused("", "文件不是 UTF-8 编码") from None
    except json.JSONDecodeError as error:
        message = f"不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 个字符附近有误"
        raise _Refused("", message) from None
    except RecursionError:
        raise _Refused("", "文件嵌套太深") from None
    except ValueError:
        # The one thing left: an integer of more digits than Python agrees to read.
        raise _Refused("", "文件中有过长的数") from None


def _features(document: Any) -> list[Any]:
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise _Refused("", "不是 FeatureCollection：最外层应为 GeoJSON 要素集合")
    _refuse_other_crs(document, "")
    features = document.get("features")
    if not isinstance(features, list):
        raise _Refused("features", "应为列表")
    return features


def _refuse_other_crs(member: dict[str, Any], where: str) -> None:
    """RFC 7946 knows WGS-84 alone; the ``crs`` member of 2008 may still repeat that."""
    if "crs" not in member:
        return
    crs = member["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name.lower() not in _WGS84_NAMES:
        place = f"{where}.crs" if where else "crs"
        raise _Refused(place, "只接受 WGS-84（CRS84）坐标系，请换算后再导出")


def _read_feature(feature: Any, where: str, crs: Crs) -> Site | list[Problem]:
    try:
        properties = _properties(feature, where)
        lon, lat = _position(feature.get("geometry"), f"{where}.geometry")
    except _Refused as refusal:
        return [refusal.problem]
    if crs != "wgs84":
        lon, lat = (round(x, _CONVERTED_DECIMALS) for x in convert(lon, lat, crs, "wgs84"))
    try:
        return Site.model_validate({**properties, "lon": lon, "lat": lat})
    except ValidationError as error:
        return list(_site_problems(error, where))


def _properties(feature: Any, where: str) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Refused(where, "不是 Feature（要素）")
    _refuse_other_crs(feature, where)
    properties = feature.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise _Refused(f"{where}.properties", "应为对象")
    for name in ("lon", "lat"):
        if name in properties:
            raise _Refused(f"{where}.properties.{name}", "位置由 geometry 给出，属性中不再写")
    return properties


def _position(geometry: Any, where: str) -> tuple[float, float]:
    if geometry is None:
        raise _Refused(where, "缺少位置")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind != "Point":
        came = _GEOMETRIES.get(kind) if isinstance(kind, str) else None
        named = f"{came}（{kind}）" if came else "无法识别的几何"
        raise _Refused(where, f"应为点（Point），这里是{named}")
    _refuse_other_crs(geometry, where)
    where += ".coordinates"
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or len(coordinates) not in (2, 3):
        raise _Refused(where, "应为 [经度, 纬度]")
    lon, lat = (_number(x, where) for x in coordinates[:2])
    if abs(lon) <= 90 < abs(lat) <= 180:
        raise _Refused(where, "经纬度次序颠倒：应为 [经度, 纬度]")
    if abs(lon) > 180 or abs(lat) > 90:
        raise _Refused(where, "超出经纬度的范围")
    return lon, lat


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused(where, "经度和纬度应为数")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _Refused(where, "经度和纬度应为有限的数，不能是 NaN 或 Infinity")
    return number


def _site_problems(error: ValidationError, where: str) -> Iterator[Problem]:
    for details in error.errors(include_url=False, include_input=False):
        location = details["loc"]
        if location and location[0] in ("lon", "lat"):
            yield Problem(f"{where}.geometry.coordinates", in_chinese(details))
        else:
            yield Problem(f"{where}.properties{_path(location)}", in_chinese(details))


def _path(location: tuple[int | str, ...]) -> str:
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in location
    )


def _printable(name: str) -> str:
    """A member name fit to be shown: the file may call its members anything."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:_MAX_NAME])
    return shown + "…" if len(name) > _MAX_NAME else shown
