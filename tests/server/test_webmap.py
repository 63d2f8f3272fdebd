"""Do parents find what they look for, without JavaScript, whatever else is out of order?"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from geo.city import City, load_city
from geo.opening import SHANGHAI
from server.db import db
from server.webmap import places
from server.webmap.query import read, read_moment
from tests.server.material import add, site
from tests.server.pages import HOTLINES, NASTY, Page, fill, retire, served, settings_in

NOON = "at=2026-11-24T12:00:00%2B08:00"
"""A Tuesday."""

PUBLIC = (
    "/",
    "/?free=true&district=yiyuan",
    "/sites/1",
    "/sites/2",
    "/hotlines",
    "/nothing",
    "/sites/999",
    "/sites/26",
    "/staff/",
    "/api/v1/docs",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with served(settings_in(tmp_path_factory.mktemp("webmap")), fill, retire) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def zibo(tmp_path_factory: pytest.TempPathFactory) -> City:
    return load_city(settings_in(tmp_path_factory.getbasetemp()).city)


def page(client: FlaskClient, path: str, status: int = 200) -> Page:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/html"
    return Page(answer.text)


def names(found: Page) -> list[str]:
    """The names in the list, in order."""
    numbers = [link.split("?")[0] for link in found.links if link.startswith("/sites/")]
    return [number.removeprefix("/sites/") for number in numbers]


# Which pages carry the hotlines?


@pytest.mark.parametrize("path", PUBLIC)
def test_does_every_page_carry_the_hotlines(client: FlaskClient, path: str) -> None:
    found = Page(client.get(path).text)
    assert set(HOTLINES) <= set(found.phones)
    assert "05339999999" not in found.phones


def test_are_the_hours_of_a_hotline_told_honestly(client: FlaskClient) -> None:
    text = page(client, "/hotlines").text
    assert "接听时间待核实" in text
    assert "24 小时接听" in text
    assert "内部电话" not in text


# What does the list show?


def test_does_a_row_tell_what_is_known_and_what_is_not(client: FlaskClient) -> None:
    known = page(client, f"/?q=博物馆&{NOON}").text
    for fact in (
        "淄博市博物馆",
        "历史文化",
        "儿童友好实践基地",
        "张店区 · 商场西街153号",
        "今天开放至 17:00",
        "适合 3–12 岁",
        "免费",
    ):
        assert fact in known
    unknown = page(client, "/?q=测试馆04").text
    for fact in ("地址待核实", "开放时间待核实", "适合年龄待核实", "收费情况待核实", "未核实"):
        assert fact in unknown


def test_does_the_page_say_which_edition_it_shows(client: FlaskClient) -> None:
    text = page(client, "/").text
    assert "数据第 2 期" in text
    assert f"{datetime.now(UTC).astimezone(SHANGHAI).year} 年" in text
    assert "起始数据未经核实" not in text


def test_does_every_page_say_that_the_starting_data_are_not_verified(tmp_path: Path) -> None:
    def start() -> None:
        add(site(), origin="starter")

    with served(settings_in(tmp_path), start) as app:
        for path in ("/", "/sites/1", "/hotlines", "/api/v1/docs"):
            assert "起始数据未经核实" in page(app.test_client(), path).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("theme=history", ["1"]),
        ("free=true", ["1"]),
        ("q=bwg", ["1"]),
        (f"open=now&{NOON}", ["3", "1"]),
        ("open=now&at=2026-11-23T12:00", ["3"]),
        ("district=zhangdian&age=2", ["2", "3"]),
        ("kind=reading_space", []),
    ],
)
def test_do_filters_find_what_fits(client: FlaskClient, query: str, found: list[str]) -> None:
    assert sorted(names(page(client, f"/?{query}"))) == sorted(found)


def test_is_the_order_by_distance_with_a_position(client: FlaskClient) -> None:
    found = page(client, "/?lat=36.8&lon=118.06&district=zhangdian")
    assert names(found) == ["2", "1", "3"]
    assert "就在附近" in found.text
    assert "步行约" in found.text
    by_name = page(client, "/?lat=36.8&lon=118.06&district=zhangdian&sort=name")
    assert names(by_name) != names(found)


def test_do_the_pages_hold_every_place_once(client: FlaskClient) -> None:
    first, second = page(client, "/"), page(client, "/?page=2")
    assert "24 个地点" in first.text
    assert len(names(first)) == 20
    assert sorted(map(int, names(first) + names(second))) == list(range(1, 25))
    assert "/?page=2" in first.links
    assert "/" in second.links


def test_does_the_form_keep_what_was_asked(client: FlaskClient) -> None:
    found = page(client, "/?q=a%22b&district=boshan&free=true&age=6&lat=36.8&lon=118.1")
    chosen = {option["value"] for option in found.all("option") if "selected" in option}
    assert {"boshan", "6"} <= chosen
    inputs = {one.get("name"): one for one in found.all("input")}
    assert inputs["q"]["value"] == 'a"b'
    assert "checked" in inputs["free"]
    assert inputs["lat"]["value"] == "36.8"


def test_does_an_empty_result_show_a_way_on(client: FlaskClient) -> None:
    found = page(client, "/?theme=nature&district=zhangdian")
    assert "没有符合条件的地点" in found.text
    assert "/?theme=nature" in found.links
    assert "/?district=zhangdian" in found.links
    assert "有 21 个" in found.text
    assert "清除全部条件" in found.text


def test_does_an_empty_result_count_the_places_whose_facts_are_not_known(
    client: FlaskClient,
) -> None:
    found = page(client, "/?free=true&district=boshan")
    assert "有 21 个地点其他条件都符合，只是收费情况还没有核实" in found.text
    assert "/?district=boshan" in found.links


# What does the page of a place show?


def test_does_the_page_of_a_place_tell_everything(client: FlaskClient) -> None:
    found = page(client, f"/sites/1?{NOON}")
    for fact in (
        "又名：市博",
        "今天开放至 17:00",
        "9:00–17:00",
        "周一",
        "不开放",
        "适合 3–12 岁",
        "免费",
        "须预约",
        "婴儿车通行",
        "第一段",
        "第二段",
        "张店区商场西街153号",
        "36.800000, 118.050000",
        "GCJ-02",
        "馆方来函",
        "2026 年 11 月 2 日核实",
        "馆方公众号",
        "尚未核实",
    ):
        assert fact in found.text
    assert "05332164568" in found.phones
    assert "https://example.org/" in found.links


def test_is_no_day_of_update_shown_where_nobody_has_checked(
    client: FlaskClient,
) -> None:
    assert "最近更新：" in page(client, "/sites/1").text
    unchecked = page(client, "/sites/2").text
    assert "这些信息还没有人核实过" in unchecked
    assert "最近更新" not in unchecked


def test_is_a_retired_place_410_with_its_reason_and_what_is_near(client: FlaskClient) -> None:
    found = page(client, "/sites/26", 410)
    assert "撤下馆" in found.text
    assert "2026 年 4 月 1 日撤下，原因：场馆改造" in found.text
    assert names(found)[0] == "2"


def test_does_a_merged_place_lead_to_the_other(client: FlaskClient) -> None:
    answer = client.get("/sites/25")
    assert (answer.status_code, answer.location) == (301, "/sites/1")


@pytest.mark.parametrize("id_", ["999", "27", "0", "9" * 40, "x", "-1", "1.5"])
def test_is_an_unknown_place_404(client: FlaskClient, id_: str) -> None:
    assert "没有这个页面" in page(client, f"/sites/{id_}", 404).text


# Bad input


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("age=x", "孩子的年龄应是 0 到 18 的整数"),
        ("age=19", "孩子的年龄应是 0 到 18 的整数"),
        ("district=atlantis", "没有这个区县"),
        ("lat=36.8", "位置不完整或不正确"),
        ("lat=nan&lon=inf", "位置不完整或不正确"),
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
def test_is_a_bad_parameter_left_out_with_a_sentence(
    client: FlaskClient, query: str, said: str
) -> None:
    found = page(client, f"/?{query}")
    assert said in found.text
    assert "24 个地点" in found.text


def test_are_the_additions_of_messengers_left_out_in_silence(client: FlaskClient) -> None:
    found = page(client, "/?from=singlemessage&isappinstalled=0&q=&theme=")
    assert "已" not in found.text.partition("24 个地点")[0]


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=%00%01", "q=%F0%9F%98%80", "=&=&;", f"q={'a' * 9000}"]
)
def test_is_garbage_answered_with_a_page(client: FlaskClient, query: str) -> None:
    page(client, f"/?{query}")


_texts = st.text(max_size=60) | st.integers().map(str) | st.floats().map(str)
_names = st.sampled_from(
    ["q", "district", "theme", "kind", "age", "open", "free", "sort", "lat", "lon", "page", "at"]
)


@given(arguments=st.dictionaries(_names, _texts))
def test_is_any_address_read_without_failing(zibo: City, arguments: dict[str, str]) -> None:
    query, said = read(arguments, zibo)
    assert all(sentence.endswith("。") for sentence in said)
    again, _ = read(query.address(), zibo)
    assert again == query.model_copy(update={"page": 1})
    read_moment(arguments)


def test_does_the_first_of_repeated_parameters_count(zibo: City) -> None:
    query, said = read(MultiDict([("age", "6"), ("age", "7")]), zibo)
    assert (query.age, said) == (6, [])


# Names that would run


@pytest.mark.parametrize("path", ["/?q=alert", "/sites/2", "/hotlines", "/?q=%3Cscript%3E"])
def test_are_hostile_names_shown_and_never_run(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    found = Page(html)
    assert "<script" not in html
    assert not found.all("script")
    assert [one["src"] for one in found.all("img")] == ["/static/icon.svg"]
    if path != "/?q=%3Cscript%3E":
        assert " ".join(NASTY.split()) in found.text


# Bad days


def test_do_the_pages_stand_when_the_database_is_gone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with served(settings, fill, retire):
        pass
    with served(settings) as app:
        database = settings.instance / "tongyou.db"
        app.extensions["atlas_keeper"].stop()  # or it would make the file anew
        with app.app_context():
            db.engine.dispose()
        for path in settings.instance.glob("tongyou.db*"):
            path.unlink()
        database.mkdir()
        client = app.test_client()
        assert "24 个地点" in page(client, "/").text
        assert "淄博市博物馆" in page(client, "/sites/1").text
        page(client, "/sites/26", 410)
        page(client, "/hotlines")
        page(client, "/api/v1/docs")
        shutil.rmtree(database)


def test_is_a_page_without_an_edition_503_in_chinese(tmp_path: Path) -> None:
    with served(settings_in(tmp_path)) as app:
        client = app.test_client()
        found = page(client, "/", 503)
        assert "暂时打不开" in found.text
        assert "地图数据还没有载入" in found.text
        assert client.get("/").headers["Retry-After"]
        page(client, "/nothing", 404)


@pytest.mark.parametrize("path", ["/nothing", "/sites/999", "/apis", "/static/none.css"])
def test_is_the_404_of_a_person_a_page(client: FlaskClient, path: str) -> None:
    page(client, path, 404)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/x", "/internal/v1/x", "/healthz/x"])
def test_is_the_404_of_a_program_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_is_a_wrong_method_a_page_that_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/hotlines")
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert "GET" in answer.headers["Allow"]


def test_is_a_fault_of_ours_a_page_without_its_cause(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("秘密")

    monkeypatch.setattr("server.webmap.views.look", fail)
    # A logger keeps the stream of its first line, which here is this test's alone.
    monkeypatch.setattr("miniapp_api.problems.log", structlog.get_logger())
    found = page(client, "/", 500)
    assert "出错了，是我们的问题" in found.text
    assert "秘密" not in found.text
    assert set(HOTLINES) <= set(found.phones)


# Who may keep a page?


def test_does_a_page_with_a_position_stay_out_of_shared_caches(client: FlaskClient) -> None:
    assert client.get("/").cache_control.public
    assert client.get("/?lat=36.8&lon=118").cache_control.private
    assert client.get("/nothing").cache_control.no_store


def test_do_public_pages_neither_set_nor_read_a_cookie(client: FlaskClient) -> None:
    for path in PUBLIC:
        if path != "/staff/":
            answer = client.get(path)
            assert "Set-Cookie" not in answer.headers
            assert "Cookie" not in answer.headers.get("Vary", "")


def test_is_a_page_compressed_when_asked(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 8000


# Words


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (3, "就在附近"),
        (347, "约 350 米 · 步行约 7 分钟"),
        (996, "约 1.0 公里 · 步行约 20 分钟"),
        (4210, "约 4.2 公里"),
        (123_456, "约 123 公里"),
    ],
)
def test_how_is_a_distance_worded(metres: float, words: str) -> None:
    assert places.distance_text(metres) == words


def test_how_is_a_night_worded() -> None:
    day = {"date": "2026-11-24", "ranges": [["20:00", "02:00"]], "note": "", "known": True}
    line = places.day_line(day, datetime(2026, 11, 24, tzinfo=SHANGHAI).date())
    assert (line.name, line.hours) == ("今天", "20:00–次日 2:00")
