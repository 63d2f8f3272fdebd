"""Where is somebody signed in, and what ends it?"""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from server import accounts, passwords
from server.console.browsers import called
from server.db import db, now
from server.models import AuditEvent, StaffAccount, StaffSession
from tests.server.pages import Page
from tests.server.staff.people import Person, hire, somebody

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36"
)
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50"
)
GOOD = "蓝色的茶壶在唱歌给月亮听"


def is_in(person: Person) -> bool:
    return person.get("/staff/account").status_code == 200


def age(app: Flask, by: timedelta) -> None:
    """Let all sessions have been used last so long ago."""
    with app.app_context():
        db.session.execute(update(StaffSession).values(last_seen_at=now() - by))
        db.session.commit()


def last_event(app: Flask) -> AuditEvent:
    with app.app_context():
        return db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def twice(console: Flask) -> tuple[Person, Person]:
    """One person in two browsers."""
    password = hire(console, "li", "editor")
    return Person(console, "li", password), Person(console, "li", password)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/130.0", "Edge · Windows"),
        (WECHAT, "微信 · iPhone"),
        ("curl/8", "其他浏览器"),
        ("", "其他浏览器"),
    ],
)
def test_is_a_browser_called_as_people_call_it(told: str, name: str) -> None:
    assert called(told) == name


def test_is_the_token_nowhere_in_the_database(console: Flask) -> None:
    person = somebody(console, "editor")
    with person.client.session_transaction(path="/staff/") as session:
        token = session["_user_id"]
    assert len(token) >= 40
    with console.app_context():
        (held,) = db.session.scalars(select(StaffSession)).all()
        assert token not in (held.sha256, held.browser)
        assert len(held.sha256) == 64


def test_are_all_sessions_listed_and_this_one_marked(twice: tuple[Person, Person]) -> None:
    here, _ = twice
    found = Page(here.get("/staff/account").text)
    assert found.text.count("127.0.0.1") == 2
    assert found.text.count("这里") == 1
    ends = [f["action"] for f in found.all("form") if "/sessions/" in (f["action"] or "")]
    assert ends == ["/staff/account/sessions/end-others", "/staff/account/sessions/2/end"]


def test_can_one_be_ended_from_the_other(twice: tuple[Person, Person]) -> None:
    there, here = twice
    here.post("/staff/account/sessions/1/end")
    assert (is_in(here), is_in(there)) == (True, False)
    assert last_event(here.app).action == "session.ended"


def test_can_nobody_end_what_is_somebody_elses(console: Flask) -> None:
    person, other = somebody(console, "editor"), somebody(console, "viewer")
    other.post("/staff/account/sessions/1/end")
    assert is_in(person)
    assert last_event(console).action == "sign_in.succeeded"


def test_are_all_others_signed_out_at_once(twice: tuple[Person, Person]) -> None:
    there, here = twice
    here.post("/staff/account/sessions/end-others")
    assert (is_in(here), is_in(there)) == (True, False)


def test_is_signing_out_for_good(console: Flask) -> None:
    person = somebody(console, "editor")
    cookie = person.client.get_cookie("tongyou_staff", path="/staff")
    assert cookie is not None
    person.post("/staff/sign-out")
    person.client.set_cookie("tongyou_staff", cookie.value, path="/staff")
    assert not is_in(person)
    assert last_event(console).action == "sign_in.ended"


def test_does_a_session_end_when_nobody_uses_it_and_slide_when_somebody_does(
    console: Flask,
) -> None:
    person = somebody(console, "editor")
    for _ in range(3):
        age(console, timedelta(hours=11, minutes=59))
        answer = person.get("/staff/account")
        assert answer.status_code == 200
        assert "tongyou_staff=" in answer.headers["Set-Cookie"]  # signed anew: it ages as well
    age(console, timedelta(hours=12, seconds=1))
    assert not is_in(person)


def test_does_knowing_who_it_is_cost_one_question_and_no_write(console: Flask) -> None:
    person = somebody(console, "editor")
    said: list[str] = []
    with console.app_context():
        engine = db.engine

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        person.get("/staff/roles")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    asked = [statement for statement in said if not statement.startswith("BEGIN")]
    assert len([statement for statement in asked if "staff_session" in statement]) == 1
    assert all(statement.startswith("SELECT") for statement in asked)


def test_does_a_page_open_while_somebody_else_is_writing(console: Flask) -> None:
    person = somebody(console, "editor")
    age(console, timedelta(minutes=6))
    with console.app_context():
        connection = db.engine.raw_connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            assert is_in(person)
        finally:
            connection.execute("ROLLBACK")
            connection.close()


# The password


def change(person: Person, old: str, new: str, again: str | None = None) -> str:
    answer = person.post("/staff/account/password", old=old, new=new, again=again or new)
    return "" if answer.status_code == 303 else Page(answer.text).text


def test_does_a_new_password_sign_out_the_others(console: Flask) -> None:
    password = hire(console, "li", "editor")
    there, here = Person(console, "li", password), Person(console, "li", password)
    assert change(here, password, GOOD) == ""
    assert (is_in(here), is_in(there)) == (True, False)
    assert is_in(Person(console, "li", GOOD))
    with console.app_context():
        assert accounts.verify("li", password) is None
        trail = db.session.scalars(select(AuditEvent)).all()
        assert "password.changed" in [one.action for one in trail]
        assert not [one for one in trail if GOOD in str(one.detail) or password in str(one.detail)]


def test_is_the_old_password_asked_for_and_not_to_be_guessed(console: Flask) -> None:
    password = hire(console, "li", "editor")
    person = Person(console, "li", password)
    for _ in range(5):
        assert "现在的密码不对" in change(person, "wrong", GOOD)
    assert "密码填错的次数过多" in change(person, password, GOOD)
    assert is_in(Person(console, "li", password))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("short-one", "密码至少 12 个字"),
        ("x" * 201, "密码不超过 200 个字"),
        ("zhang-san-feng", "密码不能与登录名相同"),
        ("Zhang-San-Feng", "密码不能与登录名相同"),
        ("zhang-san-feng-123", "太常见"),
        ("123456789012", "太常见"),
        ("Password-2026!", "太常见"),
        ("tongyou-admin-2026", "太常见"),
        ("qwertyuiop123", "太常见"),
        ("abababababab", "重复的字太多"),
        ("童友图淄博妇联二〇二六12", ""),
    ],
)
def test_which_passwords_are_refused(new: str, said: str) -> None:
    told = passwords.objection(new, "zhang-san-feng")
    assert said in (told or "") if said else told is None


def test_must_the_new_password_be_another_and_typed_twice_alike(console: Flask) -> None:
    password = hire(console, "li", "editor")
    person = Person(console, "li", password)
    assert "不能与现在的相同" in change(person, password, password)
    assert "两次填写的新密码不一样" in change(person, password, GOOD, GOOD + "!")
    with console.app_context():
        assert accounts.verify("li", password)


def test_does_an_expired_form_change_nothing(console: Flask) -> None:
    password = hire(console, "li", "editor")
    person = Person(console, "li", password)
    person.token = "old"
    assert "表单已过期" in change(person, password, GOOD)
    with console.app_context():
        assert accounts.verify("li", password)


def test_can_an_account_without_a_password_be_entered_by_none(console: Flask) -> None:
    with console.app_context():
        accounts.add_account("new", "editor", "新人")
        db.session.commit()
        assert accounts.verify("new", "") is None
        assert db.session.scalars(select(StaffAccount.password_hash)).all() == [""]
