"""Do filters, places, orders and coordinates find what they say?"""

import itertools
from typing import Any

import pytest

from geo.crs import convert
from tests.miniapp_api.conftest import World

CRSES = "wgs84", "gcj02", "bd09"
NOON = "at=2026-11-24T12:00:00%2B08:00"


def everything(world: World, query: str = "") -> list[dict[str, Any]]:
    found = world.get(f"/sites?limit=100&{NOON}&{query}")
    assert found["total"] == len(found["items"])
    items: list[dict[str, Any]] = found["items"]
    return items


def test_the_same_places_in_every_coordinate_system(world: World) -> None:
    lists = {}
    for crs in CRSES:
        lon, lat = convert(118.05, 36.8, "wgs84", crs)  # type: ignore[arg-type]
        items = everything(world, f"lat={lat:.9f}&lon={lon:.9f}&radius=9000&crs={crs}")
        lists[crs] = [
            (item["id"], item["distance_m"], convert(item["lon"], item["lat"], crs, "wgs84"))  # type: ignore[arg-type]
            for item in items
        ]
    assert len(lists["wgs84"]) > 10
    for crs in CRSES:
        for told, plain in zip(lists[crs], lists["wgs84"], strict=True):
            assert told[:2] == plain[:2]
            assert told[2] == pytest.approx(plain[2], abs=2e-6)


def test_an_answer_names_its_coordinate_system(world: World) -> None:
    for path in ("/sites", "/sites.geojson", "/taxonomy", "/bundle", "/changes?since=0"):
        for crs in CRSES:
            joint = "&" if "?" in path else "?"
            assert world.get(f"{path}{joint}crs={crs}")["crs"] == crs
    assert world.get("/sites")["crs"] == "gcj02"
    assert world.get("/sites.geojson")["crs"] == "wgs84"


@pytest.mark.parametrize("crs", CRSES)
def test_a_box_holds_just_what_lies_within(world: World, crs: str) -> None:
    items = everything(world, f"crs={crs}")
    lons, lats = (sorted(item[axis] for item in items) for axis in ("lon", "lat"))
    west, east, south, north = lons[4], lons[-4], lats[3], lats[-5]
    for step in (0.0, 1e-5, -1e-5):
        box = west - step, south - step, east + step, north + step
        inside = {
            item["id"]
            for item in items
            if box[0] < item["lon"] < box[2] and box[1] < item["lat"] < box[3]
        }
        # What stands on the border within the six digits told may fall on either side.
        border = {
            item["id"]
            for item in items
            for value, edge in itertools.product((item["lon"], item["lat"]), box)
            if abs(value - edge) < 1e-6
        }
        joined = ",".join(f"{edge:.6f}" for edge in box)
        for path in ("/sites?limit=100", "/sites/clusters?zoom=22"):
            found = {item["id"] for item in world.get(f"{path}&crs={crs}&bbox={joined}")["items"]}
            assert found - border == inside - border
        assert inside
        assert len(inside) < len(items)


def test_distance_comes_first_and_ascends(world: World) -> None:
    items = everything(world, "lat=36.8&lon=118.05&crs=wgs84")
    metres = [item["distance_m"] for item in items]
    assert (items[0]["name"], metres[0]) == ("博物馆", 0)
    assert metres == sorted(metres)
    assert metres[-1] <= 5000
    assert all("distance_m" not in item for item in everything(world))


def test_a_radius_is_a_radius(world: World) -> None:
    near = everything(world, "lat=36.8&lon=118.05&crs=wgs84&radius=50000")
    for radius in (1, 1500, 7000):
        names = [i["name"] for i in near if i["distance_m"] <= radius]
        assert names == world.names(
            f"/sites?limit=100&lat=36.8&lon=118.05&crs=wgs84&radius={radius}"
        )


def test_a_district_includes_its_zones(world: World) -> None:
    assert "高新书房" in world.names("/sites?district=zhangdian&limit=100")
    assert world.names("/sites?district=gaoxin") == ["高新书房"]
    assert world.names("/sites?district=boshan") == ["桃花溪"]


def test_an_age_leaves_in_what_may_suit(world: World) -> None:
    for age, museum, science, toddlers in ((3, 0, 0, 1), (6, 1, 0, 0), (7, 1, 1, 0), (18, 1, 0, 0)):
        names = world.names(f"/sites?age={age}&limit=100")
        found = [name in names for name in ("博物馆", "科技馆", "幼儿书房")]
        assert found == [museum, science, toddlers]
        assert "人民公园" in names


def test_unknown_fees_are_neither_free_nor_paid(world: World) -> None:
    total = len(everything(world))
    assert set(world.names("/sites?free=true")) == {"博物馆", "人民公园"}
    assert world.names("/sites?free=false") == ["科技馆"]
    assert world.get("/sites?free=true")["unconfirmed"] == total - 3
    assert world.get("/sites?free=true&theme=nature")["unconfirmed"] == 1
    assert "unconfirmed" not in world.get("/sites")


def test_unknown_hours_are_not_open(world: World) -> None:
    total = len(everything(world))
    found = world.get(f"/sites?open=now&{NOON}")
    assert {item["name"] for item in found["items"]} == {"博物馆", "科技馆", "人民公园"}
    assert found["unconfirmed"] == total - 3
    night = world.get("/sites?open=2026-11-24T23:00:00%2B08:00")
    assert [item["name"] for item in night["items"]] == ["人民公园"]
    assert night["items"][0]["open"]["now"] is True


def test_a_time_to_be_open_is_the_time_that_is_shown(world: World) -> None:
    items = world.get(f"/sites?open=2026-11-24T16:40:00%2B08:00&{NOON}")["items"]
    told = {item["name"]: item["open"]["text"] for item in items}
    assert told == {"博物馆": "20 分钟后闭馆", "人民公园": "24 小时开放"}


def test_all_facilities_are_required(world: World) -> None:
    assert set(world.names("/sites?facility=nursing_room")) == {"博物馆", "科技馆"}
    assert world.names("/sites?facility=nursing_room&facility=stroller") == ["博物馆"]
    assert world.names("/sites?facility=nursing_room&facility=nursing_room&facility=aed") == []


def test_filters_hold_together(world: World) -> None:
    reading = set(world.names("/reading-spaces?limit=100"))
    assert reading == set(world.names("/sites?kind=reading_space&limit=100"))
    assert "博物馆" not in reading
    assert world.names("/sites?theme=history&free=true&age=6&q=博物") == ["博物馆"]
    assert world.names("/sites?theme=nature&free=true&q=博物") == []


def test_words_find_names_aliases_addresses_and_sounds(world: World) -> None:
    for q in ("博物", "市博", "商场西街", "bowuguan", "BWG", "ｂｗｇ", "博 物"):
        assert world.names(f"/sites?q={q}")[0] == "博物馆", q


def test_orders_are_those_asked_for(world: World) -> None:
    by_name = world.names("/sites?limit=100")
    assert by_name[:2] == ["博物馆", "高新书房"]  # bo, gao, ke, …
    assert by_name.index("科技馆") < by_name.index("人民公园") < by_name.index("书房00")
    near = "lat=36.81&lon=118.06&crs=wgs84&radius=50000"
    assert world.names(f"/sites?{near}")[0] == "科技馆"
    assert world.names(f"/sites?{near}&sort=name&limit=100") == by_name
    assert world.names(f"/sites?{near}&sort=distance") == world.names(f"/sites?{near}")
    assert world.names("/sites?q=书房&sort=relevance") == world.names("/sites?q=书房")
    named = world.names("/sites?q=书房&sort=name&limit=100")
    assert named == [name for name in by_name if name in named]
    with_words = world.names(f"/sites?q=书房&{near}&limit=100")
    assert with_words != named
    assert set(with_words) == set(named)


@pytest.mark.parametrize("zoom", [0, 8, 12, 22])
def test_clusters_and_single_places_add_up(world: World, zoom: int) -> None:
    total = len(everything(world))
    found = world.get(f"/sites/clusters?bbox=117,35,119,38&zoom={zoom}")
    assert found["total"] == total
    assert sum(one["count"] for one in found["clusters"]) + len(found["items"]) == total
    for one in found["clusters"]:
        west, south, east, north = one["bbox"]
        assert one["count"] > 1
        assert west <= one["lon"] <= east
        assert south <= one["lat"] <= north
    if zoom == 0:
        assert found["items"] == []
    if zoom == 22:
        assert found["clusters"] == []
