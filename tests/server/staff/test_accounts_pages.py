"""Can the staff be managed, and can nobody lock themselves or everybody out?"""

import threading

import pytest
from flask import Flask
from sqlalchemy import event, select

from config.settings import Settings
from server import accounts, audit, membership
from server.console.role_words import ACTIONS, ROLES
from server.db import db
from server.membership import ANYWHERE
from server.models import AuditEvent, StaffAccount
from server.permissions import ALLOWED
from server.revisions import Refused, writing
from tests.server.pages import Page
from tests.server.staff.people import Person, hire, somebody


@pytest.fixture
def boss(console: Flask) -> Person:
    return somebody(console, "administrator")


def account(app: Flask, login: str) -> StaffAccount:
    with app.app_context():
        found = db.session.scalars(select(StaffAccount).where(StaffAccount.login == login)).one()
        db.session.expunge(found)
        return found


def told_next(person: Person, page: str = "/staff/accounts") -> str:
    return Page(person.get(page).text).text


def test_does_the_list_tell_who_there_is(console: Flask, boss: Person) -> None:
    somebody(console, "editor", "li", districts=["boshan"], listings=[3])
    hire(console, "zhao", "dispatcher", listings=[31])
    boss.post("/staff/accounts/new", login="new", name="<i>新</i>", role="viewer", where="all")
    boss.post("/staff/accounts/3/disable")
    answer = boss.get("/staff/accounts")
    text = Page(answer.text).text
    assert "<i>" not in answer.text
    assert "li的姓名 li 编辑 博山区；条目 3" in text
    assert "<i>新</i> new 查看 全市 从未 未启用 已邀请" in text
    assert text.index("zhao") > text.index("new"), "who was disabled stands last"
    assert "已停用" in text


def test_is_a_change_of_role_felt_at_once(console: Flask, boss: Person) -> None:
    person = somebody(console, "viewer", "li")
    assert person.get("/staff/audit").status_code == 403
    answer = boss.post("/staff/accounts/2", name="李", role="publisher", where="all")
    assert answer.status_code == 303
    assert person.get("/staff/audit").status_code == 200
    with console.app_context():
        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert event.action == "account.changed"
        assert event.detail["role"] == {"from": "viewer", "to": "publisher"}


def test_do_listings_stay_until_their_box_is_emptied(console: Flask, boss: Person) -> None:
    hire(console, "li", "editor", listings=[1, 3])
    text = Page(boss.get("/staff/accounts/2").text).text
    assert "1 淄博市博物馆" in text
    form = {"name": "李", "role": "editor", "where": "limited", "listing": "3", "more": "4"}
    boss.post("/staff/accounts/2", **form)
    assert account(console, "li").listings == [3, 4]


def test_is_saving_the_same_no_event(console: Flask, boss: Person) -> None:
    hire(console, "li", "editor")
    for _ in range(2):
        boss.post("/staff/accounts/2", name="李", role="editor", where="all")
    with console.app_context():
        actions = db.session.scalars(select(AuditEvent.action)).all()
    assert actions.count("account.changed") == 1


def test_does_disabling_keep_somebody_out_and_enabling_let_them_in(
    console: Flask, boss: Person
) -> None:
    password = hire(console, "li", "editor")
    person = Person(console, "li", password)
    boss.post("/staff/accounts/2/disable")
    assert person.get("/staff/overview").status_code == 302
    assert "账号已停用" in told_next(boss)
    boss.post("/staff/accounts/2/link")
    assert "请先恢复它" in told_next(boss)
    boss.post("/staff/accounts/2/enable")
    assert person.get("/staff/overview").status_code == 302, "old sessions stay ended"
    assert Person(console, "li", password).get("/staff/overview").status_code == 200


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/staff/accounts/1/disable", {}, "不能停用自己的账号"),
        ("/staff/accounts/1/reset-second-step", {}, "自己的两步验证请在“我的账号”里更换"),
        ("/staff/accounts/1", {"name": "我", "role": "editor", "where": "all"},
         "不能取消自己的管理员角色"),
    ],
)  # fmt: skip
def test_can_nobody_lock_themselves_out(
    console: Flask, boss: Person, path: str, form: dict[str, str], said: str
) -> None:
    answer = boss.post(path, **form)
    text = Page(answer.text).text if answer.status_code == 400 else told_next(boss)
    assert said in text
    kept = account(console, "administrator")
    assert (kept.role, kept.disabled_at) == ("administrator", None)


def test_can_somebody_be_signed_out_by_the_administrator(console: Flask, boss: Person) -> None:
    person = somebody(console, "editor")
    boss.post("/staff/accounts/2/sign-out")
    assert person.get("/staff/overview").status_code == 302


@pytest.mark.parametrize("path", ["/staff/accounts/99", "/staff/accounts/0"])
def test_is_an_account_that_is_not_there_told(boss: Person, path: str) -> None:
    assert boss.get(path).status_code == 404
    assert boss.post(path, name="x", role="editor", where="all").status_code == 404
    boss.post(f"{path}/disable")
    assert "没有这个账号" in told_next(boss)


def test_does_a_very_long_text_break_nothing(console: Flask, boss: Person) -> None:
    hire(console, "li", "editor")
    answer = boss.post("/staff/accounts/2", name="x" * 10**6, role="editor", where="all")
    assert answer.status_code == 400
    assert "姓名应为 1 至 60 个字" in answer.text
    assert len(answer.text) < 50_000


# The rules, on either database


class _By:
    """A member of staff."""

    def __init__(self, account: StaffAccount) -> None:
        self.account_id, self.login, self.role = account.id, account.login, account.role
        self.districts = self.listings = None


def test_does_the_last_administrator_stay(app: Flask) -> None:
    first, _ = accounts.create_account("a", "administrator", "甲")
    second, _ = accounts.create_account("b", "administrator", "乙")
    accounts.add_account("c", "administrator", "还没来过的")
    db.session.commit()
    by = _By(second)
    with writing(db.session):
        membership.disable(db.session, by, first.id)
    # Whoever signed in before acts on: their session is looked up at each request.
    with pytest.raises(Refused, match="最后一位管理员"), writing(db.session):
        membership.disable(db.session, _By(first), second.id)
    with pytest.raises(Refused, match="最后一位管理员"), writing(db.session):
        membership.change(db.session, _By(first), second.id, "乙", "editor", ANYWHERE)


def test_can_two_administrators_shut_each_other_out(app: Flask, settings: Settings) -> None:
    both = [accounts.create_account(login, "administrator", login)[0] for login in "ab"]
    db.session.commit()
    people = [_By(one) for one in both]
    db.session.remove()
    start, refused = threading.Barrier(2), []

    def disable(by: _By, other: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with writing(db.session):
                    membership.disable(db.session, by, other)
            except Refused as error:
                refused.append(str(error))
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=disable, args=(by, other.account_id))
        for by, other in zip(people, reversed(people), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    left = select(StaffAccount.id).where(StaffAccount.disabled_at.is_(None))
    assert len(db.session.scalars(left).all()) == 1


def test_can_somebody_be_disabled_while_what_they_do_is_recorded(app: Flask) -> None:
    both = [accounts.create_account(login, "administrator", login)[0] for login in "ab"]
    db.session.commit()
    boss, other = (_By(one) for one in both)
    waits = threading.Event()

    @event.listens_for(db.engine, "before_cursor_execute")
    def see(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if threading.current_thread() is thread and statement.startswith(
            ("SELECT pg_advisory", "BEGIN IMMEDIATE")
        ):
            waits.set()

    def disable() -> None:
        with app.app_context():
            try:
                with writing(db.session):
                    membership.disable(db.session, boss, other.account_id)
            finally:
                db.session.remove()

    thread = threading.Thread(target=disable)
    try:
        with writing(db.session):
            audit.record(db.session, "system", "listings.exported")
            thread.start()
            assert waits.wait(30)
            audit.record(db.session, other, "listings.exported")
    finally:
        thread.join()
    assert db.session.get_one(StaffAccount, other.account_id).disabled_at


# Who may what


def test_has_every_role_and_action_a_chinese_name() -> None:
    from server.permissions import Action

    assert set(ROLES) == set(ALLOWED)
    assert set(ACTIONS) == set(Action)


def test_does_the_page_of_roles_say_what_the_rules_say(console: Flask) -> None:
    text = Page(somebody(console, "viewer").get("/staff/roles").text).text
    for action, title in ACTIONS.items():
        marks = " ".join("能" if action in ALLOWED[role] else "—" for role in ROLES)
        assert f"{title} {marks}" in text


def test_does_whoever_keeps_a_units_ledger_have_a_unit(console: Flask, boss: Person) -> None:
    person = {"login": "li", "name": "李", "role": "reporter", "where": "all"}
    for unit, said in (("", "请选择所在单位"), ("市没有局", "没有这个单位")):
        answer = boss.post("/staff/accounts/new", **person, unit=unit)
        assert answer.status_code == 400
        assert said in Page(answer.text).text
        assert 'value="李"' in answer.text
    boss.post("/staff/accounts/new", **person, unit="市教育局")
    made = account(console, "li")
    assert (made.unit, made.districts, made.listings) == ("市教育局", None, None)
    assert "li 单位填报 市教育局" in Page(boss.get("/staff/accounts").text).text
    page = boss.get(f"/staff/accounts/{made.id}").text
    assert '<option value="市教育局" selected>' in page


def test_does_a_unit_go_with_the_role(console: Flask, boss: Person) -> None:
    hire(console, "li", "unit_head", unit="市教育局")
    form = {"name": "李", "role": "office_reviewer", "where": "all", "unit": "市教育局"}
    assert boss.post("/staff/accounts/2", **form).status_code == 303
    assert account(console, "li").unit is None, "an office's reviewer sees all units"
