"""Chromium as the tests use it: found or brought, and whatever it complains of is a failure."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
SIZES = {"phone": PHONE, "desk": DESK}

FLAGS = [
    "--no-sandbox",  # tests run as root in a container, and open nothing but our own pages
    "--disable-gpu",
    "--disable-background-networking",
    # Our pages need nobody: a request to anyone else fails, and a failed request is a failure.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PACKAGES = ("chromium", "fonts-noto-cjk")


def find() -> Path | None:
    """The browser that this machine has."""
    found = [path for path in map(shutil.which, _NAMES) if path]
    return Path(found[0]) if found else None


def obtain() -> Path:
    """The browser of this machine, installed from Debian if there is none and we may.

    Without one, tests are skipped with the reason; where ``CI`` is set, they fail.
    """
    browser = find() or _install()
    if browser is not None:
        return browser
    told = f"没有浏览器：请先运行 sudo apt install {' '.join(_PACKAGES)}"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)


def _install() -> Path | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    # Another test process may be at it: apt waits for its turn.
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    install = [*apt, "install", "--yes", "--no-install-recommends", *_PACKAGES]
    for command in ([*apt, "update"], install):
        subprocess.run(
            command,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            check=False,
            timeout=400,
        )
    return find()


@contextmanager
def running(executable: Path) -> Iterator[Browser]:
    """The browser without a window, with no user and no history."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(executable), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person's browser on the service: what is opened, and what went wrong on the way.

    ``faults`` holds errors of scripts, breaches of the policy, and requests that failed. A test
    that provokes one takes it out with ``forgive``; any that is left at the end is a failure.
    """

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.faults: list[str] = []
        context.on("page", self._watch)
        self.page = context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("requestfailed", self._failed)

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults.append(f"console: {text}")

    def _failed(self, request: Request) -> None:
        # What a page was still loading when it was left is no fault.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"request: {request.url} {request.failure}")

    def open(self, path: str, status: int = 200) -> Page:
        """Go to a page of the service, which must answer with the status; the page, settled."""
        response = self.page.goto(self.base + path)
        assert response is not None
        assert response.status == status, (path, response.status)
        self.settle()
        if status >= 400:
            self.forgive(f"status of {status}")
        return self.page

    def settle(self) -> None:
        """Wait until nothing is loading any more."""
        self.page.wait_for_load_state("networkidle")

    def forgive(self, *words: str) -> None:
        """Take out the faults in which one of the words occurs."""
        self.faults = [fault for fault in self.faults if not any(word in fault for word in words)]

    @property
    def path(self) -> str:
        """Where the visitor is: path and query."""
        return self.page.url.removeprefix(self.base)


Visiting = Callable[..., Visit]


@contextmanager
def visiting(browser: Browser, base: str) -> Iterator[Visiting]:
    """A function that opens a browser for one more person; all are closed and held to account."""
    visits: list[Visit] = []

    def visit(size: str = "phone", *, at: str = base, **options: Any) -> Visit:
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", **SIZES[size] | options
        )
        context.set_default_timeout(15_000)
        visits.append(Visit(context, at))
        return visits[-1]

    try:
        yield visit
        faults = [fault for each in visits for fault in each.faults]
    finally:
        for each in visits:
            each.context.close()
    assert faults == []
