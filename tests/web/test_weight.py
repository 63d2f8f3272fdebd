"""Is the first load of a page light enough for a middling phone?"""

import json
from typing import Any

import pytest

from tests.browser import Visit, Visiting
from tests.journeys.town import Town
from tests.serving import Service

TOTAL, SCRIPTS = 150_000, 90_000
"""Bytes over the wire: everything, and JavaScript alone."""

pytestmark = pytest.mark.browser


def first_load(visit: Visit, path: str) -> dict[str, tuple[str, int]]:
    """What a first visit to the page fetches: type and transferred bytes by address."""
    asked: dict[str, dict[str, Any]] = {}
    weighed: dict[str, int] = {}
    wire = visit.context.new_cdp_session(visit.page)
    wire.on("Network.responseReceived", lambda event: asked.update({event["requestId"]: event}))
    wire.on(
        "Network.loadingFinished",
        lambda event: weighed.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    wire.send("Network.enable")
    visit.open(path)
    return {
        event["response"]["url"]: (event["type"], weighed.get(id_, 0))
        for id_, event in asked.items()
    }


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_is_the_first_load_light(visit: Visiting, town: Town, size: str) -> None:
    for path in ("/", f"/sites/{town.open}", f"/bus/{town.line}"):
        loaded = first_load(visit(size), path)
        scripts = sum(weight for type_, weight in loaded.values() if type_ == "Script")
        told = json.dumps(loaded, indent=1)
        assert scripts <= SCRIPTS, told
        assert sum(weight for _, weight in loaded.values()) <= TOTAL, told


def test_is_everything_fetched_compressed_and_from_ourselves(
    visit: Visiting, service: Service
) -> None:
    someone = visit("phone")
    headers: dict[str, dict[str, str]] = {}
    someone.page.on("response", lambda each: headers.update({each.url: each.headers}))
    someone.open("/")
    assert len(headers) > 1
    for url, told in headers.items():
        assert url.startswith(service.base), url
        if told["content-type"].split(";")[0] in ("text/html", "text/css", "text/javascript"):
            compressed = told.get("content-encoding") in ("br", "zstd")
            assert compressed or int(told["content-length"]) < 1000, url
