"""Does a parent learn which bus comes when, and when it doesn't, from the page of all lines?"""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from server.webmap.bus_words import grades_text, wait_text
from tests.server.pages import Page
from tests.server.webmap.lines import CLOSED, EXAMPLE, LINE

Open = Callable[..., Page]

TUESDAY = "at=2026-11-24T19:00:00%2B08:00"
"""In the evening, after the last run."""
HOME = "lat=36.8466&lon=118.0082"
"""Beside the stop 世纪花园."""


def test_does_the_list_say_what_runs_today_and_tomorrow(page: Open) -> None:
    text = page(f"/bus?{TUESDAY}").text
    assert "八中一号线" in text
    assert "今天运行 明天运行" in text
    assert "6:50 世纪花园 → 南门" in text
    assert "17:30–18:10 南门 → 世纪花园" in text
    friday = page("/bus?at=2026-11-27T06:00:00%2B08:00").text
    assert "今天不运行：停运通知：道路施工停运" in friday
    assert "明天不运行：周六（周末）不运行" in friday


def test_is_an_example_told_as_one(page: Open) -> None:
    found = page(f"/bus?{TUESDAY}").text
    assert "八中二号线 示例" in found
    assert "不可据以乘车" in found


def test_is_a_stop_found_by_a_part_of_its_name(page: Open) -> None:
    found = page(f"/bus?q=世纪 花园&{TUESDAY}")
    assert "没有找到" not in found.text
    assert f"/bus/{LINE}?stop=b1.1" in found.links
    assert "明天" in found.text
    assert "6:50" in found.text


@pytest.mark.parametrize("q", ["二号线", "第八 中学"])
def test_is_a_line_found_by_its_name_or_its_schools(page: Open, q: str) -> None:
    found = page(f"/bus?q={q}&{TUESDAY}").text.partition("全部线路")[0]
    assert "八中二号线" in found
    assert ("八中一号线" in found) == (q == "第八 中学")


def test_are_stops_found_around_a_place_of_the_map(page: Open) -> None:
    found = page(f"/bus?q=市博&{TUESDAY}")
    assert "淄博市博物馆附近的站点" in found.text
    assert "南门" in found.text
    assert "公里" in found.text


def test_is_it_said_when_nothing_is_found(page: Open) -> None:
    assert "没有找到“月球”" in page("/bus?q=月球").text


def test_are_the_nearest_stops_told_with_the_walk(page: Open) -> None:
    found = page(f"/bus?{HOME}&{TUESDAY}")
    assert "离所选位置最近的站点" in found.text
    assert "就在附近" in found.text
    assert "步行约" in found.text
    assert "步行 800 米内有" in found.text


def test_can_a_page_of_another_moment_be_brought_to_now(page: Open) -> None:
    assert f"/bus?{HOME}" in page(f"/bus?{HOME}&{TUESDAY}").links
    assert f"/bus/{LINE}?stop=b1.2" in page(f"/bus/{LINE}?stop=b1.2&{TUESDAY}").links


def test_is_someone_far_away_told_where_the_nearest_stop_is(page: Open) -> None:
    found = page("/bus?lat=36.3&lon=118.2")
    assert "5 公里内没有站点。最近的站点是" in found.text


def test_is_the_way_from_school_to_home_told_leg_by_leg(page: Open) -> None:
    found = page(f"/bus?{HOME}&school=b8&direction=to_home&{TUESDAY}")
    assert "第八中学，放学" in found.text
    assert "明天 17:30 在南门上车，17:52 到家" in found.text
    assert "2 站，17:51 到世纪花园" in found.text
    assert "从学校步行约" in found.text


def test_is_a_run_that_a_notice_took_away_told_as_such(page: Open) -> None:
    morning = "at=2026-11-27T06:00:00%2B08:00"
    found = page(f"/bus?{HOME}&school=b8&direction=to_school&{morning}")
    assert "八中一号线不能乘坐" in found.text
    assert "请家长接送" in found.text


def test_does_an_unknown_school_leave_the_page_standing(page: Open) -> None:
    for school in ("nope", "!!"):
        text = page(f"/bus?{HOME}&school={school}&direction=to_home").text
        assert "没有这所学校，已忽略" in text
        assert "从校门口到家门口" in text


def test_does_a_page_with_a_position_stay_out_of_shared_caches(client: FlaskClient) -> None:
    assert client.get("/bus").cache_control.public
    assert client.get(f"/bus?{HOME}").cache_control.private
    assert client.get("/bus?q=世纪花园").cache_control.private


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_are_the_ways_of_all_lines_geojson(client: FlaskClient, crs: str) -> None:
    answer = client.get(f"/bus/lines.geojson?crs={crs}")
    assert answer.mimetype == "application/geo+json"
    features = answer.get_json(force=True)["features"]
    ways = {(f["properties"]["route"], f["properties"]["direction"]) for f in features}
    assert ways == {(id_, way) for id_ in range(LINE, CLOSED) for way in ("to_school", "to_home")}
    assert {f["properties"]["route"] for f in features if f["properties"]["example"]} == {EXAMPLE}
    again = client.get(
        f"/bus/lines.geojson?crs={crs}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_is_an_unknown_coordinate_system_404(client: FlaskClient) -> None:
    assert client.get("/bus/lines.geojson?crs=mars").status_code == 404


# Words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "即将到站"),
        (6, "还有 6 分钟"),
        (60, "还有 1 小时"),
        (125, "还有 2 小时 5 分钟"),
        (720, "还有 12 小时"),
        (721, ""),
    ],
)
def test_how_is_a_wait_worded(minutes: int, words: str) -> None:
    assert wait_text(minutes) == words


@pytest.mark.parametrize(
    ("grades", "words"),
    [((), ""), ((7,), "七年级"), ((8, 9), "八、九年级"), ((10, 11), "高一、高二")],
)
def test_how_are_grades_worded(grades: tuple[int, ...], words: str) -> None:
    assert grades_text(grades) == words
