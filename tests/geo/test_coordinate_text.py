"""Is a position understood in whatever form somebody pastes it?"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import HERE
from geo.city import load_city
from geo.coordinate_text import MAX_LENGTH, NotCoordinates, Pasted, located, read
from geo.crs import CRSES, Crs, convert
from geo.sphere import distance_m

ZIBO = load_city(HERE / "zibo.toml")
LON, LAT = 118.0478, 36.8067

UNORDERED = [
    "118.0478, 36.8067",
    "118.0478,36.8067",
    "118.0478，36.8067",
    "118.0478、36.8067",
    "118.0478；36.8067",
    "118.0478 36.8067",
    "118.0478\t36.8067\n",
    "  118.0478 / 36.8067  ",
    "(118.0478, 36.8067)",
    "[118.0478,36.8067]",
    "【118.0478，36.8067】".translate({0x3010: "[", 0x3011: "]"}),
    "１１８．０４７８，３６．８０６７",
    "+118.0478, +36.8067",
    "118 2 52.08, 36 48 24.12",
    "118°2′52.08″ 36°48′24.12″",
    "118°2'52.08\" 36°48'24.12\"",
    "118°2'52.08'', 36°48'24.12''",
    "118°2.868' 36°48.402'",
    "118.0478° 36.8067°",
    "118度2分52.08秒 36度48分24.12秒",
]
NAMED = [
    "36.8067N 118.0478E",
    "118.0478E, 36.8067N",
    "N36.8067 E118.0478",
    "n 36.8067, e 118.0478",
    "36.8067°N 118.0478°E",
    "36°48′24.12″N, 118°2′52.08″E",
    "北纬36.8067 东经118.0478",
    "东经118.0478度，北纬36.8067度",
    "东经118°2′52.08″，北纬36°48′24.12″",
    "北纬36度48分24.12秒，东经118度2分52.08秒",
    "经度：118.0478，纬度：36.8067",
    "纬度 36.8067 经度 118.0478",
    "lat=36.8067&lng=118.0478",
    "lat: 36.8067, lon: 118.0478",
    "latitude=36.8067 longitude=118.0478",
    '{"lon": 118.0478, "lat": "36.8067"}',
    "POINT (118.0478 36.8067)",
    "geo:36.8067,118.0478",
]
LINKS: list[tuple[str, Crs | None]] = [
    ("https://apis.map.qq.com/uri/v1/marker?marker=coord:36.8067,118.0478;title:馆", "gcj02"),
    (
        "https://apis.map.qq.com/uri/v1/marker?marker=coord%3A36.8067%2C118.0478%3Btitle%3A%E9%A6%86"
        "&coord_type=1",
        "wgs84",
    ),
    ("https://map.qq.com/?pointx=118.0478&pointy=36.8067&name=馆", "gcj02"),
    ("https://uri.amap.com/marker?position=118.0478,36.8067&name=馆&coordinate=gaode", "gcj02"),
    ("https://uri.amap.com/marker?position=118.0478,36.8067&coordinate=wgs84", "wgs84"),
    ("https://ditu.amap.com/regeo?lng=118.0478&lat=36.8067", "gcj02"),
    ("https://www.amap.com/?p=B0FFG1,36.8067,118.0478,某馆,某路1号", "gcj02"),
    ("https://wb.amap.com/?q=36.8067,118.0478,某馆", "gcj02"),
    ("https://api.map.baidu.com/marker?location=36.8067,118.0478&title=馆", "bd09"),
    ("https://api.map.baidu.com/marker?location=36.8067,118.0478&coord_type=gcj02", "gcj02"),
    ("https://map.baidu.com/?latlng=36.8067%2C118.0478", "bd09"),
    ("https://www.openstreetmap.org/#map=17/36.8067/118.0478", "wgs84"),
    ("https://www.openstreetmap.org/?mlat=36.8067&mlon=118.0478#map=9/36.1/118.9", "wgs84"),
    ("https://maps.apple.com/?ll=36.8067,118.0478&q=馆", None),
    ("我在这里：https://uri.amap.com/marker?position=118.0478,36.8067 快来", "gcj02"),
]


@pytest.mark.parametrize("text", UNORDERED)
def test_are_two_numbers_taken_in_either_order(text: str) -> None:
    found = read(text)
    assert not found.told
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-9)
    place = located(found, "wgs84", ZIBO)
    turned = located(Pasted(found.lat, found.lon, told=False), "wgs84", ZIBO)
    assert place == turned
    assert (place.lon, place.lat) == (LON, LAT)
    assert place.within
    assert not place.swapped


@pytest.mark.parametrize("text", NAMED)
def test_is_an_order_that_is_named_kept(text: str) -> None:
    found = read(text)
    assert found.told
    assert (found.lon, found.lat) == pytest.approx((LON, LAT), abs=1e-9)
    assert found.crs is None


@pytest.mark.parametrize(("text", "crs"), LINKS)
def test_does_a_link_tell_order_and_system(text: str, crs: Crs | None) -> None:
    assert read(text) == Pasted(LON, LAT, told=True, crs=crs)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "请粘贴坐标"),
        ("   \n", "请粘贴坐标"),
        ("118.0478", "没有看懂"),
        ("1, 2, 3", "没有看懂"),
        ("电话 0533-2164568", "没有看懂"),
        ("淄博市张店区商场西街153号", "没有看懂"),
        ("200, 300", "经度应在"),
        ("118.0478, 181", "经度应在"),
        ("36°70′ 118°2′", "小于 60"),
        ("1e400, nan", "没有看懂"),
        ("https://surl.amap.com/4oHb2kX1q6W", "短链接"),
        ("https://j.map.baidu.com/ab/1cd", "短链接"),
        ("https://map.baidu.com/@13141553.15,4393254.6,19z", "平面坐标"),
        ("https://example.cn/a?b=1", "链接里没有找到坐标"),
        ("http://[::1", "链接里没有找到坐标"),
        ("1" * 3000, "文字太长"),
    ],
)
def test_is_what_is_no_position_told(text: str, told: str) -> None:
    with pytest.raises(NotCoordinates, match=told):
        read(text)


def test_is_a_pair_that_was_named_the_wrong_way_round_turned_and_told() -> None:
    place = located(read("lat=118.0478&lng=36.8067"), "wgs84", ZIBO)
    assert (place.lon, place.lat, place.swapped, place.within) == (LON, LAT, True, True)


def test_is_a_place_in_another_city_left_where_it_is() -> None:
    beijing = located(read("116.397, 39.909"), "wgs84", ZIBO)
    assert (beijing.lon, beijing.lat, beijing.within) == (116.397, 39.909, False)
    assert located(read("39.909, 116.397"), "wgs84", ZIBO) == beijing
    named = located(read("lat=10&lon=20"), "wgs84", ZIBO)
    assert (named.lon, named.lat, named.within) == (20, 10, False)


@pytest.mark.parametrize("crs", CRSES)
def test_is_a_position_of_any_system_brought_to_ours(crs: Crs) -> None:
    x, y = convert(LON, LAT, "wgs84", crs)
    place = located(read(f"{x:.7f}, {y:.7f}"), crs, ZIBO)
    assert distance_m(place.lon, place.lat, LON, LAT) < 0.2
    assert place.crs == crs


def test_does_what_a_link_says_of_itself_count_more_than_what_was_chosen() -> None:
    x, y = convert(LON, LAT, "wgs84", "bd09")
    link = f"https://api.map.baidu.com/marker?location={y:.7f},{x:.7f}"
    place = located(read(link), "wgs84", ZIBO)
    assert place.crs == "bd09"
    assert distance_m(place.lon, place.lat, LON, LAT) < 0.2


west, south, east, north = ZIBO.bounds
positions = st.tuples(st.floats(west + 0.01, east - 0.01), st.floats(south + 0.01, north - 0.01))


def sexagesimal(degrees: float) -> tuple[int, int, float]:
    minutes, whole = math.modf(degrees)
    seconds, rest = math.modf(minutes * 60)
    return int(whole), int(rest), min(round(seconds * 60, 4), 59.9999)


@given(positions, st.sampled_from(["bare", "turned", "dms", "named", "json", "spaces"]))
def test_is_any_position_of_the_city_read_back(at: tuple[float, float], form: str) -> None:
    lon, lat = at
    dms = "{}°{}′{:.4f}″"
    text = {
        "bare": f"{lon:.7f}, {lat:.7f}",
        "turned": f"{lat:.7f}，{lon:.7f}",
        "dms": f"北纬{dms.format(*sexagesimal(lat))}，东经{dms.format(*sexagesimal(lon))}",
        "named": f"lat={lat:.7f}&lng={lon:.7f}",
        "json": f'{{"lat": {lat:.7f}, "lon": {lon:.7f}}}',
        "spaces": "{} {} {:.4f} {} {} {:.4f}".format(*sexagesimal(lon), *sexagesimal(lat)),
    }[form]
    place = located(read(text), "wgs84", ZIBO)
    assert distance_m(place.lon, place.lat, lon, lat) < 0.2
    assert place.within


@given(st.text(max_size=200) | st.text(alphabet="0123456789.,-°'\"NE经纬度=&{}/ ", max_size=60))
def test_is_any_text_read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except NotCoordinates:
        return
    place = located(found, "gcj02", ZIBO)
    assert math.isfinite(place.lon)
    assert math.isfinite(place.lat)
    assert abs(place.lat) <= 91


def test_does_a_long_text_take_no_time_to_refuse() -> None:
    for text in ("1" * MAX_LENGTH, "1 " * 999, "118°" * 499, "[" * MAX_LENGTH, "lat" * 600):
        with pytest.raises(NotCoordinates):
            read(text)
