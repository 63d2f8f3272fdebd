"""Sign in, sign out, overview. Editing comes with the console's next version."""

import math

import structlog
from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, logout_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from server.pages import error_page
from server.staff import overview as facts
from server.staff import sign_in as entrance
from server.staff.forms import EXPIRED, SignInForm, SignOutForm

log = structlog.get_logger()

WRONG = "登录名或密码不对。"
"""The same whether the login exists, is disabled, or has another password."""

ROLES = {
    "viewer": "查看",
    "editor": "编辑",
    "reviewer": "审核",
    "publisher": "发布",
    "dispatcher": "公交调度",
    "administrator": "管理员",
}

staff = Blueprint("staff", __name__, url_prefix="/staff", template_folder="templates")


@staff.after_request
def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    # The form's own origin may be told: it is what cross-site checks look at.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@staff.errorhandler(SQLAlchemyError)
def _database_away(error: SQLAlchemyError) -> Response:
    log.error("console_without_database", error=str(error).splitlines()[0])
    response = error_page(503, "数据库暂时连不上，工作台用不了；公开的地图不受影响。请稍后再试。")
    response.headers["Retry-After"] = "30"
    return response


@staff.get("/")
def sign_in() -> AnyResponse:
    """The form; whoever is signed in goes on to the overview."""
    if current_user.is_authenticated:
        return redirect(url_for("staff.overview"))
    form = SignInForm(next=entrance.inside(request.args.get("next")) or "")
    return make_response(render_template("staff/sign_in.html", form=form, told=None))


@staff.post("/")
def enter() -> AnyResponse:
    """Check the form and sign in."""
    form = SignInForm()
    if not form.validate():
        return _again(form, EXPIRED if form.expired else "请检查下面的填写。", 400)
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
def sign_out() -> AnyResponse:
    """End the session."""
    if not SignOutForm().validate():
        return redirect(url_for("staff.overview"), 303)
    logout_user()
    session.clear()
    return redirect(url_for("staff.sign_in", out=1), 303)


@staff.get("/overview")
def overview() -> AnyResponse:
    """How things stand."""
    if not current_user.is_authenticated:
        return redirect(url_for("staff.sign_in", next=request.path))
    page = render_template(
        "staff/overview.html",
        user=current_user,
        role=ROLES.get(current_user.role, current_user.role),
        counts=facts.counts(),
        drafts=facts.drafts(current_app.extensions["city"]),
        history=facts.history(),
        sign_out_form=SignOutForm(),
    )
    return make_response(page)


def _again(form: SignInForm, told: str, status: int) -> Response:
    form.next.data = entrance.inside(form.next.data) or ""
    return make_response(render_template("staff/sign_in.html", form=form, told=told), status)
