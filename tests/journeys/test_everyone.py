"""Can everyone use it: by keyboard, with large type, on paper?"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Visiting
from tests.journeys.steps import expect_chosen, rows
from tests.journeys.town import MORNING, OPEN, Town

pytestmark = pytest.mark.browser

SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  // A link that fills its card marks the card, by its ::after.
  const styles = [null, "::after"].map((part) => getComputedStyle(one, part));
  return {
    what: one.textContent.trim().slice(0, 20) || one.name || one.tagName,
    marked: styles.some((style) => style.outlineStyle !== "none"),
    there: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth + 1 &&
  [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 8)"""

LARGER = "(size) => { document.documentElement.style.fontSize = `${size}%` }"


def press_until(page: Page, key: str, selector: str) -> None:
    """Press a key until what is looked for has the focus; the focus must be seen all the way."""
    for _ in range(80):
        page.keyboard.press(key)
        page.wait_for_timeout(30)
        seen = page.evaluate(SEEN)
        assert seen["marked"], seen
        assert seen["there"], seen
        if page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"{selector} never had the focus")


def test_does_the_keyboard_alone_find_a_place(visit: Visiting, script: bool, town: Town) -> None:
    page = visit("desk", java_script_enabled=script).open(f"/?at={MORNING}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    press_until(page, "Tab", "#f-q")
    page.keyboard.type("cskxg")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=cskxg"))
    expect(rows(page).first).to_have_attribute("data-name", OPEN)
    page.locator("#f-q").focus()
    press_until(page, "Tab", f"#place-{town.open} a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(OPEN)


def test_do_menus_open_by_keyboard(visit: Visiting, script: bool) -> None:
    page = visit("desk", java_script_enabled=script).open(f"/?at={MORNING}")
    page.locator("#f-q").focus()
    press_until(page, "Tab", "details.menu summary")
    page.keyboard.press("Enter")
    press_until(page, "Tab", "details.menu[open] a")
    press_until(page, "Tab", "details.menu[open] li:nth-child(8) a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"age=6\b"))
    expect_chosen(page, "6 岁")


@pytest.mark.parametrize(
    ("width", "height", "type_size"),
    [(390, 844, 100), (1280, 800, 100), (640, 400, 100), (320, 640, 100), (390, 844, 200)],
    ids=["phone", "desk", "desk at 200 %", "desk at 400 %", "phone with type at 200 %"],
)
def test_is_nothing_wider_than_the_screen(
    visit: Visiting, town: Town, width: int, height: int, type_size: int
) -> None:
    someone = visit("phone", viewport={"width": width, "height": height})
    wide = {}
    pages = {
        f"/?at={MORNING}": 200,
        f"/?open=now&age=6&theme=science&q=cs&at={MORNING}": 200,
        f"/sites/{town.open}": 200,
        f"/sites/{town.nasty}": 200,
        f"/sites/{town.retired}": 410,
        "/bus?q=%E4%B8%96%E7%BA%AA%E8%8A%B1%E5%9B%AD": 200,
        f"/bus/{town.line}?at={MORNING}": 200,
        "/hotlines": 200,
        "/reports?receipt=AAAAA-AAAAA": 404,
        "/about": 200,
        "/no-such-page": 404,
    }
    for path, status in pages.items():
        page = someone.open(path, status)
        page.evaluate(LARGER, type_size)
        if told := page.evaluate(TOO_WIDE):
            wide[path] = told
    assert wide == {}


def test_is_a_list_fit_to_print(visit: Visiting) -> None:
    page = visit("desk").open(f"/?open=now&theme=science&age=6&at={MORNING}")
    page.emulate_media(media="print")
    expect(rows(page).get_by_text(OPEN)).to_be_visible()
    for selector in ("#map", "nav.chips", "#search", ".top .nav"):
        expect(page.locator(selector)).to_be_hidden()
    expect(page.locator("a[href='tel:12355']")).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_does_nothing_move_for_those_who_ask_for_it(visit: Visiting, size: str) -> None:
    page = visit(size, reduced_motion="reduce").open(f"/?at={MORNING}")
    expect(page.locator("#map .cluster").first).to_be_visible()
    moving = page.evaluate(
        """() => document.getAnimations().filter((one) => one.playState === "running").length"""
    )
    assert moving == 0
