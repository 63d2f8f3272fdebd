"""Are the office's pages fit for a desk and for a leader's phone, in a real browser?"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests import browser as browsers
from tests.server.progress.test_office_pages import Q2, P, path
from tests.server.progress.town import FIRST
from tests.server.staff.people import Person

PAGES = (
    f"{P}/matrix",
    path(FIRST),
    f"{P}/indicators?period={Q2}",
    f"{P}/indicators/2023/1.1",
    f"{P}/indicators/2023/2.2",
    f"{P}/{Q2}/2/totals",
    f"{P}/periods",
    f"{P}/reminders",
)

pytestmark = pytest.mark.browser


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def seen(browser: Browser, head: Person, size: str, faults: list[str]) -> Iterator[Page]:
    """A page whose questions the office's head asks, with the policy that it comes with."""

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        found = head.client.open(
            f"{asked.path}?{asked.query}",
            method=route.request.method,
            data=route.request.post_data_buffer,
            content_type=route.request.headers.get("content-type"),
            follow_redirects=True,
        )
        route.fulfill(status=found.status_code, body=found.data, headers=dict(found.headers))

    context = browser.new_context(locale="zh-CN", java_script_enabled=False, **browsers.SIZES[size])
    page = context.new_page()
    page.on("console", lambda said: faults.append(said.text))
    page.route("**/*", answer)
    yield page
    context.close()


def test_do_pages_fit_their_screen(seen: Page, faults: list[str]) -> None:
    for each in PAGES:
        seen.goto(f"http://127.0.0.1{each}")
        width = seen.locator("html").evaluate("e => e.scrollWidth")
        assert width <= seen.viewport_size["width"], each  # type: ignore[index]
        assert seen.locator("h1").count() == 1
    assert faults == []


def test_is_a_reason_typed_at_the_field_without_scripts(seen: Page) -> None:
    seen.goto(f"http://127.0.0.1{path(FIRST)}")
    row = seen.locator("tr", has_text="1.1 新改扩建幼儿园")
    row.get_by_text("退回这一栏").click()
    row.get_by_role("textbox").fill("改")
    seen.get_by_role("button", name="退回，看下一件").click()
    assert "每条退回原因应为 2 至 500 字" in seen.get_by_role("alert").inner_text()
    assert (
        seen.locator("tr", has_text="1.1 新改扩建幼儿园").get_by_role("textbox").input_value()
        == "改"
    )
