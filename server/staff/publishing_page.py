"""Publishing: what the next edition would change, putting it out now or at a time."""

from datetime import datetime
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from geo.opening import SHANGHAI
from server import jobs, publishing, scheduled
from server.composing import NotPublishable
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.db import db
from server.edition_cache import CannotStore
from server.edition_entry import Errand
from server.member_names import names
from server.models import Job
from server.permissions import Action
from server.publishing_jobs import COMPARE, PUBLISH
from server.publishing_plan import is_small, left_out, plan
from server.revisions import Refused, writing
from server.scheduled import LONGEST_NOTE
from server.staff.blueprint import staff
from server.staff.jobs_page import looks_again


@staff.get("/publishing", endpoint="publishing")
@needs(Action.VIEW)
def publishing_() -> Response:
    """What would change, what waits, when it goes out, what went out before."""
    return _page()


@staff.post("/publishing")
@needs(Action.PUBLISH)
def publish() -> AnyResponse:
    """Publish exactly what the form tells of, or say that it has changed."""
    note = request.form.get("note", "").strip()
    digest = request.form.get("digest", "")
    if len(note) > LONGEST_NOTE:
        return _page(400, note=note, note_error=f"说明不超过 {LONGEST_NOTE} 个字")
    if not is_small(db.session):
        return _as_a_job(PUBLISH, "发布新一期", {"digest": digest, "note": note})
    extensions = current_app.extensions
    try:
        done = publishing.publish(
            extensions["settings"],
            extensions["city"],
            by=me().account_id,
            note=note,
            errand=Errand(expected=digest),
        )
    except publishing.ContentChanged as error:
        return _page(409, note=note, told=f"{error}。没有发布。")
    except NotPublishable:
        return _page(409, note=note, told="有问题要先解决，没有发布。")
    except CannotStore as error:
        return _page(503, note=note, told=f"没有发布：{error}")
    if not done.is_new:
        tell(f"与第 {done.number} 期相比没有变化，没有发布。", "bad")
        return redirect(url_for("staff.publishing"), 303)
    counted = f"新增或更改 {done.changed} 条，撤下 {done.removed} 条"
    tell(f"已发布第 {done.number} 期：{counted}。公众几秒内看到。")
    return redirect(url_for("staff.edition", number=done.number), 303)


@staff.post("/publishing/compare")
@needs(Action.PUBLISH)
def compare() -> AnyResponse:
    """Have the next edition compared in the background."""
    return _as_a_job(COMPARE, "比对下一期", {})


@staff.post("/publishing/schedule")
@needs(Action.PUBLISH)
def schedule() -> AnyResponse:
    """Publish later."""
    at, note = request.form.get("at", ""), request.form.get("note", "").strip()
    try:
        moment = _moment(at)
        with writing(db.session):
            scheduled.schedule(db.session, me(), moment, note)
    except Refused as error:
        return _page(400, at=at, schedule_note=note, schedule_error=str(error))
    tell(f"已排期：{moment:%Y-%m-%d %H:%M} 发布当时已审核通过的全部内容。")
    return redirect(url_for("staff.publishing") + "#h-schedule", 303)


@staff.post("/publishing/schedule/<int:id_>/cancel")
@needs(Action.PUBLISH)
def cancel_schedule(id_: int) -> AnyResponse:
    """Take a moment back."""
    try:
        with writing(db.session):
            scheduled.cancel(db.session, me(), id_)
    except Refused as error:
        tell(str(error), "bad")
    else:
        tell("排期已取消。")
    return redirect(url_for("staff.publishing") + "#h-schedule", 303)


def _page(status: int = 200, **more: Any) -> Response:
    small = is_small(db.session)
    compared = None if small else _compared()
    if small:
        told: dict[str, Any] | None = plan(current_app.extensions["city"])
    else:
        told = compared.result if compared is not None and compared.state == "done" else None
    history = publishing.history()
    moments = scheduled.listed(db.session)
    who = [*(line.published_by for line in history), *(row.created_by for row in moments)]
    return page(
        "staff/publishing.html",
        status,
        plan=told,
        small=small,
        compared=compared,
        left_out=left_out(db.session),
        history=history,
        schedules=moments,
        names=names(db.session, who),
        looks_again=looks_again([compared] if compared else []),
        **more,
    )


def _compared() -> Job | None:
    """The latest comparison that was asked for."""
    query = select(Job).where(Job.kind == COMPARE).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).first()


def _as_a_job(kind: str, title: str, parameters: dict[str, Any]) -> AnyResponse:
    with writing(db.session):
        job = jobs.enqueue(db.session, kind, title, parameters, me().account_id)
        number = job.id
    jobs.send(number)
    if kind == COMPARE:
        return redirect(url_for("staff.publishing"), 303)
    return redirect(url_for("staff.job", id_=number), 303)


def _moment(text: str) -> datetime:
    """A local date and time of a form, in Asia/Shanghai."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("请选定日期和时间") from None
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment
