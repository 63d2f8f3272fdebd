"""Two at the same report in the same moment: is one kept, and the other told?"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from server import audit
from server.db import db
from server.ledger import reports
from server.ledger.content import Draft
from server.ledger.reports import Overtaken
from server.models import Report, ReportVersion
from server.revisions import Refused, writing
from tests.server.ledger.desk import CITY, IN_TIME, PROGRAMME, REPORTER, SCHOOLS, filled, save

CLERKS = 4


def at_once(app: Flask, do: object) -> list[str]:
    """What became of each of several who do the same at once: ``done`` or the kind of refusal."""
    start = Barrier(CLERKS)

    def one(number: int) -> str:
        with app.app_context():
            start.wait()
            try:
                with writing(db.session):
                    do(number)  # type: ignore[operator]
            except Refused as error:
                return type(error).__name__
            return "done"

    with ThreadPoolExecutor(CLERKS) as pool:
        return sorted(pool.map(one, range(CLERKS)))


def test_one_first_draft_is_kept(app: Flask) -> None:
    def type_(number: int) -> None:
        draft = Draft(progress=f"第 {number} 位")
        reports.save(db.session, REPORTER, PROGRAMME, SCHOOLS, draft, 0, IN_TIME)

    assert at_once(app, type_) == [Overtaken.__name__] * (CLERKS - 1) + ["done"]
    assert db.session.scalars(select(Report.edit)).all() == [1]
    assert audit.verify(db.session) is None


def test_one_version_is_handed_in(app: Flask) -> None:
    edit = save(SCHOOLS, filled(SCHOOLS)).edit
    db.session.rollback()

    def hand_in(number: int) -> None:
        reports.submit(db.session, REPORTER, PROGRAMME, SCHOOLS, edit, CITY, IN_TIME)

    assert at_once(app, hand_in) == [Overtaken.__name__] * (CLERKS - 1) + ["done"]
    assert db.session.scalars(select(ReportVersion.number)).all() == [1]
