"""Does a made-up year hold what a year holds, and does ``verify`` see what was tampered with?"""

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config.programmes import Programme, programmes
from config.settings import Settings
from server import audit
from server.db import db
from server.ledger.demo import UNSEALED, fill
from server.ledger.demo_mark import is_demo
from server.ledger.everything import Asked, rows
from server.ledger.verifying import verify
from server.models import AuditEvent, Report, ReportVersion, TotalsConfirmed
from server.revisions import Refused, writing
from tests import tables
from tests.conftest import make_app
from tests.server.ledger import raw
from tests.server.ledger.desk import CITY, OFFICE_HEAD, PROGRAMME, SCHOOLS, save
from tests.server.ledger.desk import filled as typed
from tests.server.test_cli import run


@pytest.fixture
def database_url(sqlite_tables: Path, tmp_path: Path) -> str:
    """SQLite alone: the year is laid by the rules of reports, which are tried on both."""
    return tables.copied(sqlite_tables, tmp_path)


def test_does_the_year_hold_all_units_quarters_and_fates(year: Flask) -> None:
    reports = db.session.scalars(select(Report)).all()
    assert len({one.unit for one in reports}) == len(PROGRAMME.units) == 17
    by_quarter = Counter(one.period for one in reports)
    owed = sum(len(action.units) for action in PROGRAMME.actions)
    assert by_quarter["2023Q1"] == by_quarter["2023Q2"] == owed
    assert by_quarter["2023Q3"] == owed - 2
    states = Counter(one.state for one in reports if one.period == "2023Q4")
    assert states == {"accepted": 11, "submitted": 6, "returned": 2, "draft": 4}
    assert {one.state for one in reports if one.period < "2023Q4"} == {"accepted"}
    outcomes = Counter(outcome for _, outcome, _ in raw.versions())
    accepted = len([one for one in reports if one.state == "accepted"])
    assert outcomes == {
        "accepted": accepted + 3,  # corrected
        "returned": 3 + 3 + 2 + 2,
        "withdrawn": 1,
        "waiting": 6,
    }
    assert Counter(one.period for one in reports if one.without_progress) == {
        "2023Q2": 2,
        "2023Q3": 2,
    }


def test_do_all_indicators_have_something_to_show_by_the_third_quarter(year: Flask) -> None:
    told = {
        name.partition("/")[0]
        for (_, _, period), content in raw.counting().items()
        if period == "2023Q2"
        for name, said in content["cells"].items()
        if not said["not_ours"]
    }
    assert told == {one.code for action in PROGRAMME.actions for one in action.indicators}
    assert len(told) == 47


def test_is_what_is_made_up_said_to_be_so(year: Flask) -> None:
    assert is_demo(db.session, 2023)
    assert not is_demo(db.session, 2024)
    for _, _, content in raw.versions():
        assert "示例" in content["filled_by"]
        assert "示例" in content["signed_by"]
        assert "示例" in content["progress"] + content["nothing_reason"]
    accepted = select(AuditEvent.detail).where(AuditEvent.action == "report.accepted")
    assert {detail["unsealed"] for detail in db.session.scalars(accepted)} == {UNSEALED}


def test_does_a_lead_unit_confirm_what_is_whole_and_a_correction_makes_it_old(year: Flask) -> None:
    numbers = {
        (unit, action, period): content["number"]
        for (unit, action, period), content in raw.counting().items()
    }
    rows = db.session.scalars(select(TotalsConfirmed)).all()
    stale = {
        (row.period, row.action)
        for row in rows
        if row.parts
        != {
            unit: number
            for (unit, action, period), number in numbers.items()
            if (period, action) == (row.period, row.action)
        }
    }
    corrected = {
        (period, action)
        for (_, action, period), _, content in raw.versions()
        if content["correction"]
    }
    assert stale == corrected
    assert len(rows) > len(stale) > 0


def test_is_no_real_ledger_filled_up(app: Flask) -> None:
    save(SCHOOLS, typed(SCHOOLS))
    with pytest.raises(Refused, match="真实的填报"), writing(db.session):
        fill(db.session, PROGRAMME, CITY)
    assert not is_demo(db.session, 2023)
    assert len(db.session.scalars(select(Report)).all()) == 1


def test_does_the_command_line_fill_and_verify(app: Flask) -> None:
    app.extensions["programmes"] = programmes()
    assert run(app, "progress", "demo", "--year", "1999")[0] == 1
    code, told = run(app, "progress", "demo", "--seed", "1")
    assert (code, "17 个单位，应报 112 份" in told) == (0, True)
    # The same seed gives the same year.
    assert len(list(raw.versions())) == 113
    assert run(app, "progress", "demo", "--seed", "2")[0] == 1
    code, told = run(app, "progress", "verify")
    head = audit.head(db.session)
    assert (code, f"{head.number}:{head.hash}" in told) == (0, True)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            """UPDATE report_version SET content = replace(content, '"value": "', '"value": "9')
            WHERE id = 3""",
            "内容与摘要不符",
        ),
        ("UPDATE report_version SET digest = 'x' WHERE id = 3", "与审计记录里提交时的摘要不符"),
        ("DELETE FROM report_version WHERE id = 3", "少了第 1 版"),
        (
            "UPDATE report_version SET outcome = 'accepted' WHERE id ="
            " (SELECT max(id) FROM report_version WHERE outcome = 'waiting')",
            "没有通过这一版",
        ),
        (
            "UPDATE report_version SET outcome = 'withdrawn' WHERE id ="
            " (SELECT min(id) FROM report_version WHERE outcome = 'accepted')",
            "审核的结果与审计记录不符",
        ),
        (
            "UPDATE report_version SET reasons = '{}' WHERE outcome = 'returned'",
            "审核的结果与审计记录不符",
        ),
        ("UPDATE report_version SET late = 0 WHERE late = 1", "迟报的标记与审计记录不符"),
        (
            "UPDATE report_version SET submitted_at = '2023-01-01 00:00:00' WHERE id = 3",
            "提交时间或迟报的标记与审计记录不符",
        ),
        ("UPDATE report SET accepted_number = 1 WHERE accepted_number = 2", "最后通过的一版"),
        ("UPDATE report SET filed_at = '2023-01-01 00:00:00' WHERE id = 3", "首次提交的时间"),
        (
            """UPDATE totals_confirmed SET totals = replace(totals, 'true', 'false')
            WHERE id = (SELECT min(id) FROM totals_confirmed WHERE totals LIKE '%true%')""",
            "合计确认与审计记录不符",
        ),
        ("DELETE FROM audit_event WHERE id = 40", "审计记录不完整"),
    ],
)
def test_is_tampering_seen(year: Flask, tmp_path: Path, statement: str, fault: str) -> None:
    assert verify(db.session).faults == ()
    db.session.remove()
    raw.copied(year.extensions["settings"].instance / "tongyou.db", tmp_path / "tongyou.db")
    raw.tamper(tmp_path / "tongyou.db", statement)
    app = make_app(Settings(_env_file=None, instance=tmp_path))
    with app.app_context():
        app.extensions["programmes"] = programmes()
        assert any(fault in one for one in verify(db.session).faults)
        assert run(app, "progress", "verify")[0] == 1
        db.session.remove()
        db.engine.dispose()


def test_are_the_versions_as_many_as_the_trail_tells(year: Flask) -> None:
    found = verify(db.session)
    assert found.versions == len(db.session.scalars(select(ReportVersion.id)).all())
    assert found.accepted == sum(outcome == "accepted" for _, outcome, _ in raw.versions())


def test_are_all_events_of_the_year_handed_out_and_none_of_another(year: Flask) -> None:
    def told(of: Programme) -> list[int]:
        return [row[0] for row in rows("events", Asked(db.session, OFFICE_HEAD, of, CITY))]

    every = db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)).all()
    assert told(PROGRAMME) == every
    # Numbers of rows are no years, whatever they look like.
    assert told(PROGRAMME.model_copy(update={"year": int(every[-1]) - 1})) == []
