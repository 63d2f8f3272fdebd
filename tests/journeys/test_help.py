"""Is help one tap away on every page, and does asking for it leave no trace?"""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser import Visit, Visiting
from tests.journeys.town import MORNING, Town

pytestmark = pytest.mark.browser


ELSEWHERE = "https://www.weather.com.cn/"
"""Where quick leave leads unless the settings say otherwise."""


def stand_in(visit: Visit) -> list[str | None]:
    """Let another site answer for the one that quick leave leads to; what it is told of whence."""
    told: list[str | None] = []

    def answer(route: Route) -> None:
        told.append(route.request.header_value("Referer"))
        route.fulfill(
            content_type="text/html; charset=utf-8",
            body='<!doctype html><link rel="icon" href="data:,"><h1>天气</h1>',
        )

    visit.context.route(f"{ELSEWHERE}**", answer)
    return told


def test_are_the_hotlines_on_every_page(parent: Visit, town: Town) -> None:
    pages = {
        "/": 200,
        "/?q=zzzzzz": 200,
        "/reading": 200,
        f"/sites/{town.open}": 200,
        f"/sites/{town.retired}": 410,
        "/bus": 200,
        f"/bus/{town.line}?at={MORNING}": 200,
        "/about": 200,
        "/offline": 200,
        "/hotlines": 200,
        "/sites/999999": 404,
        "/no-such-page": 404,
    }
    for path, status in pages.items():
        page = parent.open(path, status)
        for number in ("110", "12355"):
            call = page.locator(f"a[href='tel:{number}']").first
            call.scroll_into_view_if_needed()
            assert call.is_visible(), (path, number)
            box = call.bounding_box()
            assert box is not None
            assert box["height"] >= 24, (path, number, box)  # WCAG 2.5.8


def test_is_a_hotline_two_taps_away(parent: Visit) -> None:
    page = parent.open("/")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="电话").click()
    page.wait_for_url(re.compile("/hotlines$"))
    assert "热线" not in page.title()
    call = page.get_by_role("link", name=re.compile("^拨打 12355"))
    assert call.get_attribute("href") == "tel:12355"


def test_does_quick_leave_leave_no_way_back(visit: Visiting, size: str) -> None:
    someone = visit(size)
    told = stand_in(someone)
    page = someone.open("/")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="电话").click()
    page.wait_for_url(re.compile("/hotlines$"))
    someone.settle()
    page.get_by_role("link", name="快速离开").click()
    page.wait_for_url(ELSEWHERE)
    page.go_back()
    assert not page.url.endswith("/hotlines")
    assert told == [None]


def test_does_quick_leave_last_whatever_was_visited_before(visit: Visiting) -> None:
    someone = visit("desk")
    stand_in(someone)
    page = someone.open("/hotlines")
    someone.open("/about")
    someone.open("/hotlines")
    steps = page.evaluate("history.length")
    page.locator("a.skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert page.evaluate("history.length") == steps
    page.get_by_role("link", name="快速离开").click()
    page.wait_for_url(ELSEWHERE)
    page.go_back()
    page.wait_for_url(re.compile("/about$"))
    page.evaluate("history.back()")
    page.wait_for_url(ELSEWHERE)
    # Who asks for the page anew is shown it.
    someone.open("/hotlines")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_does_quick_leave_work_without_scripts(visit: Visiting) -> None:
    someone = visit("phone", java_script_enabled=False)
    told = stand_in(someone)
    page = someone.open("/hotlines")
    page.get_by_role("link", name="快速离开").click()
    page.wait_for_url(ELSEWHERE)
    assert told == [None]


def test_does_pressing_escape_three_times_leave(visit: Visiting) -> None:
    someone = visit("desk")
    stand_in(someone)
    page = someone.open("/hotlines")
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url(ELSEWHERE)
    expect(page.get_by_role("heading")).to_have_text("天气")
