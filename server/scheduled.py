"""Publishing at a moment that somebody has chosen: all that is approved by then.

Public names: ``schedule``, ``cancel``, ``listed``, ``unanswered``, ``publish_due``, ``LATEST``.

A row is settled in the transaction that inserts its edition, so it is done once, however many
consumers look at it and whenever one of them dies.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.settings import Settings
from geo.city import City
from server import audit, jobs, publishing
from server.composing import NotPublishable
from server.db import AnySession, db, exclusive, now
from server.edition_cache import CannotStore
from server.edition_entry import Errand
from server.membership import may_still
from server.models import EditionRow, ScheduledPublishing
from server.permissions import Action, may
from server.revisions import Member, Refused, writing

log = structlog.get_logger()

LATEST = timedelta(hours=24)
"""How late it may still be done when the service was down at its moment."""

LONGEST_NOTE = 500
"""Characters of what is said of an edition."""

FARTHEST = timedelta(days=366)
MOST = 20
"""Moments that may wait at once."""

MISSED = "到了时间服务没有运行，晚了一天以上，没有发布。请看过以后再手动发布。"
NOT_ALLOWED = "排期的人已停用或不再有发布的权限，没有发布。"
SAME = "没有变化，没有生成新的一期。"


class _Settled(Exception):
    """Somebody has cancelled it, or it has been done already."""


def schedule(session: AnySession, by: Member, at: datetime, note: str) -> ScheduledPublishing:
    """Have all that is approved at a moment published at that moment. Within ``writing``.

    Raises:
        Refused: the moment is past or too far, too many wait, or the person may not.
    """
    if not may(by, Action.PUBLISH):
        raise Refused("您的角色不能发布")
    if len(note) > LONGEST_NOTE:
        raise Refused(f"说明不超过 {LONGEST_NOTE} 个字")
    if at <= now():
        raise Refused("这个时间已经过去，请选一个以后的时间")
    if at > now() + FARTHEST:
        raise Refused("最远只能排到一年以内")
    row = ScheduledPublishing
    waiting = select(row.at).where(row.state == "waiting")
    if at in session.scalars(waiting).all():
        raise Refused("这个时间已经排过一次")
    if (session.scalar(select(func.count()).select_from(waiting.subquery())) or 0) >= MOST:
        raise Refused(f"同时至多排 {MOST} 次，请先取消一些")
    made = ScheduledPublishing(at=at, note=note, created_by=by.account_id)
    session.add(made)
    session.flush()
    told = {"at": at.isoformat(), "note": note}
    audit.record(session, by, "schedule.made", "schedule", made.id, told)
    return made


def cancel(session: AnySession, by: Member, id_: int) -> ScheduledPublishing:
    """Take a moment back. Within ``writing``.

    Raises:
        Refused: it is done or cancelled already, or the person may not.
    """
    if not may(by, Action.PUBLISH):
        raise Refused("您的角色不能取消排期")
    row = session.get(ScheduledPublishing, id_)
    if row is None or row.state != "waiting":
        raise Refused("这次排期已经发布、失败或取消了")
    row.state, row.finished_at = "cancelled", now()
    audit.record(session, by, "schedule.cancelled", "schedule", id_, {"at": row.at.isoformat()})
    return row


def listed(session: AnySession, limit: int = 10) -> Sequence[ScheduledPublishing]:
    """Those that wait, the next first, then the latest that are over."""
    row = ScheduledPublishing
    waiting = session.scalars(select(row).where(row.state == "waiting").order_by(row.at)).all()
    over = select(row).where(row.state != "waiting").order_by(row.at.desc()).limit(limit)
    return [*waiting, *session.scalars(over).all()]


def unanswered() -> ColumnElement[bool]:
    """Which rows failed and were not made up for: nothing was published since."""
    row = ScheduledPublishing
    later = exists().where(EditionRow.published_at > row.finished_at)
    return (row.state == "failed") & ~later


@jobs.periodic(minutes=0.1)
def publish_scheduled() -> None:
    """What is due, as the consumer does it."""
    publish_due(current_app.extensions["settings"], current_app.extensions["city"])


def publish_due(settings: Settings, city: City) -> None:
    """Publish what is due, once, and enter what came of it. In an app context.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is away; it is tried again.
    """
    if not _due():
        return
    with exclusive(db.engine, settings.editions, "scheduled"):
        for id_ in _due():
            row = db.session.get_one(ScheduledPublishing, id_)
            db.session.expunge(row)
            db.session.rollback()
            _publish(settings, city, row)


def _due() -> list[int]:
    row = ScheduledPublishing
    with Session(db.engine) as session:
        due = select(row.id).where(row.state == "waiting", row.at <= now()).order_by(row.at)
        return list(session.scalars(due))


def _publish(settings: Settings, city: City, row: ScheduledPublishing) -> None:
    if row.at < now() - LATEST:
        _fail(row, MISSED)
    elif not may_still(db.session, row.created_by, Action.PUBLISH):
        _fail(row, NOT_ALLOWED)
    else:
        try:
            _put_out(settings, city, row)
        except _Settled:
            log.info("schedule_settled_already", schedule=row.id)
        except (NotPublishable, CannotStore) as error:
            _fail(row, str(error))
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("scheduled_publishing_failed", schedule=row.id)
            _fail(row, jobs.OUR_FAULT)


def _put_out(settings: Settings, city: City, row: ScheduledPublishing) -> None:
    def within(session: Session, number: int) -> None:
        if not _settled(session, row.id, state="done", edition=number):
            raise _Settled

    errand = Errand(actor="system", detail={"schedule": row.id}, within=within)
    done = publishing.publish(settings, city, by=row.created_by, note=row.note, errand=errand)
    if not done.is_new:
        with writing(db.session):
            _settled(db.session, row.id, state="done", edition=done.number, message=SAME)


def _fail(row: ScheduledPublishing, why: str) -> None:
    log.error("scheduled_publishing_failed", schedule=row.id, why=why)
    with writing(db.session):
        if _settled(db.session, row.id, state="failed", message=why):
            told = {"at": row.at.isoformat(), "why": why}
            audit.record(db.session, "system", "schedule.failed", "schedule", row.id, told)


def _settled(session: AnySession, id_: int, **outcome: object) -> bool:
    row = ScheduledPublishing
    waiting = update(row).where(row.id == id_, row.state == "waiting").returning(row.id)
    settle = waiting.values(finished_at=now(), **outcome)
    return session.scalar(settle, execution_options={"synchronize_session": False}) is not None
