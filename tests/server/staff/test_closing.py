"""Closed today: told at once, with nobody's draft, and checked after."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from geo.opening import SHANGHAI
from server import composing, editions, history, publishing, revisions
from server.closing import closed, reopened
from server.composing import NotPublishable
from server.db import db
from server.models import Revision
from server.revisions import Refused
from tests.server.material import add, revise, site
from tests.server.pages import Page
from tests.server.staff.forms import fill_in, inputs
from tests.server.staff.people import Person, somebody

MUSEUM = "/staff/listings/1"
EDIT = f"{MUSEUM}/edit"


def today() -> date:
    return datetime.now(SHANGHAI).date()


def public(app: Flask, id_: int = 1) -> dict[str, object]:
    """What the newest edition says of a place."""
    with app.app_context():
        connection = db.session.connection()
        last = editions.newest(connection)
        assert last
        packed = editions.packed(connection, last[0])
        assert packed
        document: dict[str, object] = composing.read(packed).entries[id_]["document"]
        return document


def newest(app: Flask, id_: int = 1) -> Revision:
    with app.app_context():
        query = select(Revision).where(Revision.listing_id == id_).order_by(Revision.id.desc())
        found = db.session.scalars(query).first()
        assert found
        return found


def publish(app: Flask) -> None:
    with app.app_context():
        publishing.publish(app.extensions["settings"], app.extensions["city"])


def close(person: Person, reason: str = "停电", path: str = MUSEUM, **more: str) -> str:
    """Close, and what the page then says."""
    answer = person.post(f"{path}/close", reason=reason, **more)
    assert answer.status_code == 303, answer.text
    return Page(person.get(path).text).text


def test_is_a_closure_public_at_once_and_checked_after(console: Flask) -> None:
    editor = somebody(console, "editor")
    assert "临时关闭已在第 3 期公布" in close(editor)
    day = today().isoformat()
    assert public(console)["closures"] == [{"start": day, "end": day, "reason": "停电"}]
    last = newest(console)
    assert (last.state, last.check_due) == ("approved", True)
    assert "今天临时关闭：停电" in Page(editor.get(MUSEUM).text).text
    assert "恢复开放已在第 4 期公布" in _reopen(editor)
    assert public(console)["closures"] == []


def _reopen(person: Person) -> str:
    assert person.post(f"{MUSEUM}/reopen").status_code == 303
    return Page(person.get(MUSEUM).text).text


def test_does_nobodys_draft_go_out_with_it_and_none_is_lost(console: Flask) -> None:
    drafter, editor = somebody(console, "editor", "zhang"), somebody(console, "editor", "li")
    fill_in(drafter, EDIT, act="submit", phone="0533-7654321")
    close(editor)
    assert public(console)["phone"] == "0533-2164568"
    # The submission still waits, now with the closure: approving it does not open the place.
    last = newest(console)
    assert last.state == "submitted"
    assert last.document["phone"] == "0533-7654321"
    assert [each["reason"] for each in last.document["closures"]] == ["停电"]
    with console.app_context():
        assert last.author_id == drafter.account_id
    text = Page(drafter.get(MUSEUM).text).text
    assert "电话 0533-2164568 0533-7654321" in text


def test_is_a_draft_that_conflicts_offered_to_its_author(console: Flask) -> None:
    drafter, editor = somebody(console, "editor", "zhang"), somebody(console, "editor", "li")
    with console.app_context():
        old = {"start": "2026-01-01", "end": today().isoformat(), "reason": "改造"}
        revise(1, site("淄博市博物馆", closures=[old]))
    publish(console)
    fill_in(drafter, EDIT, closures__0__reason="改造升级", introduction="新的介绍")
    _reopen(editor)
    assert newest(console).state == "approved"
    page = Page(drafter.get(EDIT).text)
    assert f"{EDIT}?resume=draft" in page.links
    assert "resume=draft" not in editor.get(EDIT).text
    answer = drafter.get(f"{EDIT}?resume=draft")
    form = inputs(answer)
    assert form["introduction"] == "新的介绍"
    assert "改造升级" in answer.text
    form |= {"act": "save", "choose.closures": "theirs"}
    assert drafter.client.post(EDIT, data=form).status_code == 303
    last = newest(console)
    assert (last.state, last.document["introduction"]) == ("draft", "新的介绍")
    assert last.document["closures"][0]["end"] == (today() - timedelta(days=1)).isoformat()
    assert "resume=draft" not in drafter.get(EDIT).text


def test_does_a_closure_publish_nothing_else(console: Flask) -> None:
    with console.app_context():
        revise(3, site("改了名的收费馆", lon=118.1))
    close(somebody(console, "editor"))
    assert public(console, 3)["name"] == "收费馆"


def test_does_nothing_that_is_approved_and_kept_back_go_out_with_it(console: Flask) -> None:
    editor = somebody(console, "editor")
    with console.app_context():
        shown = revisions.newest_approved(db.session, 1)
        assert shown
        revise(1, shown.document | {"phone": "0533-7654321"})
    assert "已通过、尚未发布的修改" in close(editor)
    assert public(console)["phone"] == "0533-2164568"
    page = Page(editor.get(MUSEUM).text)
    assert not [form for form in page.all("form") if "/close" in (form["action"] or "")]
    publish(console)
    assert "临时关闭已在第 4 期公布" in close(editor)
    with console.app_context():
        settings = console.extensions["settings"]
        publishing.rollback(settings, 3)
    # What was taken back stays so: neither opening nor closing brings it.
    assert "已通过、尚未发布的修改" in _reopen(editor)
    assert public(console)["closures"] == []


def test_does_a_place_that_was_never_public_stay_so(console: Flask) -> None:
    with console.app_context():
        id_ = add(site("新馆"))
    assert "还没有公布" in close(somebody(console, "editor"), path=f"/staff/listings/{id_}")
    with console.app_context():
        assert history.published(db.session, id_) is None


def test_is_a_closure_that_can_not_be_published_kept_and_told(
    console: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise NotPublishable([])

    monkeypatch.setattr(publishing, "publish", full_disk)
    text = close(somebody(console, "editor"))
    assert "会随下一次发布公布" in text
    assert newest(console).state == "approved"


def test_who_can_not_close_what(console: Flask) -> None:
    bounded = somebody(console, "editor", "boshan", districts=["boshan"])
    assert "不在您负责的范围内" in close(bounded)
    assert "第 3 期" in close(bounded, path="/staff/listings/4")
    assert somebody(console, "viewer").post(f"{MUSEUM}/close", reason="x").status_code == 403
    assert "只有地点能登记" in close(somebody(console, "editor"), path="/staff/listings/27")
    assert "没有公布" in close(somebody(console, "editor", "e2"), path="/staff/listings/26")
    assert newest(console).id == 1


def test_are_closures_that_make_no_sense_refused(console: Flask) -> None:
    editor = somebody(console, "editor")
    assert "请写明临时关闭的原因" in close(editor, "  ")
    yesterday, far = today() - timedelta(days=1), today() + timedelta(days=60)
    assert "最多到 14 天以后" in close(editor, until=yesterday.isoformat())
    assert "最多到 14 天以后" in close(editor, until=far.isoformat())
    assert "应为日期" in close(editor, until="明天")
    assert "没有登记" in close(editor, "两\n行")
    assert "今天没有登记临时关闭" in _reopen(editor)
    assert newest(console).id == 1
    close(editor)
    assert "今天已经登记了临时关闭" in close(editor)


DAY = date(2026, 11, 24)


def test_what_becomes_of_the_other_closures() -> None:
    past = {"start": "2026-01-01", "end": "2026-01-02", "reason": ""}
    ahead = {"start": "2026-12-01", "end": "2026-12-02", "reason": ""}
    document = closed({"closures": [past, ahead]}, DAY, DAY, "停电")
    assert document["closures"][:2] == [past, ahead]
    assert reopened(document, DAY)["closures"] == [past, ahead]
    long = {"start": "2026-11-20", "end": "2026-11-30", "reason": "检修"}
    assert reopened({"closures": [long]}, DAY)["closures"] == [long | {"end": "2026-11-23"}]
    with pytest.raises(Refused):
        closed({"closures": [long]}, DAY, DAY, "停电")
    full = [past | {"reason": str(n)} for n in range(49)] + [ahead]
    assert len(closed({"closures": full}, DAY, DAY, "停电")["closures"]) == 50
