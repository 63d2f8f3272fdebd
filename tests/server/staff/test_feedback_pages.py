"""Is what the public wrote shown to those whose it is, and answered once?"""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from server.db import db
from server.models import AuditEvent, Feedback, Person
from server.revisions import writing
from tests.server.pages import NASTY, Page
from tests.server.staff.people import Person as Clerk
from tests.server.staff.people import somebody


def written(app: Flask, listing: int, text: str, check: str = "pass", **more: Any) -> int:
    """Somebody wrote about a listing; the text's id."""
    with app.app_context(), writing(db.session):
        writer = db.session.scalars(select(Person)).first()
        if writer is None:
            writer = Person(openid_hash="h", openid_sealed=b"s", key_id="k")
            db.session.add(writer)
            db.session.flush()
        row = Feedback(person_id=writer.id, listing_id=listing, text=text, text_check=check, **more)
        db.session.add(row)
        db.session.flush()
        return row.id


def row(app: Flask, id_: int) -> Feedback:
    with app.app_context():
        return db.session.get_one(Feedback, id_)


@pytest.fixture
def editor(console: Flask) -> Clerk:
    return somebody(console, "editor", districts=["boshan"])


def test_does_an_editor_see_and_answer_what_is_in_their_district(
    console: Flask, editor: Clerk
) -> None:
    theirs = written(console, 5, "周一不开门")
    others = written(console, 1, "张店的事")
    shown = Page(editor.get("/staff/feedback").text).text
    assert "周一不开门" in shown
    assert "张店的事" not in shown
    assert editor.get(f"/staff/feedback/{others}").status_code == 404
    for act in ("answer", "close"):
        assert editor.post(f"/staff/feedback/{others}/{act}", answer="好").status_code == 404
    inbox = Page(editor.get("/staff/inbox").text)
    assert "等我答复的反馈 1" in inbox.text
    assert f"/staff/feedback/{theirs}" in inbox.links
    assert "待办 1 件" in inbox.text
    answer = editor.post(f"/staff/feedback/{theirs}/answer", answer=" 谢谢，已更正。 ")
    assert (answer.status_code, answer.location) == (303, "/staff/feedback")
    done = row(console, theirs)
    assert (done.state, done.answer) == ("answered", "谢谢，已更正。")
    assert "没有等待答复的反馈" in editor.get("/staff/feedback").text
    assert "周一不开门" in editor.get("/staff/feedback?state=answered").text
    assert row(console, others).state == "open"


def test_does_the_audit_trail_tell_who_answered_and_no_word_of_it(
    console: Flask, editor: Clerk
) -> None:
    one, other = written(console, 5, "秘密的话"), written(console, 6, "别的话")
    editor.post(f"/staff/feedback/{one}/answer", answer="答复的话")
    editor.post(f"/staff/feedback/{other}/close")
    with console.app_context():
        told = db.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action.startswith("feedback."))
            .order_by(AuditEvent.id)
        ).all()
        assert [(e.action, e.subject_id, e.detail) for e in told] == [
            ("feedback.answered", 5, {"feedback": one}),
            ("feedback.closed", 6, {"feedback": other}),
        ]
    publisher = somebody(console, "publisher")
    assert "答复的话" not in publisher.get("/staff/audit").text


def test_is_a_text_answered_by_one_person(console: Flask, editor: Clerk) -> None:
    id_ = written(console, 5, "周一不开门")
    other = somebody(console, "reviewer")
    editor.post(f"/staff/feedback/{id_}/answer", answer="已更正")
    late = other.post(f"/staff/feedback/{id_}/answer", answer="我也写了很久")
    assert late.status_code == 409
    assert "别人已经答复" in late.text
    assert "我也写了很久" in late.text
    assert other.post(f"/staff/feedback/{id_}/close").status_code == 409
    assert editor.post(f"/staff/feedback/{id_}/answer", answer="已更正，谢谢").status_code == 303
    assert row(console, id_).answer == "已更正，谢谢"


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "请用文字说明"), ("长" * 501, "500"), ("右\u202e左", "第 2 个字符"), ("😊", "文字")],
)
def test_is_a_bad_answer_told_beside_its_field(
    console: Flask, editor: Clerk, typed: str, told: str
) -> None:
    id_ = written(console, 5, "周一不开门")
    answer = editor.post(f"/staff/feedback/{id_}/answer", answer=typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert typed in answer.text
    assert row(console, id_).state == "open"


def test_does_an_expired_form_keep_its_text(console: Flask, editor: Clerk) -> None:
    id_ = written(console, 5, "周一不开门")
    answer = editor.post(f"/staff/feedback/{id_}/answer", answer="写了很久", csrf_token="old")
    assert answer.status_code == 400
    assert "写了很久" in answer.text
    assert row(console, id_).state == "open"


def test_are_texts_found_by_check_state_and_listing(console: Flask) -> None:
    reviewer = somebody(console, "reviewer")
    written(console, 5, "通过的")
    written(console, 5, "要人看的", "review", check_label=10001)
    written(console, 6, "没有查的", "failed")
    written(console, 2, NASTY)
    every = reviewer.get("/staff/feedback")
    assert "<script>alert" not in every.text
    assert "微信建议人工看：广告" in Page(every.text).text
    for query, wanted in (
        ("check=review", {"要人看的"}),
        ("check=failed", {"没有查的"}),
        ("listing=5", {"通过的", "要人看的"}),
        ("listing=6&check=pass", set()),
        ("state=closed", set()),
        ("state=all&check=pass&listing=5", {"通过的"}),
        ("state=%00&check=x&listing=99999999999999999999&before=-1", None),
    ):
        answer = reviewer.get(f"/staff/feedback?{query}")
        assert answer.status_code == 200
        found = {text for text in ("通过的", "要人看的", "没有查的") if text in answer.text}
        assert wanted is None or found == wanted, query


def test_is_a_text_gone_with_its_writer(console: Flask, editor: Clerk) -> None:
    id_ = written(console, 5, "周一不开门")
    with console.app_context(), writing(db.session):
        db.session.delete(db.session.scalars(select(Person)).one())
    assert editor.get(f"/staff/feedback/{id_}").status_code == 404
    assert editor.post(f"/staff/feedback/{id_}/answer", answer="好").status_code == 404
