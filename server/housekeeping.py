"""What a consumer clears away once a day.

Public names: ``clear_away``, ``KEPT_JOBS``, ``KEPT_MESSAGES``, ``KEPT_EVENTS``, ``KEPT_PHOTOS``.
"""

from datetime import timedelta

import structlog
from sqlalchemy import delete, or_, select

from server import photos, sessions
from server.db import db, now
from server.jobs import periodic
from server.mailings import hearing, outbox
from server.models import ImportBatch, Job, StaffSession
from server.people import held
from server.people import sessions as people_sessions
from server.revisions import writing

log = structlog.get_logger()

KEPT_JOBS = timedelta(days=90)
"""How long a job that is over can still be looked at."""

KEPT_MESSAGES = timedelta(days=90)
"""How long it is kept who got which notice."""

KEPT_EVENTS = timedelta(days=1)
"""How long it is kept which of WeChat's events were entered; it delivers one for some minutes."""

KEPT_PHOTOS = timedelta(days=2)
"""How long a photo that nothing names is kept: its form may still be open."""


@periodic(minutes=24 * 60)
def clear_away() -> None:
    """Photos that nothing names, jobs long over, sessions long ended, people long gone.

    In an app context.
    """
    with writing(db.session):
        tidied = {"jobs": _old_jobs(), "sessions": _ended_sessions()}
        tidied["people_sessions"] = people_sessions.tidy(db.session)
        tidied["messages"] = outbox.forget(db.session, now() - KEPT_MESSAGES)
        tidied["events"] = hearing.forget(db.session, now() - KEPT_EVENTS)
        tidied["people"] = held.forget_the_gone(db.session)
        tidied["photos"] = photos.tidy(db.session, now() - KEPT_PHOTOS)
    if any(tidied.values()):
        log.info("cleared_away", **tidied)


def _old_jobs() -> int:
    """Jobs that are over, but those that an import still points to."""
    imports = select(ImportBatch.job_id).where(ImportBatch.job_id.is_not(None))
    over = (
        Job.state.in_(("done", "failed", "cancelled")),
        Job.finished_at < now() - KEPT_JOBS,
        Job.id.not_in(imports),
    )
    return len(db.session.scalars(delete(Job).where(*over).returning(Job.id)).all())


def _ended_sessions() -> int:
    before = now() - sessions.KEPT
    ended = or_(StaffSession.last_seen_at < before, StaffSession.revoked_at < before)
    gone = delete(StaffSession).where(ended).returning(StaffSession.id)
    return len(db.session.scalars(gone).all())
