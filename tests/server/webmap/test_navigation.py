"""Does each map open at the place, in the coordinate system that it speaks?"""

from urllib.parse import parse_qs, urlsplit

import pytest

from geo.crs import Crs, convert
from geo.sphere import distance_m
from server.webmap.navigation import WayThere, positions, ways_there

LON, LAT = 118.0478, 36.8067


def asked(way: WayThere) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(way.href).query).items()}


def place_of(way: WayThere) -> tuple[float, float]:
    """(lon, lat) that the link asks for."""
    query = asked(way)
    match urlsplit(way.href).netloc:
        case "apis.map.qq.com":
            lat, lon = query["marker"].partition(";")[0].removeprefix("coord:").split(",")
        case "uri.amap.com":
            lon, lat = query["position"].split(",")
        case "api.map.baidu.com":
            lat, lon = query["location"].split(",")
        case "maps.apple.com":
            lat, lon = query["ll"].split(",")
    return float(lon), float(lat)


@pytest.mark.parametrize(("number", "crs"), [(0, "gcj02"), (1, "gcj02"), (2, "bd09"), (3, "gcj02")])
def test_does_a_link_lead_to_within_a_metre_of_the_place(number: int, crs: Crs) -> None:
    way = ways_there("市博物馆", "商场西街153号", LON, LAT)[number]
    lon, lat = convert(*place_of(way), crs, "wgs84")
    assert distance_m(lon, lat, LON, LAT) < 1


def test_do_the_links_say_which_system_they_speak() -> None:
    tencent, amap, baidu, _ = ways_there("馆", "", LON, LAT)
    assert asked(tencent)["coord_type"] == "1"
    assert asked(amap)["coordinate"] == "gaode"
    assert asked(baidu)["coord_type"] == "bd09ll"


@pytest.mark.parametrize("name", ["a&b=c", "馆;addr:别处", '"><script>', "馆#1 100%", "🐼"])
def test_does_a_name_stay_a_name_in_every_link(name: str) -> None:
    tencent, amap, baidu, apple = ways_there(name, "", LON, LAT)
    assert asked(amap)["name"] == asked(baidu)["title"] == asked(apple)["q"] == name
    parts = asked(tencent)["marker"].split(";")
    assert [part.partition(":")[0] for part in parts] == ["coord", "title", "addr"]


def test_which_positions_are_told() -> None:
    told = {position.speakers: position.text for position in positions(LON, LAT)}
    assert told["手机定位、GPS（WGS-84）"] == "36.806700, 118.047800"
    assert len(set(told.values())) == 3
