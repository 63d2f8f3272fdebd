"""Can anybody say on the web that something is wrong, and see what became of it?"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from server import coded_reports
from server.db import db
from server.models import CodedReport, Listing
from server.revisions import writing
from tests.server.pages import Page
from tests.server.test_coded_reports import EDITOR
from tests.server.webmap.lines import LINE
from tests.server.webmap.test_hotline_privacy import counted

Open = Callable[..., Page]

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}


def tap(client: FlaskClient, listing: object, what: str, **headers: str) -> TestResponse:
    """From an address of the test's own: all of them together would be too many for one."""
    return client.post(
        "/reports",
        data={"listing": listing, "what": what},
        headers=headers or OURS,
        environ_base={"REMOTE_ADDR": f"10.1.{len(what)}.{len(str(listing))}"},
    )


def kept(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(CodedReport)) or 0


def a_hotline(app: Flask) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.min(Listing.id)).where(Listing.type == "hotline"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/sites/1", ["位置错", "电话错", "已关闭"]),
        (f"/bus/{LINE}", ["没来", "早走", "晚点", "位置错", "电话错", "已关闭"]),
    ],
)
def test_does_a_page_offer_what_can_be_wrong_with_it(
    page: Open, client: FlaskClient, path: str, words: list[str]
) -> None:
    html = client.get(path).text
    (form,) = re.findall(r'<form action="/reports" method="post">.*?</form>', html, re.DOTALL)
    assert re.findall(r">(\w+)</button>", form) == words
    assert f'name="listing" value="{path.rpartition("/")[2]}"' in form
    assert client.get(path).headers["Cache-Control"].startswith("public")
    assert client.get(path).text == html


def test_is_a_tap_answered_with_a_receipt_that_is_answered_later(
    app: Flask, client: FlaskClient
) -> None:
    sent = tap(client, 1, "closed")
    assert (sent.status_code, sent.location.partition("?")[0]) == (303, "/reports")
    first = client.get(sent.location)
    assert first.headers["Cache-Control"] == "no-store"
    assert "noindex" in first.text
    told = Page(first.text)
    assert "已收到" in told.text
    assert "淄博市博物馆 ：已关闭" in told.text.replace("馆：", "馆 ：")
    with app.app_context(), writing(db.session):
        coded_reports.decide(db.session, EDITOR, 1, "closed", changed=False, reason="照常<b>开放")
    (receipt,) = parse_qs(urlsplit(sent.location).query)["receipt"]
    later = client.get("/reports", query_string={"receipt": f" {receipt.lower()} "})
    assert "没有改" in Page(later.text).text
    assert "照常&lt;b&gt;开放" in later.text


@pytest.mark.parametrize(
    ("listing", "what", "status"),
    [
        (1, "did_not_come", 409),
        (1, "boring", 400),
        (1, "", 400),
        ("", "closed", 400),
        ("１.5", "closed", 400),
        (2**40, "closed", 400),
        (9999, "closed", 404),
        (25, "closed", 410),
        (26, "closed", 410),
    ],
)
def test_is_what_makes_no_sense_refused_and_not_kept(
    app: Flask, client: FlaskClient, listing: object, what: str, status: int
) -> None:
    before = kept(app)
    answer = tap(client, listing, what)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert kept(app) == before


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, False),
        ({"Origin": "null"}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"User-Agent": "curl"}, True),
    ],
)
def test_can_another_site_send_its_visitors_reports(
    app: Flask, client: FlaskClient, headers: dict[str, str], taken: bool
) -> None:
    before = kept(app)
    answer = tap(client, 3, "wrong_phone", **headers)
    assert answer.status_code == (303 if taken else 403)
    assert kept(app) - before == taken


def test_does_a_wrong_receipt_get_a_kind_answer_and_stay_in_the_field(client: FlaskClient) -> None:
    assert client.get("/reports").status_code == 200
    for typed in ("AAAAA-AAAAA", "x", '"><script>', "\x00", "长" * 41, "7" * 5000):
        answer = client.get("/reports", query_string={"receipt": typed})
        assert answer.status_code == 404
        assert "没有这个回执编号" in answer.text
        assert "<script>" not in answer.text
    assert 'value="AAAAA-AAAAA"' in client.get("/reports?receipt=AAAAA-AAAAA").text


def test_does_one_address_have_to_wait_after_many_reports(client: FlaskClient) -> None:
    somebody = {"REMOTE_ADDR": "192.0.2.33"}
    form = {"listing": 4, "what": "closed"}
    sent = [client.post("/reports", data=form, environ_base=somebody) for _ in range(31)]
    assert [one.status_code for one in sent] == [303] * 30 + [429]
    assert int(sent[-1].headers["Retry-After"]) > 0
    assert "频繁" in sent[-1].text
    body = {"listing_id": 4, "what": "closed"}
    assert client.post("/api/v1/reports", json=body, environ_base=somebody).status_code == 429
    assert client.get("/reports", environ_base=somebody).status_code == 200
    assert client.get("/sites/4", environ_base=somebody).status_code == 200


def test_does_a_report_on_a_telephone_line_say_nowhere_which_line(
    app: Flask, client: FlaskClient
) -> None:
    id_, name = a_hotline(app), Page(client.get("/hotlines").text).text
    with structlog.testing.capture_logs() as logged:
        sent = tap(client, id_, "wrong_phone")
        shown = client.get(sent.location)
    assert (sent.status_code, shown.status_code, logged) == (303, 200, [])
    routes = {one for one in counted(client) if "report" in one}
    assert all(str(id_) not in re.sub(r'(le|status)="[^"]*"', "", one) for one in routes)
    (main,) = re.findall(r"<main.*?</main>", shown.text, re.DOTALL)
    assert "常用电话：电话错" in Page(main).text.replace(" ", "")
    assert "快速离开" in main
    with app.app_context():
        (line,) = [one for one in app.extensions["atlas_keeper"].atlas.hotlines if one["id"] == id_]
    assert line["name"] in name
    assert line["name"] not in main
    assert "热线" not in main


def test_is_a_report_refused_kindly_while_the_database_is_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("server.webmap.report_pages.writing", away)
    monkeypatch.setattr("server.coded_reports.look_up", away)
    for answer in (tap(client, 1, "closed"), client.get("/reports?receipt=AAAAA-AAAAA")):
        assert (answer.status_code, answer.mimetype) == (503, "text/html")
        assert "过几分钟" in answer.text
    assert client.get("/reports").status_code == 200
