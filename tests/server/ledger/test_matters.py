"""Does what a unit tells in between reach the office, and the answer the unit?"""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from server.db import db
from server.ledger import evidence, matters
from server.ledger.matters import MatterSaid
from server.ledger.people import Unseen
from server.models import AuditEvent, ImportantMatter
from server.revisions import Refused, writing
from tests.server.ledger.desk import LEADER, PROGRAMME, REPORTER, REVIEWER, Clerk

SAID = MatterSaid("一所幼儿园延期", "因拆迁，延期到第三季度。", 1)
ELSEWHERE = Clerk("unit_head", "市妇联")
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def tell(said: MatterSaid = SAID, by: Clerk = REPORTER) -> ImportantMatter:
    with writing(db.session):
        return matters.tell(db.session, by, PROGRAMME, said)


def test_does_a_matter_reach_the_office_and_its_answer_the_unit(app: Flask) -> None:
    row = tell()
    assert matters.of_year(db.session, REVIEWER, 2023) == [row]
    with writing(db.session):
        matters.see(db.session, REVIEWER, row.id)
        matters.see(db.session, REVIEWER, row.id)
    with writing(db.session):
        matters.answer(db.session, REVIEWER, row.id, "同意，请在季报里说明。")
    assert matters.find(db.session, REPORTER, row.id).answer == "同意，请在季报里说明。"
    told = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert told == ["matter.told", "matter.seen", "matter.answered"]


def test_is_a_matter_seen_by_its_unit_and_those_above_alone(app: Flask) -> None:
    row = tell()
    for by in (REPORTER, REVIEWER, LEADER):
        assert matters.find(db.session, by, row.id)
    for by in (ELSEWHERE, Clerk("reporter"), Clerk("editor")):
        with pytest.raises(Unseen):
            matters.find(db.session, by, row.id)
    assert matters.of_year(db.session, ELSEWHERE, 2023) == []
    for by in (REPORTER, ELSEWHERE, LEADER):
        with pytest.raises(Refused), writing(db.session):
            matters.answer(db.session, by, row.id, "答复")
    for by in (REVIEWER, LEADER, Clerk("reporter")):
        with pytest.raises(Refused):
            tell(by=by)


@pytest.mark.parametrize(
    "said",
    [SAID._replace(title=" "), SAID._replace(body="短"), SAID._replace(body="长" * 4001),
     SAID._replace(title="长" * 101), SAID._replace(action=3), SAID._replace(action=99)],
)  # fmt: skip
def test_is_a_matter_that_says_nothing_refused(app: Flask, said: MatterSaid) -> None:
    with pytest.raises(Refused):
        tell(said)
    assert db.session.scalars(select(ImportantMatter)).all() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "空的"),
        (b"<html><script>alert(1)</script></html>", "不是 PDF、JPG、PNG"),
        (b"PK\x03\x04" + b"0" * 40, "不是 PDF、JPG、PNG"),
        (b"GIF89a" + b"0" * 40, "不是 PDF、JPG、PNG"),
        (PDF.replace(b"<<>>\n%%", b"<< /Encrypt 5 0 R >>\n%%"), "有密码"),
        (PDF + b"0" * evidence.MOST_BYTES, "太大"),
    ],
)
def test_is_a_file_what_its_content_says_and_not_its_name(body: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        evidence.checked(io.BytesIO(body), "批复.pdf")


def test_is_a_file_kept_and_known_to_be_in_use(app: Flask) -> None:
    upload = evidence.checked(io.BytesIO(PDF), "批复\x00.html")
    assert (upload.media_type, upload.name) == ("application/pdf", "批复.html")
    with writing(db.session):
        file = evidence.keep(db.session, upload, REPORTER)
        matters.tell(db.session, REPORTER, PROGRAMME, SAID, [file])
    assert evidence.named(db.session) == {file.id}
