"""Coordinates as people paste them: bare pairs, letters, degrees and minutes, links of maps.

Pure text work. Which coordinate system a pair is in, text seldom says; a link of a map service
does. Which of two bare numbers is the longitude, the city decides: see ``located``.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from geo.city import City
from geo.crs import Crs, convert

MAX_LENGTH = 2000
"""Characters; a link of a map service has some hundreds."""

DECIMALS = 6
"""Of a degree: 0.1 m."""


class NotCoordinates(ValueError):
    """The text holds no position; the message says what is missing, in Chinese."""


class Pasted(NamedTuple):
    """Two numbers in degrees, as a text gave them."""

    lon: float
    lat: float
    told: bool
    """Whether the text says which is which; if not, the numbers stand in the order of the text."""
    crs: Crs | None = None
    """What the text says it is in; None where it doesn't."""


class Located(NamedTuple):
    """A position in the city's terms: WGS-84 degrees, and what had to be supposed."""

    lon: float
    lat: float
    crs: Crs
    """In which coordinate system the numbers were read."""
    swapped: bool
    """The text named the two the wrong way round, and only exchanged do they lie in the city."""
    within: bool
    """Whether it lies in the city."""


def read(text: str) -> Pasted:
    """The position that a text names.

    Raises:
        NotCoordinates: it names none, or not on earth.
    """
    if len(text) > MAX_LENGTH:
        raise NotCoordinates(f"文字太长，最多 {MAX_LENGTH} 个字")
    plain = unicodedata.normalize("NFKC", unquote(text.strip())).translate(_PLAIN)
    # 经度 is a word, 118 度 is an angle.
    plain = re.sub(r"(?<=\d)\s*([度分秒])", lambda found: _UNITS[found[1]], plain)
    if not plain:
        raise NotCoordinates("请粘贴坐标或地图链接")
    crs = _crs_of_link(plain)
    for reader in (_named, _link, _lettered, _bare):
        found = reader(plain)
        if found is not None:
            lon, lat, told = found
            _on_earth(lon, lat)
            return Pasted(lon, lat, told, crs)
    raise NotCoordinates(_nothing_in(plain))


def located(pasted: Pasted, crs: Crs, city: City) -> Located:
    """Where in the city a pasted pair lies; ``crs`` is what it is in unless the text says itself.

    Of the two orders the one that lies in the city holds. Where neither does, it is the one that
    the text names, or the one that can be on earth and is nearer to the city.
    """
    system = pasted.crs or crs
    here, there = (pasted.lon, pasted.lat), (pasted.lat, pasted.lon)
    orders = [pair for pair in (here, there) if abs(pair[1]) <= 90]
    inside = [pair for pair in orders if city.contains(*convert(*pair, system, "wgs84"))]
    if inside:
        lon, lat = inside[0]
    elif pasted.told:
        lon, lat = here
    else:
        lon, lat = min(orders, key=lambda pair: _degrees_off(pair, city))
    swapped = pasted.told and (lon, lat) != here
    x, y = convert(lon, lat, system, "wgs84")
    return Located(round(x, DECIMALS), round(y, DECIMALS), system, swapped, bool(inside))


def _degrees_off(pair: tuple[float, float], city: City) -> float:
    return abs(pair[0] - city.centre[0]) + abs(pair[1] - city.centre[1])


_PLAIN = str.maketrans(
    {
        "，": ",", "、": ",", "；": ";", "：": ":", "　": " ", "\t": " ", "\n": " ", "\r": " ",
        "′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "º": "°", "˚": "°",
        "−": "-", "–": "-",
    }
)  # fmt: skip
_UNITS = {"度": "°", "分": "'", "秒": '"'}

_NUMBER = r"[-+]?\d{1,3}(?:\.\d+)?"
_FREE = rf"(?<![\d.])({_NUMBER})(?![\d.])"
_PAIR = rf"({_NUMBER})\s*[,/]\s*({_NUMBER})(?![\d.])"
_ANGLE = (
    r"([-+]?\d{1,3}(?:\.\d+)?)\s*(?:°\s*(?:(\d{1,2}(?:\.\d+)?)\s*'\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)(?![\d.°])\s*(?:\"|'')?)?)?)?"
)
_EAST, _NORTH = r"(?:东经|E)", r"(?:北纬|N)"

_Found = tuple[float, float, bool] | None

# Parameters of links: in them the order of the two is known.
_LON_FIRST = (r"[?&#](?:position|lnglat|to|dest)=",)
_LAT_FIRST = (
    r"(?:marker|markers|coord|location|latlng|latlon|center|destination|ll|tocoord|fromcoord)"
    r"=(?:coord:)?",
    r"[?&](?:p)=[^,&]*,",
    r"[?&]q=",
    r"/@",
    r"#map=\d+/",
    r"^geo:",
)
_SERVICES: tuple[tuple[str, Crs], ...] = (
    ("map.qq.com", "gcj02"),
    ("amap.com", "gcj02"),
    ("gaode.com", "gcj02"),
    ("map.baidu.com", "bd09"),
    ("openstreetmap.org", "wgs84"),
    ("tianditu.gov.cn", "wgs84"),
)
_SAID: dict[str, Crs] = {
    "wgs84": "wgs84", "gcj02": "gcj02", "gaode": "gcj02", "bd09": "bd09", "bd09ll": "bd09",
    "1": "wgs84",  # Tencent's name for it
}  # fmt: skip


def _crs_of_link(text: str) -> Crs | None:
    """What a link says of its coordinates: by a parameter, else by whose it is."""
    said = re.search(r"coord(?:_?type|inate)=([a-z0-9-]+)", text, re.IGNORECASE)
    if said and (named := _SAID.get(said[1].lower().replace("-", ""))):
        return named
    host = _host(text)
    for name, crs in _SERVICES:
        if host == name or host.endswith(f".{name}"):
            return crs
    return None


def _host(text: str) -> str:
    link = re.search(r"(?:https?|androidamap|iosamap|qqmap|baidumap)://\S+", text)
    try:
        return (urlsplit(link[0]).hostname or "") if link else ""
    except ValueError:
        return ""


def _link(text: str) -> _Found:
    """``…?marker=coord:36.8,118.04``, ``…?position=118.04,36.8``, ``geo:36.8,118.04``."""
    for starts, order in ((_LON_FIRST, 1), (_LAT_FIRST, -1)):
        for start in starts:
            found = re.search(start + _PAIR, text, re.IGNORECASE)
            if found:
                lon, lat = [float(found[1]), float(found[2])][::order]
                return lon, lat, True
    return None


def _named(text: str) -> _Found:
    """``lat=36.8&lng=118.04``, ``{"lon": 118.04, "lat": 36.8}``, ``经度：118.04 纬度：36.8``."""
    lon = _after(text, r"longitude|lng|lon|mlon|pointx|经度|东经(?=\s*[:=])")
    lat = _after(text, r"latitude|lat|mlat|pointy|纬度|北纬(?=\s*[:=])")
    return None if lon is None or lat is None else (lon, lat, True)


def _after(text: str, names: str) -> float | None:
    found = re.search(rf"(?<![a-z])(?:{names})[\"']?\s*[:=]?\s*[\"']?{_ANGLE}", text, re.IGNORECASE)
    return _degrees(found.groups()) if found else None


def _lettered(text: str) -> _Found:
    """``36.8067N 118.0478E``, ``E118.0478``, ``北纬36°48'24"``: each number with its letter."""
    lon, lat = _with_letter(text, _EAST), _with_letter(text, _NORTH)
    return None if lon is None or lat is None else (lon, lat, True)


def _with_letter(text: str, letter: str) -> float | None:
    """A letter stands before all numbers or after all of them."""
    before = re.match(rf"\W*(?:{_EAST}|{_NORTH})", text, re.IGNORECASE)
    pattern = rf"{letter}\s*{_ANGLE}" if before else rf"{_ANGLE}\s*{letter}"
    found = re.search(pattern, text, re.IGNORECASE)
    return _degrees(found.groups()) if found else None


def _bare(text: str) -> _Found:
    """Two angles, or six numbers that are degrees, minutes and seconds twice; nothing else."""
    if "://" in text:
        return None
    marked = list(_angles(text))
    if len(marked) == 2:
        return marked[0], marked[1], False
    numbers = re.findall(_FREE, text)
    rest = re.sub(_FREE, "", text)
    point = rest.strip(" ()").upper() == "POINT"
    if not point and re.search(r"[^\s,;:/|()\[\]{}<>]", rest):
        return None
    if len(numbers) == 2:
        return float(numbers[0]), float(numbers[1]), point
    if len(numbers) == 6 and not point:
        return _degrees(numbers[:3]), _degrees(numbers[3:]), False
    return None


def _angles(text: str) -> Iterator[float]:
    """The angles of a text that is nothing but angles with a degree sign."""
    if not re.search(r"[^-+\d.\s,;°'\"]", text) and text.count("°") == 2:
        for found in re.finditer(_ANGLE, text):
            if "°" in found[0]:
                yield _degrees(found.groups())


def _degrees(parts: Sequence[str | None]) -> float:
    """Degrees, minutes and seconds as degrees.

    Raises:
        NotCoordinates: 60 minutes or seconds, or more.
    """
    whole, minutes, seconds = (float(part or 0) for part in parts)
    if max(minutes, seconds) >= 60 or min(minutes, seconds) < 0:
        raise NotCoordinates("分和秒应小于 60")
    sign = -1.0 if (parts[0] or "").startswith("-") else 1.0
    return sign * (abs(whole) + minutes / 60 + seconds / 3600)


def _on_earth(lon: float, lat: float) -> None:
    """Whichever of the two is the longitude.

    Raises:
        NotCoordinates: neither order is on earth.
    """
    low, high = sorted((abs(lon), abs(lat)))
    if low > 90 or high > 180:
        raise NotCoordinates("经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间")


def _nothing_in(text: str) -> str:
    if re.search(r"https?://(?:surl\.amap\.com|j\.map\.baidu\.com|url\.cn|w\.url\.cn)/", text):
        return "这是短链接，里面没有坐标；请在浏览器里打开，复制打开后的完整网址"
    if re.search(r"\d{7,}(?:\.\d+)?\s*,\s*\d{6,}", text):
        return "这是平面坐标（米），不是经纬度；请用地图的“坐标拾取”复制经纬度"
    if "://" in text:
        return "这个链接里没有找到坐标"
    return "没有看懂。可以粘贴 118.0478, 36.8067，北纬36°48′24″ 东经118°2′52″，或地图的分享链接"
