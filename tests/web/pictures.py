"""``make pictures``: the pictures of the README, of the real pages with the starting data."""

import sys
import tempfile
from pathlib import Path

from config.settings import ROOT
from tests import browser
from tests.serving import Service
from tests.web.lighthouse import pages

FOLDER = ROOT / "docs/pictures"
SETTLED_MS = 1500
"""For the map to have drawn itself after the page has come to rest."""


def main() -> int:
    """Start a fresh instance and take every picture."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "instance")
        try:
            service.until_ready()
            _take(service)
        finally:
            service.kill()
    return 0


def _take(service: Service) -> None:
    _home, _site, line = pages(service)
    wanted = {
        "home-desk.png": ("desk", "/", "light"),
        "home-phone.png": ("phone", "/", "light"),
        "home-dark.png": ("phone", "/?district=boshan", "dark"),
        "bus-phone.png": ("phone", line, "light"),
    }
    with (
        browser.running(browser.obtain()) as running,
        browser.visiting(running, service.base) as visit,
    ):
        for name, (size, path, scheme) in wanted.items():
            page = visit(size, color_scheme=scheme).open(path)
            page.wait_for_timeout(SETTLED_MS)
            page.screenshot(path=FOLDER / name)


if __name__ == "__main__":
    sys.exit(main())
