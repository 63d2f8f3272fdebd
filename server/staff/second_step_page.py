"""Setting up the second step of signing in, and changing it."""

import time

from flask import Response, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import own_account as rules
from server import qr
from server import second_step as codes
from server.console.frame import page, tell
from server.console.gate import EXPIRED, SET_UP_FIRST, me, needs
from server.console.sign_in import must_set_up, secret_key
from server.db import db
from server.permissions import Action
from server.revisions import Refused, writing
from server.staff.blueprint import staff

CONFIRMED_S = 600
"""So long after giving the password one may exchange the secret for another."""


@staff.get("/account/second-step")
@needs(Action.OWN_ACCOUNT, without_second_step=True)
def second_step() -> AnyResponse:
    """The picture to scan; for whoever has it already, what can be done about it."""
    if me().has_second_step and not _confirmed():
        return page("staff/second_step.html", removable=not _required(), errors={})
    return _setting_up()


@staff.post("/account/second-step")
@needs(Action.OWN_ACCOUNT, keeps_text=True, without_second_step=True)
def set_up_second_step() -> AnyResponse:
    """The first code shows that the phone has got the secret."""
    sealed = session.get("second_step_secret")
    if sealed is None or (me().has_second_step and not _confirmed()):
        return redirect(url_for("staff.second_step"), 303)
    if g.expired:
        return _setting_up(400, EXPIRED)
    secret = codes.unseal(sealed.encode(), secret_key())
    try:
        with writing(db.session):
            recovery = rules.set_up(
                db.session, me(), secret, request.form.get("code", ""), secret_key()
            )
    except Refused as refused:
        return _setting_up(400, str(refused))
    return _show_once(recovery, "两步验证已设置好。")


@staff.post("/account/second-step/replace")
@needs(Action.OWN_ACCOUNT)
def replace_second_step() -> AnyResponse:
    """Another phone: the password opens the page to set it up; until then the old one is good."""
    try:
        _confirm()
    except Refused as refused:
        return _refused("replace", refused)
    session["second_step_confirmed"] = int(time.time())
    return redirect(url_for("staff.second_step"), 303)


@staff.post("/account/second-step/recovery")
@needs(Action.OWN_ACCOUNT)
def renew_recovery() -> AnyResponse:
    """New recovery codes for the former."""
    try:
        _confirm()
        with writing(db.session):
            recovery = rules.renew_recovery(db.session, me())
    except Refused as refused:
        return _refused("recovery", refused)
    return _show_once(recovery, "新的恢复码已生成，以前的作废。")


@staff.post("/account/second-step/remove")
@needs(Action.OWN_ACCOUNT)
def remove_second_step() -> AnyResponse:
    """Do without, where the role allows it."""
    if _required():
        return _refused("remove", Refused("您的角色要求两步验证，不能停用；请用“换一部手机”"))
    try:
        _confirm()
    except Refused as refused:
        return _refused("remove", refused)
    with writing(db.session):
        rules.remove(db.session, me())
    tell("两步验证已停用。")
    return redirect(url_for("staff.own_account"), 303)


@staff.get("/account/recovery-codes")
@needs(Action.OWN_ACCOUNT)
def recovery_codes() -> AnyResponse:
    """The recovery codes made a moment ago; they are shown this once."""
    recovery = session.pop("recovery_codes", None)
    if recovery is None:
        return redirect(url_for("staff.own_account"))
    return page("staff/recovery_codes.html", codes=recovery)


def _setting_up(status: int = 200, told: str = "") -> Response:
    secret = _pending_secret()
    address = codes.address(secret, me().login)
    return page(
        "staff/second_step_setup.html",
        status,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        address=address,
        picture=qr.drawing(address),
        must=SET_UP_FIRST if must_set_up(me()) else "",
        told=told,
    )


def _pending_secret() -> str:
    """The secret on offer to this browser, the same until it is taken: one may have two tabs."""
    sealed = session.get("second_step_secret")
    if sealed is not None:
        try:
            return codes.unseal(sealed.encode(), secret_key())
        except codes.SecretLost:
            session.pop("second_step_secret")
    secret = codes.new_secret()
    session["second_step_secret"] = codes.seal(secret, secret_key()).decode()
    return secret


def _show_once(recovery: list[str], told: str) -> AnyResponse:
    for name in ("second_step_secret", "second_step_confirmed"):
        session.pop(name, None)
    session["recovery_codes"] = recovery
    tell(told)
    return redirect(url_for("staff.recovery_codes"), 303)


def _refused(form: str, refused: Refused) -> Response:
    return page(
        "staff/second_step.html", 400, removable=not _required(), errors={form: str(refused)}
    )


def _confirm() -> None:
    rules.confirm(db.session, me(), request.form.get("password", ""))


def _confirmed() -> bool:
    at: int = session.get("second_step_confirmed", 0)
    return time.time() - at < CONFIRMED_S


def _required() -> bool:
    setting: str = current_app.extensions["settings"].second_step
    return codes.is_required(setting, me().role)
