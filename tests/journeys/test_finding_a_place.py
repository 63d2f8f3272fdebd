"""Does a parent find where to go, and can it be passed on?"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import Visit, Visiting
from tests.journeys.steps import choose, expect_chosen, names, rows, search, switch
from tests.journeys.town import CLOSED, MORNING, OPEN, Town
from tests.server.pages import NASTY

pytestmark = pytest.mark.browser


def test_is_an_open_science_place_for_six_found(parent: Visit, town: Town) -> None:
    page = parent.open(f"/?at={MORNING}")
    assert len(names(page)) > 100
    switch(page, "现在开放")
    choose(page, "主题", "科学探索")
    choose(page, "年龄", "6 岁")
    expect(rows(page)).to_have_count(1)
    assert names(page) == [OPEN]
    assert "1 个地点" in page.locator("#results-title").inner_text()

    rows(page).get_by_role("link", name=OPEN).click()
    page.wait_for_url(re.compile(rf"/sites/{town.open}\b"))
    expect(page.get_by_role("heading", level=1)).to_have_text(OPEN)
    assert "4–12" in page.get_by_role("main").inner_text()
    assert page.locator("a[href='tel:05332164568']").is_visible()
    for host in ("apis.map.qq.com", "uri.amap.com", "api.map.baidu.com", "maps.apple.com"):
        assert page.locator(f"a[href^='https://{host}/']").is_visible(), host


def test_do_initials_find(parent: Visit) -> None:
    page = parent.open("/")
    search(page, "cskxg")
    page.wait_for_url(re.compile(r"[?&]q=cskxg"))
    expect(rows(page).first).to_have_attribute("data-name", OPEN)


def test_does_a_shared_link_open_the_same(visit: Visiting, script: bool) -> None:
    sender = visit("phone", java_script_enabled=script)
    page = sender.open(f"/?at={MORNING}")
    switch(page, "免费")
    choose(page, "主题", "科学探索")
    expect(rows(page)).to_have_count(2)
    sent = names(page)
    assert set(sent) == {OPEN, CLOSED}
    receiver = visit("desk", java_script_enabled=script)
    opened = receiver.open(sender.path)
    assert names(opened) == sent
    expect_chosen(opened, "免费", "科学探索")


def test_does_back_undo_a_filter(parent: Visit) -> None:
    page = parent.open(f"/?at={MORNING}")
    before = names(page)
    switch(page, "免费")
    expect(rows(page)).to_have_count(2)
    choose(page, "主题", "科学探索")
    page.go_back()
    expect_chosen(page, "免费")
    page.go_back()
    expect_chosen(page)
    assert names(page) == before
    page.go_forward()
    expect_chosen(page, "免费")


def test_does_back_from_a_place_lead_to_the_same_list(parent: Visit) -> None:
    page = parent.open(f"/?open=now&theme=science&at={MORNING}")
    before = names(page)
    rows(page).get_by_role("link", name=OPEN).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(OPEN)
    page.go_back()
    expect(rows(page)).to_have_count(len(before))
    assert names(page) == before


def test_does_an_empty_result_help_out_of_itself(parent: Visit) -> None:
    page = parent.open(f"/?q=cskxg&theme=sports&at={MORNING}")
    assert "没有符合条件" in page.locator("#results-title").inner_text()
    page.get_by_role("link", name="不要求“体育运动”").click()
    expect(rows(page).first).to_have_attribute("data-name", OPEN)


def test_are_hostile_names_shown_and_never_run(parent: Visit, town: Town) -> None:
    dialogs: list[str] = []
    parent.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page = parent.open("/")
    link = page.locator(f"#place-{town.nasty}").get_by_role("link")
    assert link.inner_text() == NASTY
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NASTY)
    assert "<img src=x onerror=alert(1)>" in page.get_by_role("main").inner_text()
    parent.open("/?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22'")
    assert dialogs == []


def test_does_a_retired_place_say_so_and_name_others(parent: Visit, town: Town) -> None:
    page = parent.open(f"/sites/{town.retired}", 410)
    text = page.get_by_role("main").inner_text()
    assert "已从地图撤下" in text
    assert "测试：场馆改造" in text
    page.locator("ol.places").get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/sites/\d+"))
