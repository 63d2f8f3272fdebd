"""Does the form of a line do what it promises: pins to drag, times to paste, mistakes told?"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from config.settings import Settings
from server import accounts
from server.db import db
from tests.browser import Visit, Visiting
from tests.journeys.town import Town

LOGIN = "line-editor"


@pytest.fixture(scope="module")
def password(town: Town) -> str:
    app = create_app(Settings(_env_file=None, instance=town.instance, database_url=""))
    with app.app_context():
        _, password = accounts.create_account(LOGIN, "reviewer", "编线路的人")
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return password


@pytest.fixture
def editor(visit: Visiting, password: str, town: Town) -> Callable[[str], Visit]:
    """A function that opens the form of the town's line at a size, signed in."""

    def opened(size: str) -> Visit:
        visitor = visit(size)
        page = visitor.open("/staff/")
        page.get_by_label("登录名").fill(LOGIN)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        visitor.settle()
        visitor.open(f"/staff/lines/{town.line}/edit")
        return visitor

    return opened


def field(page: Page, name: str) -> str:
    return page.locator(f'[name="{name}"]').input_value()


def paste(page: Page, name: str, text: str) -> None:
    """What Ctrl+V does with a block that a spreadsheet has put on the clipboard."""
    page.locator(f'[name="{name}"]').evaluate(
        """(input, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const how = { bubbles: true, cancelable: true, clipboardData };
            input.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )


def test_does_a_dragged_pin_move_its_stop(editor: Callable[[str], Visit]) -> None:
    page = editor("desk").page
    pin = page.locator(".stops-map .stop").first
    expect(pin).to_be_visible()
    pin.scroll_into_view_if_needed()
    before = field(page, "stop.0.lon"), field(page, "stop.0.lat")
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=5)
    page.mouse.up()
    after = field(page, "stop.0.lon"), field(page, "stop.0.lat")
    assert float(after[0]) > float(before[0])
    assert float(after[1]) < float(before[1])
    assert re.fullmatch(r"\d+\.\d{6}", after[0])


def test_does_a_tap_on_the_map_add_a_stop(editor: Callable[[str], Visit]) -> None:
    page = editor("phone").page
    rows = page.locator("[data-stop-row]").count()
    stage = page.locator(".stops-map")
    expect(stage).to_be_visible()
    stage.scroll_into_view_if_needed()
    stage.tap(position={"x": 12, "y": 150})
    expect(page.locator(f'[name="stop.{rows - 1}.lon"]')).not_to_have_value("")
    expect(page.locator(f'[name="stop.{rows - 1}.name"]')).to_be_focused()


def test_does_a_block_of_times_land_where_it_is_pasted(editor: Callable[[str], Visit]) -> None:
    page = editor("desk").page
    paste(page, "t.to_school.0.0", "06:41\t06:51\n06:45\t约06:55\n")
    assert field(page, "t.to_school.0.0") == "06:41"
    assert field(page, "t.to_school.1.1") == "约06:55"
    page.locator('[name="t.to_school.1.1"]').press("~")
    assert field(page, "t.to_school.1.1") == "06:55"
    page.locator('[name="t.to_school.1.1"]').press("ArrowUp")
    expect(page.locator('[name="t.to_school.0.1"]')).to_be_focused()


def test_does_a_block_that_is_too_large_make_room(editor: Callable[[str], Visit]) -> None:
    visitor = editor("desk")
    page = visitor.page
    columns = page.locator('table[data-times="to_school"] tbody tr').first.locator(".time").count()
    paste(page, "t.to_school.0.0", "\t".join(["07:00"] * (columns + 2)) + "\n07:05")
    expect(page.locator(f'[name="t.to_school.0.{columns + 1}"]')).to_have_value("07:00")
    assert field(page, "t.to_school.1.0") == "07:05"


def test_is_a_mistake_told_while_typing(editor: Callable[[str], Visit]) -> None:
    page = editor("desk").page
    cell = page.locator('[name="t.to_school.1.0"]')
    right = cell.input_value()
    cell.fill("六点")
    told = page.locator("#checked")
    expect(told).to_contain_text("上学第 2 站第 1 班：时刻应写成")
    expect(cell).to_have_attribute("aria-invalid", "true")
    cell.fill(right)
    expect(told).not_to_contain_text("处要改")
    expect(page.locator('[data-checked="days"]')).to_contain_text("照这样填，今后 14 天")
    expect(cell).not_to_have_attribute("aria-invalid", "true")
    assert cell.input_value() == right


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_is_the_form_saved_with_and_without_a_script(
    visit: Visiting, editor: Callable[[str], Visit], size: str
) -> None:
    visitor = editor(size)
    page = visitor.page
    fare = page.get_by_label("票价")
    fare.fill(f"测试票价 {size}")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("status").first).to_contain_text("草稿已保存")
    assert page.get_by_label("票价").input_value() == f"测试票价 {size}"
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
