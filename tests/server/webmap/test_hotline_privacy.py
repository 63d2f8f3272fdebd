"""Does a visit to the telephone lines leave a trace anywhere with us, or with others?"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError

from config.settings import Settings
from tests.server.pages import HOTLINES, Page
from tests.serving import Service

Open = Callable[..., Page]

VISITS = ("/hotlines", "/hotlines?at=nonsense", "/api/v1/hotlines")


def counted(client: FlaskClient) -> dict[str, float]:
    """Every figure of /metrics that counts requests, but those for the figures themselves."""
    figures = re.findall(r"^(tongyou_\S+) (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return {name: float(value) for name, value in figures if 'endpoint="/metrics"' not in name}


@pytest.mark.parametrize("path", VISITS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_is_a_visit_not_counted(client: FlaskClient, path: str, method: str) -> None:
    client.get("/about")
    before = counted(client)
    assert client.open(path, method=method).status_code in (200, 422)
    assert counted(client) == before
    client.get("/about")
    assert counted(client) != before


def test_does_nobody_else_learn_of_the_visit(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/hotlines")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    found = Page(answer.text)
    (leave,) = [link for link in found.all("a") if "data-leave" in link]
    assert leave["href"] == app.extensions["settings"].leave_to
    assert leave["rel"] == "noreferrer"
    loaded = [one["src"] for one in (*found.all("img"), *found.all("script")) if "src" in one]
    assert all((one or "").startswith("/") for one in loaded)


@pytest.mark.parametrize("leave_to", ["javascript:alert(1)", "http://a.cn/", "/", "https://a'b"])
def test_is_a_place_to_leave_to_an_address_of_the_web(leave_to: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, leave_to=leave_to)


def test_is_the_page_neutral_in_the_tab_and_in_messengers(client: FlaskClient) -> None:
    html = client.get("/hotlines").text
    assert "<title>常用电话 · 童友图</title>" in html
    told = [one["content"] or "" for one in Page(html).all("meta") if "content" in one]
    for word in ("热线", "求助", "心理", "维权", "家暴", "12355"):
        assert not [one for one in told if word in one]


def test_are_the_hours_of_a_line_told_honestly(page: Open) -> None:
    found = page("/hotlines")
    assert set(HOTLINES) <= set(found.phones)
    assert "接听时间待核实" in found.text
    assert "24 小时接听" in found.text
    assert "内部电话" not in found.text


def test_does_a_visit_that_fails_leave_no_address_in_the_log(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("秘密")

    monkeypatch.setattr("server.webmap.hotline_pages.read_moment", fail)
    monkeypatch.setattr("server.webmap.place_pages.read", fail)
    with structlog.testing.capture_logs() as logged:
        monkeypatch.setattr("miniapp_api.problems.log", structlog.get_logger())
        assert client.get("/hotlines").status_code == 500
        assert client.get("/").status_code == 500
    hidden, told = logged
    assert (hidden["route"], hidden["error"]) == ("unmatched", ["RuntimeError"])
    assert "hotline" not in str(hidden)
    assert told["route"] == "/"
    assert "place_pages.py" in str(told["error"])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path / "instance", jobs=False)
    yield service.until_ready()
    service.kill()


def test_does_a_visit_leave_nothing_in_logs_or_files(service: Service, tmp_path: Path) -> None:
    told = service.output
    for path in ("/hotlines", "/hotlines?at=2026-11-24T19:00", "/api/v1/hotlines"):
        service.get(path)
    service.get("/about")
    assert service.output == told
    kept = b"".join(path.read_bytes() for path in (tmp_path / "instance/metrics").rglob("*.db"))
    assert b"/about" in kept
    assert b"hotlines" not in kept
