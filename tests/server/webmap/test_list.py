"""Do parents find what they look for, without JavaScript?"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from geo.opening import SHANGHAI
from server.webmap import listing
from tests.server.material import add, site
from tests.server.pages import Page, served, settings_in

Open = Callable[..., Page]

NOON = "at=2026-11-24T12:00:00%2B08:00"
"""A Tuesday."""


def names(found: Page) -> list[str]:
    """The ids of the rows, in order."""
    return [row["data-id"] or "" for row in found.all("li") if "data-id" in row]


def test_does_a_row_tell_what_is_known_and_what_is_not(page: Open) -> None:
    known = page(f"/?q=博物馆&{NOON}").text
    for fact in (
        "淄博市博物馆",
        "历史文化 · 张店区 · 商场西街153号",
        "今天开放至 17:00",
        "适合 3–12 岁",
        "免费",
    ):
        assert fact in known
    unknown = page("/?q=测试馆04").text
    for fact in ("地址待核实", "开放时间、适合年龄、收费待核实", "未核实"):
        assert fact in unknown


def test_does_a_row_carry_what_its_marker_is_made_of(page: Open) -> None:
    found = page("/?q=博物馆")
    (row,) = [one for one in found.all("li") if "data-id" in one]
    assert row["id"] == "place-1"
    assert (row["data-lat"], row["data-lon"]) == ("36.8", "118.05")
    assert (row["data-theme"], row["data-name"]) == ("history", "淄博市博物馆")


def test_is_every_place_a_row_of_the_first_page(page: Open) -> None:
    found = page("/")
    assert "24 个地点" in found.text
    assert sorted(map(int, names(found))) == list(range(1, 25))


def test_do_the_pages_hold_every_place_once(page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 20)
    first, second = page("/"), page("/?page=2")
    assert len(names(first)) == 20
    assert sorted(map(int, names(first) + names(second))) == list(range(1, 25))
    assert "/?page=2" in first.links
    assert "没有第 9 页" in page("/?page=9").text


def test_does_the_page_say_which_edition_it_shows(page: Open) -> None:
    text = page("/").text
    assert "数据第 3 期" in text
    assert f"{datetime.now(UTC).astimezone(SHANGHAI).year} 年" in text
    assert "起始数据未经核实" not in text


def test_does_every_page_say_that_the_starting_data_are_not_verified(tmp_path: Path) -> None:
    def start() -> None:
        add(site(), origin="starter")

    with served(settings_in(tmp_path), start) as app:
        for path in ("/", "/sites/1", "/hotlines", "/about", "/api/v1/docs"):
            assert "起始数据未经核实" in app.test_client().get(path).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("theme=history", ["1"]),
        ("free=true", ["1"]),
        ("q=bwg", ["1"]),
        (f"open=now&{NOON}", ["3", "1"]),
        ("open=now&at=2026-11-23T12:00", ["3"]),
        ("open=tomorrow&at=2026-11-23T20:00", ["3", "1"]),
        ("open=tomorrow&at=2026-11-29T20:00", ["3"]),
        ("district=zhangdian&age=2", ["2", "3"]),
        ("kind=reading_space", []),
        ("facility=stroller", ["1"]),
        ("facility=stroller&facility=aed", []),
        ("bbox=118.04,36.7,118.055,36.9", ["1"]),
    ],
)
def test_do_filters_find_what_fits(page: Open, query: str, found: list[str]) -> None:
    assert sorted(names(page(f"/?{query}"))) == sorted(found)


def test_is_the_order_by_distance_with_a_position(page: Open) -> None:
    found = page("/?lat=36.8&lon=118.06&district=zhangdian")
    assert names(found) == ["2", "1", "3"]
    assert "就在附近" in found.text
    assert "步行约" in found.text
    by_name = page("/?lat=36.8&lon=118.06&district=zhangdian&sort=name")
    assert names(by_name) != names(found)


def test_do_the_reading_spaces_have_a_page_of_their_own(tmp_path: Path) -> None:
    def start() -> None:
        add(site("科技馆"))
        add(site("城市书房", kind="reading_space", theme="reading"))

    with served(settings_in(tmp_path), start) as app:
        client = app.test_client()
        found = Page(client.get("/reading?free=true&kind=practice_base").text)
        assert "儿童公共阅读空间" in found.text
        assert names(found) == []
        assert "/reading" in found.links
        assert names(Page(client.get("/reading").text)) == ["2"]


def test_does_the_search_form_keep_what_was_chosen(page: Open) -> None:
    found = page("/?q=a%22b&district=boshan&free=true&age=6&facility=aed&facility=stroller")
    inputs = found.all("input")
    assert next(one for one in inputs if one.get("name") == "q")["value"] == 'a"b'
    hidden = sorted((one["name"], one["value"]) for one in inputs if one.get("type") == "hidden")
    assert hidden == [
        ("age", "6"),
        ("district", "boshan"),
        ("facility", "aed"),
        ("facility", "stroller"),
        ("free", "true"),
    ]


def chosen(found: Page) -> list[str]:
    return [a["href"] or "" for a in found.all("a") if a.get("aria-current") == "true"]


def test_does_a_chip_that_is_on_take_its_filter_out(page: Open) -> None:
    found = page("/?free=true&open=now&facility=aed")
    assert "/?facility=aed&open=now" in chosen(found)
    assert "/?facility=aed&free=true" in chosen(found)
    assert "/?open=now&free=true" in chosen(found)
    assert "/?facility=aed&facility=stroller&open=now&free=true" in found.links


def test_do_all_links_that_change_the_list_say_so(page: Open) -> None:
    found = page("/?age=6&q=馆&lat=36.8&lon=118.05")
    for link in found.all("a"):
        if (link["href"] or "").startswith("/?"):
            assert "data-filter" in link, link


def test_does_an_empty_result_show_a_way_on(page: Open) -> None:
    found = page("/?theme=nature&district=zhangdian")
    assert "没有符合条件的地点" in found.text
    assert "/?theme=nature" in found.links
    assert "/?district=zhangdian" in found.links
    assert "有 21 个" in found.text
    assert "清除全部条件" in found.text


def test_does_a_printed_list_say_what_it_is_a_list_of(page: Open) -> None:
    assert "条件：免费、适合 6 岁、张店区" in page("/?district=zhangdian&free=true&age=6").text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("age=6", "24 个地点，其中 23 个适合年龄待核实"),
        ("age=6&theme=history", "1 个地点"),
        ("age=16&district=boshan", "21 个地点，其中 21 个适合年龄待核实"),
        ("district=boshan", "21 个地点"),
    ],
)
def test_does_the_head_count_those_whose_ages_nobody_knows(
    page: Open, asked: str, said: str
) -> None:
    text = page(f"/?{asked}").text
    assert said in text
    assert text.count("个适合年龄待核实") == said.count("其中")


def test_are_unknown_ages_counted_of_the_page_where_there_are_more(
    page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 20)
    assert "24 个地点，这一页有 3 个适合年龄待核实" in page("/?age=6&page=2&sort=name").text


def test_is_a_position_in_the_address_not_called_mine(page: Open) -> None:
    found = page("/?lat=36.8&lon=118.06&free=true").text
    assert "不用所选位置" in found
    assert "我的位置" not in found


def test_does_clearing_the_filters_keep_the_position(page: Open) -> None:
    found = page("/?lat=36.8&lon=118.05&free=true&age=6&facility=stroller")
    (clear,) = [link for link in found.links if link == "/?lat=36.8&lon=118.05"]
    assert clear
    assert "清除全部条件" in found.text


def test_is_tomorrow_offered_where_nothing_is_open_now(page: Open) -> None:
    found = page("/?open=now&theme=history&at=2026-11-24T19:00")
    assert "明天上午 10 点开放的有 1 个" in found.text
    monday = page("/?open=now&theme=history&at=2026-11-29T19:00")
    assert "明天上午" not in monday.text


def test_can_the_order_be_changed_where_there_is_a_choice(page: Open) -> None:
    assert "排序" not in page("/").text
    found = page("/?lat=36.8&lon=118.06")
    assert "排序：由近及远按名称" in found.text
    assert "/?lat=36.8&lon=118.06&sort=name" in found.links


def test_does_an_empty_result_count_the_places_whose_facts_are_not_known(page: Open) -> None:
    found = page("/?free=true&district=boshan")
    assert "有 21 个地点其他条件都符合，只是收费情况待核实" in found.text
    assert "/?district=boshan" in found.links


def test_does_a_page_with_a_position_stay_out_of_shared_caches(client: FlaskClient) -> None:
    assert client.get("/").cache_control.public
    assert client.get("/?lat=36.8&lon=118").cache_control.private
    assert client.get("/?bbox=118,36,119,37").cache_control.private
    assert client.get("/nothing").cache_control.no_store


def test_is_a_list_compressed_when_asked(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 9000
