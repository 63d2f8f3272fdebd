"""Signing in and out."""

import math

import structlog
from flask import Response, g, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from server.staff import sign_in as entrance
from server.staff.blueprint import EXPIRED, open_to_all, staff
from server.staff.forms import SignInForm

log = structlog.get_logger()

WRONG = "登录名或密码不对。"
"""The same whether the login exists, is disabled, or has another password."""


@staff.get("/")
@open_to_all
def sign_in() -> AnyResponse:
    """The form; whoever is signed in goes on to the overview."""
    if current_user.is_authenticated:
        return redirect(url_for("staff.overview"))
    form = SignInForm(next=entrance.inside(request.args.get("next")) or "")
    return make_response(render_template("staff/sign_in.html", form=form, told=None))


@staff.post("/")
@open_to_all
def enter() -> AnyResponse:
    """Check the form and sign in."""
    form = SignInForm()
    if g.expired or not form.validate():
        return _again(form, EXPIRED if g.expired else "请检查下面的填写。", 400)
    outcome = entrance.sign_in(form.login.data, form.password.data)
    if not isinstance(outcome, entrance.Refused):
        log.info("staff_signed_in", account=outcome.account_id)
        return redirect(entrance.inside(form.next.data) or url_for("staff.overview"), 303)
    if not outcome.wait:
        return _again(form, WRONG, 403)
    minutes = math.ceil(outcome.wait / 60)
    response = _again(form, f"失败次数过多，请 {minutes} 分钟后再试。", 429)
    response.headers["Retry-After"] = str(outcome.wait)
    return response


@staff.post("/sign-out")
@open_to_all
def sign_out() -> AnyResponse:
    """End the session."""
    if g.expired:
        return redirect(url_for("staff.overview"), 303)
    logout_user()
    session.clear()
    return redirect(url_for("staff.sign_in", out=1), 303)


def _again(form: SignInForm, told: str, status: int) -> Response:
    form.next.data = entrance.inside(form.next.data) or ""
    return make_response(render_template("staff/sign_in.html", form=form, told=told), status)
