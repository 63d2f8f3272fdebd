"""Is the city complete, and does the starting data set claim no more than is known?"""

import csv
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import config
from geo.calendar import Calendar
from geo.city import City, District, load_city
from geo.crs import Crs, convert
from geo.listing import Hotline, Site, obstacles

CONFIG = Path(config.__file__).parent if config.__file__ else Path("config")
UNKNOWN = ("phone", "website", "opening_hours", "free", "fee", "booking", "ages", "introduction")

# As the sources gave them, in their own systems.
GIVEN: list[tuple[str, float, float, Crs]] = [
    ("淄博市博物馆", 118.032191, 36.803529, "wgs84"),
    ("618战备电台旧址", 117.995755, 36.229872, "wgs84"),
    ("淄博人民公园", 118.048798, 36.810627, "gcj02"),
    ("淄博市青少年宫", 118.051109, 36.812191, "gcj02"),
    ("淄博市图书馆", 117.993095, 36.835000, "bd09"),
    ("淄川区图书馆", 117.985246, 36.645978, "bd09"),
    ("齐韵黄河文化展馆", 117.887088, 37.258872, "bd09"),
]


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(CONFIG / "zibo.toml")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (CONFIG / "starter" / "sites.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def hotlines() -> list[dict[str, Any]]:
    text = (CONFIG / "starter" / "hotlines.toml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = tomllib.loads(text)["hotlines"]
    return entries


def site(row: dict[str, str]) -> Site:
    said = {name: row[name] for name in ("name", "kind", "theme", "district", "address")}
    return Site.model_validate({**said, "lon": float(row["lon"]), "lat": float(row["lat"])})


def test_all_districts_are_there_with_their_national_codes(city: City) -> None:
    assert {d.title: d.adcode for d in city.districts if d.parent is None} == {
        "淄川区": "370302",
        "张店区": "370303",
        "博山区": "370304",
        "临淄区": "370305",
        "周村区": "370306",
        "桓台县": "370321",
        "高青县": "370322",
        "沂源县": "370323",
    }


def test_functional_zones_lie_within_a_district(city: City) -> None:
    zones = {d.title: d for d in city.districts if d.parent is not None}
    assert {title: (d.parent, d.adcode) for title, d in zones.items()} == {
        "高新区": ("zhangdian", None),
        "经济开发区": ("zhangdian", None),
        "文昌湖区": ("zhoucun", None),
    }
    assert city.district_and_zones("zhangdian") == ("zhangdian", "gaoxin", "jingkai")
    assert city.district_and_zones("yiyuan") == ("yiyuan",)


def test_every_centre_lies_within_the_bounds(city: City) -> None:
    assert city.contains(*city.centre)
    assert [d.code for d in city.districts if not city.contains(*d.centre)] == []


def test_a_city_with_a_stray_zone_or_a_double_code_is_refused(city: City) -> None:
    stray = District(code="stray", title="某区", parent="nowhere", centre=city.centre)
    for districts in ([*city.districts, stray], [*city.districts, city.districts[0]]):
        with pytest.raises(ValueError):
            City.model_validate({**city.model_dump(), "districts": districts})


def test_a_hundred_bases_and_ten_reading_spaces(rows: list[dict[str, str]]) -> None:
    assert Counter(row["kind"] for row in rows) == {"practice_base": 100, "reading_space": 10}
    assert len({row["name"] for row in rows}) == 110


def test_every_starting_site_could_be_published(city: City, rows: list[dict[str, str]]) -> None:
    assert {
        row["name"]: obstacles(site(row), city, Calendar(), date(2026, 11, 23)) for row in rows
    } == {row["name"]: [] for row in rows}


def test_no_starting_site_claims_an_unknown_fact(rows: list[dict[str, str]]) -> None:
    assert list(rows[0]) == ["name", "kind", "theme", "district", "address", "lon", "lat", "source"]
    for row in rows:
        document = site(row)
        assert not document.verified
        assert not any(getattr(document, field) for field in UNKNOWN)
        assert row["source"].endswith("未核实")
        assert None not in row


@pytest.mark.parametrize(("name", "lon", "lat", "crs"), GIVEN)
def test_starting_positions_are_the_sources_in_wgs84(
    rows: list[dict[str, str]], name: str, lon: float, lat: float, crs: Crs
) -> None:
    (row,) = (row for row in rows if row["name"] == name)
    there = convert(lon, lat, crs, "wgs84")
    assert (row["lon"], row["lat"]) == tuple(f"{x:.6f}" for x in there)
    spoken = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}[crs]
    assert f"原坐标系 {spoken}" in row["source"]


def test_as_many_positions_as_given_speak_each_system(rows: list[dict[str, str]]) -> None:
    spoken = Counter(row["source"].split("原坐标系 ")[1].split("）")[0] for row in rows)
    assert spoken == {"WGS-84": 72, "BD-09": 24, "GCJ-02": 14}


def test_weak_positions_say_so_in_their_source_and_not_to_parents(
    rows: list[dict[str, str]],
) -> None:
    by_name = {row["name"]: row for row in rows}
    assert "位置为同地址点" in by_name["淄川区图书馆"]["source"]
    assert "位置为公交站点" in by_name["淄博市青少年宫"]["source"]
    assert by_name["淄博市青少年宫"]["address"] == "公园街道"
    assert not any("坐标" in row["address"] for row in rows)


def test_hotlines_are_well_formed_and_say_where_they_come_from(
    hotlines: list[dict[str, Any]],
) -> None:
    for entry in hotlines:
        said = {name: value for name, value in entry.items() if name != "source"}
        Hotline.model_validate({**said, "facts": {"": {"source": entry["source"]}}})
        assert entry["source"]


def test_hotline_numbers_are_the_known_ones(hotlines: list[dict[str, Any]]) -> None:
    assert {entry["name"]: entry.get("number") for entry in hotlines} == {
        "全国统一心理援助热线": "12356",
        "青少年服务台（维权和心理咨询）": "12355",
        "妇女维权公益服务热线": "12338",
        "政务服务便民热线": "12345",
        "报警": "110",
        "火警": "119",
        "急救": "120",
        "市妇儿工委办公室": "0533-3160330",
        "24小时心理援助公益热线": None,
        "学生心理危机干预热线": None,
    }


def test_only_what_is_proven_claims_to_be_open_day_and_night(
    hotlines: list[dict[str, Any]],
) -> None:
    always = {entry.get("number") for entry in hotlines if entry.get("opening_hours") == "24/7"}
    assert always == {"12345", "110", "119", "120"}
    (crisis,) = (entry for entry in hotlines if entry.get("number") == "12356")
    assert "opening_hours" not in crisis
    assert "18 小时" in crisis["note"]


def test_only_the_reporting_office_is_internal(hotlines: list[dict[str, Any]]) -> None:
    internal = [entry["name"] for entry in hotlines if entry.get("internal")]
    assert internal == ["市妇儿工委办公室"]
