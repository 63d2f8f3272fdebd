"""Do the inputs of a place's form help whoever fills it in: map, hours, photos?"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import create_app
from config.settings import Settings
from geo.crs import convert
from geo.sphere import distance_m
from server import accounts
from server.db import db
from server.revisions import writing
from tests.browser import Visit, Visiting
from tests.journeys.town import Town
from tests.server.snapshots import as_bytes, two_halves, with_gps

pytestmark = pytest.mark.browser

LON, LAT = 118.0478, 36.8067

_numbers = itertools.count(1)


class Editor(NamedTuple):
    """Who edits, and where."""

    login: str
    password: str
    form: str


@pytest.fixture(scope="module")
def office(town: Town) -> Iterator[Flask]:
    """Where people are hired for the town's service."""
    app = create_app(Settings(_env_file=None, instance=town.instance, database_url=""))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def editor(office: Flask, town: Town) -> Editor:
    """Somebody new, to whom no unsaved form is offered."""
    login = f"qudian{next(_numbers)}"
    # The service writes meanwhile, too.
    with office.app_context(), writing(db.session):
        _, password = accounts.create_account(login, "editor", "取点的人")
    return Editor(login, password, f"/staff/listings/{town.open}/edit")


def at_the_form(visit: Visit, editor: Editor) -> Page:
    """Sign in and open the form."""
    page = visit.page
    visit.open("/staff/")
    page.get_by_label("登录名").fill(editor.login)
    page.get_by_label("密码").fill(editor.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/staff/overview")
    visit.open(editor.form)
    return page


def position(page: Page) -> tuple[float, float]:
    """What the inputs say."""
    lon, lat = (page.locator(f"#f-{name}").input_value() for name in ("lon", "lat"))
    return float(lon), float(lat)


def settle(page: Page) -> None:
    """Wait until the readings of the present position are told."""
    expect(page.locator(".picker-readings li").first).to_be_visible()


@pytest.fixture
def form(visit: Visiting, size: str, editor: Editor) -> Iterator[Page]:
    someone = visit(size)
    yield at_the_form(someone, editor)
    # What can't be read is refused; a browser notes that down.
    someone.forgive("status of 422")


def test_do_pin_and_inputs_keep_in_step(form: Page) -> None:
    pin = form.locator(".picker-pin")
    expect(pin).to_be_visible()
    before = position(form)
    pin.scroll_into_view_if_needed()
    box = pin.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    form.mouse.move(*middle)
    form.mouse.down()
    form.mouse.move(middle[0] + 40, middle[1] + 20, steps=4)
    form.mouse.up()
    dragged = position(form)
    assert dragged[0] > before[0]
    assert dragged[1] < before[1]
    # The keys move it, too.
    pin.focus()
    form.keyboard.press("ArrowUp")
    expect(form.locator("#f-lat")).not_to_have_value(str(dragged[1]))
    assert position(form)[1] > dragged[1]
    # And what is typed moves the pin back.
    form.locator("#f-lon").fill(str(before[0]))
    form.locator("#f-lat").fill(str(before[1]))
    settle(form)


def test_is_a_pasted_position_read_and_a_wrong_system_seen(form: Page) -> None:
    expect(form.locator(".picker-pin")).to_be_visible()
    paste = form.get_by_label("粘贴坐标或地图链接")
    paste.fill(f"北纬{LAT} 东经{LON}")
    form.get_by_role("button", name="读取").click()
    expect(form.locator("#f-lon")).to_have_value(str(LON))
    assert position(form) == (LON, LAT)
    readings = form.locator(".picker-readings li")
    expect(readings).to_have_count(2)
    expect(readings.first).to_contain_text(
        re.compile(r"若是腾讯、高德、微信（GCJ-02），则在 \d{3} 米外")
    )
    # A link says by itself what it speaks.
    x, y = convert(LON, LAT, "wgs84", "bd09")
    paste.fill(f"https://api.map.baidu.com/marker?location={y:.6f},{x:.6f}")
    paste.press("Enter")
    expect(form.locator("#f-crs")).to_have_value("bd09")
    expect(form.locator("[data-picker-told]")).to_contain_text("百度")
    lon, lat = convert(*position(form), "bd09", "wgs84")
    assert distance_m(lon, lat, LON, LAT) < 1
    assert "/edit" in form.url


def test_are_swapped_and_foreign_positions_told(form: Page) -> None:
    expect(form.locator(".picker-pin")).to_be_visible()
    paste, told = form.get_by_label("粘贴坐标或地图链接"), form.locator("[data-picker-told]")
    paste.fill(f"lat={LON}&lon={LAT}")
    paste.press("Enter")
    expect(told).to_contain_text("写反了")
    assert position(form) == (LON, LAT)
    paste.fill("116.397, 39.909")
    paste.press("Enter")
    expect(told).to_contain_text("不在淄博市范围内")
    paste.fill("张店区")
    paste.press("Enter")
    expect(told).to_contain_text("没有看懂")


def test_are_the_next_days_shown_while_hours_are_typed(form: Page) -> None:
    text, shown = form.locator("#f-opening_hours"), form.locator("[data-hours-preview]")
    text.fill("Mo-Su 10:00-16:00")
    expect(shown.locator("tr")).to_have_count(14)
    expect(shown).to_contain_text("10:00–16:00")
    text.fill("Mo-Fr 9点")
    expect(shown).to_contain_text("看不懂")
    expect(shown.locator("mark")).to_have_text("9点")
    form.get_by_role("button", name="周一闭馆").click()
    expect(text).to_have_value("Tu-Su 09:00-17:00; Mo off")
    expect(shown).to_contain_text("不开放")


def test_does_the_table_write_the_expression(form: Page) -> None:
    text = form.locator("#f-opening_hours")
    text.fill("Tu-Su 09:00-17:00; Mo off")
    form.get_by_text("用表格填写").click()
    expect(form.get_by_label("周一", exact=True)).to_have_value("off")
    expect(form.get_by_label("周二结束", exact=True)).to_have_value("17:00")
    form.get_by_label("周六结束", exact=True).fill("20:00")
    form.get_by_label("周六结束", exact=True).blur()
    expect(text).to_have_value("Tu-Fr,Su 09:00-17:00; Sa 09:00-20:00; Mo off")
    form.get_by_label("节假日", exact=True).select_option("off")
    expect(text).to_have_value("Tu-Fr,Su 09:00-17:00; Sa 09:00-20:00; Mo off; PH off")
    text.fill("Mar-Oct Mo-Su 09:00-18:00")
    expect(form.get_by_text("写法比表格能表示的细")).to_be_visible()


def test_are_photos_uploaded_described_and_put_in_order(form: Page) -> None:
    album = form.locator("[data-photos]")
    pick = album.locator("input[type=file]")
    good = {"name": "门.jpg", "mimeType": "image/jpeg", "buffer": with_gps()}
    other = {
        "name": "厅.png",
        "mimeType": "image/png",
        "buffer": as_bytes(two_halves(700, 500), "PNG"),
    }
    pick.set_input_files(good)
    expect(album.locator("[data-photo-told]")).to_contain_text("请先勾选")
    album.locator("[data-photo-consent]").check()
    pick.set_input_files([good, other])
    rows = album.locator("li[data-photo]")
    expect(rows).to_have_count(2, timeout=30_000)
    assert rows.nth(0).locator("img").evaluate("img => img.complete && img.naturalWidth") == 320
    rows.nth(0).get_by_label("照片里有什么").fill("正门")
    rows.nth(1).get_by_label("照片里有什么").fill("展厅")
    rows.nth(1).get_by_role("button", name="前移").click()
    expect(rows.nth(0).get_by_label("照片里有什么")).to_have_value("展厅")
    bad = {"name": "图.jpg", "mimeType": "image/jpeg", "buffer": b"<svg onload=alert(1)>"}
    pick.set_input_files(bad)
    expect(album.locator("[data-photo-told]")).to_contain_text("不是能用的照片", timeout=30_000)
    expect(rows).to_have_count(2)


def test_works_the_form_without_scripts(visit: Visiting, editor: Editor) -> None:
    someone = visit("phone", java_script_enabled=False)
    page = at_the_form(someone, editor)
    for name in ("lon", "lat", "crs", "opening_hours"):
        expect(page.locator(f"#f-{name}")).to_be_visible()
    expect(page.get_by_label("粘贴坐标或地图链接")).to_be_hidden()
    page.locator("#f-opening_hours").fill("Mo-Su 10:00-16:00")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="预览今后 14 天").click()
    expect(opened.value.locator("table.week tr")).to_have_count(15)
