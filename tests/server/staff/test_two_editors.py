"""Two people edit one listing: is the second told, and is nothing lost?"""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from server.db import db
from server.models import Revision
from tests.server.pages import Page
from tests.server.staff.forms import inputs
from tests.server.staff.people import Person, somebody

MUSEUM = "/staff/listings/1"
EDIT = f"{MUSEUM}/edit"


@pytest.fixture
def two(console: Flask) -> tuple[Person, Person]:
    return somebody(console, "editor", "zhang"), somebody(console, "editor", "li")


def latest(app: Flask) -> Revision:
    return everything(app)[-1]


def everything(app: Flask) -> Sequence[Revision]:
    with app.app_context():
        query = select(Revision).where(Revision.listing_id == 1).order_by(Revision.id)
        return db.session.scalars(query).all()


def opened(*people: Person) -> list[dict[str, str]]:
    """What each has before them: the same version."""
    return [inputs(person.get(EDIT)) for person in people]


def send(person: Person, form: dict[str, str], act: str = "save", **changes: str) -> Any:
    named = {name.replace("__", "."): text for name, text in changes.items()}
    return person.client.post(EDIT, data=form | {"act": act} | named)


def test_are_changes_of_different_fields_merged_and_told(
    console: Flask, two: tuple[Person, Person]
) -> None:
    zhang, li = two
    one, other = opened(zhang, li)
    send(zhang, one, phone="0533-1111111")
    answer = send(li, other, act="submit", fee="10 元")
    assert answer.location == f"{EDIT}?saved=1"
    last = latest(console)
    assert (last.document["phone"], last.document["fee"]) == ("0533-1111111", "10 元")
    # What came from somebody else is looked at before it is handed in.
    assert last.state == "draft"
    text = Page(li.get(EDIT).text).text
    assert "zhang的姓名 在 " in text
    assert "也改了这个条目（电话）" in text


def test_are_both_values_shown_and_one_to_choose(
    console: Flask, two: tuple[Person, Person]
) -> None:
    zhang, li = two
    one, other = opened(zhang, li)
    send(zhang, one, phone="0533-1111111", fee="5 元")
    answer = send(li, other, phone="0533-2222222", booking="要预约")
    assert answer.status_code == 409
    text = Page(answer.text).text
    for told in ("zhang的姓名 在 ", "0533-2164568", "0533-1111111", "0533-2222222"):
        assert told in text
    form = inputs(answer)
    assert form["phone"] == "0533-2222222"
    assert (form["fee"], form["booking"]) == ("5 元", "要预约")
    assert form["if_match"] == f'"r{latest(console).id}"'
    # Nothing is chosen yet: no "save anyway".
    again = send(li, form)
    assert again.status_code == 409
    assert inputs(again)["booking"] == "要预约"
    assert len(everything(console)) == 2


@pytest.mark.parametrize(
    ("choice", "typed", "comes_to"),
    [
        ("mine", "0533-9999999", "0533-2222222"),
        ("theirs", "0533-9999999", "0533-1111111"),
        ("other", "0533-3333333", "0533-3333333"),
    ],
)
def test_does_what_is_chosen_come_about(
    console: Flask, two: tuple[Person, Person], choice: str, typed: str, comes_to: str
) -> None:
    zhang, li = two
    one, other = opened(zhang, li)
    send(zhang, one, phone="0533-1111111", fee="5 元")
    form = inputs(send(li, other, phone="0533-2222222", booking="要预约"))
    answer = send(li, form, phone=typed, choose__phone=choice)
    assert answer.location == f"{MUSEUM}?saved=1"
    document = latest(console).document
    assert document["phone"] == comes_to
    assert (document["fee"], document["booking"]) == ("5 元", "要预约")


def test_does_a_third_save_meanwhile_ask_again(console: Flask, two: tuple[Person, Person]) -> None:
    zhang, li = two
    one, other = opened(zhang, li)
    send(zhang, one, phone="0533-1111111")
    form = inputs(send(li, other, phone="0533-2222222"))
    send(zhang, inputs(zhang.get(EDIT)), phone="0533-4444444")
    answer = send(li, form, choose__phone="mine")
    assert answer.status_code == 409
    assert "0533-4444444" in answer.text
    assert inputs(answer)["phone"] == "0533-2222222"


def test_does_nonsense_among_the_choices_do_no_harm(
    console: Flask, two: tuple[Person, Person]
) -> None:
    zhang, li = two
    one, other = opened(zhang, li)
    send(zhang, one, phone="0533-1111111")
    form = inputs(send(li, other, phone="0533-2222222"))
    for mine in ("[", "[1]", '{"position": 3}', '{"ages": {"min": "x"}}', '{"evil": 1}'):
        assert send(li, form, mine=mine, choose__phone="mine").status_code in (303, 409, 422)


def test_can_nobody_base_a_form_on_another_listings_version(
    console: Flask, two: tuple[Person, Person]
) -> None:
    zhang, _ = two
    (form,) = opened(zhang)
    for tag in ('"r2"', '"r999"', "", "r1", '"r99999999999999999999"'):
        answer = send(zhang, form, if_match=tag, fee="1 元")
        assert answer.status_code == 409, tag
        assert inputs(answer)["fee"] == "1 元"
    assert len(everything(console)) == 1


# The door for programs


def put(person: Person, body: Any, tag: str | None, token: bool = True) -> Any:
    headers = {"X-CSRFToken": person.token} if token else {}
    if tag is not None:
        headers["If-Match"] = tag
    return person.client.put(MUSEUM, json=body, headers=headers)


def test_is_if_match_required_of_programs(console: Flask, two: tuple[Person, Person]) -> None:
    zhang, li = two
    read = zhang.get(MUSEUM, headers={"Accept": "application/json"})
    tag, document = read.headers["ETag"], read.json["document"]
    assert put(zhang, document, None).status_code == 428
    assert put(zhang, document, tag, token=False).status_code == 400
    saved = put(zhang, document | {"fee": "5 元"}, tag)
    assert (saved.status_code, saved.json["state"]) == (200, "draft")
    assert saved.headers["ETag"] == f'"r{latest(console).id}"'
    stale = put(li, document | {"fee": "8 元", "booking": "要"}, tag)
    assert stale.status_code == 412
    assert stale.mimetype == "application/problem+json"
    assert stale.headers["ETag"] == saved.headers["ETag"]
    (conflict,) = stale.json["conflicts"]
    assert (conflict["theirs"], conflict["mine"]) == ("5 元", "8 元")
    assert stale.json["merged"]["booking"] == "要"
    assert put(li, stale.json["merged"], stale.headers["ETag"]).status_code == 200


def test_is_nonsense_of_programs_refused(console: Flask, two: tuple[Person, Person]) -> None:
    zhang, _ = two
    tag = zhang.get(MUSEUM).headers["ETag"]
    wrong = put(zhang, {"type": "site", "name": "x"}, tag)
    assert wrong.status_code == 422
    assert {"kind", "lon"} <= {each["field"] for each in wrong.json["errors"]}
    assert put(zhang, [1], tag).status_code == 400
    assert put(zhang, {"type": "hotline", "name": "x"}, tag).status_code == 403
    for never in ("*", '"r999"', "nonsense"):
        assert put(zhang, {}, never).status_code == 412
    elsewhere = somebody(console, "editor", "wang", districts=["boshan"])
    read = zhang.get(MUSEUM, headers={"Accept": "application/json"})
    assert put(elsewhere, read.json["document"], tag).status_code == 403
    assert len(everything(console)) == 1


def test_is_a_second_window_of_ones_own_merged_the_same_way(
    console: Flask, two: tuple[Person, Person]
) -> None:
    zhang, _ = two
    one, other = opened(zhang, zhang)
    send(zhang, one, phone="0533-1111111")
    send(zhang, other, fee="10 元")
    assert "您自己 在 " in zhang.get(EDIT).text
    document = latest(console).document
    assert (document["phone"], document["fee"]) == ("0533-1111111", "10 元")
