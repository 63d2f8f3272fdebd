"""An editor and a reviewer at work on the small map, by the rules themselves."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from server import revisions
from server.db import db
from server.models import Revision, StaffAccount
from server.revisions import Member, writing
from tests.server.pages import Page
from tests.server.staff.people import Person, somebody


@dataclass
class Clerk:
    account_id: int
    login: str
    role: str
    districts: list[str] | None
    listings: list[int] | None


class Desk:
    """An editor who hands in, a reviewer who decides."""

    def __init__(
        self,
        app: Flask,
        *,
        reviewer: Person | None = None,
        role: str = "reviewer",
        suffix: str = "",
        **bounds: Any,
    ) -> None:
        self.app = app
        self.editor = somebody(app, "editor", f"editor{suffix}", **bounds)
        self.reviewer = reviewer or somebody(app, role, f"reviewer{suffix}")

    def member(self, person: Person) -> Member:
        """The person as the rules know them; within an app context."""
        account = db.session.query(StaffAccount).filter_by(login=person.login).one()
        return Clerk(account.id, account.login, account.role, account.districts, account.listings)

    def hand_in(self, id_: int, by: Person | None = None, **changes: Any) -> int:
        with self.app.app_context():
            member = self.member(by or self.editor)
            with writing(db.session):
                last = revisions.newest(db.session, id_)
                assert last is not None
                draft = revisions.save(db.session, member, id_, last.document | changes, last.id)
                city = self.app.extensions["city"]
                return revisions.submit(db.session, member, draft.id, city).id

    def state(self, id_: int) -> str:
        with self.app.app_context():
            revision = db.session.get(Revision, id_)
            assert revision is not None
            return revision.state

    def page(self, id_: int, by: Person | None = None) -> Page:
        answer = (by or self.reviewer).get(f"/staff/review/{id_}")
        assert answer.status_code == 200
        return Page(answer.text)
