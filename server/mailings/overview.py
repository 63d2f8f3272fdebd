"""How the sending of each notice stands, as staff see it.

Public names: ``Sending``, ``Reason``, ``sendings``, ``state_of``, ``troubled``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from server.db import AnySession, now
from server.models import Job, Mailing, Message
from server.permissions import within_bounds
from server.revisions import Member, full, newest
from server.wechat.errors import MEANINGS

TROUBLED_DAYS = 14


class Reason(NamedTuple):
    """Why some messages were not sent."""

    told: str
    """Chinese."""
    people: int


class Sending(NamedTuple):
    """One mailing."""

    id: int
    notice_id: int
    name: str
    document: Mapping[str, Any]
    made_at: datetime
    state: str
    """``going``, ``paused``, ``stopped`` (messages are left) or ``done``."""
    why: str
    """Of a pause, in Chinese."""
    again_at: datetime | None
    total: int
    sent: int
    refused: int
    failed: int
    left: int
    """Neither sent nor given up."""
    gone: int
    """Whoever unsubscribed or was erased before their turn."""
    reasons: list[Reason]
    """Of the failed ones."""
    may_be_sent_again: int
    own: bool
    """Whether the person may stop it and let it go on."""

    @property
    def settled(self) -> int:
        """Messages that need nothing more."""
        return self.total - self.left


def sendings(session: AnySession, by: Member, limit: int = 50) -> list[Sending]:
    """The latest mailings, the newest first; those that went to nobody are left out."""
    row = Mailing
    query = select(row).where(row.total > 0).order_by(row.id.desc()).limit(limit)
    mailings = session.scalars(query).all()
    counted = _counted(session, [one.id for one in mailings])
    return [_sending(session, by, one, counted.get(one.id, [])) for one in mailings]


def troubled(session: AnySession, by: Member) -> list[tuple[int, str, int]]:
    """The person's mailings of late of which some failed: id, notice's name, how many."""
    row = Mailing
    late = now() - timedelta(days=TROUBLED_DAYS)
    query = select(row).where(row.failed > 0, row.made_at > late).order_by(row.id.desc())
    found = []
    for mailing in session.scalars(query):
        document = _document(session, mailing.notice_id)
        if within_bounds(by, document):
            found.append((mailing.id, str(document.get("name", "")), mailing.failed))
    return found


Counted = tuple[str, int | None, int]
"""State, WeChat's code, how many."""


def _counted(session: AnySession, ids: Sequence[int]) -> dict[int, list[Counted]]:
    told: ColumnElement[bool] = Message.state.in_(("waiting", "sending", "failed", "uncertain"))
    columns = (Message.mailing_id, Message.state, Message.errcode)
    rows = session.execute(
        select(*columns, func.count()).where(Message.mailing_id.in_(ids), told).group_by(*columns)
    )
    found: dict[int, list[Counted]] = {}
    for mailing_id, state, errcode, count in rows:
        found.setdefault(mailing_id, []).append((state, errcode, count))
    return found


def _sending(session: AnySession, by: Member, mailing: Mailing, counted: list[Counted]) -> Sending:
    left = sum(count for state, _, count in counted if state in ("waiting", "sending"))
    document = _document(session, mailing.notice_id)
    state, why, again_at = state_of(session, mailing, left)
    settled = mailing.sent + mailing.refused + mailing.failed
    return Sending(
        id=mailing.id,
        notice_id=mailing.notice_id,
        name=str(document.get("name", "")),
        document=document,
        made_at=mailing.made_at,
        state=state,
        why=why,
        again_at=again_at,
        total=mailing.total,
        sent=mailing.sent,
        refused=mailing.refused,
        failed=mailing.failed,
        left=left,
        gone=max(mailing.total - settled - left, 0),
        reasons=_reasons(counted),
        may_be_sent_again=sum(count for state, _, count in counted if state == "failed"),
        own=within_bounds(by, document),
    )


def state_of(session: AnySession, mailing: Mailing, left: int) -> tuple[str, str, datetime | None]:
    """The state, of a pause why and until when; ``left``: how many messages are open."""
    if mailing.finished_at is not None:
        return ("stopped" if left else "done"), "", None
    job = session.get(Job, mailing.job_id) if mailing.job_id is not None else None
    result = (job.result or {}) if job is not None else {}
    if job is not None and job.state == "failed":
        return "paused", job.message, None
    if "not_before" in result:
        return "paused", result["why"], datetime.fromisoformat(result["not_before"])
    return "going", "", None


def _reasons(counted: list[Counted]) -> list[Reason]:
    found = []
    for state, errcode, count in counted:
        if state == "uncertain":
            found.append(Reason("发送时中断，微信没有说是否已送达，不再重发", count))
        elif state == "failed" and errcode is None:
            found.append(Reason("用户标识的密钥已丢失，无法解密", count))
        elif state == "failed":
            found.append(
                Reason(f"{MEANINGS.get(errcode or 0, '微信没有接受')}（{errcode}）", count)
            )
    return found


def _document(session: AnySession, notice_id: int) -> Mapping[str, Any]:
    revision = newest(session, notice_id)
    return full(revision.document) if revision is not None else {}
