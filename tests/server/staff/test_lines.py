"""Can a line be edited whole, by two people, with mistakes told where they are typed?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from server.db import db
from server.line_form import LineForm
from server.models import Revision, StaffAccount
from tests.server.material import add, set_state
from tests.server.pages import Page, served, settings_in
from tests.server.staff.people import Person, somebody
from tests.server.test_line_form import sent
from tests.server.test_publishing_lines import document


def fill() -> None:
    add(document(facts={"": {"source": "来函"}}))


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Flask]:
    """1 is a line."""
    with served(settings_in(tmp_path), fill) as app:
        yield app


@pytest.fixture
def editor(bus: Flask) -> Person:
    return somebody(bus, "reviewer")


def standing(app: Flask, listing_id: int = 1) -> Revision:
    with app.app_context():
        query = db.session.query(Revision).filter_by(listing_id=listing_id)
        revision = query.order_by(Revision.id.desc()).first()
        assert revision is not None
        db.session.expunge(revision)
        return revision


def send(
    person: Person, path: str, form: LineForm, based_on: int | None = None, **changed: Any
) -> TestResponse:
    fields: MultiDict[str, Any] = sent(form)
    for name, value in changed.items():
        fields[name] = value
    if based_on:
        fields["based_on"] = based_on
    fields.setdefault("csrf_token", person.token)
    return person.client.post(path, data=fields)


def edit(person: Person, app: Flask, **changed: Any) -> TestResponse:
    """Open the form, change some fields, send it."""
    last = standing(app)
    return send(person, "/staff/lines/1/edit", LineForm.of(last.document), last.id, **changed)


def test_does_the_form_hold_all_of_the_line(bus: Flask, editor: Person) -> None:
    page = Page(editor.get("/staff/lines/1/edit").text)
    typed = {f["name"]: f.get("value") for f in page.all("input") if f.get("name")}
    assert typed["t.to_school.0.0"] == "06:50"
    assert typed["t.to_school.1.0"] == "约06:54"
    assert typed["t.to_home.0.0"] == "17:30/17:31:30"
    assert typed["stop.1.name"] == "乙站"
    assert "整条线路" in page.text


def test_is_a_change_saved_as_a_draft_and_handed_in(bus: Flask, editor: Person) -> None:
    first = standing(bus)
    assert edit(editor, bus).status_code == 303
    assert standing(bus).id == first.id
    assert edit(editor, bus, **{"t.to_school.1.0": "6:55", "fare": "2 元"}).status_code == 303
    saved = standing(bus)
    assert (saved.state, saved.document["fare"]) == ("draft", "2 元")
    assert saved.document["trips"][0]["stop_times"][1]["arrival"] == "06:55"
    assert saved.document["shapes"] == first.document["shapes"]
    assert edit(editor, bus, do="submit").status_code == 303
    assert standing(bus).state == "submitted"


def test_is_an_obstacle_told_before_and_at_handing_in(bus: Flask, editor: Person) -> None:
    checked = edit(editor, bus, **{"t.to_school.1.0": "06:40", "do": "check"})
    assert checked.status_code == 200
    assert "上学第 2 站第 1 班" in checked.text
    assert "时间倒退" in Page(checked.text).text
    assert standing(bus).state == "approved"
    answer = edit(editor, bus, **{"t.to_school.1.0": "06:40", "do": "submit"})
    assert answer.status_code == 303
    assert standing(bus).state == "draft"
    page = editor.get("/staff/lines/1/edit").text
    assert "还不能提交" in page
    assert "时间倒退" in page


def test_is_nothing_typed_lost_by_a_mistake(bus: Flask, editor: Person) -> None:
    answer = edit(editor, bus, **{"t.to_school.1.0": "六点半", "introduction": "<b>写了很多</b>"})
    assert answer.status_code == 422
    page = Page(answer.text)
    wrong = [f for f in page.all("input") if f.get("aria-invalid")]
    assert [(f["name"], f["value"]) for f in wrong] == [("t.to_school.1.0", "六点半")]
    assert "&lt;b&gt;写了很多&lt;/b&gt;" in answer.text
    assert standing(bus).state == "approved"
    late = edit(editor, bus, csrf_token="expired", fare="三元")
    assert late.status_code == 400
    assert 'value="三元"' in late.text


def test_do_two_people_change_different_trips(bus: Flask, editor: Person) -> None:
    last = standing(bus)
    other = somebody(bus, "publisher")
    form = LineForm.of(last.document)
    path = "/staff/lines/1/edit"
    send(other, path, form, last.id, **{"t.to_school.1.0": "06:55", "phone": "12328"})
    answer = send(editor, path, form, last.id, **{"t.to_home.1.0": "17:55"})
    assert answer.status_code == 303
    document = standing(bus).document
    assert document["phone"] == "12328"
    assert document["trips"][0]["stop_times"][1]["arrival"] == "06:55"
    assert document["trips"][1]["stop_times"][1]["arrival"] == "17:55"


def test_do_two_people_see_what_both_changed(bus: Flask, editor: Person) -> None:
    last = standing(bus)
    other = somebody(bus, "publisher")
    form = LineForm.of(last.document)
    path = "/staff/lines/1/edit"
    send(other, path, form, last.id, **{"t.to_school.1.0": "06:55", "phone": "12328"})
    theirs = standing(bus).id
    answer = send(editor, path, form, last.id, **{"t.to_school.1.0": "06:53", "fare": "1 元"})
    assert answer.status_code == 409
    page = Page(answer.text)
    typed = {f["name"]: f.get("value") for f in page.all("input") if f.get("name")}
    assert (typed["t.to_school.1.0"], typed["fare"], typed["phone"]) == ("06:53", "1 元", "12328")
    assert "班次“早班”" in page.text
    assert "06:50、06:55、07:10" in page.text
    assert typed["based_on"] == str(theirs)
    assert standing(bus).id == theirs


def test_is_a_line_made_once(bus: Flask, editor: Person) -> None:
    assert editor.get("/staff/lines/new").status_code == 200
    form = LineForm.of(document(name="新线"))
    key = "new-0123456789abcdef"
    for _ in range(2):
        assert send(editor, "/staff/lines/new", form, key=key).status_code == 303
    assert standing(bus, 2).document["name"] == "新线"
    with bus.app_context():
        assert db.session.query(Revision).filter_by(listing_id=3).count() == 0
    assert send(editor, "/staff/lines/new", LineForm(), key=key).status_code == 422


def test_is_a_trip_added_without_a_script(bus: Flask, editor: Person) -> None:
    changed = {"do": "copy.to_school", "copy.to_school.trip": "1", "copy.to_school.minutes": "40"}
    answer = edit(editor, bus, **changed)
    typed = {f["name"]: f.get("value") for f in Page(answer.text).all("input") if f.get("name")}
    assert [typed[f"t.to_school.{row}.1"] for row in range(3)] == ["07:30", "约07:34", "07:50"]
    pasted = {"do": "paste.to_home", "paste.to_home.row": "1", "paste.to_home.trip": "2"}
    answer = edit(editor, bus, **pasted, **{"paste.to_home.text": "18:10\n18:30"})
    typed = {f["name"]: f.get("value") for f in Page(answer.text).all("input") if f.get("name")}
    assert [typed[f"t.to_home.{row}.1"] for row in range(2)] == ["18:10", "18:30"]
    assert standing(bus).state == "approved"


@pytest.mark.parametrize("role", ["viewer", "editor", "dispatcher"])
def test_may_others_not_edit_lines(bus: Flask, role: str) -> None:
    person = somebody(bus, role, listings=[1] if role == "dispatcher" else None)
    for path in ("/staff/lines/1/edit", "/staff/lines/new"):
        assert person.get(path).status_code == 403
        assert person.post(path, name="x").status_code == 403


def test_is_a_line_out_of_bounds_only_shown(bus: Flask, editor: Person) -> None:
    with bus.app_context():
        db.session.execute(update(StaffAccount).values(listings=[7]))
        db.session.commit()
    assert "不在您负责的范围内" in editor.get("/staff/lines/1/edit").text
    answer = edit(editor, bus, fare="9 元")
    assert answer.status_code == 403
    assert 'value="9 元"' in answer.text
    assert standing(bus).state == "approved"


def test_is_a_retired_line_not_edited(bus: Flask, editor: Person) -> None:
    with bus.app_context():
        set_state(1, "retired")
    assert "已撤下，不能编辑" in editor.get("/staff/lines/1/edit").text
    assert edit(editor, bus, fare="9 元").status_code == 403
    assert editor.get("/staff/lines/99/edit").status_code == 404
