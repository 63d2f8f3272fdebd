"""Background jobs: one's own, and everybody's for administrators."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, current_app, jsonify, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from server import jobs
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.consumer import health
from server.db import db
from server.models import Job, StaffAccount
from server.permissions import Action
from server.revisions import writing
from server.row_ids import row_id
from server.staff.blueprint import staff

SHOWN = 50

OPEN = ("waiting", "running")

REFRESH = 3
"""Seconds after which a page without scripts looks again."""


@staff.get("/jobs", endpoint="jobs")
@needs(Action.VIEW)
def jobs_() -> Response:
    """The latest jobs."""
    found = _visible(row_id(request.args.get("before")))
    alive = health(current_app.extensions["settings"])
    shown = found[:SHOWN]
    return page(
        "staff/jobs.html",
        jobs=shown,
        more=len(found) > SHOWN,
        alive=alive,
        looks_again=looks_again(shown),
    )


@staff.get("/jobs/<int:id_>")
@needs(Action.VIEW)
def job(id_: int) -> Response:
    """One job: how far it has come, what came of it."""
    found = _one(id_)
    asker = db.session.get(StaffAccount, found.created_by) if found.created_by else None
    alive = health(current_app.extensions["settings"])
    return page(
        "staff/job.html",
        job=found,
        asker=asker,
        alive=alive,
        leads_to=_leads_to(found),
        looks_again=looks_again([found]),
    )


@staff.get("/jobs/<int:id_>.json")
@needs(Action.VIEW)
def job_state(id_: int) -> Response:
    """The same for scripts."""
    found = _one(id_)
    return jsonify(state=found.state, done=found.done, total=found.total, message=found.message)


@staff.post("/jobs/<int:id_>/cancel")
@needs(Action.VIEW)
def cancel_job(id_: int) -> AnyResponse:
    """End a job that is not over yet."""
    _one(id_)
    with writing(db.session):
        cancelled = jobs.cancel(db.session, id_)
    if cancelled:
        tell("已取消。")
    else:
        tell("任务已经结束，没有可取消的。", "bad")
    return redirect(url_for("staff.job", id_=id_), 303)


def _visible(before: int | None) -> Sequence[Job]:
    query = select(Job).order_by(Job.id.desc()).limit(SHOWN + 1)
    if not _sees_all():
        query = query.where(Job.created_by == me().account_id)
    if before is not None:
        query = query.where(Job.id < before)
    return db.session.scalars(query).all()


def _one(id_: int) -> Job:
    found = db.session.get(Job, id_)
    if found is None or not (_sees_all() or found.created_by == me().account_id):
        abort(404)
    return found


def _sees_all() -> bool:
    return me().role == "administrator"


def _leads_to(found: Job) -> tuple[str, str] | None:
    """Where to go on from a job that is done: address and title."""
    result: dict[str, Any] = found.result or {}
    if found.state != "done":
        return None
    if found.kind == "publishing.compare":
        return url_for("staff.publishing"), "看比对的结果"
    if "batch" in found.parameters:
        return url_for("staff.import_batch", id_=found.parameters["batch"]), "看导入的结果"
    if "edition" in result:
        return url_for("staff.edition", number=result["edition"]), f"看第 {result['edition']} 期"
    return None


def looks_again(shown: Sequence[Job]) -> int:
    """Seconds after which a page that shows these jobs looks again; 0 when all are over."""
    return REFRESH if any(one.state in OPEN for one in shown) else 0
