"""One's own account: who I am, what I may, where I am signed in, my password."""

from typing import Any

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import own_account as rules
from server import sessions
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.console.role_words import ACTIONS
from server.db import db
from server.models import StaffAccount
from server.permissions import Action, may
from server.revisions import Refused, writing
from server.staff.blueprint import staff


@staff.get("/account")
@needs(Action.OWN_ACCOUNT)
def own_account() -> Response:
    """All of it on one page."""
    return _page()


@staff.post("/account/password")
@needs(Action.OWN_ACCOUNT, keeps_text=True)
def change_password() -> AnyResponse:
    """A new password, by whoever knows the old one."""
    new = request.form.get("new", "")
    if g.expired:
        return _page(400, {"old": EXPIRED})
    if new != request.form.get("again", ""):
        return _page(400, {"again": "两次填写的新密码不一样"})
    try:
        rules.confirm(db.session, me(), request.form.get("old", ""))
    except Refused as refused:
        return _page(400, {"old": str(refused)})
    try:
        with writing(db.session):
            rules.change_password(db.session, me(), new)
    except Refused as refused:
        return _page(400, {"new": str(refused)})
    tell("密码已更改，其他设备上的登录都已退出。")
    return _back()


@staff.post("/account/sessions/<int:id_>/end")
@needs(Action.OWN_ACCOUNT)
def end_session(id_: int) -> AnyResponse:
    """Sign out one browser."""
    with writing(db.session):
        rules.end_session(db.session, me(), id_)
    tell("那里已经退出登录。")
    return _back()


@staff.post("/account/sessions/end-others")
@needs(Action.OWN_ACCOUNT)
def end_other_sessions() -> AnyResponse:
    """Sign out everywhere else."""
    with writing(db.session):
        ended = rules.end_others(db.session, me())
    tell(f"其他 {ended} 处登录已退出。" if ended else "没有其他登录。")
    return _back()


def _page(status: int = 200, errors: dict[str, str] | None = None) -> Response:
    account = db.session.get_one(StaffAccount, me().account_id)
    context: dict[str, Any] = {
        "account": account,
        "sessions": sessions.live(db.session, account.id),
        "mine": [title for action, title in ACTIONS.items() if may(me(), action)],
        "districts": {one.code: one.title for one in current_app.extensions["city"].districts},
        "recovery_left": len(account.recovery or ()),
        "errors": errors or {},
    }
    return page("staff/account.html", status, **context)


def _back() -> AnyResponse:
    return redirect(url_for("staff.own_account"), 303)
