"""An address -> a position, by Tencent's location service.

Asked by staff only, one address at a time; never for a public request. The protocol is that of
Tencent Location Service's geocoder (``GET /ws/geocoder/v1/?address=…&key=…``): HTTP 200 whatever
happens, ``status`` 0 if it went well, positions in GCJ-02. The key stays between us and Tencent: it
is in no log, no message, no answer.
"""

from typing import Any, NamedTuple

import structlog

from config.settings import Settings
from geo.city import City
from geo.crs import convert
from server.outside import TooManyOutside, outside_call, waiting

PATH = "/ws/geocoder/v1/"
SECONDS = 3
"""For connecting, and for each wait for more; a member of staff waits."""
LONGEST = 100
"""Characters of an address."""

UNSURE = 7
"""Tencent's ``reliability`` runs from 1 to 10; below 7 it asks to be checked."""
STREET = 7
"""Its ``level``: from 7 on a street and nearer, below only a town or a district."""

_TOLD = {
    110: "腾讯位置服务不认这台服务器（来源未被授权），请联系管理员",
    111: "腾讯位置服务说签名不对，请联系管理员",
    112: "腾讯位置服务不认这台服务器的 IP，请联系管理员",
    113: "腾讯位置服务没有开通这项功能，请联系管理员",
    120: "查得太快了，请过一秒再试",
    121: "今天查地址的次数已用完，明天再试，或直接在地图上点",
    122: "这台服务器查得太快了，请稍后再试",
    123: "腾讯位置服务的账号有问题，请联系管理员",
    190: "腾讯位置服务的密钥无效，请联系管理员",
    199: "腾讯位置服务的密钥没有开通 WebService，请联系管理员",
    311: "腾讯位置服务的密钥格式不对，请联系管理员",
    347: "没有查到这个地址，请写得更完整，或直接在地图上点",
}
_WRONG_ADDRESS = {300, 301, 306, 320, 330, 331, 348, 365, 366}

log = structlog.get_logger()


class CannotGeocode(Exception):
    """No position was found; the message says why, in Chinese."""


class Address(NamedTuple):
    """What the service found: WGS-84 degrees, and how sure it is."""

    lon: float
    lat: float
    precise: bool
    """Whether it is sure of it, down to the street."""
    told: str
    """The address as the service understood it."""


def geocode(settings: Settings, city: City, address: str) -> Address:
    """The position of an address in the city.

    Raises:
        CannotGeocode: there is no key, no such address, or the service is away.
    """
    if settings.tencent_key is None:
        raise CannotGeocode("没有设置腾讯位置服务的密钥，请直接在地图上点，或粘贴坐标")
    text = " ".join(address.split())
    if not text:
        raise CannotGeocode("请先填写地址")
    if len(text) > LONGEST:
        raise CannotGeocode(f"地址太长，最多 {LONGEST} 个字")
    # The service wants the city in the address, and finds the wrong one without it.
    whole = text if city.name in text else f"{city.name}{text}"
    try:
        with outside_call(), waiting():
            answer = _ask(settings.tencent_url, settings.tencent_key.get_secret_value(), whole)
    except TooManyOutside:
        raise CannotGeocode("现在查的人太多，请过几秒再试") from None
    return _address(answer)


def _ask(base: str, key: str, address: str) -> dict[str, Any]:
    # Loaded when first needed: public workers never are.
    import requests

    try:
        answer = requests.get(
            f"{base}{PATH}",
            params={"address": address, "key": key},
            timeout=SECONDS,
            allow_redirects=False,
        )
        told = answer.json()
    except requests.Timeout as error:
        # The error's own text holds the address that was asked for, and so the key.
        log.warning("geocoder_slow", error=type(error).__name__)
        raise CannotGeocode("腾讯位置服务没有及时回答，请再试一次，或直接在地图上点") from None
    except (requests.RequestException, ValueError) as error:
        log.warning("geocoder_away", error=type(error).__name__)
        raise CannotGeocode("腾讯位置服务暂时用不了，请直接在地图上点，或粘贴坐标") from None
    if not isinstance(told, dict) or not isinstance(told.get("status"), int):
        log.warning("geocoder_speaks_otherwise", http_status=answer.status_code)
        raise CannotGeocode("腾讯位置服务的回答看不懂，请直接在地图上点，或粘贴坐标")
    if told["status"]:
        _refuse(told["status"])
    return told


def _refuse(status: int) -> None:
    log.warning("geocoder_refused", status=status)
    if status in _TOLD:
        raise CannotGeocode(_TOLD[status])
    if status in _WRONG_ADDRESS:
        raise CannotGeocode("这个地址查不了，请检查写法，或直接在地图上点")
    raise CannotGeocode(f"腾讯位置服务没有查到（代码 {status}），请稍后再试，或直接在地图上点")


def _address(told: dict[str, Any]) -> Address:
    try:
        result = told["result"]
        place = result["location"]
        lon, lat = convert(float(place["lng"]), float(place["lat"]), "gcj02", "wgs84")
        sure = int(result.get("reliability", 0)) >= UNSURE and int(result.get("level", 0)) >= STREET
        parts = result.get("address_components") or {}
        names = ("city", "district", "street", "street_number")
        named = "".join(str(parts.get(name) or "") for name in names)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("geocoder_speaks_otherwise", error=type(error).__name__)
        raise CannotGeocode("腾讯位置服务的回答看不懂，请直接在地图上点，或粘贴坐标") from None
    return Address(round(lon, 6), round(lat, 6), sure, named[:100])
