"""Does a report live as the office and the units expect: typed, handed in, returned, accepted?"""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from geo.opening import SHANGHAI
from server.db import db
from server.ledger import closings, correcting, deciding, reports
from server.ledger.checks import Unready
from server.ledger.content import CellDraft, Draft, digest
from server.ledger.people import Unseen
from server.ledger.reports import Overtaken
from server.ledger.states import Standing, is_late, standing
from server.models import AuditEvent, Report, ReportVersion
from server.revisions import Refused, writing
from tests.server.ledger.desk import (
    BUSES,
    CITY,
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
    save,
    send_back,
)

Q1 = PROGRAMME.period("2023Q1")


def lacks(error: pytest.ExceptionInfo[Unready]) -> dict[str, str]:
    return {one.field: one.message for one in error.value.mistakes}


def test_a_report_is_typed_handed_in_and_accepted(app: Flask) -> None:
    made = hand_in(SCHOOLS)
    assert (made.number, made.late, made.outcome) == (1, False, "waiting")
    report = accept(SCHOOLS)
    assert (report.state, report.accepted_number) == ("accepted", 1)
    told = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert told == ["report.saved", "report.submitted", "report.accepted"]


def test_an_accepted_version_can_not_be_altered(app: Flask) -> None:
    hand_in(SCHOOLS)
    accept(SCHOOLS)
    for statement in (
        "UPDATE report_version SET digest = 'x'",
        "UPDATE report_version SET outcome = 'waiting'",
        "UPDATE report_version SET reasons = '{}'",
        "DELETE FROM report_version",
    ):
        with pytest.raises(DBAPIError, match="never altered"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_what_is_handed_in_is_what_its_digest_covers(app: Flask) -> None:
    hand_in(SCHOOLS)
    row = db.session.scalars(select(ReportVersion)).one()
    assert digest(reports.statement(row)) == row.digest


def test_who_comes_second_is_told_and_loses_nothing_of_the_first(app: Flask) -> None:
    first = save(SCHOOLS, filled(SCHOOLS, c1_1="5"), edit=0)
    assert first.edit == 1
    for edit in (0, 7):
        with pytest.raises(Overtaken):
            save(SCHOOLS, filled(SCHOOLS, c1_1="9"), edit=edit)
    standing = reports.find(db.session, SCHOOLS)
    assert reports.draft_of(standing).cells["1.1"].value == "5"


def test_a_draft_may_be_nonsense_but_is_not_handed_in(app: Flask) -> None:
    draft = Draft(cells={"1.1": CellDraft(value="-3"), "1.2": CellDraft(value="1e309")})
    report = save(SCHOOLS, draft)
    with pytest.raises(Unready) as error, writing(db.session):
        reports.submit(db.session, REPORTER, PROGRAMME, SCHOOLS, report.edit, CITY, IN_TIME)
    assert lacks(error) == {
        "1.1": "不能是负数",
        "1.2": "应为数字；文字请写在说明里",
        "1.3": "还没有填",
        "1.4": "还没有填",
        "filled_by": "请填填报人",
        "signed_by": "请填单位负责人",
    }
    assert db.session.scalars(select(ReportVersion)).all() == []


def test_a_fall_and_a_leap_ask_for_a_reason(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="10"))
    second = SCHOOLS._replace(period="2023Q2")
    day = datetime(2023, 6, 20, 9, tzinfo=SHANGHAI)
    with pytest.raises(Unready) as error:
        hand_in(second, filled(second, c1_1="9", c1_2="10"), day)
    assert set(lacks(error)) == {"1.1", "1.2"}
    assert all(one.asks for one in error.value.mistakes)
    why = {"reason": "上季度重复统计 1 所"}
    draft = filled(second, c1_1={"value": "9"} | why, c1_2={"value": "10"} | why)
    assert hand_in(second, draft, day).number == 1


def test_nothing_reached_needs_a_reason_and_carries_on_what_stood(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="10"))
    second, day = SCHOOLS._replace(period="2023Q2"), datetime(2023, 6, 20, 9, tzinfo=SHANGHAI)
    signed = {"filled_by": "张三", "signed_by": "李四"}
    with pytest.raises(Unready):
        hand_in(second, Draft(nothing=True, **signed), day)
    hand_in(second, Draft(nothing=True, nothing_reason="施工期", **signed), day)
    report = reports.find(db.session, second)
    assert report is not None
    version = reports.version(db.session, report)
    assert version is not None
    assert reports.statement(version).cells["1.1"].value == 10
    due = PROGRAMME.period("2023Q2")
    assert standing(report, due, day.date()) is Standing.WITHOUT_PROGRESS


def test_the_four_standings_are_never_mixed_up(app: Flask) -> None:
    assert standing(None, Q1, IN_TIME.date()) is Standing.NOT_DUE
    assert standing(None, Q1, LATE.date()) is Standing.OVERDUE
    report = save(SCHOOLS, Draft())
    assert standing(report, Q1, LATE.date()) is Standing.OVERDUE
    hand_in(SCHOOLS)
    send_back(SCHOOLS, c1_1="请附名单")
    report = reports.find(db.session, SCHOOLS)
    assert standing(report, Q1, LATE.date()) is Standing.FILED


@pytest.mark.parametrize(
    ("role", "unit"),
    [("reporter", "市体育局"), ("unit_head", "市妇联"), ("reporter", None), ("administrator", None),
     ("office_head", None), ("leader", None), ("viewer", None)],
)  # fmt: skip
def test_nobody_but_the_unit_writes_its_report(app: Flask, role: str, unit: str | None) -> None:
    with pytest.raises(Refused):
        save(SCHOOLS, filled(SCHOOLS), Clerk(role, unit))
    assert db.session.scalars(select(Report)).all() == []


def test_no_report_is_kept_that_the_programme_does_not_ask_for(app: Flask) -> None:
    for key in (SCHOOLS._replace(action=2), SCHOOLS._replace(period="2024Q1")):
        with pytest.raises(Unseen):
            save(key, Draft(), Clerk("reporter", key.unit))
    with pytest.raises(Refused, match="还没有开始"):
        save(SCHOOLS._replace(period="2023Q4"), Draft(), at=IN_TIME)


def test_withdrawn_before_review_it_was_never_handed_in(app: Flask) -> None:
    made = hand_in(SCHOOLS)
    report = reports.find(db.session, SCHOOLS)
    assert report is not None
    with writing(db.session):
        reports.withdraw(db.session, REPORTER, PROGRAMME, SCHOOLS, report.edit, IN_TIME)
    assert report.state == "draft"
    assert standing(report, Q1, LATE.date()) is Standing.OVERDUE
    with pytest.raises(Refused, match="撤回"):
        accept(SCHOOLS, made.number)


def test_a_return_names_its_fields_and_a_day(app: Flask) -> None:
    hand_in(SCHOOLS)
    for reasons in ({}, {"c1_1": " "}, {"c9_9": "没有这一栏"}, {"c1_1": "x"}):
        with pytest.raises(Refused):
            send_back(SCHOOLS, **reasons)
    with pytest.raises(Refused, match="不能早于今天"), writing(db.session):
        deciding.send_back(
            db.session, REVIEWER, PROGRAMME, SCHOOLS, 1, {"1.1": "请附名单"}, IN_TIME.date(), LATE
        )
    report = send_back(SCHOOLS, c1_1="请附名单")
    assert (report.state, report.resubmit_by) == ("returned", date(2023, 4, 10))
    assert hand_in(SCHOOLS, at=datetime(2023, 4, 12, tzinfo=SHANGHAI)).late
    assert accept(SCHOOLS, 2).accepted_number == 2


def test_a_late_report_is_taken_and_stays_late(app: Flask) -> None:
    made = hand_in(SCHOOLS, at=LATE)
    report = reports.find(db.session, SCHOOLS)
    assert made.late
    send_back(SCHOOLS, c1_1="请附名单")
    assert hand_in(SCHOOLS, at=LATE).late
    assert is_late(report, Q1, LATE.date())
    assert not is_late(None, Q1, IN_TIME.date())


def test_nobody_accepts_without_seal_or_a_word_on_it(app: Flask) -> None:
    hand_in(SCHOOLS)
    with pytest.raises(Refused, match="扫描件"), writing(db.session):
        deciding.accept(db.session, REVIEWER, PROGRAMME, SCHOOLS, 1, LATE)
    for by in (REPORTER, HEAD, LEADER):
        with pytest.raises(Refused), writing(db.session):
            deciding.accept(db.session, by, PROGRAMME, SCHOOLS, 1, LATE, "没有扫描件")


def test_an_accepted_report_is_superseded_only(app: Flask) -> None:
    hand_in(SCHOOLS, filled(SCHOOLS, c1_1="10"))
    report = accept(SCHOOLS)
    with pytest.raises(Refused, match="更正"):
        save(SCHOOLS, filled(SCHOOLS, c1_1="11"))
    with pytest.raises(Refused), writing(db.session):
        correcting.correct(db.session, REPORTER, PROGRAMME, SCHOOLS, "漏报一所", report.edit)
    with writing(db.session):
        report = correcting.correct(db.session, HEAD, PROGRAMME, SCHOOLS, "漏报一所", report.edit)
    assert (report.state, report.accepted_number) == ("draft", 1)
    made = hand_in(SCHOOLS, filled(SCHOOLS, c1_1="11"))
    assert reports.statement(made).correction == "漏报一所"
    assert accept(SCHOOLS, 2).accepted_number == 2
    standing = db.session.scalars(select(ReportVersion).order_by(ReportVersion.number)).all()
    assert [reports.statement(one).cells["1.1"].value for one in standing] == [10, 11]


def test_a_closed_quarter_opens_again_by_the_office_alone(app: Flask) -> None:
    hand_in(SCHOOLS)
    with writing(db.session):
        closings.close(db.session, OFFICE_HEAD, Q1)
    for attempt in (lambda: save(TOWN, Draft()), lambda: accept(SCHOOLS)):
        with pytest.raises(Refused, match="封账"):
            attempt()
    for by, reason in ((REVIEWER, "补报"), (OFFICE_HEAD, " ")):
        with pytest.raises(Refused), writing(db.session):
            closings.reopen(db.session, by, Q1, reason)
    with writing(db.session):
        closings.reopen(db.session, OFFICE_HEAD, Q1, "市交通运输局补报")
    assert accept(SCHOOLS).state == "accepted"


def test_a_cell_may_be_anothers_only_where_there_is_another(app: Flask) -> None:
    with pytest.raises(Unready) as error:
        hand_in(SCHOOLS, filled(SCHOOLS, c1_1={"not_ours": True}))
    assert set(lacks(error)) == {"1.1"}
    draft = filled(BUSES, c3_1={"not_ours": True}, c3_2={"not_ours": True}, c3_3="7")
    assert reports.statement(hand_in(BUSES, draft)).cells["3.1"].not_ours
