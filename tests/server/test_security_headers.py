"""Can anything but our own scripts run on our pages, load from elsewhere, or frame them?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.server.pages import Page, fill, retire, served, settings_in

PAGES = (
    "/",
    "/?free=true&kind=reading_space",
    "/sites/1",
    "/sites/2",
    "/sites/26",
    "/hotlines",
    "/nothing",
    "/staff/",
    "/api/v1/docs",
)

STATIC = Path(__file__).resolve().parents[2] / "server" / "static"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app: Flask
    with served(settings_in(tmp_path_factory.mktemp("headers")), fill, retire) as app:
        yield app.test_client()


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("path", PAGES)
def test_does_every_page_carry_the_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    for kind in ("script", "style", "connect", "worker", "manifest"):
        assert policy[f"{kind}-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["form-action"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")


def _is_data(script: dict[str, str | None]) -> bool:
    return script.get("type") == "application/ld+json" and "src" not in script


def _is_our_own(script: dict[str, str | None]) -> bool:
    built = re.fullmatch(r"/static/built/[\w-]+\.js", script.get("src") or "")
    return script.get("type") == "module" and built is not None


@pytest.mark.parametrize("path", PAGES)
def test_is_there_no_inline_style_or_script_in_any_page(client: FlaskClient, path: str) -> None:
    page = Page(client.get(path).text)
    for tag, attributes in page.elements:
        assert tag not in ("style", "iframe", "object", "embed", "base")
        if tag == "script":
            assert _is_data(attributes) or _is_our_own(attributes)
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        for name in ("href", "src", "action"):
            assert not re.match(r"\s*(javascript|data|vbscript):", attributes.get(name) or "", re.I)


@pytest.mark.parametrize("path", PAGES)
def test_does_every_page_load_from_our_own_host_alone(client: FlaskClient, path: str) -> None:
    page = Page(client.get(path).text)
    links = [a.get("href") for a in page.all("link") if a.get("rel") != "canonical"]
    loaded = [a.get("src") for a in page.all("img") + page.all("script") if a.get("src")] + links
    assert loaded
    for one in loaded:
        assert re.match(r"/[^/]", one or "")
        assert client.get(one or "").status_code == 200


def test_does_the_stylesheet_load_nothing() -> None:
    css = (STATIC / "site.css").read_text("utf-8")
    assert "@import" not in css
    assert "url(" not in css


@pytest.mark.parametrize("path", PAGES)
def test_can_every_page_be_read_without_seeing_it(client: FlaskClient, path: str) -> None:
    page = Page(client.get(path).text)
    assert page.all("html")[0]["lang"] == "zh-CN"
    assert [a for a in page.all("meta") if a.get("name") == "description" and a.get("content")]
    for landmark in ("header", "nav", "main", "footer", "title"):
        assert page.all(landmark), landmark
    assert len(page.all("h1")) == 1
    assert page.links[0] == "#main"
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
    labelled = {label.get("for") for label in page.all("label")}
    for field in page.all("select") + page.all("input"):
        if field.get("type") not in ("hidden", "checkbox"):
            assert field.get("id") in labelled
    for image in page.all("img"):
        assert "alt" in image


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "muted", "brand", "good", "soon")
          for ground in ("paper", "card")),
        ("muted", "help"), ("brand", "help"), ("brand", "brand-soft"), ("brand-ink", "brand"),
        ("brand-ink", "brand-hover"), ("note-ink", "note"), ("bad-ink", "bad"),
        ("bad-ink", "card"),
        *(("tile-ink", theme) for theme in ("history", "science", "nature", "arts", "heroes",
                                            "sports", "labour", "reading", "muted")),
    ],
)  # fmt: skip
def test_is_the_contrast_of_text_at_least_4_5(text: str, ground: str, scheme: int) -> None:
    css = (STATIC / "site.css").read_text("utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    assert _contrast(colours[text], colours[ground]) >= 4.5
