"""Does a stamped scan find the version that it is of, and no other?"""

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from server import files
from server.db import db
from server.ledger import closings, paper, reports, scans
from server.ledger.cells import ReportKey
from server.ledger.people import Unseen
from server.ledger.scan_reading import ReadScan, Upload
from server.ledger.verifying import verify
from server.models import AuditEvent, ReportVersion, SealedScan, StoredFile
from server.revisions import Refused, writing
from tests.server.ledger.desk import (
    BUSES,
    CITY,
    COUNCIL,
    HEAD,
    IN_TIME,
    LATE,
    LEADER,
    OFFICE_HEAD,
    PROGRAMME,
    REPORTER,
    REVIEWER,
    SCHOOLS,
    TOWN,
    Clerk,
    accept,
    filled,
    hand_in,
    send_back,
)
from tests.server.ledger.sheets_of_paper import pdf, picture, sheet, stamped

Q1 = PROGRAMME.period("2023Q1")


def code(version: ReportVersion) -> str:
    return paper.of_version(PROGRAMME, CITY, version).code


def take(*pages: str, by: Clerk = REPORTER, key: ReportKey = SCHOOLS, note: str = "") -> SealedScan:
    """Hand in a scan on whose pages these codes were read; empty: none."""
    codes = tuple((text,) if text else () for text in pages)
    scan = ReadScan(io.BytesIO(repr(pages).encode()), "application/pdf", "盖章.pdf", codes)
    with writing(db.session):
        return scans.keep(db.session, by, PROGRAMME, key, scan, IN_TIME, note)


def upload(*bodies: bytes) -> SealedScan:
    """Hand in files."""
    uploads = [Upload(f"扫描{n}", io.BytesIO(body)) for n, body in enumerate(bodies)]
    return scans.take_scan(db.session, REPORTER, PROGRAMME, SCHOOLS, uploads, IN_TIME)


@pytest.fixture
def made(app: Flask) -> ReportVersion:
    return hand_in(SCHOOLS)


def test_is_the_scan_of_what_waits_kept_with_it(made: ReportVersion, settings: Settings) -> None:
    body = pdf(stamped(sheet(code(made))))
    scan = upload(body)
    assert (scan.version_id, scan.matched_by, scan.pages) == (made.id, "code", 1)
    row = db.session.get_one(StoredFile, scan.file_id)
    assert (row.media_type, row.name) == ("application/pdf", "扫描0")
    assert files.path(settings, row.sha256).read_bytes() == body
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.detail["sha256"]) == ("scan.taken", row.sha256)
    with writing(db.session):
        reports.accept(db.session, REVIEWER, PROGRAMME, SCHOOLS, 1, LATE)


def test_is_another_scan_added_and_none_replaced(made: ReportVersion) -> None:
    first, second = take(code(made)), take(code(made), "")
    assert (second.pages, second.note) == (2, "第 2 页没有读出二维码")
    assert take(code(made)).id == first.id
    report = reports.find(db.session, SCHOOLS)
    assert report is not None
    assert [one.id for one in scans.of_report(db.session, report)] == [second.id, first.id]


def test_is_the_scan_of_a_former_version_refused_with_its_number(made: ReportVersion) -> None:
    old = code(made)
    send_back(SCHOOLS, general="请补盖公章")
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="9"), LATE)
    with pytest.raises(scans.Unmatched, match=r"是第 1 版（编号 2023Q1-01-01-1）.*是第 2 版"):
        take(old)


def test_is_the_scan_of_another_report_refused_and_named_as_far_as_one_may_know(
    made: ReportVersion,
) -> None:
    town, buses = hand_in(TOWN), hand_in(BUSES)
    with pytest.raises(scans.Unmatched, match="市妇联 2023 年第一季度第 3 项行动的第 1 版"):
        take(code(town), by=REVIEWER)
    with pytest.raises(scans.Unmatched, match="是其他单位的报表（编号 2023Q1-03-01-1）"):
        take(code(town))
    with pytest.raises(scans.Unmatched, match="是其他单位的报表（编号 2023Q1-03-02-1）"):
        take(code(buses), by=Clerk("reporter", COUNCIL), key=TOWN)
    former = code(made).replace("2023Q1", "2022Q4")
    with pytest.raises(scans.Unmatched, match="2022 年第四季度的报表（编号 2022Q4-01-01-1）"):
        take(former)
    next_ = code(made).replace("2023Q1", "2023Q2")
    with pytest.raises(scans.Unmatched, match="市教育局 2023 年第二季度第 1 项行动"):
        take(next_)


def test_is_a_number_with_another_content_refused(made: ReportVersion) -> None:
    number, _, digest = code(made).rpartition("/")
    forged = f"{number}/{digest[::-1]}"
    with pytest.raises(scans.Unmatched, match="校验码与第 1 版的内容不一致"):
        take(forged)
    with pytest.raises(scans.Unmatched, match="是第 7 版"):
        take(f"{number[:-1]}7/{digest}")


def test_are_pages_of_two_reports_told_apart(made: ReportVersion) -> None:
    town = hand_in(TOWN)
    mixed = (code(made), code(made), code(town))
    with pytest.raises(scans.Unmatched, match=r"第 1 页是市教育局.*第 3 页是其他单位的报表"):
        take(*mixed)
    assert db.session.query(SealedScan).count() == 0
    assert db.session.query(StoredFile).count() == 0


def test_does_what_nobody_can_read_wait_for_the_office(made: ReportVersion) -> None:
    scan = take("", note="二维码被水渍遮住")
    assert (scan.matched_by, scan.note) == ("unread", "二维码被水渍遮住")
    with pytest.raises(Refused, match="还没有与这一版相符的盖章扫描件"), writing(db.session):
        reports.accept(db.session, REVIEWER, PROGRAMME, SCHOOLS, 1, LATE)
    for by, note, told in (
        (HEAD, "我看过", "只有办公室"),
        (REVIEWER, " ", "请写明是怎样核对的"),
        (Clerk("reporter", COUNCIL), "我看过", "其他单位"),
    ):
        with pytest.raises(Refused, match=told), writing(db.session):
            scans.match_by_hand(db.session, by, PROGRAMME, scan.id, note)
    with writing(db.session):
        matched = scans.match_by_hand(db.session, REVIEWER, PROGRAMME, scan.id, "逐项核对，一致")
        assert (matched.matched_by, matched.note) == ("hand", "逐项核对，一致")
    with pytest.raises(Refused, match="已经核对过"), writing(db.session):
        scans.match_by_hand(db.session, REVIEWER, PROGRAMME, scan.id, "再来一次")
    with writing(db.session):
        reports.accept(db.session, REVIEWER, PROGRAMME, SCHOOLS, 1, LATE)


def test_does_the_trail_tell_of_every_scan(made: ReportVersion) -> None:
    take(code(made))
    scan = take("", note="二维码被水渍遮住")
    assert verify(db.session).faults == ()
    told = f"编号为 {scan.id} 的盖章扫描件与审计记录不符"
    scan.matched_by = "code"
    assert verify(db.session).faults == (told,)
    scan.matched_by = "unread"
    with writing(db.session):
        scans.match_by_hand(db.session, REVIEWER, PROGRAMME, scan.id, "逐项核对，一致")
    assert verify(db.session).faults == ()


def test_may_the_office_match_what_it_hands_in_itself(made: ReportVersion) -> None:
    assert take("", by=REVIEWER, note="纸质件存档，逐项核对").matched_by == "hand"
    assert take("", "", by=REVIEWER).matched_by == "unread"


def test_may_nobody_else_hand_in_a_scan(made: ReportVersion) -> None:
    body = code(made)
    with pytest.raises(Unseen):
        take(body, by=Clerk("reporter", COUNCIL))
    with pytest.raises(Refused, match="您的角色"):
        take(body, by=LEADER)
    with pytest.raises(Unseen):
        take(body, key=SCHOOLS._replace(period="2024Q1"))


def test_is_nothing_taken_before_a_report_or_after_the_books_are_closed(app: Flask) -> None:
    with pytest.raises(Refused, match="还没有提交的报表"):
        take("")
    made = hand_in(SCHOOLS)
    accept(SCHOOLS)
    body = code(made)
    with writing(db.session):
        closings.close(db.session, OFFICE_HEAD, Q1)
    with pytest.raises(Refused, match="已经封账"):
        take(body)
    with writing(db.session):
        closings.reopen(db.session, OFFICE_HEAD, Q1, "补交扫描件")
    assert take(body).version_id == made.id


def test_does_the_version_in_force_take_a_scan_while_its_correction_waits(
    made: ReportVersion,
) -> None:
    first = code(made)
    report = accept(SCHOOLS)
    with writing(db.session):
        reports.correct(db.session, HEAD, PROGRAMME, SCHOOLS, "漏报一所", report.edit)
    again = hand_in(SCHOOLS, filled(SCHOOLS, c1_1="9"), LATE)
    assert take(first).version_id == made.id
    assert take(code(again)).version_id == again.id


def test_is_a_full_disk_told_and_nothing_kept(
    made: ReportVersion, settings: Settings, tmp_path: Path
) -> None:
    settings.files.parent.mkdir(parents=True, exist_ok=True)
    settings.files.write_text("in the way")
    with pytest.raises(files.CannotKeep, match="文件没有存下"):
        upload(picture(sheet(code(made))))
    assert db.session.query(SealedScan).count() == 0
