"""Does the page of a line say when the bus comes, on which days, and whether anybody knows?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask

from geo.opening import SHANGHAI
from geo.run_state import Said, SaidState
from server.live.run_news import RunNews
from server.live.store import RunRecord
from tests.server.pages import NASTY, Page
from tests.server.webmap.lines import CLOSED, EXAMPLE, HOSTILE, LINE

Open = Callable[..., Page]

EVENING = "at=2026-11-24T19:00:00%2B08:00"
"""A Tuesday, after the last run."""
MORNING = "at=2026-11-24T06:00:00%2B08:00"


def test_is_the_next_bus_of_the_chosen_stop_told(page: Open) -> None:
    found = page(f"/bus/{LINE}?stop=b1.2&{EVENING}")
    assert "祥瑞园的下一班" in found.text
    assert "明天约 6:59" in found.text
    first, *_ = found.all("time")
    assert first["datetime"] == "2026-11-25T06:59:00+08:00"
    assert "data-countdown" in first


def test_is_the_stop_of_the_next_run_shown_where_none_is_chosen(page: Open) -> None:
    assert "世纪花园的下一班" in page(f"/bus/{LINE}?{MORNING}").text
    assert "南门的下一班" in page(f"/bus/{LINE}?at=2026-11-24T12:00:00%2B08:00").text


def test_is_tomorrows_bus_at_a_stop_two_taps_from_the_list_of_lines(page: Open) -> None:
    lines = page(f"/bus?{EVENING}")
    assert f"/bus/{LINE}" in lines.links
    line = page(f"/bus/{LINE}?{EVENING}")
    (tomorrow,) = [link for link in line.links if "date=2026-11-25" in link]
    text = page(tomorrow).text
    assert "明天（11月25日）的全部时刻" in text
    assert "祥瑞园 约 6:59" in text
    assert "世纪花园 17:51 18:31" in text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-24", "周二运行"),
        ("2026-11-27", "停运通知：道路施工停运"),
        ("2026-11-28", "周六（周末）不运行"),
        ("2026-10-01", "国庆节"),
        ("2027-01-04", "2027 年的节假日安排尚未公布"),
        ("2027-03-01", "本期班次已于2027年1月31日结束"),
    ],
)
def test_is_it_said_whether_it_runs_on_a_day_and_why(page: Open, day: str, said: str) -> None:
    assert said in page(f"/bus/{LINE}?date={day}&{MORNING}").text


def test_are_the_next_fourteen_days_offered(page: Open) -> None:
    found = page(f"/bus/{LINE}?{MORNING}")
    days = [link for link in found.all("a") if link.get("class") == "day"]
    assert len(days) == 14
    assert [day["href"] for day in days if "aria-current" in day] == [
        f"/bus/{LINE}?at=2026-11-24T06:00:00%2B08:00&date=2026-11-24#h-day"
    ]


def test_is_a_suspension_told_with_what_to_do_instead(page: Open) -> None:
    text = page(f"/bus/{LINE}?{MORNING}").text
    assert "停运：道路施工停运" in text
    assert "替代办法：请家长接送" in text
    friday = page(f"/bus/{LINE}?at=2026-11-27T06:00:00%2B08:00").text
    assert "停运" in friday.partition("的下一班")[2]


def test_is_a_run_never_told_as_scheduled_after_its_time(page: Open) -> None:
    before = page(f"/bus/{LINE}?{MORNING}").text
    assert "计划 06:50 发车" in before
    after = page(f"/bus/{LINE}?{EVENING}").text
    assert "计划" not in after
    assert "尚未确认：已过发车时间" in after


def test_is_a_bus_that_should_have_come_still_told_for_a_while(page: Open) -> None:
    waiting = page(f"/bus/{LINE}?stop=b1.gate&at=2026-11-24T17:40:00%2B08:00")
    assert "刚才 17:30 放学 → 世纪花园尚未确认" in waiting.text
    past, coming, *_ = waiting.all("time")
    assert "data-countdown" not in past
    assert "data-countdown" in coming
    assert "刚才" not in page(f"/bus/{LINE}?stop=b1.gate&at=2026-11-24T17:51:00%2B08:00").text


def test_is_an_example_marked_everywhere(page: Open) -> None:
    text = page(f"/bus/{EXAMPLE}?{MORNING}").text
    assert "这条线路是示例，" in text
    assert "不可据以乘车" in text
    assert "示例" not in page(f"/bus/{LINE}?{MORNING}").text.partition("需要帮助")[0]


def test_does_the_page_carry_what_its_map_is_made_of(page: Open) -> None:
    found = page(f"/bus/{LINE}")
    stops = [one for one in found.all("li") if "data-stop" in one]
    assert [one["data-stop"] for one in stops] == ["b1.1", "b1.2", "b1.gate"]
    assert (stops[0]["data-lat"], stops[0]["data-lon"]) == ("36.8465", "118.008")


def test_is_a_foreign_stop_left_out_with_a_sentence(page: Open) -> None:
    assert "没有这个站点" in page(f"/bus/{LINE}?stop=b2.1").text
    assert "日期的写法不对" in page(f"/bus/{LINE}?date=tomorrow").text


def test_is_a_line_that_was_given_up_410_with_its_reason(page: Open) -> None:
    found = page(f"/bus/{CLOSED}", 410)
    assert "“停办线”已从地图撤下" in found.text
    assert "原因：学校迁走" in found.text
    assert "/bus" in found.links


@pytest.mark.parametrize("id_", ["1", "999", "x", "9" * 30])
def test_is_an_unknown_line_404(page: Open, id_: str) -> None:
    assert "没有这个页面" in page(f"/bus/{id_}", 404).text


def test_are_hostile_names_of_lines_and_stops_shown_and_never_run(page: Open) -> None:
    found = page(f"/bus/{HOSTILE}?stop=b3.1&{MORNING}")
    shown = " ".join(NASTY.split())
    for text in (f"线 {shown}", f"站 {shown}", f"校 {shown}", "<b>粗</b>", "<u>西门</u>"):
        assert text in found.text
    assert not [one for one in found.all("script") if "src" not in one and "type" not in one]
    assert not found.all("b")
    assert shown in page(f"/bus?q=站&{MORNING}").text


# With news of the day


@dataclass
class Board:
    """Knows what was said of one day's morning run, as the live board would."""

    said: Said
    about_now = True

    def talked_of(self, day: date, now: datetime) -> None:
        """Of any route there may be news."""

    def news(self, route: int, day: date, now: datetime) -> RunNews:
        told = day == now.date() and route == LINE
        return RunNews({"b1.m": RunRecord(self.said)} if told else {})


Tell = Callable[..., None]


@pytest.fixture
def told(app: Flask) -> Iterator[Tell]:
    """Puts a board that knows one thing in place of the app's."""
    before = app.extensions["live_board"]

    def tell(state: SaidState, **more: Any) -> None:
        at = datetime(2026, 11, 24, 5, 50, tzinfo=SHANGHAI)
        app.extensions["live_board"] = Board(Said(state, "公交公司", at, **more))

    yield tell
    app.extensions["live_board"] = before


def test_is_what_is_known_of_a_run_shown_with_it(page: Open, told: Tell) -> None:
    told("late", minutes=9)
    line = page(f"/bus/{LINE}?stop=b1.1&{MORNING}")
    assert line.text.count("晚点约 9 分钟") == 2  # beside the next departure, and of the run
    assert "计划 17:30 发车" in line.text
    assert "晚点约 9 分钟" in page(f"/bus?q=世纪花园&{MORNING}").text


def test_is_a_cancelled_run_struck_out(page: Open, told: Tell) -> None:
    told("cancelled", replacement="请家长接送")
    found = page(f"/bus/{LINE}?stop=b1.1&{MORNING}")
    first, second, *_ = found.all("time")
    assert "data-countdown" not in first
    assert "data-countdown" in second
    assert "已取消：请家长接送" in found.text
