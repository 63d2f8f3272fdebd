"""Does what a clerk types into a report outlive network, session and a second clerk?"""

import re
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from app import create_app
from config.settings import Settings
from server.db import db
from tests.browser import Visit, Visiting
from tests.journeys.town import Town
from tests.server.staff.people import hire

pytestmark = pytest.mark.browser

UNIT = "市教育局"
reports = (f"/staff/progress/2023Q{n % 4 + 1}/{(1, 4)[n // 4]}/{quote(UNIT)}" for n in count())
"""Each test has one of its own."""
HANDED_IN, NEXT = (f"/staff/progress/2023Q{n}/7/{quote(UNIT)}" for n in (1, 2))
"""Two quarters of one action."""


@pytest.fixture(scope="session")
def clerks(town: Town) -> dict[str, str]:
    """Passwords of two clerks of one unit, by login."""
    app = create_app(Settings(_env_file=None, instance=town.instance, database_url=""))
    found = {login: hire(app, login, "reporter", unit=UNIT) for login in ("clerk1", "clerk2")}
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return found


KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('tongyou:report'))"


def sign_in(page: Page, login: str, clerks: dict[str, str]) -> None:
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(clerks[login])
    page.get_by_role("button", name="登录", exact=True).click()


def at_the_report(visit: Visit, path: str, login: str, clerks: dict[str, str]) -> Page:
    page = visit.open(f"/staff/?next={path}")
    sign_in(page, login, clerks)
    page.wait_for_url(lambda url: url.endswith(path))
    visit.settle()
    return page


def status(page: Page) -> Any:
    return expect(page.locator("[data-autosave-status]"))


def box(page: Page, name: str) -> Any:
    return page.locator(f'[name="{name}"]')


def kept(page: Page) -> list[str]:
    """What the browser keeps of reports."""
    found: list[str] = page.evaluate(KEPT)
    return found


def test_does_it_outlive_a_network_that_is_away_and_a_reload(
    visit: Visiting, size: str, clerks: dict[str, str]
) -> None:
    clerk, path = visit(size), next(reports)
    page = at_the_report(clerk, path, "clerk1", clerks)
    box(page, "progress").fill("网络好的时候写的")
    status(page).to_have_text(re.compile(r"已自动保存 \d\d:\d\d"))
    clerk.context.set_offline(True)
    box(page, "progress").fill("网络断了以后写的")
    box(page, "problems").fill("也是断了以后")
    status(page).to_contain_text("有 2 处还没有送到服务器，先留在这台电脑上（网络断了）")
    expect(box(page, "problems")).to_have_attribute("data-waiting", "")
    # The page is there again before the network is whole.
    clerk.context.route("**/draft", lambda route: route.abort())
    clerk.context.set_offline(False)
    clerk.forgive("ERR_INTERNET_DISCONNECTED")
    page.reload()
    expect(box(page, "progress")).to_have_value("网络断了以后写的")
    expect(box(page, "problems")).to_have_value("也是断了以后")
    status(page).to_contain_text("有 2 处还没有送到服务器")
    clerk.context.unroute("**/draft")
    clerk.forgive("ERR_FAILED", "draft", "ERR_INTERNET_DISCONNECTED")
    page.evaluate("dispatchEvent(new Event('online'))")
    status(page).to_have_text(re.compile(r"已自动保存"))
    expect(box(page, "problems")).not_to_have_attribute("data-waiting", "")
    assert kept(page) == []
    clerk.open(path)
    expect(box(page, "progress")).to_have_value("网络断了以后写的")


def test_does_it_outlive_a_session_that_is_over(visit: Visiting, clerks: dict[str, str]) -> None:
    clerk, path = visit("desk"), next(reports)
    page = at_the_report(clerk, path, "clerk1", clerks)
    clerk.context.clear_cookies()
    box(page, "next_steps").fill("退出登录以后写的")
    status(page).to_contain_text("有 1 处还没有送到服务器，先留在这台电脑上（登录已过期")
    clerk.forgive("status of 401")
    page.get_by_role("link", name="重新登录").click()
    # Somebody else at the same computer sees nothing of it.
    sign_in(page, "clerk2", clerks)
    page.wait_for_url(lambda url: url.endswith(path))
    clerk.settle()
    expect(box(page, "next_steps")).to_have_value("")
    page.get_by_role("button", name="退出").click()
    page = at_the_report(clerk, path, "clerk1", clerks)
    expect(box(page, "next_steps")).to_have_value("退出登录以后写的")
    expect(page.get_by_text("已经从这台电脑上找回")).to_be_visible()
    status(page).to_have_text(re.compile(r"已自动保存"))
    assert kept(page) == []


def test_are_two_who_type_at_once_told_and_nothing_is_swallowed(
    visit: Visiting, clerks: dict[str, str]
) -> None:
    path = next(reports)
    one = at_the_report(visit("desk"), path, "clerk1", clerks)
    second = visit("desk")
    other = at_the_report(second, path, "clerk2", clerks)
    box(one, "progress").fill("第一人写的")
    box(one, "problems").fill("第一人的问题")
    status(one).to_have_text(re.compile(r"已自动保存"))
    box(other, "progress").fill("第二人写的")
    choice = other.get_by_role("group", name=re.compile("您都改了的地方"))
    expect(choice).to_be_visible()
    second.forgive("status of 412")
    expect(box(other, "problems")).to_have_value("第一人的问题")
    expect(box(other, "progress")).to_have_value("第二人写的")
    # Nothing is decided by going away and coming back.
    other.reload()
    expect(choice).to_be_visible()
    assert len(kept(other)) == 1
    choice.get_by_role("button", name="用我填的：第二人写的").click()
    status(other).to_have_text(re.compile(r"已自动保存"))
    assert kept(other) == []
    one.reload()
    expect(box(one, "progress")).to_have_value("第二人写的")
    expect(box(one, "problems")).to_have_value("第一人的问题")


def test_is_an_undecided_choice_asked_again_after_a_reload_and_when_sent(
    visit: Visiting, clerks: dict[str, str]
) -> None:
    path = next(reports)
    one = at_the_report(visit("desk"), path, "clerk1", clerks)
    second = visit("desk")
    other = at_the_report(second, path, "clerk2", clerks)
    box(one, "progress").fill("第一人写的")
    status(one).to_have_text(re.compile(r"已自动保存"))
    box(other, "progress").fill("第二人写的")
    choice = other.get_by_role("group", name=re.compile("都改了的地方"))
    expect(choice).to_be_visible()
    other.reload()
    expect(choice).to_be_visible()
    expect(box(other, "progress")).to_have_value("第二人写的")
    other.locator(".form-foot").get_by_role("button", name="保存草稿").click()
    expect(other.get_by_text("请在每一处不同里选定一个")).to_be_visible()
    second.forgive("status of 412", "status of 409")
    # Nor does a script send what is undecided along with something else.
    box(other, "problems").fill("第二人的问题")
    other.get_by_role("radio", name=re.compile("第一人写的")).check()
    other.locator(".form-foot").get_by_role("button", name="保存草稿").click()
    expect(other.get_by_text("草稿已保存")).to_be_visible()
    expect(box(other, "progress")).to_have_value("第一人写的")
    expect(box(other, "problems")).to_have_value("第二人的问题")
    assert kept(other) == []


def test_does_a_report_get_handed_in(visit: Visiting, script: bool, clerks: dict[str, str]) -> None:
    clerk, path = visit("phone", java_script_enabled=script), next(reports)
    page = at_the_report(clerk, path, "clerk1", clerks)
    hand_in_nothing(clerk, page)
    if script:
        page.wait_for_function(f"{KEPT}.length === 0")


def hand_in_nothing(clerk: Visit, page: Page) -> None:
    page.get_by_label("本季度无进展").check()
    expect(page.get_by_text("落实情况").first).to_be_hidden()
    page.locator(".form-foot").get_by_role("button", name="提交").click()
    expect(page.get_by_text("还不能提交")).to_be_visible()
    clerk.forgive("status of 422")
    page.get_by_role("link", name="无进展的原因").click()
    page.get_by_label("无进展的原因").fill("等待上级文件")
    page.get_by_label("填报人", exact=True).fill("张三（示例）")
    page.get_by_label("单位负责人").fill("李四（示例）")
    page.locator(".form-foot").get_by_role("button", name="提交").click()
    expect(page.get_by_text(re.compile("已提交第 1 版"))).to_be_visible()


def test_does_a_look_at_the_next_quarter_leave_it_not_started(
    visit: Visiting, clerks: dict[str, str]
) -> None:
    clerk = visit("desk")
    page = at_the_report(clerk, HANDED_IN, "clerk1", clerks)
    hand_in_nothing(clerk, page)
    page.wait_for_function(f"{KEPT}.length === 0")
    clerk.open(NEXT)
    expect(page.get_by_label("填报人", exact=True)).to_have_value("张三（示例）")
    page.evaluate("dispatchEvent(new Event('online')); dispatchEvent(new Event('pagehide'))")
    clerk.open("/staff/progress/")
    assert kept(page) == []
    clerk.open(NEXT)
    expect(page.get_by_text("已经从这台电脑上找回")).to_have_count(0)
    expect(page.locator("form[data-report]")).to_have_attribute("data-edit", "0")
