"""Can everything that was ever said be looked at and brought back?"""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from server import publishing
from server.db import db
from server.models import AuditEvent, Listing, Revision
from tests.server.pages import Page
from tests.server.staff.forms import fill_in
from tests.server.staff.people import somebody

MUSEUM = "/staff/listings/1"
EDIT = f"{MUSEUM}/edit"


def revisions_of(app: Flask) -> Sequence[Revision]:
    with app.app_context():
        query = select(Revision).where(Revision.listing_id == 1).order_by(Revision.id)
        return db.session.scalars(query).all()


@pytest.fixture
def edited(console: Flask) -> Flask:
    """The museum with two drafts on top of what is approved."""
    editor = somebody(console, "editor", "zhang")
    fill_in(editor, EDIT, phone="0533-1111111", change_note="来电更正")
    fill_in(editor, EDIT, phone="0533-2222222", fee="5 元", lon="118.06")
    return console


def test_does_the_history_tell_who_and_why(edited: Flask) -> None:
    page = Page(somebody(edited, "viewer").get(MUSEUM).text)
    ids = [revision.id for revision in revisions_of(edited)]
    links = [link for link in page.links if "/revisions/" in link]
    assert links == [f"{MUSEUM}/revisions/{id_}" for id_ in reversed(ids)]
    assert "zhang的姓名" in page.text
    assert "来电更正" in page.text
    assert "已有更新的版本" in page.text


def test_can_a_former_version_be_looked_at(edited: Flask) -> None:
    first, second, _ = revisions_of(edited)
    viewer = somebody(edited, "viewer")
    text = Page(viewer.get(f"{MUSEUM}/revisions/{second.id}").text).text
    assert "与现在的不同" in text
    assert "收费说明 5 元 未登记" in text
    assert "恢复会写成" not in text
    assert viewer.post(f"{MUSEUM}/revisions/{first.id}/restore", based_on="1").status_code == 303
    assert len(revisions_of(edited)) == 3


def test_is_a_version_restored_as_a_new_draft(edited: Flask) -> None:
    first, _, last = revisions_of(edited)
    editor = somebody(edited, "editor", "li")
    path = f"{MUSEUM}/revisions/{first.id}"
    answer = editor.post(f"{path}/restore", based_on=str(last.id), part="")
    assert answer.location == MUSEUM
    restored = revisions_of(edited)[-1]
    assert restored.document["phone"] == "0533-2164568"
    assert restored.document["fee"] == ""
    assert (restored.state, restored.note) == ("draft", f"恢复自版本 {first.id}")
    assert len(revisions_of(edited)) == 4
    # Once more from the page as it was: what has been done already is not done again.
    editor.post(f"{path}/restore", based_on=str(last.id), part="")
    assert len(revisions_of(edited)) == 4


def test_is_one_part_restored_alone(edited: Flask) -> None:
    first, _, last = revisions_of(edited)
    editor = somebody(edited, "editor", "li")
    for part in ("phone", "position"):
        based_on = str(revisions_of(edited)[-1].id)
        editor.post(f"{MUSEUM}/revisions/{first.id}/restore", based_on=based_on, part=part)
    document = revisions_of(edited)[-1].document
    assert (document["phone"], document["lon"]) == ("0533-2164568", 118.05)
    assert document["fee"] == "5 元"
    before = len(revisions_of(edited))
    for part in ("nonsense", "facts.nonsense"):
        editor.post(f"{MUSEUM}/revisions/{first.id}/restore", based_on=str(last.id), part=part)
    editor.post(f"{MUSEUM}/revisions/{first.id}/restore", based_on="x", part="phone")
    assert len(revisions_of(edited)) == before


def test_does_a_withdrawn_submission_become_a_draft_again(edited: Flask) -> None:
    zhang = somebody(edited, "editor", "wang")
    last = str(revisions_of(edited)[-1].id)
    zhang.post(f"{MUSEUM}/submit", revision=last)
    assert revisions_of(edited)[-1].state == "submitted"
    assert "只有提交的人能撤回" in _told(zhang, f"{MUSEUM}/withdraw", revision=last)
    reviewer = somebody(edited, "reviewer")
    assert "已撤回到草稿" in _told(reviewer, f"{MUSEUM}/withdraw", revision=last)
    assert revisions_of(edited)[-1].state == "draft"
    assert "没有提交" in _told(reviewer, f"{MUSEUM}/submit", revision="nonsense")


def test_is_a_retired_place_off_the_map_and_back(console: Flask) -> None:
    reviewer = somebody(console, "reviewer")
    assert somebody(console, "editor").post(f"{MUSEUM}/retire", reason="x").status_code == 403
    assert "请写明撤下的原因" in _told(reviewer, f"{MUSEUM}/retire", reason=" ")
    assert "不超过 200 个字" in _told(reviewer, f"{MUSEUM}/retire", reason="长" * 201)
    assert "已撤下" in _told(reviewer, f"{MUSEUM}/retire", reason="场馆搬迁")
    text = Page(reviewer.get(MUSEUM).text).text
    assert "公众还能看到，下一次发布后撤下" in text
    assert "起不在地图上：场馆搬迁" in text
    assert "这个条目已经不在用了" in _told(reviewer, f"{MUSEUM}/retire", reason="再来")
    with console.app_context():
        publishing.publish(console.extensions["settings"], console.extensions["city"])
    assert "公众已经看不到" in Page(reviewer.get(MUSEUM).text).text
    assert "已恢复" in _told(reviewer, f"{MUSEUM}/bring-back")
    assert "不需要恢复" in _told(reviewer, f"{MUSEUM}/bring-back")
    with console.app_context():
        assert db.session.get_one(Listing, 1).state == "active"
        told = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
        assert [action for action in told if action.startswith("listing.")] == [
            "listing.retired",
            "listing.brought_back",
        ]
    history = Page(reviewer.get(MUSEUM).text).text
    assert "撤下" in history
    assert "场馆搬迁" in history


def test_do_bounds_hold_for_retiring_and_merged_stay_merged(console: Flask) -> None:
    bounded = somebody(console, "reviewer", "boshan", districts=["boshan"])
    assert "不在您负责的范围内" in _told(bounded, f"{MUSEUM}/retire", reason="x")
    reviewer = somebody(console, "reviewer")
    assert "已并入编号 1" in _told(reviewer, "/staff/listings/25/bring-back")
    assert "已并入" in Page(reviewer.get("/staff/listings/25").text).text


def _told(person: object, path: str, **fields: str) -> str:
    """Do something, and what the page then says."""
    answer = person.post(path, **fields)  # type: ignore[attr-defined]
    assert answer.status_code == 303, answer.text
    page = person.get(answer.location)  # type: ignore[attr-defined]
    return Page(page.text).text
