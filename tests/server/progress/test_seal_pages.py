"""Is the form printed, and is its stamped scan taken, shown, and refused as people expect?"""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pypdfium2
import pytest
from flask import Flask
from playwright.sync_api import Browser, Route
from sqlalchemy import select

from server.db import db
from server.ledger import paper, scans
from server.ledger.scan_reading import MOST_BYTES, ReadScan
from server.models import SealedScan
from server.revisions import writing
from tests.server import snapshots
from tests.server.ledger.desk import (
    BUREAU,
    CITY,
    COUNCIL,
    IN_TIME,
    PROGRAMME,
    REPORTER,
    SCHOOLS,
    TOWN,
    filled,
    hand_in,
    save,
)
from tests.server.ledger.sheets_of_paper import encrypted_pdf, photographed, picture, sheet
from tests.server.pages import Page, fill, retire, served, settings_in
from tests.server.staff.people import Person, somebody

OURS = f"/staff/progress/2023Q1/1/{BUREAU}"
THEIRS = f"/staff/progress/2023Q1/3/{COUNCIL}"
NASTY = "<script>alert(1)</script>\x07已开工"


class Desks(NamedTuple):
    """The service with one report handed in and one begun, and people before it."""

    app: Flask
    code: str
    reporter: Person
    reviewer: Person
    leader: Person


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    settings = settings_in(tmp_path_factory.mktemp("seal"))
    with served(settings, fill, retire) as app:
        with app.app_context():
            made = hand_in(SCHOOLS, filled(SCHOOLS, c1_1="7", progress=NASTY))
            code = paper.of_version(PROGRAMME, CITY, made).code
            save(TOWN, filled(TOWN, progress="还在写"))
        people = (
            somebody(app, "reporter", unit=BUREAU),
            somebody(app, "office_reviewer"),
            somebody(app, "leader"),
        )
        yield Desks(app, code, *people)


def send(by: Person, *bodies: bytes, **fields: Any) -> Any:
    """Hand files in as the form does."""
    named = [(io.BytesIO(body), f"扫描{n}.pdf") for n, body in enumerate(bodies)]
    return by.post(f"{OURS}/scans", scan=named, back="progress.scans", **fields)


def keep(app: Flask, *pages: str) -> int:
    """A scan on whose pages these codes were read."""
    codes = tuple((text,) if text else () for text in pages)
    scan = ReadScan(io.BytesIO(repr(pages).encode()), "application/pdf", "盖章.pdf", codes)
    with app.app_context(), writing(db.session):
        return scans.keep(db.session, REPORTER, PROGRAMME, SCHOOLS, scan, IN_TIME).id


def test_is_the_form_printed_with_number_digest_and_code(desks: Desks) -> None:
    for who in (desks.reporter, desks.reviewer, desks.leader):
        answer = who.get(f"{OURS}/print/1")
        assert answer.status_code == 200
        assert "编号 2023Q1-01-01-1" in answer.text
        assert "data:image/svg+xml" in answer.text
        assert "24.1%" in answer.text
        assert "<script>alert" not in answer.text
    assert desks.reporter.get(f"{OURS}/print/2").status_code == 404
    assert desks.reporter.get(f"{OURS.replace('Q1', 'Q9')}/print/1").status_code == 404
    assert desks.reporter.get(f"{THEIRS}/print").status_code == 403


def test_is_a_draft_shown_as_one(desks: Desks) -> None:
    page = desks.reviewer.get(f"{THEIRS}/print").text
    assert "（草稿）" in page
    assert "还在写" in page
    assert "二维码：" not in page
    empty = desks.reporter.get(OURS.replace("Q1", "Q2") + "/print")
    assert "（未填）" in empty.text


def test_is_the_word_document_handed_out(desks: Desks) -> None:
    answer = desks.reporter.get(f"{OURS}/print/1.docx")
    assert answer.mimetype.endswith("wordprocessingml.document")
    assert answer.data.startswith(b"PK")
    assert "2023Q1-01-01-1.docx" in answer.headers["Content-Disposition"]
    assert desks.reporter.get(f"{OURS}/print/7.docx").status_code == 404


@pytest.mark.browser
def test_is_what_the_browser_prints_read_from_a_bad_photo(desks: Desks, browser: Browser) -> None:
    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        found = desks.reporter.get(asked.path)
        route.fulfill(
            status=found.status_code, body=found.data, content_type=found.content_type or ""
        )

    page = browser.new_page()
    page.route("**/*", answer)
    page.goto(f"http://127.0.0.1{OURS}/print/1")
    printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    page.close()
    width, height = printed[0].get_size()
    assert (round(width), round(height)) == (595, 842)
    words = printed[0].get_textpage().get_text_range()
    assert f"第 1 页，共 {len(printed)} 页" in words
    assert "打印" not in words
    taken = photographed(printed[0].render(scale=150 / 72).to_pil().convert("RGB"))
    told = send(desks.reporter, picture(taken))
    assert told.status_code == 303
    assert "二维码相符：盖章扫描件已存到第 1 版" in desks.reporter.get(told.location).text


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (snapshots.HTML, "内容不是扫描件"),
        (encrypted_pdf(opens=False), "加了密"),
    ],
)
def test_is_what_is_no_scan_refused_on_the_page(desks: Desks, body: bytes, told: str) -> None:
    answer = send(desks.reporter, body)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'name="scan"' in answer.text


def test_is_nothing_at_all_refused_on_the_page(desks: Desks) -> None:
    answer = desks.reporter.post(f"{OURS}/scans")
    assert answer.status_code == 422
    assert "没有选择文件" in answer.text


def test_is_the_scan_of_another_report_refused_on_the_page(desks: Desks) -> None:
    other = desks.code.replace("2023Q1-01-01-1", "2023Q2-01-01-1")
    answer = send(desks.reporter, picture(sheet(other)))
    assert answer.status_code == 422
    assert "市教育局 2023 年第二季度第 1 项行动的第 1 版" in answer.text


def test_is_what_is_far_too_large_refused_before_it_is_received(desks: Desks) -> None:
    form = {"csrf_token": desks.reporter.token, "scan": (io.BytesIO(b"%PDF-"), "大.pdf")}
    told = {"CONTENT_LENGTH": str(300 << 20)}
    answer = desks.reporter.client.post(f"{OURS}/scans", data=form, environ_overrides=told)
    assert answer.status_code == 413
    assert f"最多 {(MOST_BYTES >> 20) + 1} MB" in answer.text


def test_may_only_unit_and_office_hand_in_a_scan(desks: Desks) -> None:
    answer = send(desks.leader, b"%PDF-")
    assert answer.status_code == 422
    assert "您的角色不能上传盖章扫描件" in answer.text
    assert 'name="scan"' not in answer.text
    assert desks.reporter.post(f"{THEIRS}/scans").status_code == 403


def test_does_the_office_match_by_hand_what_nobody_can_read(desks: Desks) -> None:
    id_ = keep(desks.app, "")
    at = f"{OURS}/scans/{id_}/match"
    assert "待办公室核对" in desks.reporter.get(f"{OURS}/scans").text
    assert at.rpartition("/2023Q1")[2] not in desks.reporter.get(f"{OURS}/scans").text
    assert desks.reporter.post(at, note="我看过").status_code == 403
    empty = desks.reviewer.post(at, note="看")
    assert empty.status_code == 422
    assert "请写明是怎样核对的" in empty.text
    assert 'value="看"' in empty.text
    elsewhere = f"{THEIRS}/scans/{id_}/match"
    assert desks.reviewer.post(elsewhere, note="逐项核对").status_code == 404
    done = desks.reviewer.post(at, note="逐项核对，一致")
    assert done.status_code == 303
    with desks.app.app_context():
        scan = db.session.scalars(select(SealedScan).where(SealedScan.id == id_)).one()
        assert (scan.matched_by, scan.note) == ("hand", "逐项核对，一致")


def test_is_a_scan_shown_as_what_it_is_and_to_whom_it_concerns(desks: Desks) -> None:
    at = f"/staff/progress/scans/{keep(desks.app, desks.code)}"
    answer = desks.leader.get(at)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("inline")
    stranger = somebody(desks.app, "reporter", "stranger", unit=COUNCIL)
    assert stranger.get(at).status_code == 403
    assert desks.leader.get("/staff/progress/scans/987654").status_code == 404


def test_does_the_panel_tell_how_the_seal_stands(desks: Desks) -> None:
    page = Page(desks.reporter.get(f"{OURS}/scans").text)
    form = next(one for one in page.all("form") if "/scans" in (one.get("action") or ""))
    assert form["enctype"] == "multipart/form-data"
    leader = desks.leader.get(f"{OURS}/scans").text
    assert 'type="file"' not in leader
    waiting = desks.reviewer.get(f"{THEIRS}/scans").text
    assert "还没有提交的报表" in waiting
