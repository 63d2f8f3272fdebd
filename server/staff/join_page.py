"""Where an invitation's link leads: a name, a password, and in."""

from dataclasses import dataclass

from flask import Response, g, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from server import invitations
from server.console.gate import EXPIRED, open_to_all
from server.console.sign_in import Refused as NotLetIn
from server.console.sign_in import proceed
from server.db import db
from server.models import StaffAccount
from server.revisions import Refused, writing
from server.staff.blueprint import staff
from server.staff.entrance import welcome


@dataclass(frozen=True)
class _Told:
    """What is wrong with a form, and in which field."""

    field: str = ""
    message: str = ""


@staff.get("/join/<token>")
@open_to_all
def join(token: str) -> AnyResponse:
    """The form, as long as the link is good."""
    account = invitations.opened(db.session, token)
    return _gone() if account is None else _form(account, account.name)


@staff.post("/join/<token>")
@open_to_all
def accept_invitation(token: str) -> AnyResponse:
    """Set the password; whoever has a second step is asked for it, others are in."""
    account = invitations.opened(db.session, token)
    if account is None:
        return _gone()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if g.expired:
        return _form(account, name, _Told("name", EXPIRED))
    if password != request.form.get("again", ""):
        return _form(account, name, _Told("again", "两次填写的密码不一样"))
    try:
        with writing(db.session):
            account = invitations.accept(db.session, token, name, password)
    except Refused as refused:
        told = str(refused)
        return _form(account, name, _Told("name" if "姓名" in told else "password", told))
    outcome = proceed(account)
    return _gone() if isinstance(outcome, NotLetIn) else welcome(outcome, None)


def _form(account: StaffAccount, name: str, told: _Told | None = None) -> Response:
    rendered = render_template(
        "staff/join.html", account=account, name=name[:60], told=told or _Told()
    )
    return make_response(rendered, 400 if told else 200)


def _gone() -> Response:
    return make_response(render_template("staff/join_gone.html"), 410)
