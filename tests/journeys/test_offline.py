"""Does the phone still have the hotlines, and what it has seen, when the network is gone?"""

import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

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


class SlowRoad(socketserver.ThreadingTCPServer):
    """Passes on what it hears, after a while: ``wait_s`` seconds for what is asked."""

    daemon_threads = True
    wait_s = 0.0

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.port = port


class _Passing(socketserver.BaseRequestHandler):
    server: SlowRoad

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.port)) as service:
            back = threading.Thread(target=_pass_on, args=(service, self.request), daemon=True)
            back.start()
            while asked := self.request.recv(65536):
                time.sleep(self.server.wait_s)
                service.sendall(asked)


def _pass_on(service: socket.socket, visitor: socket.socket) -> None:
    try:
        while told := service.recv(65536):
            visitor.sendall(told)
        visitor.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the visitor has gone


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
    expect(page.locator("#offline")).to_contain_text(re.compile(r"第 \d+ 期数据（20\d\d年"))
    expect(page.locator("#offline h2")).not_to_be_empty()
    assert page.locator("a[href='tel:12355']").first.is_visible()

    page.goto(f"{phone.base}/sites/{town.open}")
    expect(page.get_by_role("heading", level=1)).to_have_text(OPEN)
    phone.forgive("ERR_CONNECTION_REFUSED", "ERR_FAILED")


def test_is_a_page_of_another_day_silent_about_today(phone: Visit, town: Town) -> None:
    page = phone.page
    phone.context.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    page.goto(f"{phone.base}/sites/{town.open}")
    expect(page.locator(".offline-note")).to_contain_text("1 天前，开放时间和班次是")
    expect(page.get_by_role("heading", level=1)).to_have_text(OPEN)
    expect(page.locator(".open-now")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("今天")
    page.goto(phone.base + "/")
    expect(page.locator(".offline-note")).to_contain_text("1 天前，开放时间和班次是")
    expect(page.locator(".facts").first).to_be_attached()
    expect(page.locator(".facts", has_text=re.compile("今天|现在|明天"))).to_have_count(0)
    page.goto(phone.base + "/bus")
    expect(page.locator(".offline-note")).to_be_visible()
    expect(page.locator("main li.bus-line").first).to_be_visible()
    expect(page.locator("main li.bus-line", has_text="今天")).to_have_count(0)
    phone.forgive("ERR_CONNECTION_REFUSED", "ERR_FAILED")


def test_does_the_phone_keep_nothing_of_where_and_what_was_looked_for(visit: Visiting) -> None:
    someone = visit("phone")
    page = someone.open("/")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/bus')")
    for path in (
        "/?q=图书馆",
        "/bus?q=花园",
        "/?lat=36.801&lon=118.051",
        "/reading?bbox=118,36,119,37",
    ):
        someone.open(path)
    someone.open("/about?at=2026-11-24T10:00")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/about')")
    kept = page.evaluate(KEPT.replace("pathname", "search"))
    assert {search for search in kept if re.search("q=|lat=|lon=|bbox=", search)} == set()


@pytest.fixture
def slow(service: Service) -> Iterator[SlowRoad]:
    """The way to the service, which can be made slow."""
    with SlowRoad(service.port) as road:
        threading.Thread(target=road.serve_forever, daemon=True).start()
        yield road
        road.wait_s = 0.0
        road.shutdown()


def test_is_a_slow_network_better_than_none(visit: Visiting, slow: SlowRoad) -> None:
    someone = visit("phone", at=f"http://127.0.0.1:{slow.server_address[1]}")
    page = someone.open("/")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/bus')")
    slow.wait_s = 6.0
    page.goto(f"{someone.base}/about")
    expect(page.get_by_role("heading", level=1)).to_have_text("关于童友图")
    expect(page.locator(".offline-note")).to_have_count(0)
    page.goto(f"{someone.base}/bus?date=2026-11-26")
    expect(page.get_by_role("heading", level=1)).to_have_text("助学专线")
    assert page.url.endswith("?date=2026-11-26")
    page.goto(f"{someone.base}/bus")
    expect(page.locator(".offline-note")).to_contain_text("数据存于")


def test_is_what_is_kept_unasked_renewed(visit: Visiting) -> None:
    someone = visit("phone")
    page = someone.open("/")
    for path in ("/", "/api/v1/bundle"):
        page.wait_for_function(f"async () => (await ({KEPT})()).includes('{path}')")
    ages = """async (path) => {
      await navigator.serviceWorker.ready;
      const seen = (await caches.keys()).find((name) => name.startsWith("seen-"));
      return Date.parse((await (await caches.open(seen)).match(path)).headers.get("Date"));
    }"""
    page.evaluate("""async () => {
      const names = await caches.keys();
      const seen = await caches.open(names.find((name) => name.startsWith("seen-")));
      const old = { headers: { Date: "Mon, 06 Jan 2025 00:00:00 GMT" } };
      for (const path of ["/", "/api/v1/bundle"]) await seen.put(path, new Response("old", old));
    }""")
    someone.open("/about")
    for path in ("/", "/api/v1/bundle"):
        page.wait_for_function(f"async () => (await ({ages})('{path}')) > 1.75e12")


def test_does_what_was_seen_go_with_the_files_that_it_names(visit: Visiting) -> None:
    page = visit("phone").open("/")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('/bus')")
    names = page.evaluate("caches.keys()")
    builds = {name.partition("-")[2] for name in names}
    assert {name.partition("-")[0] for name in names} == {"shell", "seen"}
    assert len(builds) == 1


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
