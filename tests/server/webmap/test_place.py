"""What does the page of a place show, and what when the place is gone?"""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from geo.opening import SHANGHAI
from server.day_lines import day_line
from server.webmap import cards
from tests.server.pages import Page

Open = Callable[..., Page]

NOON = "at=2026-11-24T12:00:00%2B08:00"
"""A Tuesday."""


def test_does_the_page_of_a_place_tell_everything(page: Open) -> None:
    found = page(f"/sites/1?{NOON}")
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
        "附近还有",
    ):
        assert fact in found.text
    assert "05332164568" in found.phones
    assert "https://example.org/" in found.links
    assert "测试馆24" not in found.text  # that is 31 km away, and nobody's neighbour


def test_is_no_day_of_update_shown_where_nobody_has_checked(page: Open) -> None:
    assert "最近更新：" in page("/sites/1").text
    unchecked = page("/sites/2").text
    assert "这些信息还没有人核实过" in unchecked
    assert "最近更新" not in unchecked


def test_is_a_retired_place_410_with_its_reason_and_what_is_near(page: Open) -> None:
    found = page("/sites/26", 410)
    assert "撤下馆" in found.text
    assert "2026 年 4 月 1 日撤下，原因：场馆改造" in found.text
    assert next(row["data-id"] for row in found.all("li") if "data-id" in row) == "2"


def test_does_a_merged_place_lead_to_the_other(client: FlaskClient) -> None:
    answer = client.get("/sites/25")
    assert (answer.status_code, answer.location) == (301, "/sites/1")


@pytest.mark.parametrize("id_", ["999", "27", "31", "0", "9" * 40, "x", "-1", "1.5"])
def test_is_an_unknown_place_404(page: Open, id_: str) -> None:
    assert "没有这个页面" in page(f"/sites/{id_}", 404).text


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
    assert cards.distance_text(metres) == words


def test_how_is_a_night_worded() -> None:
    day = {"date": "2026-11-24", "ranges": [["20:00", "02:00"]], "note": "", "known": True}
    line = day_line(day, datetime(2026, 11, 24, tzinfo=SHANGHAI).date())
    assert (line.name, line.hours) == ("今天", "20:00–次日 2:00")
