"""What is made of an address that somebody shortened, mistyped or made up?"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from geo.city import City
from server.webmap.bus_query import read_bus, read_line
from server.webmap.kindly import read_moment
from server.webmap.query import read
from tests.server.pages import Page

Open = Callable[..., Page]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("age=x", "孩子的年龄应是 0 到 18 的整数"),
        ("age=19", "孩子的年龄应是 0 到 18 的整数"),
        ("district=atlantis", "没有这个区县"),
        ("facility=pool", "没有这种设施"),
        ("lat=36.8", "位置不完整或不正确"),
        ("lat=nan&lon=inf", "位置不完整或不正确"),
        ("bbox=1,2,3", "地图范围不完整或不正确"),
        ("bbox=119,36,118,37", "地图范围不完整或不正确"),
        ("sort=distance", "按距离排序需要位置"),
        ("page=0", "没有这一页"),
        ("page=9", "没有第 9 页"),
        ("at=tomorrow", "时间的写法不对"),
        ("at=9999-12-31T23:59", "时间的写法不对"),
        ("q=" + "馆" * 51, "搜索词应有可以搜索的字"),
        ("q=!!!", "搜索词应有可以搜索的字"),
        ("open=later", "“现在开放”的写法不对"),
    ],
)
def test_is_a_bad_parameter_left_out_with_a_sentence(page: Open, query: str, said: str) -> None:
    found = page(f"/?{query}")
    assert said in found.text
    assert "24 个地点" in found.text


def test_are_the_additions_of_messengers_left_out_in_silence(page: Open) -> None:
    found = page("/?from=singlemessage&isappinstalled=0&q=&theme=&facility=")
    assert "已" not in found.text.partition("24 个地点")[0].partition("查找")[2]


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=%00%01", "q=%F0%9F%98%80", "=&=&;", f"q={'a' * 9000}"]
)
@pytest.mark.parametrize("path", ["/", "/bus", "/bus/31"])
def test_is_garbage_answered_with_a_page(page: Open, path: str, query: str) -> None:
    page(f"{path}?{query}")


# The first text of a process is slow to draw: hypothesis reads its tables of characters.
patiently = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)

_texts = st.text(max_size=60) | st.integers().map(str) | st.floats().map(str)
_names = st.sampled_from(
    [
        "q",
        "district",
        "theme",
        "kind",
        "facility",
        "age",
        "open",
        "free",
        "sort",
        "lat",
        "lon",
        "bbox",
        "page",
        "at",
    ]
)


@patiently
@given(arguments=st.dictionaries(_names, _texts))
def test_is_any_address_of_a_list_read_without_failing(
    zibo: City, arguments: dict[str, str]
) -> None:
    query, said = read(arguments, zibo)
    assert all(sentence.endswith("。") for sentence in said)
    again, _ = read(MultiDict(query.address()), zibo)
    assert again == query.model_copy(update={"page": 1})
    read_moment(arguments)


_bus_names = st.sampled_from(["q", "lat", "lon", "at", "school", "direction", "stop", "date"])


@patiently
@given(arguments=st.dictionaries(_bus_names, _texts))
def test_is_any_address_of_a_line_read_without_failing(arguments: dict[str, str]) -> None:
    for reading in (read_bus, read_line):
        query, said = reading(arguments)
        assert all(sentence.endswith("。") for sentence in said)
        again, _ = reading(MultiDict(query.address()))
        assert again == query


def test_does_the_first_of_repeated_parameters_count(zibo: City) -> None:
    query, said = read(MultiDict([("age", "6"), ("age", "7")]), zibo)
    assert (query.age, said) == (6, [])


def test_do_all_of_the_facilities_count(zibo: City) -> None:
    query, said = read(MultiDict([("facility", "stroller"), ("facility", "aed")]), zibo)
    assert (query.facility, said) == (("aed", "stroller"), [])
