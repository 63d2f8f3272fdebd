"""The messages that notices became: how far each has come, stopping it, letting it go on."""

from flask import Response, abort, current_app, jsonify, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import jobs
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.moments import told_at
from server.consumer import health
from server.db import db
from server.mailings import acts, overview
from server.models import Mailing
from server.notice_words import told
from server.permissions import Action
from server.revisions import Refused, writing
from server.staff.blueprint import staff
from server.wechat import wechat

REFRESH = 5
"""Seconds after which the page looks again while something is being sent."""


@staff.get("/notices/messages", endpoint="mailings")
@needs(Action.NOTIFY)
def all_mailings() -> Response:
    """Each notice's sending, the newest first."""
    settings = current_app.extensions["settings"]
    sendings = overview.sendings(db.session, me())
    return page(
        "staff/mailings.html",
        section="staff.notices",
        sendings=[(one, told(one.document)) for one in sendings],
        going=sum(one.state == "going" for one in sendings),
        set_up=bool(settings.wechat_bus_template) and wechat().configured,
        alive=health(settings),
        looks_again=REFRESH if any(one.state == "going" for one in sendings) else 0,
        told_at=told_at,
    )


@staff.get("/notices/messages/<int:id_>.json")
@needs(Action.NOTIFY)
def mailing_state(id_: int) -> Response:
    """How far one has come, for scripts, as a job's state is told."""
    mailing = db.session.get(Mailing, id_)
    if mailing is None:
        abort(404)
    state, _, _ = overview.state_of(db.session, mailing, left=1)
    return jsonify(
        state="running" if state == "going" else "done",
        done=mailing.sent + mailing.refused + mailing.failed,
        total=mailing.total,
        message="",
    )


@staff.post("/notices/messages/<int:id_>/stop")
@needs(Action.NOTIFY)
def stop_mailing(id_: int) -> AnyResponse:
    """Send no more of it."""
    try:
        with writing(db.session):
            acts.stop(db.session, me(), id_)
    except Refused as refusal:
        tell(f"没有停止：{refusal}。", "bad")
    else:
        tell("已停止，余下的不再发。")
    return redirect(url_for("staff.mailings"), 303)


@staff.post("/notices/messages/<int:id_>/resume")
@needs(Action.NOTIFY)
def resume_mailing(id_: int) -> AnyResponse:
    """Send what was left, and what failed once more."""
    try:
        with writing(db.session):
            job_id = acts.resume(db.session, me(), id_)
    except Refused as refusal:
        tell(f"没有再发：{refusal}。", "bad")
    else:
        jobs.send(job_id)
        tell("接着发。")
    return redirect(url_for("staff.mailings"), 303)
