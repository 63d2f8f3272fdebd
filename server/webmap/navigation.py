"""The way to a place: its position for each map, and links that open the maps that parents use.

Tencent's and AMap's maps speak GCJ-02, Baidu's BD-09; Apple's, within China, GCJ-02. Sources:
Tencent Location Service URI API (marker), AMap URI API (marker), Baidu Map URI API (marker),
Apple Map Links.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from geo.crs import Crs, convert

SOURCE = "tongyou"
"""How we name ourselves to the maps, which ask for it; nothing about the parent."""

TENCENT = "2"
"""Tencent's name for its own coordinates, GCJ-02; by 1 it means GPS, and would shift them again."""


class WayThere(NamedTuple):
    """A map to open a place in."""

    title: str
    href: str


class Position(NamedTuple):
    """A position as text (latitude, longitude), and what speaks its coordinate system."""

    speakers: str
    text: str


def ways_there(name: str, address: str, lon: float, lat: float) -> list[WayThere]:
    """Links that show a place (WGS-84 degrees) in the maps that parents use."""
    gcj, bd = _at(lon, lat, "gcj02"), _at(lon, lat, "bd09")
    told = address or name
    return [
        WayThere("腾讯地图", _tencent(name, told, *gcj)),
        WayThere("高德地图", _amap(name, *gcj)),
        WayThere("百度地图", _baidu(name, told, *bd)),
        WayThere("苹果地图", _apple(name, *gcj)),
    ]


def positions(lon: float, lat: float) -> list[Position]:
    """A WGS-84 position in the coordinate systems of the maps that parents use."""
    told: list[tuple[str, Crs]] = [
        ("微信、腾讯、高德地图（GCJ-02）", "gcj02"),
        ("百度地图（BD-09）", "bd09"),
        ("手机定位、GPS（WGS-84）", "wgs84"),
    ]
    return [Position(who, "{1}, {0}".format(*_at(lon, lat, crs))) for who, crs in told]


def _at(lon: float, lat: float, crs: Crs) -> tuple[str, str]:
    x, y = convert(lon, lat, "wgs84", crs)
    return f"{x:.6f}", f"{y:.6f}"


def _tencent(name: str, address: str, lon: str, lat: str) -> str:
    # The marker's parts are separated by ; and : within one parameter.
    title, told = (text.translate(_NO_SEPARATORS) for text in (name, address))
    marker = f"coord:{lat},{lon};title:{title};addr:{told}"
    asked = {"marker": marker, "coord_type": TENCENT, "referer": SOURCE}
    return f"https://apis.map.qq.com/uri/v1/marker?{urlencode(asked)}"


_NO_SEPARATORS = str.maketrans({";": "；", ":": "："})


def _amap(name: str, lon: str, lat: str) -> str:
    asked = {
        "position": f"{lon},{lat}",
        "name": name,
        "src": SOURCE,
        "coordinate": "gaode",
        "callnative": "1",
    }
    return f"https://uri.amap.com/marker?{urlencode(asked)}"


def _baidu(name: str, address: str, lon: str, lat: str) -> str:
    asked = {
        "location": f"{lat},{lon}",
        "title": name,
        "content": address,
        "coord_type": "bd09ll",
        "output": "html",
        "src": SOURCE,
    }
    return f"https://api.map.baidu.com/marker?{urlencode(asked)}"


def _apple(name: str, lon: str, lat: str) -> str:
    return f"https://maps.apple.com/?{urlencode({'ll': f'{lat},{lon}', 'q': name})}"
