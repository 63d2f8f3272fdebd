"""Which notices become mailings, and when a mailing that is not over is sent on.

Public names: ``tell_subscribers``, ``look_after``, ``go_on``. Nobody has to press anything: a
consumer compares the notices of the edition with the mailings there are, a few times a minute.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from flask import current_app
from sqlalchemy import func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from config.settings import Settings
from geo.transit import Notice
from server import audit, jobs
from server.db import AnySession, db, now
from server.mailings.noticed import noticed
from server.mailings.outbox import open_messages
from server.mailings.sending import SEND, SOON
from server.models import BusSubscription, Job, Mailing, Message
from server.revisions import writing
from server.wechat import wechat

log = structlog.get_logger()

OPEN = ("waiting", "running")


@jobs.periodic(minutes=0.25)
def tell_subscribers() -> None:
    """What is to be told now, as the consumer does it."""
    settings: Settings = current_app.extensions["settings"]
    if settings.wechat_bus_template and wechat().configured:
        look_after(settings.wechat_bus_template)


def look_after(template: str) -> None:
    """Lay out the mailings that are wanting, and have those sent that are not over.

    In an app context, outside of a transaction.
    """
    told = noticed()
    current = told.current(now())
    known = set(db.session.scalars(select(Mailing.notice_id).where(Mailing.template == template)))
    for notice_id in sorted(current.keys() - known):
        notice = current[notice_id]
        lines = told.touched(notice)
        if lines:
            _lay_out(notice_id, notice, template, lines)
    open_ones = select(Mailing.id, Mailing.notice_id).where(Mailing.finished_at.is_(None))
    for id_, notice_id in db.session.execute(open_ones).all():
        notice_now = current.get(notice_id)
        _send_on(id_, notice_now)


def go_on(session: AnySession, mailing: Mailing, title: str, tries: int = 0) -> int:
    """Have a mailing sent, or sent on; the id of the job, to be told to a consumer.

    ``tries``: the runs before it that got no answer of WeChat. Within ``writing``, the mailing
    held. After the commit, ``server.jobs.send``.
    """
    mailing.finished_at = None
    told = {"mailing": mailing.id, "tries": tries}
    job = jobs.enqueue(session, SEND, f"发送公告消息：{title}", told, None)
    mailing.job_id = job.id
    session.flush()
    return job.id


def _lay_out(notice_id: int, notice: Notice, template: str, lines: Sequence[int]) -> None:
    """Write down whom a notice is to be sent to, once, and begin."""
    try:
        with writing(db.session):
            mailing = Mailing(notice_id=notice_id, template=template)
            db.session.add(mailing)
            db.session.flush()
            mailing.total = _write_messages(mailing.id, lines)
            job_id = go_on(db.session, mailing, notice.name) if mailing.total else None
            mailing.finished_at = None if mailing.total else now()
            told = {"name": notice.name, "total": mailing.total}
            audit.record(db.session, "system", "mailing.started", "listing", notice_id, told)
    except IntegrityError:
        return  # another consumer was quicker
    if job_id is not None:
        jobs.send(job_id)


def _write_messages(mailing_id: int, lines: Sequence[int]) -> int:
    """One to each person who wants to hear of any of the lines; how many."""
    row = BusSubscription
    wanted = (
        select(literal(mailing_id), row.person_id, func.min(row.route_id), literal("waiting"))
        .add_columns(literal(0))
        .where(row.route_id.in_(lines))
        .group_by(row.person_id)
    )
    columns = ["mailing_id", "person_id", "route_id", "state", "attempts"]
    db.session.execute(insert(Message).from_select(columns, wanted))
    return open_messages(db.session, mailing_id)


def _send_on(mailing_id: int, notice: Notice | None) -> None:
    """Begin another run where the last one ended too early, or end what is no longer to be told."""
    job_id = None
    with writing(db.session):
        mailing = db.session.get(Mailing, mailing_id, with_for_update=True)
        if mailing is None or mailing.finished_at is not None:
            return
        last = db.session.get(Job, mailing.job_id) if mailing.job_id is not None else None
        if last is not None and last.state in OPEN:
            return
        if notice is None or (last is not None and last.state == "cancelled"):
            mailing.finished_at = now()
        elif last is None or _may_go_on(last):
            tries = (last.result or {}).get("tries", 0) if last is not None else 0
            job_id = go_on(db.session, mailing, notice.name, tries)
    if job_id is not None:
        jobs.send(job_id)


def _may_go_on(last: Job) -> bool:
    told = (last.result or {}).get("not_before")
    if told is not None:
        return datetime.fromisoformat(told) <= now()
    return last.finished_at is None or last.finished_at + SOON <= now()
