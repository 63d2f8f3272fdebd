"""Where a row says that its place is: read, converted to WGS-84, held against the city.

Public names: ``Position``, ``read_position``, ``Evidence``, ``evidence``.
"""

import re
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from geo.city import City
from geo.crs import CRSES, Crs, convert
from geo.sphere import distance_m
from server.imports.reading import Wrong, normal, number

DECIMALS = 7
"""Of a converted position: 1 cm."""
_CLOSE_M = 100.0
_CLEARLY = 3.0
"""How many times better than the next the likeliest system must fit."""
_PARTS = re.compile(r"[,，;；\s]+")
NAMES = {
    "wgs84": "WGS-84（GPS、天地图）",
    "gcj02": "GCJ-02（高德、腾讯、微信）",
    "bd09": "BD-09（百度）",
}


class Position(NamedTuple):
    """WGS-84 degrees, and what the person should know about how they were read."""

    lon: float
    lat: float
    warning: str = ""


def read_position(lon: str, lat: str, crs: Crs, city: City) -> Position:
    """Two cells.

    Raises:
        Wrong: no numbers, the wrong way round, or not within the city.
    """
    if not (lon and lat):
        raise Wrong("经度和纬度只写了一个")
    x, y = number(lon), number(lat)
    if not _fits(x, y, crs, city) and _fits(y, x, crs, city):
        raise Wrong("经度和纬度写反了：经度约 118，纬度约 36")
    return _placed(x, y, crs, city)


def read_pair(text: str, crs: Crs, city: City) -> Position:
    """One cell with both; the wrong way round is mended where there is no doubt."""
    parts = [part for part in _PARTS.split(normal(text).strip("()[]（）")) if part]
    if len(parts) != 2:
        raise Wrong("应为“经度,纬度”，如 118.0478,36.8067")
    x, y = number(parts[0]), number(parts[1])
    if not _fits(x, y, crs, city) and _fits(y, x, crs, city):
        return _placed(y, x, crs, city)._replace(warning="写的是“纬度,经度”，已对调")
    return _placed(x, y, crs, city)


def _fits(lon: float, lat: float, crs: Crs, city: City) -> bool:
    if abs(lon) > 180 or abs(lat) > 90:
        return False
    return city.contains(*convert(lon, lat, crs, "wgs84"))


def _placed(lon: float, lat: float, crs: Crs, city: City) -> Position:
    if not _fits(lon, lat, crs, city):
        raise Wrong(f"位置不在{city.name}范围内，请检查坐标系和经纬度")
    if crs == "wgs84":
        return Position(lon, lat)
    x, y = convert(lon, lat, crs, "wgs84")
    return Position(round(x, DECIMALS), round(y, DECIMALS))


@dataclass(frozen=True)
class Evidence:
    """What listings of the same names say about the system of a table's positions."""

    crs: Crs | None
    """None: it can't be known."""
    compared: int
    metres: Mapping[Crs, float]
    """By system, how far from the listings the positions lie, in the middle."""

    @property
    def told(self) -> str:
        """Chinese, for the person who chooses."""
        if self.crs is None:
            why = "没有同名的已有条目可以对照" if not self.compared else "与已有条目对照也分不清"
            return f"{why}，请按数据来源选择坐标系；选错会偏差几百米。"
        distances = "，".join(
            f"按 {NAMES[crs].partition('（')[0]} 相差 {metres:.0f} 米"
            for crs, metres in self.metres.items()
        )
        return f"与 {self.compared} 个同名条目对照，像是 {NAMES[self.crs]}：{distances}。请核对。"


Pair = tuple[float, float, float, float]
"""Longitude and latitude as the table has them, then as the listing has them."""


def evidence(pairs: Iterable[Pair]) -> Evidence:
    """Which system brings the positions nearest to the listings of the same names."""
    given = list(pairs)[:500]
    if not given:
        return Evidence(None, 0, {})
    metres = {
        crs: statistics.median(
            distance_m(*convert(x, y, crs, "wgs84"), lon, lat) for x, y, lon, lat in given
        )
        for crs in CRSES
    }
    best, second, *_ = sorted(CRSES, key=lambda crs: metres[crs])
    sure = metres[best] < _CLOSE_M and metres[second] > max(_CLEARLY * metres[best], _CLOSE_M)
    return Evidence(best if sure else None, len(given), metres)
