"""Who gets into the console, who does not, and what an attacker learns."""

import logging
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import create_app
from config.settings import Settings
from server import accounts, attempts, passwords
from server.console.sign_in import LOGIN_FAILURES, inside
from server.db import db, now
from server.models import Listing, Revision, SignInAttempt, StaffAccount
from server.secret_key import UnusableKey, secret_key
from tests.server.material import add, hotline, site
from tests.server.pages import Page, served, settings_in

WRONG = "登录名或密码不对。"


def one_place() -> None:
    add(site())


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with served(settings_in(tmp_path), one_place) as app:
        yield app


@pytest.fixture
def password(app: Flask) -> str:
    return make_account(app, "admin")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def make_account(app: Flask, login: str, role: str = "administrator") -> str:
    with app.app_context():
        _, password = accounts.create_account(login, role, "王<b>管理</b>")
        db.session.commit()
    return password


def token(client: FlaskClient, path: str = "/staff/") -> str:
    fields = Page(client.get(path).text).all("input")
    return next(f["value"] or "" for f in fields if f.get("name") == "csrf_token")


def sign_in(client: FlaskClient, login: str, password: str, **more: Any) -> TestResponse:
    form = {"csrf_token": token(client), "login": login, "password": password} | more
    return client.post("/staff/", data=form)


def sign_out(client: FlaskClient) -> TestResponse:
    return client.post("/staff/sign-out", data={"csrf_token": token(client, "/staff/overview")})


# In and out


def test_does_the_right_password_lead_to_the_overview(client: FlaskClient, password: str) -> None:
    answer = sign_in(client, " admin ", password)
    assert (answer.status_code, answer.location) == (303, "/staff/overview")
    text = Page(client.get("/staff/overview").text).text
    assert "admin · 管理员" in text
    assert client.get("/staff/").location == "/staff/overview"


def test_does_signing_out_close_the_console(client: FlaskClient, password: str) -> None:
    sign_in(client, "admin", password)
    assert client.get("/staff/sign-out").status_code == 405
    assert sign_out(client).status_code == 303
    assert client.get("/staff/overview").location == "/staff/?next=/staff/overview"


def test_can_nobody_be_signed_out_by_a_foreign_form(client: FlaskClient, password: str) -> None:
    sign_in(client, "admin", password)
    client.post("/staff/sign-out")
    assert client.get("/staff/overview").status_code == 200


def test_is_the_overview_closed_without_a_session(client: FlaskClient) -> None:
    answer = client.get("/staff/overview")
    assert (answer.status_code, answer.location) == (302, "/staff/?next=/staff/overview")


# What an attacker learns


def test_is_the_answer_the_same_for_wrong_unknown_and_disabled(
    app: Flask, client: FlaskClient, password: str
) -> None:
    gone = make_account(app, "gone")
    with app.app_context():
        db.session.execute(
            update(StaffAccount).where(StaffAccount.login == "gone").values(disabled_at=now())
        )
        db.session.commit()
    for login, tried in (("admin", "x"), ("nobody", password), ("gone", gone)):
        answer = sign_in(client, login, tried)
        assert answer.status_code == 403
        assert WRONG in answer.text
        assert tried not in answer.text or tried == "x"


def test_is_an_unknown_login_hashed_like_a_known_one(
    client: FlaskClient, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    hasher = passwords._hasher.__class__
    original = hasher.verify
    monkeypatch.setattr(
        hasher, "verify", lambda self, h, p: verified.append(h) or original(self, h, p)
    )
    sign_in(client, "nobody", "x")
    sign_in(client, "admin", "x")
    assert len(verified) == 2
    assert all(one.startswith("$argon2id$") for one in verified)


@pytest.mark.parametrize("login", ["admin", "nobody"])
def test_must_a_guesser_wait(client: FlaskClient, password: str, login: str) -> None:
    for _ in range(LOGIN_FAILURES):
        assert sign_in(client, login, "x").status_code == 403
    answer = sign_in(client, login.upper(), password)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "请 15 分钟后再试" in answer.text


def test_does_success_clear_the_failures(client: FlaskClient, password: str) -> None:
    for _ in range(3):
        for _ in range(LOGIN_FAILURES - 1):
            sign_in(client, "admin", "x")
        assert sign_in(client, "admin", password).status_code == 303
        sign_out(client)


def test_do_failures_count_on_every_worker(app: Flask) -> None:
    other = create_app(app.extensions["settings"])
    make_account(app, "admin")
    for each in (app, other, app, other, app):
        assert sign_in(each.test_client(), "admin", "x").status_code == 403
    assert sign_in(other.test_client(), "admin", "x").status_code == 429


def test_do_failures_let_go_after_their_window_and_leave_nothing(app: Flask) -> None:
    def age(by: timedelta) -> None:
        for row in db.session.scalars(select(SignInAttempt)):
            row.at -= by
        db.session.flush()

    with app.app_context():
        attempts.count(db.session, "a")
        age(timedelta(minutes=5))
        attempts.count(db.session, "a")
        assert 595 <= attempts.wait(db.session, "a", 2) <= 600
        assert attempts.wait(db.session, "b", 2) == 0
        age(timedelta(minutes=10, seconds=1))
        assert attempts.wait(db.session, "a", 2) == 0
        assert 290 <= attempts.wait(db.session, "a", 1) <= 300
        age(timedelta(minutes=15))
        attempts.count(db.session, "b")
        keys = db.session.scalars(select(SignInAttempt.key)).all()
        assert len(keys) == 1
        assert "b" not in keys
        attempts.forgive(db.session, "b")
        assert db.session.scalars(select(SignInAttempt)).all() == []


def test_is_no_password_written_to_the_log_or_the_page(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = sign_in(client, "admin", "geheim-123")
    assert "geheim-123" not in caplog.text + "".join(capsys.readouterr()) + answer.text


# The session


def test_is_the_cookie_kept_from_scripts_other_sites_and_other_paths(
    client: FlaskClient, password: str
) -> None:
    cookie = sign_in(client, "admin", password).headers["Set-Cookie"]
    assert cookie.startswith("tongyou_staff=")
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/staff"):
        assert attribute in cookie
    assert "Secure" not in cookie
    https = client.get("/staff/", base_url="https://map.example")
    assert "Secure" in https.headers["Set-Cookie"]


def test_does_nothing_of_a_planted_session_survive_signing_in(
    app: Flask, client: FlaskClient, password: str
) -> None:
    planted = token(client)
    with client.session_transaction(path="/staff/") as session:
        session["planted"] = "yes"
    sign_in(client, "admin", password)
    with client.session_transaction(path="/staff/") as session:
        assert "planted" not in session
    assert token(client, "/staff/overview") != planted


def test_does_a_forged_cookie_open_nothing(client: FlaskClient, password: str) -> None:
    client.set_cookie("tongyou_staff", "eyJfdXNlcl9pZCI6IjEifQ.x.y", path="/staff")
    assert client.get("/staff/overview").status_code == 302


def test_does_disabling_end_the_session(app: Flask, client: FlaskClient, password: str) -> None:
    sign_in(client, "admin", password)
    with app.app_context():
        db.session.execute(update(StaffAccount).values(disabled_at=now()))
        db.session.commit()
    assert client.get("/staff/overview").status_code == 302


def test_does_a_password_renewed_by_the_operator_end_the_session(
    app: Flask, client: FlaskClient, password: str
) -> None:
    sign_in(client, "admin", password)
    app.test_cli_runner().invoke(args=["password", "admin"])
    assert client.get("/staff/overview").status_code == 302


# Where it leads


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/staff/", "//evil.example/staff/", "/\\evil.example", "/staff/\\\\evil",
     "/staffx", "/", "/staff/../", "/staff/\r\nX: y", "javascript:alert(1)", "", None],
)  # fmt: skip
def test_can_next_lead_only_into_the_console(target: str | None) -> None:
    assert inside(target) is None


def test_is_next_followed_when_it_is_ours(client: FlaskClient, password: str) -> None:
    assert inside("/staff/overview?x=1") == "/staff/overview?x=1"
    away = sign_in(client, "admin", password, next="//evil.example/staff/")
    assert away.location == "/staff/overview"
    sign_out(client)
    assert sign_in(client, "admin", password, next="/staff/x").location == "/staff/x"


# Bad days


def test_does_the_typed_login_survive_an_expired_form(client: FlaskClient, password: str) -> None:
    answer = client.post(
        "/staff/", data={"csrf_token": "old", "login": "admin", "password": password}
    )
    assert answer.status_code == 400
    assert "表单已过期" in answer.text
    fields = {f.get("name"): f for f in Page(answer.text).all("input")}
    assert fields["login"]["value"] == "admin"
    assert not fields["password"].get("value")
    assert password not in answer.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"login": "", "password": "x"}, "请填写登录名"),
        ({"login": "a", "password": ""}, "请填写密码"),
        ({"login": "a" * 65, "password": "x"}, "登录名不超过 64 个字"),
        ({"login": "a", "password": "x" * 201}, "密码不超过 200 个字"),
    ],
)
def test_is_a_field_that_does_not_fit_told_beside_it(
    client: FlaskClient, form: dict[str, str], said: str
) -> None:
    answer = sign_in(client, form["login"], form["password"])
    assert answer.status_code == 400
    assert said in answer.text


def test_is_the_console_503_and_the_map_up_when_the_database_is_gone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with served(settings, one_place) as app:
        password = make_account(app, "admin")
        client = app.test_client()
        assert sign_in(client, "admin", password).status_code == 303
        app.extensions["atlas_keeper"].stop()  # or it would make the file anew
        with app.app_context():
            db.engine.dispose()
        for path in settings.instance.glob("tongyou.db*"):
            path.unlink()
        (settings.instance / "tongyou.db").mkdir()
        answer = client.get("/staff/overview")
        assert answer.status_code == 503
        assert "数据库暂时连不上" in answer.text
        assert app.test_client().get("/staff/").status_code == 200
        assert client.get("/").status_code == 200


# What the overview tells, on either database


def test_does_the_overview_count_what_stands_where(settings: Settings) -> None:
    def fill() -> None:
        add(site("一号馆"))
        add(hotline("内部", "12340", internal=True))
        listing = Listing(type="hotline")
        db.session.add(listing)
        db.session.flush()
        document = hotline("没有号码<b>", None)
        db.session.add(Revision(listing_id=listing.id, document=document, origin="starter"))
        db.session.commit()

    with served(settings, fill) as app:
        client = app.test_client()
        sign_in(client, "admin", make_account(app, "admin"))
        answer = client.get("/staff/overview")
        text = Page(answer.text).text
        assert "<b>" not in answer.text
        assert "地点 1 0 0 0" in text
        assert "热线 1 1 1 0" in text
        assert "没有号码<b>" in text
        assert "缺少电话号码" in text
        assert "第 1 期" in text


# The key


def test_is_the_key_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    keys: list[str] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        keys.append(secret_key(settings))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    path = settings.instance / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in settings.instance.iterdir()] == ["secret_key"]


def test_does_the_key_of_the_settings_come_first(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, instance=tmp_path, secret_key="given" * 7)
    assert secret_key(settings) == "given" * 7
    assert not (tmp_path / "secret_key").exists()


def test_is_a_damaged_key_told_rather_than_used(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(UnusableKey, match="不是有效的密钥"):
        secret_key(Settings(_env_file=None, instance=tmp_path))


@pytest.mark.parametrize("empty", ["", "   "])
def test_does_an_empty_key_count_as_none(tmp_path: Path, empty: str) -> None:
    key = secret_key(Settings(_env_file=None, instance=tmp_path, secret_key=empty))
    assert key == (tmp_path / "secret_key").read_text("ascii")


def test_is_a_short_key_of_the_settings_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match="TONGYOU_SECRET_KEY 太短：至少 32 个随机字符"):
        secret_key(Settings(_env_file=None, instance=tmp_path, secret_key="x" * 31))
