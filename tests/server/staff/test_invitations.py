"""Does a link let in one person, once, in time?"""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from server import accounts
from server.db import db, now
from server.models import AuditEvent, Invitation, StaffAccount
from tests.server.pages import Page
from tests.server.staff.people import Person, hire, somebody, token

GOOD = "蓝色的茶壶在唱歌给月亮听"


@pytest.fixture
def boss(console: Flask) -> Person:
    return somebody(console, "administrator")


def invite(boss: Person, login: str = "zhang", **fields: object) -> str:
    """Invite somebody; the path of the link."""
    form = {"login": login, "name": "张敏", "role": "editor", "where": "all"} | fields
    answer = boss.post("/staff/accounts/new", **form)
    assert answer.status_code == 303, Page(answer.text).text
    return shown_link(boss, answer.location)


def shown_link(boss: Person, page: str) -> str:
    found = re.search(r"http://localhost(/staff/join/[\w-]+)<", boss.get(page).text)
    assert found is not None
    return found[1]


def accept(client: FlaskClient, link: str, password: str = GOOD, **more: str) -> TestResponse:
    form = {"name": "张敏", "password": password, "again": password} | more
    return client.post(link, data={"csrf_token": token(client, link)} | form)


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff/overview").status_code == 200


def test_does_a_link_let_somebody_in(console: Flask, boss: Person) -> None:
    link = invite(boss)
    client = console.test_client()
    page = Page(client.get(link).text)
    assert "zhang" in page.text
    assert {"name": "张敏"}.items() <= {
        f["name"]: f["value"] for f in page.all("input") if f.get("name") == "name"
    }.items()
    assert accept(client, link, name="张  敏敏").location == "/staff/overview"
    assert is_in(client)
    with console.app_context():
        account = accounts.verify("zhang", GOOD)
        assert account is not None
        assert (account.name, account.role) == ("张 敏敏", "editor")
        trail = db.session.scalars(select(AuditEvent)).all()
        assert [one.action for one in trail][-3:] == [
            "account.invited", "account.joined", "sign_in.succeeded",
        ]  # fmt: skip
        assert not [one for one in trail if link.rpartition("/")[2] in str(one.detail)]


def test_is_a_link_shown_once(boss: Person) -> None:
    answer = boss.post("/staff/accounts/new", login="a", name="甲", role="viewer", where="all")
    shown_link(boss, answer.location)
    assert "/staff/join/" not in boss.get(answer.location).text


def test_is_the_token_nowhere_in_the_database(console: Flask, boss: Person) -> None:
    link = invite(boss)
    with console.app_context():
        (kept,) = db.session.scalars(select(Invitation.sha256)).all()
    assert len(kept) == 64
    assert kept not in link


def test_is_a_link_good_once(console: Flask, boss: Person) -> None:
    link = invite(boss)
    first, second = console.test_client(), console.test_client()
    csrf = token(second, link)
    accept(first, link)
    form = {"csrf_token": csrf, "name": "坏人", "password": GOOD[::-1], "again": GOOD[::-1]}
    assert second.post(link, data=form).status_code == 410
    assert second.get(link).status_code == 410
    assert "链接已失效" in second.get(link).text
    with console.app_context():
        assert accounts.verify("zhang", GOOD)


def test_does_a_link_end_after_seven_days(console: Flask, boss: Person) -> None:
    link = invite(boss)
    with console.app_context():
        invitation = db.session.scalars(select(Invitation)).one()
        left = invitation.expires_at - now()
        assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
        invitation.expires_at = now() - timedelta(seconds=1)
        db.session.commit()
    assert console.test_client().get(link).status_code == 410
    assert "邀请已失效" in Page(boss.get("/staff/accounts").text).text


@pytest.mark.parametrize("how", ["revoke-link", "link", "disable"])
def test_what_makes_a_link_void(console: Flask, boss: Person, how: str) -> None:
    link = invite(boss)
    boss.post(f"/staff/accounts/2/{how}")
    assert console.test_client().get(link).status_code == 410


def test_does_a_link_outlive_another_password(console: Flask, boss: Person) -> None:
    password = hire(console, "li", "editor")
    li = Person(console, "li", password)

    def link() -> str:
        return shown_link(boss, boss.post("/staff/accounts/2/link").location)

    first = link()
    assert li.post("/staff/account/password", old=password, new=GOOD, again=GOOD).location
    assert console.test_client().get(first).status_code == 410
    second = link()
    with console.app_context():
        accounts.renew_password("li")
        db.session.commit()
    assert console.test_client().get(second).status_code == 410
    third = link()
    boss.post("/staff/accounts/2/disable")
    boss.post("/staff/accounts/2/enable")
    assert console.test_client().get(third).status_code == 410


def test_can_an_account_be_entered_before_its_link_was_used(console: Flask, boss: Person) -> None:
    invite(boss)
    client = console.test_client()
    for password in ("", "x"):
        form = {"csrf_token": token(client), "login": "zhang", "password": password}
        assert client.post("/staff/", data=form).status_code in (400, 403)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password": "short"}, "密码至少 12 个字"),
        ({"password": "zhang1234567"}, "太常见"),
        ({"again": "another one, not it"}, "两次填写的密码不一样"),
        ({"name": " "}, "姓名应为 1 至 60 个字"),
        ({"name": "x" * 61}, "姓名应为 1 至 60 个字"),
        ({"csrf_token": "old"}, "表单已过期"),
    ],
)
def test_is_a_mistake_told_and_the_link_still_good(
    console: Flask, boss: Person, form: dict[str, str], said: str
) -> None:
    link = invite(boss)
    client = console.test_client()
    password = form.get("password", GOOD)
    answer = accept(client, link, **({"password": password} | form))
    assert (answer.status_code, said in answer.text) == (400, True)
    assert password not in answer.text
    assert client.get(link).status_code == 200


def test_does_a_link_for_a_lost_password_sign_out_whoever_has_it(
    console: Flask, boss: Person
) -> None:
    password = hire(console, "li", "editor")
    thief = Person(console, "li", password)
    answer = boss.post("/staff/accounts/2/link")
    link = shown_link(boss, answer.location)
    assert is_in(thief.client), "a link that is not used changes nothing"
    client = console.test_client()
    assert "重设密码" in client.get(link).text
    accept(client, link)
    assert (is_in(client), is_in(thief.client)) == (True, False)
    with console.app_context():
        assert accounts.verify("li", password) is None
        assert "password.reset" in db.session.scalars(select(AuditEvent.action)).all()


def test_does_a_lost_password_not_spare_the_second_step(console: Flask, boss: Person) -> None:
    hire(console, "li", "editor")
    with console.app_context():
        db.session.execute(
            update(StaffAccount).where(StaffAccount.login == "li").values(totp_secret=b"kept")
        )
        db.session.commit()
    link = shown_link(boss, boss.post("/staff/accounts/2/link").location)
    client = console.test_client()
    assert accept(client, link).location == "/staff/code"
    assert not is_in(client)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"login": ""}, "登录名应为 1 至 64 个字"),
        ({"login": "a b"}, "没有空格"),
        ({"login": "x" * 65}, "登录名应为 1 至 64 个字"),
        ({"login": "administrator"}, "登录名已被使用"),
        ({"name": ""}, "姓名应为 1 至 60 个字"),
        ({"role": "king"}, "没有这个角色"),
        ({"where": "limited"}, "请至少选一个区县或填一个条目"),
        ({"where": "limited", "district": "nowhere"}, "没有这个区县"),
        ({"where": "limited", "more": "99999"}, "没有编号 99999 的条目"),
        ({"where": "limited", "more": "不存在的馆"}, "没有名称含“不存在的馆”的条目"),
        ({"where": "limited", "more": "测试馆"}, "不止一个：4 测试馆04"),
    ],
)
def test_is_an_invitation_that_can_not_be_told_and_nothing_made(
    console: Flask, boss: Person, form: dict[str, str], said: str
) -> None:
    sent = {"login": "zhang", "name": "张<b>敏", "role": "editor", "where": "all"} | form
    answer = boss.post("/staff/accounts/new", **sent)
    assert answer.status_code == 400
    assert said in Page(answer.text).text
    assert "<b>" not in answer.text
    typed = {f.get("name"): f.get("value") for f in Page(answer.text).all("input")}
    assert typed["login"] == sent["login"]
    with console.app_context():
        assert len(db.session.scalars(select(StaffAccount)).all()) == 1


def test_are_bounds_kept_as_they_were_chosen(console: Flask, boss: Person) -> None:
    invite(boss, where="limited", district=["boshan", "yiyuan"], more="3，测试馆04")
    invite(boss, "wang", role="publisher", where="limited", district="boshan")
    with console.app_context():
        rows = db.session.execute(
            select(StaffAccount.districts, StaffAccount.listings).order_by(StaffAccount.id)
        ).all()
    assert [tuple(row) for row in rows[1:]] == [(["boshan", "yiyuan"], [3, 4]), (None, None)]


def test_is_a_second_tap_told_that_the_login_is_taken(console: Flask, boss: Person) -> None:
    invite(boss)
    answer = boss.post("/staff/accounts/new", login="zhang", name="张", role="editor", where="all")
    assert (answer.status_code, "登录名已被使用：zhang" in answer.text) == (400, True)
