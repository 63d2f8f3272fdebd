"""The rules of a revision's life: who may write, hand in, approve and return what, and when."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from geo.city import City
from server import accounts, audit, editing, inbox, review, revisions
from server.db import db
from server.models import AuditEvent, Revision
from server.revisions import NotReady, Refused, Stale, writing
from server.staff.audit_words import TITLES
from tests.server.material import add, hotline, set_state, site


@dataclass
class Staff:
    account_id: int
    login: str
    role: str
    districts: list[str] | None = None
    listings: list[int] | None = None


def hire(login: str, role: str, **bounds: Any) -> Staff:
    account, _ = accounts.create_account(login, role, login)
    db.session.commit()
    return Staff(account.id, login, role, **bounds)


@pytest.fixture
def editor(app: Flask) -> Staff:
    return hire("editor", "editor")


@pytest.fixture
def reviewer(app: Flask) -> Staff:
    return hire("reviewer", "reviewer")


def draft(by: Staff, document: dict[str, Any] | None = None) -> Revision:
    with writing(db.session):
        return revisions.create(db.session, by, document or site())


def submitted(by: Staff, city: City, document: dict[str, Any] | None = None) -> Revision:
    revision = draft(by, document)
    with writing(db.session):
        return revisions.submit(db.session, by, revision.id, city)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Revision)) or 0


def test_does_a_draft_go_its_way_to_approval(editor: Staff, reviewer: Staff, city: City) -> None:
    revision = submitted(editor, city)
    assert revision.submitted_at is not None
    with writing(db.session):
        review.approve(db.session, reviewer, revision.id, city)
    assert (revision.state, revision.decided_by) == ("approved", reviewer.account_id)
    actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["revision.saved", "revision.submitted", "revision.approved"]
    assert audit.verify(db.session) is None


def test_is_a_document_stored_in_full(editor: Staff) -> None:
    document = draft(editor, site(introduction="一\r\n二")).document
    assert document["introduction"] == "一\n二"
    assert document["closures"] == []


def test_is_what_does_not_validate_refused_with_every_mistake(editor: Staff) -> None:
    with pytest.raises(NotReady) as told, writing(db.session):
        revisions.create(db.session, editor, site(lon="东", ages={"min": 9, "max": 3}))
    assert {lack.field for lack in told.value.lacks} == {"lon", "ages"}
    assert "适合年龄前后矛盾" in str(told.value)
    assert count() == 0
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 0


def test_is_nothing_changed_when_a_rule_says_no_half_way(editor: Staff) -> None:
    with pytest.raises(Refused):
        _two_of_which_one_is_refused(editor)
    assert count() == 0


def _two_of_which_one_is_refused(editor: Staff) -> None:
    with writing(db.session):
        revisions.create(db.session, editor, site())
        revisions.create(db.session, editor, {"type": "notice", "name": "x"})


def test_is_a_second_save_from_one_version_stale(editor: Staff) -> None:
    first = draft(editor)
    with writing(db.session):
        second = revisions.save(db.session, editor, first.listing_id, site(fee="5 元"), first.id)
    assert second.based_on_id == first.id
    with pytest.raises(Stale) as told, writing(db.session):
        revisions.save(db.session, editor, first.listing_id, site(fee="6 元"), first.id)
    assert told.value.newest.id == second.id


def test_does_a_listing_keep_its_type(editor: Staff) -> None:
    first = draft(editor)
    with pytest.raises(Refused, match="类型不能更改"), writing(db.session):
        revisions.save(db.session, editor, first.listing_id, hotline(), first.id)


@pytest.mark.parametrize(
    ("bounds", "inside"),
    [
        ({"districts": ["zhangdian"]}, True),
        ({"districts": ["boshan"]}, False),
        ({"listings": [1]}, True),
        ({"listings": [2]}, False),
    ],
)
def test_do_bounds_hold_for_what_is_there(app: Flask, bounds: dict[str, Any], inside: bool) -> None:
    add(site())
    bounded = hire("bounded", "editor", **bounds)
    last = revisions.newest(db.session, 1)
    assert last
    if inside:
        with writing(db.session):
            revisions.save(db.session, bounded, 1, site(fee="5 元"), last.id)
    else:
        with pytest.raises(Refused, match="不在您负责的范围内"), writing(db.session):
            revisions.save(db.session, bounded, 1, site(district="boshan"), last.id)


def test_can_nobody_carry_a_place_out_of_their_bounds(app: Flask) -> None:
    add(site())
    bounded = hire("bounded", "editor", districts=["zhangdian"])
    with pytest.raises(Refused, match="范围"), writing(db.session):
        revisions.save(db.session, bounded, 1, site(district="boshan"), 1)


@pytest.mark.parametrize("role", ["viewer", "dispatcher"])
def test_can_only_editors_write(app: Flask, role: str) -> None:
    person = hire("somebody", role)
    with pytest.raises(Refused, match="您的角色不能编辑"):
        draft(person)


def test_is_what_lacks_told_before_submitting(editor: Staff, city: City) -> None:
    revision = draft(editor, site(lon=116.4, lat=39.9, theme="no_such"))
    with pytest.raises(NotReady) as told, writing(db.session):
        revisions.submit(db.session, editor, revision.id, city)
    assert [lack.field for lack in told.value.lacks] == ["theme", "lat"]
    assert revisions.newest(db.session, revision.listing_id, "draft")


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (None, "须注明来源"),
        ({"source": "", "confirmed_on": "2026-11-01"}, "须注明来源"),
        ({"source": "市妇联函"}, "须注明哪一天确认过"),
        ({"source": "市妇联函", "confirmed_on": "2999-01-01"}, "须注明哪一天确认过"),
    ],
)
def test_does_a_number_change_with_a_source_only(
    editor: Staff, city: City, fact: dict[str, str] | None, told: str
) -> None:
    add(hotline())
    document = hotline(number="12356", facts={"number": fact} if fact else {})
    with writing(db.session):
        revision = revisions.save(db.session, editor, 1, document, 1)
    with pytest.raises(NotReady, match=told), writing(db.session):
        revisions.submit(db.session, editor, revision.id, city)


OLD = {"source": "市妇联函", "confirmed_on": "2026-10-01"}


@pytest.mark.parametrize(
    ("fact", "enough"),
    [
        (OLD, False),
        ({"source": "市妇联新函", "confirmed_on": "2026-09-30"}, False),
        ({"source": "市妇联函", "confirmed_on": "2026-11-20"}, True),
        ({"source": "市妇联新函", "confirmed_on": "2026-10-01"}, True),
    ],
)
def test_does_a_new_number_not_live_on_what_was_known_of_the_old(
    editor: Staff, city: City, fact: dict[str, str], *, enough: bool
) -> None:
    add(hotline(facts={"number": OLD}))
    with writing(db.session):
        document = hotline(number="12356", facts={"number": fact})
        revision = revisions.save(db.session, editor, 1, document, 1)
    if enough:
        with writing(db.session):
            revisions.submit(db.session, editor, revision.id, city)
        return
    with pytest.raises(NotReady, match="新号码自己的来源"), writing(db.session):
        revisions.submit(db.session, editor, revision.id, city)


def test_does_a_number_that_stays_need_no_new_source(editor: Staff, city: City) -> None:
    add(hotline())
    with writing(db.session):
        revision = revisions.save(db.session, editor, 1, hotline(note="全天"), 1)
        revisions.submit(db.session, editor, revision.id, city)
    assert revision.state == "submitted"


def test_can_nobody_decide_on_their_own(reviewer: Staff, city: City) -> None:
    revision = submitted(reviewer, city)
    for decide in (
        lambda: review.approve(db.session, reviewer, revision.id, city),
        lambda: review.send_back(db.session, reviewer, revision.id, "不对"),
    ):
        with pytest.raises(Refused, match="不能审核自己"), writing(db.session):
            decide()
    assert revision.state == "submitted"


def test_can_an_editor_not_review(editor: Staff, reviewer: Staff, city: City) -> None:
    revision = submitted(reviewer, city)
    with pytest.raises(Refused, match="您的角色不能审核"), writing(db.session):
        review.approve(db.session, editor, revision.id, city)


def test_is_a_return_told_with_its_reason(editor: Staff, reviewer: Staff, city: City) -> None:
    revision = submitted(editor, city)
    with pytest.raises(Refused, match="请写明退回的原因"), writing(db.session):
        review.send_back(db.session, reviewer, revision.id, " ")
    with writing(db.session):
        review.send_back(db.session, reviewer, revision.id, "电话不对 ")
    assert (revision.state, revision.decision_note) == ("returned", "电话不对")
    with pytest.raises(Refused, match="状态已经变了"), writing(db.session):
        review.approve(db.session, reviewer, revision.id, city)


def test_does_a_new_draft_withdraw_what_was_handed_in(
    editor: Staff, reviewer: Staff, city: City
) -> None:
    revision = submitted(editor, city)
    with writing(db.session):
        revisions.save(db.session, editor, revision.listing_id, site(fee="5 元"), revision.id)
    with pytest.raises(Stale), writing(db.session):
        review.approve(db.session, reviewer, revision.id, city)


def test_who_may_take_back_what_was_handed_in(editor: Staff, reviewer: Staff, city: City) -> None:
    revision = submitted(editor, city)
    with pytest.raises(Refused, match="只有提交的人能撤回"), writing(db.session):
        revisions.withdraw(db.session, hire("other", "editor"), revision.id)
    with writing(db.session):
        revisions.withdraw(db.session, editor, revision.id)
    assert (revision.state, revision.submitted_at) == ("draft", None)


def test_is_a_retired_listing_closed_to_drafts(editor: Staff) -> None:
    add(site())
    set_state(1, "retired")
    with pytest.raises(Refused, match="已撤下"), writing(db.session):
        revisions.save(db.session, editor, 1, site(fee="5 元"), 1)
    with pytest.raises(Refused, match="没有编号为 9"), writing(db.session):
        revisions.save(db.session, editor, 9, site(), 1)


# What goes live at once


def go_live(by: Staff, **changes: Any) -> Revision:
    shown = revisions.newest_approved(db.session, 1)
    assert shown
    with writing(db.session):
        return revisions.go_live(
            db.session, by, 1, {**shown.document, **changes}, action="listing.closed_today"
        )


CLOSED = {"closures": [{"start": "2026-11-24", "end": "2026-11-24", "reason": "停电"}]}


def test_is_what_went_live_checked_by_somebody_else(editor: Staff, reviewer: Staff) -> None:
    add(site())
    revision = go_live(reviewer, **CLOSED)
    assert (revision.state, revision.check_due) == ("approved", True)
    with pytest.raises(Refused, match="不能审核自己"), writing(db.session):
        review.check(db.session, reviewer, revision.id)
    other = hire("second", "reviewer")
    with writing(db.session):
        review.check(db.session, other, revision.id)
    assert (revision.check_due, revision.checked_by) == (False, other.account_id)
    with pytest.raises(Refused, match="没有等待复核"), writing(db.session):
        review.check(db.session, other, revision.id)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_is_unapproved_work_carried_on_past_what_went_live(
    editor: Staff, reviewer: Staff, city: City, state: str
) -> None:
    add(site())
    with writing(db.session):
        mine = revisions.save(db.session, editor, 1, site(fee="5 元"), 1, "更正收费")
        if state != "draft":
            revisions.submit(db.session, editor, mine.id, city)
        if state == "returned":
            review.send_back(db.session, reviewer, mine.id, "没有来源")
    live = go_live(reviewer, **CLOSED)
    last = revisions.newest(db.session, 1)
    assert last
    assert (last.state, last.author_id, last.note) == (state, editor.account_id, "更正收费")
    assert (last.based_on_id, last.document["fee"]) == (live.id, "5 元")
    assert last.document["closures"] == CLOSED["closures"]
    assert last.decision_note == ("没有来源" if state == "returned" else "")
    assert live.document["fee"] == ""
    if state == "submitted":
        with writing(db.session):
            review.approve(db.session, reviewer, last.id, city)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_is_unapproved_work_that_conflicts_left_where_it_was_and_told(
    editor: Staff, reviewer: Staff, city: City, state: str
) -> None:
    add(site())
    with writing(db.session):
        mine = revisions.save(db.session, editor, 1, site(phone="0533-1111"), 1)
        if state != "draft":
            revisions.submit(db.session, editor, mine.id, city)
        if state == "returned":
            review.send_back(db.session, reviewer, mine.id, "没有来源")
    live = go_live(reviewer, phone="0533-2222")
    last = revisions.newest(db.session, 1)
    assert last
    assert last.id == live.id
    told = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "revision.left_behind")
    ).one()
    assert (told.subject_id, told.detail["revision"], told.detail["to"]) == (1, mine.id, live.id)
    assert TITLES["revision.left_behind"]
    offered = editing.left_behind(db.session, 1, editor.account_id)
    assert offered
    assert offered.id == mine.id
    assert editing.left_behind(db.session, 1, reviewer.account_id) is None
    # The form offers a draft; what was handed in or sent back has gone from the author's sight.
    assert inbox.waiting(db.session, editor) == (state != "draft")
    with writing(db.session):
        revisions.save(db.session, editor, 1, live.document | {"phone": "0533-3333"}, live.id)
    assert inbox.waiting(db.session, editor) == 0


def test_is_nothing_told_of_a_draft_that_says_nothing_more(editor: Staff, reviewer: Staff) -> None:
    add(site())
    with writing(db.session):
        revisions.save(db.session, editor, 1, site(phone="0533-2222"), 1)
    go_live(reviewer, phone="0533-2222")
    actions = db.session.scalars(select(AuditEvent.action)).all()
    assert not {"revision.left_behind", "revision.carried_on"} & set(actions)


def test_does_an_approved_listing_carry_nothing_on(reviewer: Staff) -> None:
    add(site())
    go_live(reviewer, **CLOSED)
    assert count() == 2
