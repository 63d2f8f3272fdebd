"""What one tap on a listing's page does: submit, withdraw, close, reopen, retire, bring back."""

from collections.abc import Callable
from datetime import date

import structlog
from flask import current_app, redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from server import closing, listing_states, publishing, revisions
from server.composing import NotPublishable
from server.console.frame import tell
from server.console.gate import me, needs
from server.db import db
from server.edition_cache import CannotStore
from server.permissions import Action
from server.revisions import NotReady, Refused, writing
from server.row_ids import row_id
from server.staff.blueprint import staff
from server.staff.subjects import subject

log = structlog.get_logger()


@staff.post("/listings/<int:id_>/submit")
@needs(Action.VIEW)
def submit_listing(id_: int) -> AnyResponse:
    """Hand in the newest draft as it stands."""
    about = subject(id_)
    city = current_app.extensions["city"]
    try:
        with writing(db.session):
            revisions.submit(db.session, me(), _revision(), city)
    except NotReady as error:
        tell(f"还不能提交：{error}。", "bad")
        return redirect(url_for("staff.edit_listing", id_=about.id), 303)
    except Refused as error:
        tell(f"没有提交：{error}。", "bad")
        return _back(id_)
    tell("已提交，等待另一人审核。")
    return _back(id_)


@staff.post("/listings/<int:id_>/withdraw")
@needs(Action.VIEW)
def withdraw_listing(id_: int) -> AnyResponse:
    """Take back what was handed in."""
    return _do(id_, lambda: revisions.withdraw(db.session, me(), _revision()), "已撤回到草稿。")


@staff.post("/listings/<int:id_>/retire")
@needs(Action.RETIRE)
def retire_listing(id_: int) -> AnyResponse:
    """Take it off the map."""
    reason = request.form.get("reason", "")
    return _do(
        id_,
        lambda: listing_states.retire(db.session, me(), id_, reason),
        "已撤下，下一次发布后公众就看不到了。",
    )


@staff.post("/listings/<int:id_>/bring-back")
@needs(Action.RETIRE)
def bring_back_listing(id_: int) -> AnyResponse:
    """Put it back on the map."""
    return _do(
        id_,
        lambda: listing_states.bring_back(db.session, me(), id_),
        "已恢复，下一次发布后公众又能看到。",
    )


@staff.post("/listings/<int:id_>/close")
@needs(Action.CLOSE)
def close_listing(id_: int) -> AnyResponse:
    """Closed today: live at once."""
    reason, until = request.form.get("reason", ""), request.form.get("until", "").strip()
    try:
        last = date.fromisoformat(until) if until else None
    except ValueError:
        tell("没有登记：结束日期应为日期，如 2026-11-24。", "bad")
        return _back(id_)
    return _at_once(id_, lambda: closing.close(db.session, me(), id_, reason, last), "临时关闭")


@staff.post("/listings/<int:id_>/reopen")
@needs(Action.CLOSE)
def reopen_listing(id_: int) -> AnyResponse:
    """Open again: live at once."""
    return _at_once(id_, lambda: closing.reopen(db.session, me(), id_), "恢复开放")


def _revision() -> int:
    return row_id(request.form.get("revision")) or 0


def _do(id_: int, act: Callable[[], object], done: str) -> AnyResponse:
    subject(id_)
    try:
        with writing(db.session):
            act()
    except Refused as error:
        tell(f"没有完成：{error}。", "bad")
    else:
        tell(done)
    return _back(id_)


def _at_once(id_: int, act: Callable[[], object], what: str) -> AnyResponse:
    """Do it and publish this listing alone; what else is approved waits for the publisher."""
    name = subject(id_).name
    try:
        with writing(db.session):
            act()
    except Refused as error:
        tell(f"没有登记：{error}。", "bad")
        return _back(id_)
    if (edition := _publish(id_, f"{what}：{name}")) is None:
        tell(f"{what}已经登记，但这次没能发布出去；会随下一次发布公布，请通知发布人员。", "bad")
    else:
        tell(f"{what}已在第 {edition} 期公布，稍后由另一人复核。")
    return _back(id_)


def _publish(id_: int, note: str) -> int | None:
    extensions = current_app.extensions
    try:
        return publishing.publish(
            extensions["settings"],
            extensions["city"],
            by=me().account_id,
            note=note[:200],
            only=[id_],
        ).number
    except (NotPublishable, CannotStore, SQLAlchemyError, OSError):
        log.exception("emergency_not_published", listing=id_)
        return None


def _back(id_: int) -> AnyResponse:
    return redirect(url_for("staff.listing", id_=id_), 303)
