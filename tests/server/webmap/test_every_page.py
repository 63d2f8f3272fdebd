"""What must hold of every page, whatever it shows?"""

import itertools
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.server.pages import HOTLINES, NASTY, Page
from tests.server.webmap.lines import EXAMPLE, HOSTILE, LINE

Open = Callable[..., Page]

SHARED = (
    "/",
    "/?free=true&district=yiyuan",
    "/reading",
    "/sites/1",
    "/sites/2",
    "/bus",
    "/bus?q=世纪花园",
    "/bus?lat=36.84&lon=118.01",
    f"/bus/{LINE}",
    f"/bus/{EXAMPLE}?date=2026-11-28",
    f"/bus/{HOSTILE}",
    "/hotlines",
    "/about",
)
"""Pages that somebody may pass on."""
LOST = ("/nothing", "/sites/999", "/sites/26", "/bus/999", "/bus/34", "/offline")
OURS = ("/staff/", "/api/v1/docs")


@pytest.mark.parametrize("path", [*SHARED, *LOST, *OURS])
def test_does_every_page_carry_the_hotlines(client: FlaskClient, path: str) -> None:
    found = Page(client.get(path).text)
    assert set(HOTLINES) <= set(found.phones)
    assert "05339999999" not in found.phones


@pytest.mark.parametrize("path", [*SHARED, *LOST])
def test_can_every_page_be_read_without_seeing_it(client: FlaskClient, path: str) -> None:
    found = Page(client.get(path).text)
    assert found.all("html")[0]["lang"] == "zh-CN"
    assert len(found.all("h1")) == 1
    for landmark in ("header", "nav", "main", "footer"):
        assert found.all(landmark), landmark
    assert len(found.ids) == len(set(found.ids))
    for link in found.links:
        assert not link.startswith("#") or link[1:] in found.ids
    for _, attributes in found.elements:
        named = (attributes.get("aria-labelledby") or "").split()
        assert set(named) <= set(found.ids)
    labelled = {label.get("for") for label in found.all("label")}
    for field in found.all("select") + found.all("input"):
        assert field.get("type") == "hidden" or field.get("id") in labelled


@pytest.mark.parametrize("path", [*SHARED, *LOST])
def test_do_headings_never_skip_a_level(client: FlaskClient, path: str) -> None:
    elements = Page(client.get(path).text).elements
    levels = [int(tag[1]) for tag, _ in elements if tag in ("h1", "h2", "h3", "h4", "h5")]
    assert levels[0] == 1
    for above, level in itertools.pairwise(levels):
        assert level <= above + 1, levels


@pytest.mark.parametrize("path", SHARED)
def test_is_every_page_ready_to_be_shared(client: FlaskClient, path: str) -> None:
    found = Page(client.get(path).text)
    told = {one.get("property") or one.get("name"): one.get("content") for one in found.all("meta")}
    (canonical,) = [one["href"] for one in found.all("link") if one.get("rel") == "canonical"]
    assert canonical == told["og:url"] == "http://localhost" + path.partition("?")[0]
    assert told["og:title"]
    assert told["og:description"] == told["description"]
    assert "robots" not in told


@pytest.mark.parametrize("path", LOST)
def test_is_a_page_that_is_none_kept_from_search_engines(client: FlaskClient, path: str) -> None:
    found = Page(client.get(path).text)
    assert {"name": "robots", "content": "noindex"} in found.all("meta")
    assert not [one for one in found.all("link") if one.get("rel") == "canonical"]


@pytest.mark.parametrize("path", ["/?q=alert", "/sites/2", "/hotlines", "/?q=%3Cscript%3E"])
def test_are_hostile_names_shown_and_never_run(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    found = Page(html)
    assert "<script>" not in html
    assert not [one for one in found.all("script") if "src" not in one and "type" not in one]
    assert all((one["src"] or "").startswith("/static/icon") for one in found.all("img"))
    if path != "/?q=%3Cscript%3E":
        assert " ".join(NASTY.split()) in found.text


@pytest.mark.parametrize("path", [*SHARED, *LOST])
def test_do_public_pages_neither_set_nor_read_a_cookie(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_does_the_page_about_us_tell_the_state_of_the_data(page: Open) -> None:
    text = page("/about").text
    assert "24 个地点，其中 1 个经工作人员核实" in text
    assert "3 条助学专线，其中 1 条是示例，不可据以乘车" in text
    assert "开放时间 2 / 24" in text
    assert "馆方来函" in text
    assert "热线页连次数也不数" in text
