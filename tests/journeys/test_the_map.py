"""Is the map the list once more, unasked for nothing, and there without tiles?"""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import Visiting
from tests.journeys.steps import choose, names, rows, switch
from tests.journeys.town import MORNING, OPEN, Town
from tests.serving import Service

HERE = {"latitude": 36.801, "longitude": 118.051}
TILES = "http://127.0.0.1:9/{z}/{x}/{y}.png"
"""Port 9 answers nobody."""
TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
COUNT_POSITIONS = """
window.asked = 0;
for (const name of ["getCurrentPosition", "watchPosition"]) {
  const real = navigator.geolocation[name].bind(navigator.geolocation);
  navigator.geolocation[name] = (...all) => { window.asked += 1; return real(...all); };
}
"""

pytestmark = pytest.mark.browser


def on_the_map(page: Page) -> int:
    """How many places the map shows, those in clusters counted."""
    expect(page.locator("#map .pin, #map .cluster").first).to_be_visible()
    clusters = page.locator("#map .cluster").all_inner_texts()
    return page.locator("#map .pin").count() + sum(map(int, clusters))


def test_is_every_marker_a_row_and_every_row_a_marker(visit: Visiting, size: str) -> None:
    page = visit(size).open(f"/?at={MORNING}")
    assert on_the_map(page) == rows(page).count() > 100
    switch(page, "免费")
    choose(page, "主题", "科学探索")
    expect(page.locator("#map .pin")).to_have_count(2)
    labels = page.locator("#map .pin").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert set(labels) == set(names(page))


def test_does_a_filter_announce_its_count(visit: Visiting, size: str) -> None:
    page = visit(size).open(f"/?at={MORNING}")
    switch(page, "免费")
    expect(page.locator("[role=status][aria-live=polite]")).to_have_text(re.compile("2 个地点"))


def test_does_a_marker_lead_to_its_row(visit: Visiting, size: str, town: Town) -> None:
    page = visit(size).open(f"/?open=now&theme=science&age=6&at={MORNING}")
    pin = page.locator("#map .pin")
    expect(pin).to_have_attribute("aria-label", OPEN)
    there = page.locator("#map .popup").get_by_role("link", name=OPEN)
    before = page.evaluate("scrollY")
    pin.click()
    row = page.locator(f"#place-{town.open}")
    expect(row).to_have_class(re.compile("is-current"))
    if size == "phone":
        # The list slides over the map as the page is scrolled: not unasked.
        page.wait_for_timeout(600)
        assert page.evaluate("scrollY") == before
        there.click(trial=True)
        page.get_by_role("button", name="在列表中看").click()
        expect(row.get_by_role("link")).to_be_focused()
        there = row.get_by_role("link")
    expect(row).to_be_in_viewport()
    there.click()
    page.wait_for_url(re.compile(rf"/sites/{town.open}\b"))


def test_does_a_row_raise_its_marker(visit: Visiting) -> None:
    page = visit("desk").open(f"/?open=now&theme=science&age=6&at={MORNING}")
    expect(page.locator("#map .pin")).to_be_visible()
    rows(page).get_by_role("link").focus()
    expect(page.locator("#map .pin")).to_have_class(re.compile("is-raised"))


def test_is_the_part_of_the_map_in_view_searched(visit: Visiting) -> None:
    someone = visit("desk")
    page = someone.open("/?theme=science")
    all_ = names(page)
    expect(page.locator("#map .pin, #map .cluster").first).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="放大").first.click()
        page.wait_for_timeout(400)
    page.get_by_role("button", name="在此区域查找").click()
    page.wait_for_url(re.compile("bbox="))
    expect(rows(page)).not_to_have_count(len(all_))
    assert set(names(page)) < set(all_)


def test_is_the_position_asked_for_on_a_tap_only(visit: Visiting, size: str) -> None:
    someone = visit(size, geolocation=HERE, permissions=["geolocation"])
    someone.context.add_init_script(COUNT_POSITIONS)
    page = someone.open("/")
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="我的位置").click()
    page.wait_for_url(re.compile(r"lat=36\.801&lon=118\.051$"))
    expect(rows(page).first.locator(".far")).to_be_visible()
    expect(page.locator("#map .origin")).to_be_visible()
    assert page.evaluate("window.asked") == 1


def test_is_there_a_way_for_those_who_refuse(visit: Visiting, size: str) -> None:
    page = visit(size).open("/")
    page.get_by_role("button", name="我的位置").click()
    told = page.locator("[data-locate-refused]")
    expect(told).to_be_visible()
    told.get_by_role("link", name="博山区").click()
    page.wait_for_url(re.compile("district=boshan"))
    assert 0 < rows(page).count() < 100


def test_can_the_map_be_tapped_for_a_start(visit: Visiting, size: str) -> None:
    page = visit(size).open(f"/?open=now&theme=science&age=6&at={MORNING}")
    expect(page.locator("#map .pin")).to_be_visible()
    page.locator("#map").click(position={"x": 60, "y": 60})
    page.get_by_role("button", name="以此处为起点").click()
    page.wait_for_url(re.compile(r"lat=\d+\.\d{3}&lon=\d+\.\d{3}$"))
    expect(rows(page).first.locator(".far")).to_be_visible()


def test_does_the_wide_map_show_more_and_the_list_come_back(visit: Visiting) -> None:
    page = visit("phone").open("/?theme=science")
    expect(page.locator("#map .pin, #map .cluster").first).to_be_visible()
    before = page.locator("#map").bounding_box()
    page.get_by_role("button", name="放大地图").click()
    expect(page.get_by_role("button", name="看列表")).to_be_visible()
    after = page.locator("#map").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"] * 1.5
    page.evaluate("scrollTo(0, 1500)")
    page.get_by_role("button", name="看列表").dispatch_event("click")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


def test_do_names_of_districts_stand_above_their_areas(visit: Visiting, size: str) -> None:
    page = visit(size).open("/")
    expect(page.locator("#map .district-name").first).to_be_attached()
    levels = page.evaluate("""() => [".district", ".district-name", ".pin, .cluster"].map(
        (one) => Number(getComputedStyle(
            document.querySelector("#map").querySelector(one).closest(".leaflet-map-pane > *")
        ).zIndex))""")
    areas, names_, markers = levels
    assert areas < names_ < markers


def test_are_names_suggested_while_one_types(visit: Visiting, size: str, town: Town) -> None:
    page = visit(size).open("/")
    box = page.get_by_role("combobox", name="名称、地址或拼音")
    box.press_sequentially("cskxg", delay=30)
    option = page.get_by_role("option", name=re.compile(OPEN))
    expect(option).to_be_visible()
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    page.wait_for_url(re.compile(rf"/sites/{town.open}\b"))


def test_does_the_map_fall_back_to_outlines(
    visit: Visiting, own_service: Callable[..., Service]
) -> None:
    service = own_service(TONGYOU_BASEMAP="xyz", TONGYOU_TILES_URL=TILES)
    someone = visit("phone", at=service.base)
    page = someone.open("/")
    expect(page.locator("#map .map-said")).to_contain_text("区县轮廓")
    expect(page.locator("#map path.leaflet-interactive, #map svg path").first).to_be_attached()
    assert on_the_map(page) == rows(page).count()
    assert any("127.0.0.1:9/" in fault for fault in someone.faults)
    someone.forgive("127.0.0.1:9/", "ERR_CONNECTION_REFUSED", "ERR_UNSAFE_PORT")


def test_are_tiles_shown_with_whom_to_thank(
    visit: Visiting, own_service: Callable[..., Service]
) -> None:
    service = own_service(
        TONGYOU_BASEMAP="xyz",
        TONGYOU_TILES_URL="https://tiles.example.org/{z}/{x}/{y}.png",
        TONGYOU_TILES_CRS="gcj02",
        TONGYOU_TILES_ATTRIBUTION="测试底图",
        TONGYOU_MAP_APPROVAL="审图号：测试000号",
    )
    someone = visit("desk", at=service.base)

    def tile(route: Route) -> None:
        route.fulfill(content_type="image/png", body=TILE)

    someone.context.route("https://tiles.example.org/**", tile)
    page = someone.open("/")
    expect(page.locator("#map img.leaflet-tile-loaded").first).to_be_attached()
    for words in ("测试底图", "审图号：测试000号"):
        expect(page.locator("#map").get_by_text(words)).to_be_visible()
        expect(page.locator("#map").get_by_text(words)).to_be_in_viewport()


def test_does_the_line_stand_on_its_map(visit: Visiting, size: str, town: Town) -> None:
    page = visit(size).open(f"/bus/{town.line}?at={MORNING}")
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.locator("#map .stop")).to_have_count(page.locator("li[data-stop]").count())
    expect(page.locator("#map path.bus-line")).to_be_attached()


def test_is_there_no_empty_box_without_scripts(visit: Visiting, size: str) -> None:
    page = visit(size, java_script_enabled=False).open("/")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.get_by_role("button", name="我的位置")).to_be_hidden()
