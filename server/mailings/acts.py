"""What staff may do to a mailing: stop it, let it go on, try again what failed.

Public names: ``stop``, ``resume``. Run each within ``server.revisions.writing``.
"""

from sqlalchemy import func, select, update

from server import audit, jobs
from server.db import AnySession, now
from server.mailings.laying import go_on
from server.mailings.outbox import open_messages
from server.models import Mailing, Message
from server.permissions import Action, may, within_bounds
from server.revisions import Member, Refused, newest


def stop(session: AnySession, by: Member, mailing_id: int) -> None:
    """Send no more of it; what is being sent this moment still is.

    Raises:
        Refused: it is over already, or not the person's to stop.
    """
    mailing, name = _own(session, by, mailing_id)
    if mailing.finished_at is not None:
        raise Refused("已经发完或停止了")
    mailing.finished_at = now()
    if mailing.job_id is not None:
        jobs.cancel(session, mailing.job_id)
    told = {"name": name, "open": open_messages(session, mailing_id)}
    audit.record(session, by, "mailing.stopped", "listing", mailing.notice_id, told)


def resume(session: AnySession, by: Member, mailing_id: int) -> int:
    """Send what was left, and once more what WeChat refused for a reason that may be gone.

    Not what may have arrived. Returns the job's id, for ``server.jobs.send`` after the commit.

    Raises:
        Refused: it is still going on, nothing is left, or it is not the person's.
    """
    mailing, name = _own(session, by, mailing_id)
    if mailing.finished_at is None:
        raise Refused("还在发送")
    failed = (Message.mailing_id == mailing_id, Message.state == "failed")
    again = session.scalar(select(func.count()).where(*failed)) or 0
    if not again and not open_messages(session, mailing_id):
        raise Refused("没有可以再发的")
    session.execute(update(Message).where(*failed).values(state="waiting", attempts=0))
    mailing.failed -= again
    job_id = go_on(session, mailing, name)
    told = {"name": name, "open": open_messages(session, mailing_id)}
    audit.record(session, by, "mailing.resumed", "listing", mailing.notice_id, told)
    return job_id


def _own(session: AnySession, by: Member, mailing_id: int) -> tuple[Mailing, str]:
    """The mailing, held, and its notice's name.

    Raises:
        Refused: there is none, or the notice is about lines that are not the person's.
    """
    if not may(by, Action.NOTIFY):
        raise Refused("您的角色不能管公告的消息")
    mailing = session.get(Mailing, mailing_id, with_for_update=True)
    revision = newest(session, mailing.notice_id) if mailing is not None else None
    if mailing is None or revision is None:
        raise Refused("没有这次发送")
    if not within_bounds(by, revision.document):
        raise Refused("公告涉及不由您负责的线路")
    return mailing, str(revision.document["name"])
