"""Does a page promise what the rules grant, and say why not where they don't?"""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from server.db import db
from server.ledger import closings, reports, timeline
from server.ledger.doings import doings
from server.ledger.owing import due_words, next_step, owed_by
from server.ledger.states import Standing, Work
from server.revisions import Refused, writing
from tests import tables
from tests.server.ledger.desk import (
    BUREAU,
    CITY,
    HEAD,
    IN_TIME,
    LATE,
    LEADER,
    OFFICE_HEAD,
    PROGRAMME,
    REPORTER,
    SCHOOLS,
    Clerk,
    accept,
    filled,
    form,
    hand_in,
    save,
    send_back,
)

Q1 = PROGRAMME.period("2023Q1")


@pytest.fixture
def database_url(sqlite_tables: Path, tmp_path: Path) -> str:
    """SQLite alone: the rules are tried on both in ``test_reports``."""
    return tables.copied(sqlite_tables, tmp_path)


def correct() -> None:
    report = reports.find(db.session, SCHOOLS)
    assert report is not None
    with writing(db.session):
        reports.correct(db.session, HEAD, PROGRAMME, SCHOOLS, "漏报一所", report.edit)


def close() -> None:
    with writing(db.session):
        closings.close(db.session, OFFICE_HEAD, Q1)


def begin(*steps: str) -> None:
    for step in steps:
        {
            "saved": lambda: save(SCHOOLS, filled(SCHOOLS), at=LATE),
            "submitted": lambda: hand_in(SCHOOLS, at=LATE),
            "returned": lambda: send_back(SCHOOLS, c1_1="请附名单"),
            "accepted": lambda: accept(SCHOOLS),
            "correcting": correct,
            "closed": close,
        }[step]()


def attempt(act: str, by: Clerk, at: datetime) -> None:
    """Do it and take it back."""
    report = reports.find(db.session, SCHOOLS)
    edit, of = report.edit if report else 0, (db.session, by, PROGRAMME, SCHOOLS)
    number = report.newest_number if report else 0
    start = db.session.begin_nested()
    try:
        match act:
            case "save":
                reports.save(*of, filled(SCHOOLS, c1_1="8"), edit, at)
            case "submit":
                report = reports.save(*of, filled(SCHOOLS, c1_1="8"), edit, at)
                reports.submit(*of, report.edit, CITY, at)
            case "withdraw":
                reports.withdraw(*of, edit, at)
            case "correct":
                reports.correct(*of, "漏报一所", edit)
            case "drop_correction":
                reports.drop_correction(*of, edit)
            case "review":
                reports.accept(*of, number, at, "没有扫描件")
    finally:
        start.rollback()


@pytest.mark.parametrize(
    "steps",
    [
        (), ("saved",), ("submitted",), ("submitted", "returned"), ("submitted", "accepted"),
        ("submitted", "accepted", "correcting"), ("closed",), ("submitted", "closed"),
        ("submitted", "accepted", "closed"),
    ],
    ids="-".join,
)  # fmt: skip
def test_may_one_do_what_the_page_says(app: Flask, steps: tuple[str, ...]) -> None:
    begin(*steps)
    for by in (REPORTER, HEAD, OFFICE_HEAD, LEADER):
        found = doings(db.session, by, PROGRAMME, SCHOOLS, LATE)
        assert bool(found) == (by is not LEADER)
        for one in found:
            try:
                attempt(one.act, by, LATE)
                why = ""
            except Refused as error:
                why = str(error)
            assert bool(one.why_not) == bool(why), (by.role, one, why)


def test_may_nothing_be_done_before_a_quarter_begins(app: Flask) -> None:
    later = SCHOOLS._replace(period="2023Q3")
    found = {one.act: one.why_not for one in doings(db.session, REPORTER, PROGRAMME, later, LATE)}
    assert found["save"] == "2023 年第三季度还没有开始"


def test_does_a_unit_see_what_it_owes_and_what_comes_next(app: Flask) -> None:
    def first(at: datetime) -> tuple[Standing, Work, bool, str]:
        today = at.date()
        one = owed_by(db.session, PROGRAMME, BUREAU, today)[0]
        return one.standing, one.work, one.late, next_step(one, today)

    assert len(owed_by(db.session, PROGRAMME, BUREAU, IN_TIME.date())) == 4 * 3
    assert first(IN_TIME) == (Standing.NOT_DUE, Work.NOT_STARTED, False, "开始填报")
    begin("saved")
    assert first(LATE) == (Standing.OVERDUE, Work.DRAFT, True, "填完后提交")
    begin("submitted")
    assert first(LATE) == (Standing.FILED, Work.SUBMITTED, True, "打印盖章，上传扫描件")
    begin("returned")
    assert first(LATE)[1:] == (Work.RETURNED, True, "4 月 10 日前修改并重新提交")
    one = owed_by(db.session, PROGRAMME, BUREAU, LATE.date())[0]
    assert one.reasons == {"1.1": "请附名单"}
    assert [due_words(days) for days in (5, 0, -2)] == ["还有 5 天", "今天到期", "已过 2 天"]


def test_does_the_timeline_tell_who_did_what_in_chinese(app: Flask) -> None:
    save(SCHOOLS, filled(SCHOOLS, c1_1="1"))
    save(SCHOOLS, filled(SCHOOLS, c1_1="2"))
    begin("submitted", "returned")
    report = reports.find(db.session, SCHOOLS)
    assert report is not None
    told = timeline.of_report(db.session, report.id, form(1))
    assert [(one.title, one.times) for one in told] == [
        ("退回报表", 1),
        ("提交报表", 1),
        ("填报保存", 3),
    ]
    assert "1.1 新改扩建幼儿园：请附名单" in told[0].told
    assert told[1].told == ("第 1 版", "逾期")
