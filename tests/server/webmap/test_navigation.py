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


def system_of(way: WayThere) -> Crs:
    """The system in which the map reads those figures, by what the link says and the map's rules.

    Tencent: coord_type 1 is GPS, 2 its own. AMap: coordinate gaode is its own, wgs84 GPS. Baidu:
    coord_type bd09ll is its own. Apple takes its own alone.
    """
    query = asked(way)
    told: dict[str, Crs]
    match urlsplit(way.href).netloc:
        case "apis.map.qq.com":
            told = {"1": "wgs84", "2": "gcj02"}
            return told[query["coord_type"]]
        case "uri.amap.com":
            told = {"gaode": "gcj02", "wgs84": "wgs84"}
            return told[query["coordinate"]]
        case "api.map.baidu.com":
            told = {"bd09ll": "bd09", "gcj02": "gcj02", "wgs84": "wgs84"}
            return told[query["coord_type"]]
    return "gcj02"


@pytest.mark.parametrize("number", range(4))
def test_does_a_link_lead_to_within_a_metre_of_the_place(number: int) -> None:
    way = ways_there("市博物馆", "商场西街153号", LON, LAT)[number]
    lon, lat = convert(*place_of(way), system_of(way), "wgs84")
    assert distance_m(lon, lat, LON, LAT) < 1


@pytest.mark.parametrize(
    ("number", "crs", "lon", "lat"),
    [
        (0, "gcj02", 118.053866, 36.807205),
        (1, "gcj02", 118.053866, 36.807205),
        (2, "bd09", 118.060325, 36.81327),
        (3, "gcj02", 118.053866, 36.807205),
    ],
)
def test_which_figures_stand_in_each_link(number: int, crs: Crs, lon: float, lat: float) -> None:
    way = ways_there("馆", "", LON, LAT)[number]
    assert system_of(way) == crs
    assert place_of(way) == (lon, lat)
    assert place_of(way) == pytest.approx(convert(LON, LAT, "wgs84", crs), abs=1e-6)


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
