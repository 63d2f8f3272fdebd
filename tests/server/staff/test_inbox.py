"""Does everybody find what waits for them, and nobody what waits for others?"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from server import inbox, revisions
from server.db import db, now
from server.listing_rows import Sayings, load
from server.models import CalendarDayRow, Job, Revision, WorkingCopy
from server.revisions import writing
from tests.server.material import add, hotline, site
from tests.server.pages import Page
from tests.server.staff.desk import Desk

TODAY = date(2026, 11, 24)


@pytest.fixture
def desk(console: Flask) -> Desk:
    return Desk(console)


def told(desk: Desk, who: str, today: date = TODAY) -> dict[str, list[str]]:
    """By section the titles of what waits."""
    with desk.app.app_context():
        by = desk.member(getattr(desk, who))
        rows = load(db.session, Sayings())
        found = inbox.sections(db.session, by, rows, today)
        return {section.key: [item.title for item in section.items] for section in found}


def number(desk: Desk, who: str) -> int:
    with desk.app.app_context():
        return inbox.waiting(db.session, desk.member(getattr(desk, who)))


def test_goes_what_is_returned_to_its_author_with_the_reason(desk: Desk) -> None:
    id_ = desk.hand_in(5, booking="须预约")
    assert told(desk, "reviewer")["review"] == ["测试馆05"]
    assert "review" not in told(desk, "editor")
    assert number(desk, "reviewer") == 1
    desk.reviewer.post(f"/staff/review/{id_}/return", reason="没有来源")
    assert told(desk, "editor")["returned"] == ["测试馆05"]
    assert number(desk, "editor") == 1
    assert number(desk, "reviewer") == 0
    page = Page(desk.editor.get("/staff/inbox").text)
    assert "退回原因：没有来源" in page.text
    desk.hand_in(5, booking="须提前一天预约")
    assert "returned" not in told(desk, "editor")


def test_does_nobody_review_their_own(desk: Desk) -> None:
    desk.hand_in(5, by=desk.reviewer, booking="须预约")
    assert "review" not in told(desk, "reviewer")
    assert number(desk, "reviewer") == 0


def test_is_told_whose_revision_somebody_elses_draft_overtook(desk: Desk) -> None:
    id_ = desk.hand_in(5, booking="须预约")
    with desk.app.app_context(), writing(db.session):
        by = desk.member(desk.reviewer)
        last = revisions.newest(db.session, 5)
        assert last is not None
        revisions.save(db.session, by, 5, last.document | {"fee": "10 元"}, id_)
    assert told(desk, "editor")["overtaken"] == ["测试馆05"]
    assert "review" not in told(desk, "reviewer")


def test_are_old_drafts_unsaved_text_and_failed_jobs_told(desk: Desk) -> None:
    with desk.app.app_context():
        by = desk.member(desk.editor)
        with writing(db.session):
            last = revisions.newest(db.session, 5)
            assert last is not None
            document = last.document | {"booking": "须预约"}
            draft = revisions.save(db.session, by, 5, document, last.id).id
        old = datetime.fromisoformat("2026-11-10T08:00:00+08:00")
        db.session.execute(update(Revision).where(Revision.id == draft).values(created_at=old))
        db.session.add(
            WorkingCopy(account_id=by.account_id, key="k", type="site", fields={"name": "新馆"})
        )
        db.session.add(
            Job(
                kind="x", title="导入馆表", state="failed", message="第 3 行不对",
                created_by=by.account_id, finished_at=now(),
            )
        )  # fmt: skip
        db.session.commit()
    found = told(desk, "editor")
    assert found["drafts"] == ["测试馆05"]
    assert found["copies"] == ["新馆"]
    assert found["jobs"] == ["导入馆表"]
    assert not {"drafts", "copies", "jobs"} & told(desk, "reviewer").keys()
    assert desk.editor.get("/staff/inbox").status_code == 200


def test_are_stale_places_and_numbers_told_to_whom_they_are_given(desk: Desk) -> None:
    fresh = {"": {"source": "来函", "confirmed_on": "2026-11-20"}}
    with desk.app.app_context():
        add(site("新近确认馆", facts=fresh))
        add(hotline("新近确认线", "12338", facts={"number": fresh[""]}))
    found = told(desk, "editor")
    assert "收费馆" in found["stale"]
    assert "新近确认馆" not in found["stale"]
    assert "报警" in found["numbers"]
    assert "新近确认线" not in found["numbers"]
    bounded = Desk(desk.app, districts=["boshan"], suffix="2")
    assert all(name.startswith("测试馆") for name in told(bounded, "editor")["stale"])
    assert "numbers" not in told(bounded, "editor")


@pytest.mark.parametrize(("days", "is_told"), [(-3, True), (0, True), (6, True), (9, False)])
def test_is_a_notice_told_that_ends_soon_or_has_ended(desk: Desk, days: int, is_told: bool) -> None:
    end = datetime.fromisoformat("2026-11-24T12:00:00+08:00") + timedelta(days=days)
    notice: dict[str, Any] = {
        "type": "notice", "name": "改道", "effect": "detour", "text": "改道",
        "announced_at": "2026-11-01T08:00:00+08:00", "start": "2026-11-01T08:00:00+08:00",
        "end": end.isoformat(),
    }  # fmt: skip
    with desk.app.app_context():
        add(notice)
    publisher = Desk(desk.app, role="publisher", suffix="3")
    assert ("notices" in told(publisher, "reviewer")) is is_told
    assert "notices" not in told(desk, "editor")


def test_is_a_missing_holiday_calendar_told_from_december_on(desk: Desk) -> None:
    with desk.app.app_context():
        db.session.execute(delete(CalendarDayRow))
        db.session.commit()
    assert "calendar" not in told(desk, "editor", date(2026, 11, 30))
    assert told(desk, "editor", date(2026, 12, 1))["calendar"] == ["还没有 2027 年的节假日"]
    with desk.app.app_context():
        db.session.add(CalendarDayRow(date=date(2027, 1, 1), kind="holiday", name="元旦"))
        db.session.commit()
    assert "calendar" not in told(desk, "editor", date(2026, 12, 1))


def test_is_the_number_in_the_menu(desk: Desk) -> None:
    desk.hand_in(5, booking="须预约")
    page = Page(desk.reviewer.get("/staff/listings").text)
    assert "待办 1 件" in page.text
    assert "待办 条目" in Page(desk.editor.get("/staff/listings").text).text
