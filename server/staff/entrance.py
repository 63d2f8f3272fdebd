"""Signing in, in one step or two, and signing out."""

import math

import structlog
from flask import Response, g, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from server.console import sign_in as entrance
from server.console.frame import first_place
from server.console.gate import EXPIRED, open_to_all
from server.console.sign_in import HalfWay, StaffUser
from server.second_step import SecretLost
from server.staff.blueprint import staff
from server.staff.forms import CodeForm, SignInForm

log = structlog.get_logger()

WRONG = "登录名或密码不对。"
"""The same whether the login exists, is disabled, or has another password."""
WRONG_CODE = "验证码不对，或者已经用过。请等验证器显示下一个再试。"
TOO_LATE = "停留超过 5 分钟，请重新登录。"
LOST = (
    "服务器的密钥更换过，验证器的验证码已经验证不了。"
    "请用一个恢复码登录，然后重新设置两步验证；没有恢复码请联系管理员。"
)


@staff.get("/")
@open_to_all
def sign_in() -> AnyResponse:
    """The form; whoever is signed in goes on to where their work begins."""
    if current_user.is_authenticated:
        return redirect(first_place(current_user))
    form = SignInForm(next=entrance.inside(request.args.get("next")) or "")
    return make_response(render_template("staff/sign_in.html", form=form, told=None))


@staff.post("/")
@open_to_all
def enter() -> AnyResponse:
    """Check the form; sign in, or ask for the code."""
    form = SignInForm()
    if g.expired or not form.validate():
        return _again(form, EXPIRED if g.expired else "请检查下面的填写。", 400)
    outcome = entrance.sign_in(form.login.data, form.password.data)
    if isinstance(outcome, entrance.Refused):
        return _refused(form, outcome, WRONG)
    return welcome(outcome, form.next.data)


@staff.get("/code")
@open_to_all
def code() -> AnyResponse:
    """The second page: the code of the phone."""
    if entrance.half_way() is None:
        return _from_the_beginning()
    form = CodeForm(next=entrance.inside(request.args.get("next")) or "")
    return make_response(render_template("staff/code.html", form=form, told=None))


@staff.post("/code")
@open_to_all
def give_code() -> AnyResponse:
    """Check the code and sign in."""
    account, form = entrance.half_way(), CodeForm()
    if account is None:
        return _from_the_beginning()
    if g.expired or not form.validate():
        return _again(form, EXPIRED if g.expired else "请检查下面的填写。", 400)
    try:
        outcome = entrance.give_code(account, form.code.data)
    except SecretLost:
        log.warning("second_step_unreadable", account=account.id)
        return _again(form, LOST, 403)
    if isinstance(outcome, entrance.Refused):
        return _refused(form, outcome, WRONG_CODE)
    return welcome(outcome, form.next.data)


@staff.post("/sign-out")
@open_to_all
def sign_out() -> AnyResponse:
    """End the session."""
    if g.expired:
        return redirect(url_for("staff.sign_in"), 303)
    if current_user.is_authenticated:
        entrance.sign_out()
    session.clear()
    return redirect(url_for("staff.sign_in", out=1), 303)


def welcome(who: StaffUser | HalfWay, target: str | None) -> AnyResponse:
    """On to where the person wanted to go, by way of the code if one is asked for."""
    target = entrance.inside(target)
    if isinstance(who, HalfWay):
        return redirect(url_for("staff.code", next=target), 303)
    log.info("staff_signed_in", account=who.account_id)
    return redirect(target or first_place(who), 303)


def _from_the_beginning() -> AnyResponse:
    if current_user.is_authenticated:
        return redirect(first_place(current_user), 303)
    form = SignInForm(formdata=None, next=entrance.inside(request.values.get("next")) or "")
    return _again(form, TOO_LATE, 403) if session.pop("half_way", None) else _to_the_form(form)


def _to_the_form(form: SignInForm) -> AnyResponse:
    return redirect(url_for("staff.sign_in", next=form.next.data or None), 303)


def _refused(form: SignInForm | CodeForm, outcome: entrance.Refused, wrong: str) -> AnyResponse:
    if not outcome.wait:
        return _again(form, wrong, 403)
    minutes = math.ceil(outcome.wait / 60)
    response = _again(form, f"失败次数过多，请 {minutes} 分钟后再试。", 429)
    response.headers["Retry-After"] = str(outcome.wait)
    return response


def _again(form: SignInForm | CodeForm, told: str, status: int) -> Response:
    form.next.data = entrance.inside(form.next.data) or ""
    template = "sign_in" if isinstance(form, SignInForm) else "code"
    return make_response(render_template(f"staff/{template}.html", form=form, told=told), status)
