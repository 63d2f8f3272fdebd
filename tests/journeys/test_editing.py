"""Does a member of staff's text survive what happens to browsers, and become a submission?"""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from config.settings import Settings
from server.db import db
from tests.browser import Visit, Visiting
from tests.journeys.town import OPEN, Town
from tests.server.staff.people import hire

pytestmark = pytest.mark.browser

numbers, times = count(1), count(1)


@pytest.fixture(scope="session")
def passwords(town: Town) -> dict[str, str]:
    """Editors of the town, by login; each test takes one of its own."""
    app = create_app(Settings(_env_file=None, instance=town.instance, database_url=""))
    logins = [f"editor{n}" for n in range(1, 9)]
    found = {login: hire(app, login, "editor") for login in logins}
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return found


@pytest.fixture
def editor(visit: Visiting, size: str, passwords: dict[str, str]) -> Visit:
    """An editor signed in, on either size of screen."""
    return signed_in(visit(size), passwords)


def signed_in(visit: Visit, passwords: dict[str, str]) -> Visit:
    login = f"editor{next(numbers)}"
    page = visit.open("/staff/")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(passwords[login])
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/staff/overview")
    return visit


def form_of(visit: Visit, id_: int) -> Page:
    return visit.open(f"/staff/listings/{id_}/edit")


def press(page: Page, button: str) -> None:
    page.locator(".form-foot").get_by_role("button", name=button).click()


def test_does_what_was_typed_survive_a_network_that_is_away(editor: Visit, town: Town) -> None:
    page = form_of(editor, town.open)
    introduction = page.get_by_label("介绍")
    introduction.fill("网络好的时候写的")
    expect(page.locator("[data-autosave-status]")).to_contain_text(
        re.compile(r"已自动保存 \d\d:\d\d")
    )
    editor.context.set_offline(True)
    introduction.fill("网络断了以后写的")
    expect(page.locator("[data-autosave-status]")).to_contain_text("网络断了，内容留在这台设备上")
    editor.context.set_offline(False)
    expect(page.locator("[data-autosave-status]")).to_contain_text("已自动保存")
    editor.forgive("ERR_INTERNET_DISCONNECTED")
    # Somewhere else, the same person is offered what was not saved.
    page = form_of(editor, town.open)
    page.get_by_role("link", name="继续编辑").click()
    expect(page.get_by_label("介绍")).to_have_value("网络断了以后写的")
    page.get_by_role("button", name="放弃未保存的内容").scroll_into_view_if_needed()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="放弃未保存的内容").click()
    expect(page.get_by_text("没有保存的内容已经放弃")).to_be_visible()
    page = form_of(editor, town.open)
    expect(page.get_by_label("介绍")).to_have_value("")


def test_is_what_only_this_device_has_offered_when_the_form_is_opened(
    editor: Visit, town: Town
) -> None:
    page = form_of(editor, town.nasty)
    editor.context.route("**/working-copy", lambda route: route.abort())
    page.get_by_label("收费说明").fill("只在这台设备上")
    expect(page.locator("[data-autosave-status]")).to_contain_text("内容留在这台设备上")
    editor.context.unroute("**/working-copy")
    editor.forgive("working-copy", "ERR_FAILED")
    page = form_of(editor, town.nasty)
    expect(page.get_by_label("收费说明")).to_have_value("")
    page.get_by_role("button", name="继续编辑").click()
    expect(page.get_by_label("收费说明")).to_have_value("只在这台设备上")
    # It is the server's then, and this device keeps nothing.
    expect(page.locator("[data-autosave-status]")).to_contain_text("已自动保存")
    assert (
        page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('tongyou:form'))") == []
    )


def test_does_an_edit_become_a_draft_and_a_submission(
    visit: Visiting, size: str, script: bool, passwords: dict[str, str], town: Town
) -> None:
    editor = signed_in(visit(size, java_script_enabled=script), passwords)
    page = form_of(editor, town.open)
    page.get_by_label("收费说明").fill(f"第 {next(times)} 次写")
    page.get_by_label("电话", exact=True).fill("打前台")
    press(page, "保存草稿")
    expect(page.get_by_text("还没有保存")).to_be_visible()
    editor.forgive("status of 422")
    # The list of mistakes leads to the input.
    page.get_by_role("link", name="电话", exact=True).click()
    phone = page.get_by_label("电话", exact=True)
    expect(phone).to_have_value("打前台")
    expect(phone).to_have_attribute("aria-invalid", "true")
    phone.fill("（0533）2164568")
    press(page, "保存草稿")
    expect(page.get_by_role("heading", level=1, name=OPEN)).to_be_visible()
    expect(page.get_by_text("已保存为草稿")).to_be_visible()
    assert "saved=" not in page.url or not script
    page.get_by_role("link", name="编辑", exact=True).click()
    press(page, "提交审核")
    expect(page.get_by_text("已提交，等待另一人审核")).to_be_visible()
    page.get_by_role("button", name="撤回到草稿").click()
    expect(page.get_by_text("已撤回到草稿")).to_be_visible()
