"""Does what goes out come back, and is what people upload answered rather than feared?"""

import json
from datetime import date
from typing import Any

import geojson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import convert
from geo.geojson_io import MAX_PROBLEMS, Problem, dump, sites_from_geojson, to_collection
from geo.listing import Ages, Closure, Provenance, Site

PLAIN = Site(
    name="海岱楼（钟书阁）",
    kind="reading_space",
    theme="reading",
    district="zhangdian",
    lon=117.982818,
    lat=36.841143,
)
FULL = Site(
    name="淄博市科技馆",
    kind="practice_base",
    theme="science",
    district="zhangdian",
    aliases=("科技馆",),
    address="“齐盛湖”北\\",
    lon=117.98026912345678,
    lat=1e-9,
    phone="0533-1234567",
    website="https://example.org/a?b=c",
    opening_hours="Tu-Su 09:00-16:30",
    closures=(Closure(start=date(2023, 6, 1), end=date(2023, 6, 2), reason="检修"),),
    free=True,
    ages=Ages(min=3, max=12),
    facilities=("parking", "aed"),
    introduction="一行\n二行",
    verified=True,
    facts={"": Provenance(source="测试", confirmed_on=date(2023, 5, 1))},
)


def feature(**changes: Any) -> dict[str, Any]:
    base = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [118.05, 36.8]},
        "properties": {
            "name": "某地",
            "kind": "practice_base",
            "theme": "nature",
            "district": "zhangdian",
        },
    }
    return {**base, **changes}


def upload(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members})


def point(*coordinates: Any) -> dict[str, Any]:
    return feature(geometry={"type": "Point", "coordinates": list(coordinates)})


def properties(**changes: Any) -> dict[str, Any]:
    return feature(properties={**feature()["properties"], **changes})


def only_problem(text: str | bytes) -> Problem:
    sites, problems = sites_from_geojson(text)
    assert sites == []
    assert len(problems) == 1
    return problems[0]


def test_what_goes_out_comes_back_equal() -> None:
    text = dump(to_collection([(7, PLAIN), (3, FULL)]))
    assert sites_from_geojson(text) == ([PLAIN, FULL], [])
    assert sites_from_geojson(text.encode()) == ([PLAIN, FULL], [])
    assert sites_from_geojson(b"\xef\xbb\xbf" + text.encode()) == ([PLAIN, FULL], [])


@given(
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60),
)
def test_no_position_and_no_name_is_altered(lon: float, lat: float, name: str) -> None:
    site = PLAIN.model_copy(update={"lon": lon, "lat": lat, "name": name})
    assert sites_from_geojson(dump(to_collection([(1, site)]))) == ([site], [])


def test_what_goes_out_is_valid_geojson_in_a_stable_form() -> None:
    text = dump(to_collection([(7, PLAIN)]))
    assert text.startswith(
        '{"type":"FeatureCollection","features":[{"type":"Feature","id":7,'
        '"geometry":{"type":"Point","coordinates":[117.982818,36.841143]},'
        '"properties":{"name":"海岱楼（钟书阁）",'
    )
    assert geojson.loads(text).is_valid
    members = json.loads(text)["features"][0]["properties"]
    assert members["phone"] is None
    assert "lon" not in members
    assert "lat" not in members


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_positions_in_another_system_are_converted(crs: Any) -> None:
    shifted = convert(118.05, 36.8, "wgs84", crs)
    (site,), problems = sites_from_geojson(upload(point(*shifted)), crs)
    assert problems == []
    assert (site.lon, site.lat) == pytest.approx((118.05, 36.8), abs=1.5e-9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "JSON"),
        ("{", "第 1 行"),
        ("\x00", "JSON"),
        ("名称,经度".encode("gbk"), "UTF-8"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        ("[" * 200_000, "太深"),
        ('{"a":' * 200_000, "太深"),
        ("9" * 10_000, "过长的数"),
        ("[]", "FeatureCollection"),
        ("null", "FeatureCollection"),
        ('{"type":["FeatureCollection"]}', "FeatureCollection"),
        (json.dumps(feature()), "FeatureCollection"),
        ('{"type":"FeatureCollection"}', "列表"),
        ('{"type":"FeatureCollection","features":{}}', "列表"),
    ],
)
def test_a_file_that_is_something_else_is_one_problem(text: str | bytes, words: str) -> None:
    assert words in only_problem(text).message


@pytest.mark.parametrize(
    ("bad", "where", "words"),
    [
        (None, "features[0]", "Feature"),
        ({"type": "Point"}, "features[0]", "Feature"),
        (feature(geometry=None), "features[0].geometry", "缺少位置"),
        (feature(geometry=[1, 2]), "features[0].geometry", "无法识别"),
        (feature(geometry={"type": {}}), "features[0].geometry", "无法识别"),
        (feature(geometry={"type": "Polygon"}), "features[0].geometry", "面（Polygon）"),
        (feature(geometry={"type": "LineString"}), "features[0].geometry", "线（LineString）"),
        (point(), "features[0].geometry.coordinates", "[经度, 纬度]"),
        (point(1), "features[0].geometry.coordinates", "[经度, 纬度]"),
        (point(1, 2, 3, 4), "features[0].geometry.coordinates", "[经度, 纬度]"),
        (point("118", "36"), "features[0].geometry.coordinates", "应为数"),
        (point(True, False), "features[0].geometry.coordinates", "应为数"),
        (point([1], [2]), "features[0].geometry.coordinates", "应为数"),
        (point(float("nan"), 36.8), "features[0].geometry.coordinates", "NaN"),
        (point(118.0, float("inf")), "features[0].geometry.coordinates", "Infinity"),
        (point(10**400, 36.8), "features[0].geometry.coordinates", "Infinity"),
        (point(36.8, 118.05), "features[0].geometry.coordinates", "颠倒"),
        (point(118.05, 95), "features[0].geometry.coordinates", "范围"),
        (point(500, 36.8), "features[0].geometry.coordinates", "范围"),
        (feature(properties=[]), "features[0].properties", "对象"),
        (properties(lon=118), "features[0].properties.lon", "geometry"),
        (properties(kind="Practice Base"), "features[0].properties.kind", "practice_base"),
        (properties(kind=None), "features[0].properties.kind", "文字"),
        (properties(shape="round"), "features[0].properties.shape", "没有这一项"),
        (properties(type="hotline"), "features[0].properties.type", "site"),
        (properties(name="长" * 61), "features[0].properties.name", "60"),
        (properties(phone="call me"), "features[0].properties.phone", "号码"),
        (properties(opening_hours="每天"), "features[0].properties.opening_hours", ""),
        (properties(free="maybe"), "features[0].properties.free", "true"),
        (properties(ages={"min": 9, "max": 3}), "features[0].properties.ages", "矛盾"),
        (properties(ages={"min": 9, "max": 99}), "features[0].properties.ages.max", "18"),
        (properties(aliases=["a", 1]), "features[0].properties.aliases[1]", "文字"),
        (
            properties(closures=[{"start": "x", "end": "2023-06-01"}]),
            "features[0].properties.closures[0].start",
            "日期",
        ),
    ],
)
def test_a_faulty_feature_is_named_with_its_place(bad: Any, where: str, words: str) -> None:
    problem = only_problem(upload(bad))
    assert problem.where == where
    assert words in problem.message
    assert not problem.message.isascii()


def test_every_fault_of_a_feature_is_told_and_the_others_are_read() -> None:
    faulty = feature(properties={"name": "某地", "colour": "red"})
    sites, problems = sites_from_geojson(upload(feature(), faulty, feature()))
    assert len(sites) == 2
    assert {p.where.removeprefix("features[1].properties.") for p in problems} == {
        "kind",
        "theme",
        "district",
        "colour",
    }


def test_missing_properties_are_missing_fields() -> None:
    _, problems = sites_from_geojson(upload(feature(properties=None)))
    assert ("features[0].properties.name", "缺少这一项") in problems


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"])
def test_an_old_crs_member_may_repeat_wgs84(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert len(sites_from_geojson(upload(feature(), crs=crs))[0]) == 1


@pytest.mark.parametrize(
    "crs",
    [
        None,
        "EPSG:3857",
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        {"type": "link", "properties": {"href": "https://example.org/crs"}},
        {"properties": []},
        {"properties": {"name": 4326}},
    ],
)
def test_any_other_crs_is_refused(crs: Any) -> None:
    assert only_problem(upload(feature(), crs=crs)).where == "crs"
    assert only_problem(upload(feature(crs=crs))).where == "features[0].crs"


def test_height_id_and_foreign_members_are_ignored() -> None:
    one = {**point(118.05, 36.8, 30.5), "id": 9, "bbox": [], "style": {"a": 1}}
    sites, problems = sites_from_geojson(upload(one, name="layer"))
    assert problems == []
    assert sites[0].lon == 118.05


def test_names_from_the_file_are_shown_harmlessly() -> None:
    problem = only_problem(upload(properties(**{"\x1b[31m\u202e" + "x" * 500: 1})))
    assert problem.where.isprintable()
    assert len(problem.where) < 80
    only_problem(upload(properties(**{"\ud800": 1}))).where.encode()
    only_problem(upload(properties(name="\ud800"))).message.encode()


def test_deep_nesting_within_a_feature_is_answered() -> None:
    for depth in (50, 500, 900, 990):
        bomb = '{"a":' * depth + "1" + "}" * depth
        text = upload(feature()).replace(json.dumps("某地"), bomb)
        assert bomb in text
        assert sites_from_geojson(text)[0] == []


def test_problems_are_capped_and_the_rest_counted() -> None:
    _, problems = sites_from_geojson(upload(*[None] * (MAX_PROBLEMS + 5), feature()))
    assert len(problems) == MAX_PROBLEMS + 1
    assert "5" in problems[-1].message


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["Feature", "Point", "FeatureCollection", "type", "__doc__", "name"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "features", "geometry", "coordinates", "properties", "crs", "ages"]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_upload_raises(value: Any) -> None:
    for text in (
        json.dumps(value),
        upload(value),
        upload(feature(geometry=value)),
        upload(feature(geometry={"type": "Point", "coordinates": value})),
        upload(feature(properties=value)),
        upload(properties(facts=value, ages=value, closures=[value], name=value)),
    ):
        for crs in ("wgs84", "bd09"):
            sites, problems = sites_from_geojson(text, crs)  # type: ignore[arg-type]
            assert all(isinstance(site, Site) for site in sites)
            assert all(p.message and not p.message.isascii() for p in problems)


@given(st.binary(max_size=200))
def test_no_bytes_raise(raw: bytes) -> None:
    assert sites_from_geojson(raw)[0] == []
