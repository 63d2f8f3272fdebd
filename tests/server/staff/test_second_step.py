"""Does the second step keep out who has only the password, and let in who has the phone?"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from server import second_step
from server.console import sign_in as entrance
from server.db import db, now
from server.models import AuditEvent, StaffAccount, StaffSession
from tests.server.pages import Page, fill, served, settings_in
from tests.server.staff.people import Person, hire, somebody, token

KEY = "k" * 40


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Flask]:
    """The console as it is unless the settings say otherwise."""
    with served(settings_in(tmp_path, second_step="privileged"), fill) as app:
        yield app


class Phone:
    """An authenticator with one secret in it; each code is of a step of its own."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._ahead = 0

    def code(self) -> str:
        step = int(time.time()) // 30 + self._ahead
        self._ahead += 1
        return str(self._totp.generate_otp(step))


def enter(app: Flask, login: str, password: str, **more: str) -> tuple[FlaskClient, TestResponse]:
    """The first step."""
    client = app.test_client()
    form = {"csrf_token": token(client), "login": login, "password": password} | more
    return client, client.post("/staff/", data=form)


def give(client: FlaskClient, code: str) -> TestResponse:
    """The second step."""
    return client.post(
        "/staff/code", data={"csrf_token": token(client, "/staff/code"), "code": code}
    )


def set_up(client: FlaskClient) -> tuple[Phone, list[str]]:
    """Scan the picture; the phone and the recovery codes."""
    shown = client.get("/staff/account/second-step").text
    secret = re.search(r'secret">([A-Z2-7 ]+)<', shown)[1].replace(" ", "")  # type: ignore[index]
    phone = Phone(secret)
    form = {"csrf_token": token(client, "/staff/account/second-step"), "code": phone.code()}
    answer = client.post("/staff/account/second-step", data=form)
    assert answer.status_code == 303, Page(answer.text).text
    codes = re.findall(r"<code>([\w-]+)</code>", client.get(answer.location).text)
    return phone, codes


def with_phone(app: Flask, role: str = "administrator") -> tuple[str, Phone, list[str]]:
    """Somebody who has set it up: the password, the phone, the recovery codes."""
    password = hire(app, role, role)
    client, _ = enter(app, role, password)
    phone, codes = set_up(client)
    return password, phone, codes


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff/overview").status_code == 200


# Being led to it


@pytest.mark.parametrize("role", ["publisher", "administrator"])
def test_must_the_privileged_set_it_up_before_anything_else(strict: Flask, role: str) -> None:
    client, answer = enter(strict, role, hire(strict, role, role))
    assert answer.location == "/staff/overview"
    assert client.get("/staff/overview").location == "/staff/account/second-step"
    page = Page(client.get("/staff/account/second-step").text)
    assert "您的角色要求两步验证" in page.text
    assert not [link for link in page.links if link == "/staff/account"]
    csrf = token(client, "/staff/account/second-step")
    assert client.post("/staff/audit/verify", data={"csrf_token": csrf}).status_code == 403
    set_up(client)
    assert is_in(client)


@pytest.mark.parametrize(
    ("setting", "role", "required"),
    [
        ("privileged", "editor", False),
        ("privileged", "reviewer", False),
        ("privileged", "publisher", True),
        ("all", "viewer", True),
        ("off", "administrator", False),
    ],
)
def test_of_whom_is_it_required(setting: str, role: str, required: bool) -> None:
    assert second_step.is_required(setting, role) is required


def test_must_whoever_becomes_privileged_set_it_up_at_once(strict: Flask) -> None:
    person = somebody(strict, "editor")
    with strict.app_context():
        db.session.get_one(StaffAccount, person.account_id).role = "publisher"
        db.session.commit()
    assert person.get("/staff/overview").location == "/staff/account/second-step"


# Signing in with it


def test_does_the_password_alone_open_nothing(strict: Flask) -> None:
    password, phone, _ = with_phone(strict)
    client, answer = enter(strict, "administrator", password, next="/staff/account")
    assert answer.location == "/staff/code?next=/staff/account"
    assert client.get("/staff/overview").location.startswith("/staff/?next=")
    assert "staff/account" not in Page(client.get("/staff/code").text).links
    form = {"csrf_token": token(client, "/staff/code"), "code": phone.code()}
    done = client.post("/staff/code", data=form | {"next": "/staff/account"})
    assert (done.status_code, done.location) == (303, "/staff/account")
    assert is_in(client)


def test_is_a_code_good_once(strict: Flask) -> None:
    password, phone, _ = with_phone(strict)
    code = phone.code()
    client, _ = enter(strict, "administrator", password)
    assert give(client, code).status_code == 303
    again, _ = enter(strict, "administrator", password)
    answer = give(again, code)
    assert answer.status_code == 403
    assert "验证码不对，或者已经用过" in answer.text
    assert not is_in(again)


def test_is_guessing_codes_stopped(strict: Flask) -> None:
    password, phone, _ = with_phone(strict)
    for _ in range(2):
        client, _ = enter(strict, "administrator", password)
        statuses = [give(client, "000000").status_code for _ in range(3)]
    assert statuses == [403, 403, 429]
    assert give(client, phone.code()).status_code == 429
    with strict.app_context():
        told = db.session.scalars(select(AuditEvent.action)).all()
        assert told.count("sign_in.code_refused") == 5


def test_is_a_recovery_code_good_once_however_it_is_typed(strict: Flask) -> None:
    password, _, codes = with_phone(strict)
    assert len(set(codes)) == 10
    client, _ = enter(strict, "administrator", password)
    assert give(client, f" {codes[0].upper().replace('-', ' ')} ").status_code == 303
    assert "剩 9 个恢复码" in Page(client.get("/staff/account").text).text
    again, _ = enter(strict, "administrator", password)
    assert give(again, codes[0]).status_code == 403
    assert give(again, codes[1]).status_code == 303


def test_does_half_a_sign_in_end(strict: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    password, phone, _ = with_phone(strict)
    client, _ = enter(strict, "administrator", password)
    csrf = token(client, "/staff/code")
    monkeypatch.setattr(entrance, "HALF_WAY_S", -1)
    answer = client.post("/staff/code", data={"csrf_token": csrf, "code": phone.code()})
    assert answer.status_code == 403
    assert "停留超过 5 分钟" in answer.text
    assert not is_in(client)


def test_does_a_new_password_end_half_a_sign_in(strict: Flask) -> None:
    password, phone, _ = with_phone(strict)
    client, _ = enter(strict, "administrator", password)
    csrf = token(client, "/staff/code")
    strict.test_cli_runner().invoke(args=["password", "administrator"])
    client.post("/staff/code", data={"csrf_token": csrf, "code": phone.code()})
    assert not is_in(client)


def test_can_nobody_come_to_the_code_without_the_password(strict: Flask) -> None:
    client = strict.test_client()
    assert client.get("/staff/code").location == "/staff/"
    answer = client.post("/staff/code", data={"csrf_token": token(client), "code": "000000"})
    assert answer.location == "/staff/"


# Setting it up and changing it


def test_are_other_browsers_signed_out_when_it_is_set_up(strict: Flask) -> None:
    password = hire(strict, "li", "editor")
    there, here = Person(strict, "li", password), Person(strict, "li", password)
    set_up(here.client)
    assert (is_in(here.client), is_in(there.client)) == (True, False)


def test_is_nothing_set_up_by_a_wrong_code(strict: Flask) -> None:
    person = somebody(strict, "editor")
    before = person.get("/staff/account/second-step").text
    answer = person.post("/staff/account/second-step", code="123")
    assert answer.status_code == 400
    assert "验证码不对" in answer.text
    secret = re.search(r'secret">([A-Z2-7 ]+)<', before)[1]  # type: ignore[index]
    assert secret in answer.text, "the phone has it already"
    with strict.app_context():
        assert db.session.scalars(select(StaffAccount.totp_secret)).all() == [None]


def test_are_recovery_codes_shown_once(strict: Flask) -> None:
    person = somebody(strict, "editor")
    _, codes = set_up(person.client)
    assert len(codes) == 10
    assert person.get("/staff/account/recovery-codes").status_code == 302
    with strict.app_context():
        account = db.session.scalars(select(StaffAccount)).one()
        assert not set(codes) & set(account.recovery or ())
        trail = str([one.detail for one in db.session.scalars(select(AuditEvent))])
        assert not [code for code in codes if code in trail]


def test_does_another_phone_take_the_password_and_leave_the_old_until_it_is_ready(
    strict: Flask,
) -> None:
    password, old, _ = with_phone(strict)
    client, _ = enter(strict, "administrator", password)
    give(client, old.code())
    csrf = token(client, "/staff/account")
    path = "/staff/account/second-step"
    assert 'secret"' not in client.get(path).text
    wrong = client.post(f"{path}/replace", data={"csrf_token": csrf, "password": "x"})
    assert (wrong.status_code, "现在的密码不对" in wrong.text) == (400, True)
    assert 'secret"' not in client.get(path).text
    client.post(f"{path}/replace", data={"csrf_token": csrf, "password": password})
    phone, codes = set_up(client)
    assert len(codes) == 10
    again, _ = enter(strict, "administrator", password)
    assert give(again, Phone(old._totp.secret).code()).status_code == 403
    assert give(again, phone.code()).status_code == 303


def test_can_only_those_do_without_who_may(strict: Flask) -> None:
    for role, allowed in (("editor", True), ("administrator", False)):
        password, phone, _ = with_phone(strict, role)
        client, _ = enter(strict, role, password)
        give(client, phone.code())
        csrf = token(client, "/staff/account")
        form = {"csrf_token": csrf, "password": password}
        answer = client.post("/staff/account/second-step/remove", data=form)
        assert answer.status_code == (303 if allowed else 400)
        with strict.app_context():
            kept = db.session.scalars(
                select(StaffAccount.totp_secret).where(StaffAccount.login == role)
            ).one()
            assert (kept is None) is allowed


def test_can_the_operator_reset_it(strict: Flask) -> None:
    password, _, _ = with_phone(strict)
    told = strict.test_cli_runner().invoke(args=["reset-second-step", "administrator"])
    assert "已重置" in told.output
    client, answer = enter(strict, "administrator", password)
    assert answer.location == "/staff/overview"
    assert client.get("/staff/overview").location == "/staff/account/second-step"
    with strict.app_context():
        live = select(StaffSession).where(StaffSession.revoked_at.is_(None))
        assert len(db.session.scalars(live).all()) == 1


def test_is_a_changed_key_told_and_a_recovery_code_still_good(strict: Flask) -> None:
    password, phone, codes = with_phone(strict)
    strict.config["SECRET_KEY"] = KEY
    client, _ = enter(strict, "administrator", password)
    answer = give(client, phone.code())
    assert answer.status_code == 403
    assert "密钥更换过" in answer.text
    assert give(client, codes[3]).status_code == 303


# The rules


def test_is_the_secret_kept_so_that_only_the_key_opens_it() -> None:
    secret = second_step.new_secret()
    sealed = second_step.seal(secret, KEY)
    assert secret.encode() not in sealed
    assert second_step.unseal(sealed, KEY) == secret
    with pytest.raises(second_step.SecretLost):
        second_step.unseal(sealed, KEY + "!")


def test_are_codes_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1: the last six of its eight digits."""
    from datetime import UTC, datetime

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert second_step.accepted_step(secret, code, None, at) == seconds // 30


@pytest.mark.parametrize(
    ("off", "after", "good"),
    [(0, None, True), (-1, None, True), (1, None, True), (-2, None, False), (2, None, False),
     (0, 0, False), (0, -1, True), (-1, 0, False)],
)  # fmt: skip
def test_which_steps_are_accepted(off: int, after: int | None, good: bool) -> None:
    secret, at = second_step.new_secret(), now()
    present = int(at.timestamp()) // 30
    code = pyotp.TOTP(secret).generate_otp(present + off)
    used = None if after is None else present + after
    assert second_step.accepted_step(secret, code, used, at) == (present + off if good else None)


def test_may_a_code_be_typed_wide_or_with_a_gap() -> None:
    secret, at = second_step.new_secret(), now()
    code = pyotp.TOTP(secret).at(int(at.timestamp()))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for typed in (f"{code[:3]} {code[3:]}", wide):
        assert second_step.accepted_step(secret, typed, None, at) is not None
    for typed in ("", "x" * 1000, "四五六七八九"):
        assert second_step.accepted_step(secret, typed, None, at) is None
