"""Does the phone still have the hotlines, and what it has seen, when the network is gone?"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import Visit, Visiting
from tests.journeys.town import OPEN, Town
from tests.serving import Service

pytestmark = pytest.mark.browser

KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const paths = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      paths.push(new URL(request.url).pathname);
  return paths;
}"""


@pytest.fixture
def phone(visit: Visiting, own_service: Callable[..., Service], town: Town) -> Visit:
    """A phone that has seen the list and one place, and has lost the network since."""
    service = own_service()
    someone = visit("phone", at=service.base)
    page = someone.open("/")
    for path in ("/hotlines", "/offline", "/", "/bus", "/api/v1/bundle"):
        page.wait_for_function(f"async () => (await ({KEPT})()).includes('{path}')")
    someone.open(f"/sites/{town.open}")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/sites/{town.open}')")
    service.kill()
    # An answer of the last minute would still count as fresh: let the minute be over.
    someone.context.new_cdp_session(page).send("Network.clearBrowserCache")
    return someone


def test_what_stands_without_network(phone: Visit, town: Town) -> None:
    page = phone.page
    for path in ("/hotlines", "/", "/bus", f"/sites/{town.open}"):
        page.goto(phone.base + path)
        note = page.locator(".offline-note")
        expect(note, path).to_contain_text("离线：数据存于")
        assert page.locator("a[href='tel:12355']").first.is_visible(), path

    page.goto(f"{phone.base}/sites/{town.known}")
    expect(page.locator("#offline")).to_contain_text("没有网络")
    expect(page.locator("#offline h2")).not_to_be_empty()
    assert page.locator("a[href='tel:12355']").first.is_visible()

    page.goto(f"{phone.base}/sites/{town.open}")
    expect(page.get_by_role("heading", level=1)).to_have_text(OPEN)
    phone.forgive("ERR_CONNECTION_REFUSED", "ERR_FAILED")


def test_does_the_phone_keep_no_sign_of_asking_for_help(visit: Visiting) -> None:
    someone = visit("phone")
    page = someone.open("/")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/hotlines')")
    before = page.evaluate(KEPT)
    someone.open("/hotlines")
    someone.open("/about")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/about')")
    after = page.evaluate(KEPT)
    assert after.count("/hotlines") == before.count("/hotlines") == 1
