"""Do the pages stand, and carry the hotlines, whatever else is out of order?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient

from server.db import db
from tests.server.pages import HOTLINES, Page, fill, retire, served, settings_in
from tests.server.webmap.lines import LINE, fill_lines

Open = Callable[..., Page]


def test_do_the_pages_stand_when_the_database_is_gone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with served(settings, fill, fill_lines, retire):
        pass
    with served(settings) as app:
        database = settings.instance / "tongyou.db"
        app.extensions["atlas_keeper"].stop()  # or it would make the file anew
        with app.app_context():
            db.engine.dispose()
        for path in settings.instance.glob("tongyou.db*"):
            path.unlink()
        database.mkdir()
        client = app.test_client()
        assert "24 个地点" in client.get("/").text
        assert "淄博市博物馆" in client.get("/sites/1").text
        assert client.get("/sites/26").status_code == 410
        for path in ("/reading", "/bus", f"/bus/{LINE}", "/hotlines", "/about", "/api/v1/docs"):
            assert client.get(path).status_code == 200, path
        shutil.rmtree(database)


def test_is_a_page_without_an_edition_503_in_chinese(tmp_path: Path) -> None:
    with served(settings_in(tmp_path)) as app:
        client = app.test_client()
        for path in ("/", "/reading", "/bus", "/bus/1", "/hotlines", "/about", "/sitemap.xml"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert "暂时打不开" in answer.text
            assert "地图数据还没有载入" in answer.text
            assert answer.headers["Retry-After"]
        assert client.get("/nothing").status_code == 404
        for path in ("/offline", "/robots.txt", "/manifest.webmanifest"):
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/nothing", "/sites/999", "/apis", "/static/none.css"])
def test_is_the_404_of_a_person_a_page(page: Open, path: str) -> None:
    page(path, 404)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/x", "/internal/v1/x", "/healthz/x"])
def test_is_the_404_of_a_program_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_is_a_wrong_method_a_page_that_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/hotlines")
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert "GET" in answer.headers["Allow"]


def test_is_a_fault_of_ours_a_page_without_its_cause(
    page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("秘密")

    monkeypatch.setattr("server.webmap.place_pages.look", fail)
    # A logger keeps the stream of its first line, which here is this test's alone.
    monkeypatch.setattr("miniapp_api.problems.log", structlog.get_logger())
    found = page("/", 500)
    assert "出错了，是我们的问题" in found.text
    assert "秘密" not in found.text
    assert set(HOTLINES) <= set(found.phones)
