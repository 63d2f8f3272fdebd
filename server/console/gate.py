"""The gate before every view of the console, in whichever room the view stands.

Public names: ``guard``, ``needs``, ``takes``, ``open_to_all``, ``me``, ``EXPIRED``,
``SET_UP_FIRST``.

Every view says with ``needs`` what it takes; one that says nothing lets nobody in. The gate asks,
in this order: is somebody signed in, have they a second step if they must, may their role do this,
is the form's token good.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import structlog
from flask import Blueprint, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf, validate_csrf
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError  # type: ignore[import-untyped]

from server.console.moments import moment
from server.console.sign_in import StaffUser, must_set_up
from server.pages import error_page
from server.permissions import Action, may
from server.row_ids import LARGEST_ID

log = structlog.get_logger()

EXPIRED = "页面停留太久，表单已过期。请再提交一次。"
TOO_LARGE = "您上传的内容太大，没有接收：最多 {} MB。"
FORBIDDEN = "您的角色不能做这件事；如有需要，请联系管理员。"

SET_UP_FIRST = "您的角色要求两步验证：请先用手机上的验证器设置好，再继续。"

MOST_SENT = 16 << 20
"""Bytes of a form: a text of a million characters comes back with its message, no more is read."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

View = TypeVar("View", bound=Callable[..., Any])
Room = TypeVar("Room", bound=Blueprint)


def guard(room: Room) -> Room:
    """Put the gate before every view of a room of the console; returns the room.

    Its address must lie below ``/staff``, as the cookie of the session goes nowhere else. Its
    templates get what forms need, its pages are not stored, and while the database is away it
    says so.
    """
    room.before_request(_gate)
    room.context_processor(_form_tools)
    room.add_app_template_filter(moment)
    room.after_request(_unstored)
    room.register_error_handler(SQLAlchemyError, _database_away)
    return room


def needs(
    action: Action, *, keeps_text: bool = False, without_second_step: bool = False
) -> Callable[[View], View]:
    """Say what it takes to come to a view; stands below the route.

    With ``keeps_text`` the view itself answers a form whose token has expired (``g.expired``),
    so that what was typed comes back with the page; it must change nothing then.
    ``without_second_step`` is for the view where one sets it up.
    """

    def mark(view: Any) -> Any:
        view.action, view.keeps_text = action, keeps_text
        view.without_second_step = without_second_step
        return view

    return mark


def takes(most: int) -> Callable[[View], View]:
    """Refuse what is sent to a view before it has been received, if it is more than ``most`` bytes.

    Without it that is ``MOST_SENT``.
    """

    def mark(view: View) -> View:
        view.at_most = most  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Let people in who are not signed in: for the way in itself."""
    view.action, view.keeps_text = None, True  # type: ignore[attr-defined]
    return view


def me() -> StaffUser:
    """Whoever is signed in; behind the gate there is always somebody."""
    return cast(StaffUser, current_user)


def _gate() -> AnyResponse | None:
    view: Any = current_app.view_functions[request.endpoint or ""]
    if not hasattr(view, "action"):
        abort(403)
    # A number that no row can have is not the database's to refuse.
    if any(isinstance(n, int) and n > LARGEST_ID for n in (request.view_args or {}).values()):
        abort(404)
    action: Action | None = view.action
    if action is not None:
        if not current_user.is_authenticated:
            return _to_the_entrance()
        if must_set_up(me()) and not view.without_second_step:
            return _to_the_second_step()
        if not may(me(), action):
            return error_page(403, FORBIDDEN)
    request.max_content_length = getattr(view, "at_most", MOST_SENT)
    try:
        g.expired = request.method not in SAFE and not _token_is_good()
    except RequestEntityTooLarge:
        return error_page(413, TOO_LARGE.format((request.max_content_length or 0) >> 20))
    if g.expired and not view.keeps_text:
        return error_page(400, EXPIRED)
    return None


def _to_the_entrance() -> AnyResponse:
    if request.method in SAFE:
        return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")))
    return error_page(401, "您已退出登录，刚才的内容没有提交。请登录后返回上一页再试。")


def _to_the_second_step() -> AnyResponse:
    if request.method in SAFE:
        return redirect(url_for("staff.second_step"))
    return error_page(403, SET_UP_FIRST)


def _token_is_good() -> bool:
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _form_tools() -> dict[str, Any]:
    return {
        "csrf_token": generate_csrf,
        "Action": Action,
        "may": may,
        "has_view": lambda name: name in current_app.view_functions,
    }


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    # The form's own origin may be told: it is what cross-site checks look at.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _database_away(error: SQLAlchemyError) -> Response:
    log.error("console_without_database", error=str(error).splitlines()[0])
    response = error_page(503, "数据库暂时连不上，工作台用不了；公开的地图不受影响。请稍后再试。")
    response.headers["Retry-After"] = "30"
    return response
