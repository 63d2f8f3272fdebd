"""The staff: invited, given roles and bounds, kept out, let in again."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import account_list, invitations, membership, sessions
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.role_words import ROLES
from server.db import db
from server.pages import absolute
from server.permissions import Action
from server.revisions import Refused, writing
from server.staff.account_form import AccountForm, named_listings, units
from server.staff.blueprint import staff

STANDINGS = {"active": "在用", "disabled": "已停用", "invited": "已邀请", "lapsed": "邀请已失效"}


@staff.get("/accounts")
@needs(Action.ACCOUNTS)
def accounts() -> Response:
    """Everybody who works here."""
    return page("staff/accounts.html", lines=account_list.everybody(db.session), **_words())


@staff.get("/accounts/new")
@needs(Action.ACCOUNTS)
def new_account() -> Response:
    """The form for inviting somebody."""
    return _form(AccountForm.empty())


@staff.post("/accounts/new")
@needs(Action.ACCOUNTS)
def invite() -> AnyResponse:
    """Make the account and its link."""
    form = AccountForm.sent()
    try:
        with writing(db.session):
            bounds = form.bounds(db.session)
            account, token = invitations.invite(
                db.session, me(), form.login, form.name, form.role, bounds
            )
    except Refused as refused:
        return _form(form, str(refused))
    return _with_link(account.id, token)


@staff.get("/accounts/<int:id_>")
@needs(Action.ACCOUNTS)
def account(id_: int) -> AnyResponse:
    """One person: who they are, and what can be done."""
    return _account(id_)


@staff.post("/accounts/<int:id_>")
@needs(Action.ACCOUNTS)
def change_account(id_: int) -> AnyResponse:
    """Another name, role or bounds."""
    form = AccountForm.sent()
    try:
        with writing(db.session):
            bounds = form.bounds(db.session)
            name = invitations.checked_name(form.name)
            membership.change(db.session, me(), id_, name, form.role, bounds)
    except Refused as refused:
        return _account(id_, form, str(refused))
    tell("已保存。")
    return _back(id_)


@staff.post("/accounts/<int:id_>/link")
@needs(Action.ACCOUNTS)
def make_link(id_: int) -> AnyResponse:
    """A new link: for an invitation that lapsed, or a password that is lost."""
    try:
        with writing(db.session):
            token = invitations.link(db.session, me(), id_)
    except Refused as refused:
        tell(str(refused), "bad")
        return _back(id_)
    return _with_link(id_, token)


@staff.post("/accounts/<int:id_>/revoke-link")
@needs(Action.ACCOUNTS)
def revoke_link(id_: int) -> AnyResponse:
    """Make a link void."""
    return _do(id_, invitations.revoke, "链接已撤回，不能再用。")


@staff.post("/accounts/<int:id_>/disable")
@needs(Action.ACCOUNTS)
def disable_account(id_: int) -> AnyResponse:
    """Keep somebody out."""
    return _do(id_, membership.disable, "账号已停用，登录都已退出。")


@staff.post("/accounts/<int:id_>/enable")
@needs(Action.ACCOUNTS)
def enable_account(id_: int) -> AnyResponse:
    """Let somebody in again."""
    return _do(id_, membership.enable, "账号已恢复。")


@staff.post("/accounts/<int:id_>/sign-out")
@needs(Action.ACCOUNTS)
def sign_out_account(id_: int) -> AnyResponse:
    """Sign somebody out everywhere."""
    return _do(id_, membership.sign_out, "所有设备上的登录都已退出。")


@staff.post("/accounts/<int:id_>/reset-second-step")
@needs(Action.ACCOUNTS)
def reset_second_step(id_: int) -> AnyResponse:
    """Somebody has lost the phone."""
    return _do(id_, membership.reset_second_step, "两步验证已重置；下次登录后要重新设置。")


def _do(id_: int, rule: Callable[[Any, Any, int], Any], told: str) -> AnyResponse:
    try:
        with writing(db.session):
            rule(db.session, me(), id_)
    except Refused as refused:
        tell(str(refused), "bad")
    else:
        tell(told)
    return _back(id_)


def _back(id_: int) -> AnyResponse:
    return redirect(url_for("staff.account", id_=id_), 303)


def _with_link(id_: int, token: str) -> AnyResponse:
    """To the account's page, which shows the link this once."""
    path = url_for("staff.join", token=token)
    # Behind the gate the host is the administrator's own; nobody else is shown the link.
    session["new_link"] = absolute(path) or url_for("staff.join", token=token, _external=True)
    return _back(id_)


def _form(form: AccountForm, told: str = "") -> Response:
    return page(
        "staff/account_new.html",
        400 if told else 200,
        form=form,
        told=told,
        chosen=named_listings(db.session, form.listings),
        **_words(),
    )


def _account(id_: int, form: AccountForm | None = None, told: str = "") -> Response:
    line = account_list.one(db.session, id_)
    if line is None:
        abort(404)
    form = form or AccountForm.of(line.account)
    return page(
        "staff/account_one.html",
        400 if told else 200,
        line=line,
        form=form,
        told=told,
        link=None if told else session.pop("new_link", None),
        live=sessions.live(db.session, id_),
        chosen=named_listings(db.session, form.listings),
        section="staff.accounts",
        **_words(),
    )


def _words() -> dict[str, Any]:
    city = current_app.extensions["city"]
    return {
        "roles": ROLES,
        "standings": STANDINGS,
        "districts": {one.code: one.title for one in city.districts},
        "bounded": membership.BOUNDED,
        "units": {"": "（不是单位填报的人）"} | {unit: unit for unit in units()},
    }
