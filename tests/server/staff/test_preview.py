"""Is a preview what parents will see, and seen by staff alone?"""

import pytest
from flask import Flask

from server import tallies
from server.db import db
from tests.server.material import add, hotline, revise, set_state, site
from tests.server.pages import Page
from tests.server.staff.people import somebody


@pytest.fixture
def changed(console: Flask) -> Flask:
    with console.app_context():
        revise(1, site("淄博市博物馆新馆", introduction="新写的介绍"))
        add(site("还没有发布的馆"))
        add(hotline("新的热线", "12338"))
        set_state(4, "retired", reason="搬走了")
        db.session.commit()
    return console


def test_are_the_pages_those_of_the_next_edition(changed: Flask) -> None:
    viewer = somebody(changed, "viewer")
    start = viewer.get("/staff/preview")
    assert start.status_code == 302
    base = start.location
    answer = viewer.get(base)
    page = Page(answer.text)
    assert "预览 · 未发布" in page.text
    assert "淄博市博物馆新馆" in page.text
    assert "数据第 3 期" in page.text
    # Its links lead on within the preview.
    assert f"{base}hotlines" in page.links
    assert f"{base}sites/1" in page.links
    assert "新写的介绍" in viewer.get(f"{base}sites/1").text
    assert "新的热线" in viewer.get(f"{base}hotlines").text
    assert viewer.get(f"{base}bus").status_code == 200
    assert "搬走了" in viewer.get(f"{base}sites/4").text
    assert viewer.get(f"{base}sites/4").status_code == 410
    assert viewer.get(f"{base}nowhere").status_code == 404
    found = viewer.get(f"{base}?q=还没有发布的馆")
    assert "还没有发布的馆" in Page(found.text).text


def test_does_the_public_see_nothing_of_it(changed: Flask) -> None:
    viewer = somebody(changed, "viewer")
    base = viewer.get("/staff/preview").location
    viewer.get(base)
    stranger = changed.test_client()
    assert "淄博市博物馆新馆" not in stranger.get("/").text
    assert "数据第 2 期" in Page(stranger.get("/").text).text
    assert stranger.get(base).status_code == 302
    assert stranger.get(f"{base}sites/1").status_code == 302
    assert stranger.get("/api/v1/sites/1").json["name"] == "淄博市博物馆"


def test_does_staff_looking_around_count_as_nobody(
    changed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = tallies.Tallies()
    monkeypatch.setattr(counted, "_start", lambda: None)
    monkeypatch.setattr(tallies, "seen", counted.seen)
    monkeypatch.setattr(tallies, "in_vain", counted.in_vain)
    viewer = somebody(changed, "viewer")
    base = viewer.get("/staff/preview").location
    paths = ("sites/1", "?q=没有这样的地方")
    for path in paths:
        viewer.get(base + path)
    assert (counted._seen, counted._in_vain) == ({}, set())
    for path in paths:
        changed.test_client().get("/" + path)
    assert (counted._seen, counted._in_vain) == ({1: 1}, {"没有这样的地方"})


def test_is_it_kept_by_nobody_and_run_by_no_script(changed: Flask) -> None:
    viewer = somebody(changed, "viewer")
    base = viewer.get("/staff/preview").location
    for path in ("", "sites/1", "hotlines"):
        answer = viewer.get(base + path, headers={"Accept-Encoding": "gzip, br"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Content-Encoding" not in answer.headers
        assert [s["type"] for s in Page(answer.text).all("script") if "src" in s] == []
    style = next(
        link["href"] or "" for link in Page(viewer.get(base).text).all("link")
        if link.get("rel") == "stylesheet"
    )  # fmt: skip
    assert viewer.get(style).mimetype == "text/css"


def test_is_an_old_preview_told_from_a_new_one(changed: Flask) -> None:
    viewer = somebody(changed, "viewer")
    base = viewer.get("/staff/preview").location
    with changed.app_context():
        revise(1, site("又改了名字"))
    newer = viewer.get("/staff/preview").location
    assert newer != base
    gone = viewer.get(base)
    assert gone.status_code == 410
    assert "预览已过时" in gone.text
    assert "又改了名字" in viewer.get(newer).text


def test_does_it_lead_nowhere_else(changed: Flask) -> None:
    viewer = somebody(changed, "viewer")
    base = viewer.get("/staff/preview").location
    out = viewer.get(f"{base}staff/overview")
    assert (out.status_code, out.location) == (302, "/staff/overview")
    assert viewer.get(f"{base}api/v1/sites").location == "/api/v1/sites"
    for odd in ("/evil.example", "%2F%2Fevil.example", "..%2F..%2F", "\\evil.example"):
        answer = viewer.get(base + odd)
        assert "evil" not in (answer.location or "").split("/preview/")[0]
