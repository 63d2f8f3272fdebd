"""Does what an editor puts right reach a parent's phone, through the hands that it must pass?"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from config.settings import Settings
from server.db import db
from tests.browser import Visit, Visiting
from tests.journeys.town import OPEN, Town, found
from tests.server.staff.people import hire
from tests.serving import Service

pytestmark = pytest.mark.browser

PEOPLE = {"bianji": "editor", "shenhe": "reviewer", "fabu": "publisher"}
PHONE = "0533-3181234"


@pytest.fixture(scope="module")
def own_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """What is published here must not move under other people's feet."""
    return found(tmp_path_factory.mktemp("desk") / "instance")


@pytest.fixture(scope="module")
def passwords(own_town: Town) -> dict[str, str]:
    app = create_app(Settings(_env_file=None, instance=own_town.instance, database_url=""))
    known = {login: hire(app, login, role) for login, role in PEOPLE.items()}
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return known


@pytest.fixture(scope="module")
def base(own_town: Town) -> Iterator[str]:
    service = Service(own_town.instance)
    yield service.until_ready().base
    service.kill()


def at_work(visit: Visiting, base: str, login: str, password: str) -> Visit:
    """Somebody signed in to the console, in a browser of their own."""
    person = visit("desk", at=base)
    page = person.open("/staff/")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/staff/overview")
    return person


def position(page: Page, place: str) -> tuple[float, float]:
    shown = page.locator(place)
    lat, lon = (shown.get_attribute(name) for name in ("data-lat", "data-lon"))
    assert lat
    assert lon
    return float(lat), float(lon)


def drag_the_pin(page: Page, right: int, down: int) -> None:
    pin = page.locator(".picker-pin")
    expect(pin).to_be_visible()
    pin.scroll_into_view_if_needed()
    box = pin.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def test_does_a_dragged_pin_arrive_on_a_parent_s_phone(
    visit: Visiting, base: str, own_town: Town, passwords: dict[str, str]
) -> None:
    place = f"/sites/{own_town.open}"
    parent = visit("phone", at=base)
    before = position(parent.open(place), "#map")

    def come(login: str) -> Visit:
        return at_work(visit, base, login, passwords[login])

    page = come("bianji").open(f"/staff/listings/{own_town.open}/edit")
    drag_the_pin(page, 30, 20)
    page.get_by_label("电话", exact=True).fill(PHONE)
    page.get_by_label("改了什么、怎么知道的").fill("现场看过，门在东边")
    page.locator(".form-foot").get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交，等待另一人审核")).to_be_visible()

    page = come("shenhe").open("/staff/review")
    page.get_by_role("link", name=OPEN).first.click()
    expect(page.get_by_text("现场看过，门在东边").first).to_be_visible()
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.locator(".notice[role=status]").first).to_be_visible()
    # Not yet: nobody has published it.
    assert position(parent.open(place), "#map") == before

    page = come("fabu").open("/staff/publishing")
    expect(page.get_by_text(OPEN).first).to_be_visible()
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name=re.compile("^发布第 [0-9]+ 期$")).click()
    expect(page.get_by_text(re.compile("已发布第 [0-9]+ 期"))).to_be_visible(timeout=30_000)

    def moved() -> bool:
        # Pages are good for up to a minute: a parent who looks again asks anew.
        now = position(
            parent.open(f"{place}?at=2026-11-24T10:00:{another_second()}%2B08:00"), "#map"
        )
        return now[0] < before[0] and now[1] > before[1]

    seconds = iter(range(10, 60))

    def another_second() -> int:
        return next(seconds)

    for _ in range(40):
        if moved():
            break
        parent.page.wait_for_timeout(250)
    else:
        pytest.fail("the phone still shows the former place")
    numbers = parent.page.locator("main a[href^='tel:']")
    dialled = [one.get_attribute("href") for one in numbers.all()]
    assert f"tel:{PHONE.replace('-', '')}" in dialled
