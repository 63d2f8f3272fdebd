"""Does a parent learn when tomorrow's bus comes to the child's stop?"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from tests.browser import Visit, Visiting
from tests.journeys.steps import search
from tests.journeys.town import LINE, MORNING, SUSPENDED, Town

pytestmark = pytest.mark.browser


def test_is_tomorrows_bus_found_by_the_stop(parent: Visit, town: Town) -> None:
    page = parent.open(f"/bus?at={MORNING}")
    search(page, "世纪花园", "站名、小区或地址")
    stop = page.locator("li.stop-card").filter(has_text=LINE)
    expect(stop).to_be_visible()
    stop.get_by_role("link", name=f"{LINE}的全部时刻").click()
    page.wait_for_url(re.compile(rf"/bus/{town.line}\b"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(LINE)
    parent.open(f"{parent.path}{'&' if '?' in parent.path else '?'}at={MORNING}")
    page.get_by_role("navigation", name="选日期").get_by_role("link", name="明天").click()
    page.wait_for_url(re.compile("date=2026-11-25"))
    expect(page.locator("#h-day")).to_contain_text("明天")
    row = page.locator("table.times tr.chosen").first
    expect(row).to_contain_text("世纪花园")
    expect(row).to_contain_text("6:50")
    assert "17:51" in page.locator("section[aria-labelledby=h-day]").inner_text()


def test_is_a_suspension_told_with_its_reason(parent: Visit, town: Town) -> None:
    page = parent.open(f"/bus/{town.line}?date={SUSPENDED}&at={MORNING}")
    told = page.locator("section[aria-labelledby=h-day]")
    expect(told).to_contain_text("测试停运")
    assert page.locator("nav.days a").count() == 14
    chosen = page.locator("nav.days a[aria-current=date]")
    expect(chosen).to_contain_text(re.compile("停|不"))


def test_does_choosing_a_stop_change_what_comes_next(parent: Visit, town: Town) -> None:
    page = parent.open(f"/bus/{town.line}?at={MORNING}")
    page.locator("ol.stops").get_by_role("link", name="祥瑞园").click()
    expect(page.locator("#h-next")).to_contain_text("祥瑞园")
    expect(page.locator("ol.coming-list li").first.locator("time")).to_have_text(
        re.compile(r"\d\d:\d\d")
    )


def test_is_an_example_marked_as_one(parent: Visit) -> None:
    page = parent.open("/bus")
    page.locator("li.bus-line").filter(has_text="示例").get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/bus/\d+"))
    assert "不可据以乘车" in page.get_by_role("main").inner_text() or "示例" in page.inner_text(
        "h1"
    )


def test_do_departures_count_down_where_stops_are_looked_for(visit: Visiting) -> None:
    """What comes next depends on the hour of the test: one departure of its own is put in."""
    at = datetime.now(UTC) + timedelta(minutes=6, seconds=50)

    def one_more(route: Route) -> None:
        answer = route.fetch()
        time = f'<p><time datetime="{at.isoformat()}" data-countdown>soon</time></p>'
        route.fulfill(response=answer, body=answer.text().replace("</h1>", f"</h1>{time}"))

    someone = visit("phone")
    someone.context.route("**/bus", one_more)
    page = someone.open("/bus")
    expect(page.locator("h1 + p .countdown")).to_have_text("还有 6 分钟")
