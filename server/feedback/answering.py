"""Answering what was sent in, or closing it without an answer.

Public names: ``answer``, ``close``, ``BadAnswer``. Run each within ``server.revisions.writing``.
The audit trail tells who answered and about which listing, never what was written: it only grows,
and what people write must be erased with them.
"""

from sqlalchemy import select

from server import audit
from server.db import AnySession, now
from server.feedback.queue import within
from server.feedback.text import Unreadable, cleaned
from server.models import Feedback
from server.permissions import Action, may
from server.revisions import Member, Refused


class BadAnswer(Refused):
    """The answer can't be taken as it is written."""


def answer(session: AnySession, by: Member, id_: int, text: str) -> Feedback:
    """Answer the sender, who finds it in the mini-program; it may be worded anew later.

    Raises:
        BadAnswer: there is none, or it is too long, or holds what can't be seen.
        Refused: there is no such text, it is not the person's to answer, or it was closed.
    """
    row = _held(session, by, id_)
    try:
        said = cleaned(text)
    except Unreadable as error:
        raise BadAnswer(str(error)) from None
    if row.state == "closed":
        raise Refused("这条反馈已经关闭")
    if row.state == "answered" and row.answered_by != by.account_id:
        raise Refused("别人已经答复了这条反馈")
    row.state, row.answer = "answered", said
    row.answered_by, row.answered_at = by.account_id, now()
    _tell(session, by, "feedback.answered", row)
    return row


def close(session: AnySession, by: Member, id_: int) -> Feedback:
    """Put it aside without an answer.

    Raises:
        Refused: there is no such text, it is not the person's, or it was dealt with already.
    """
    row = _held(session, by, id_)
    if row.state != "open":
        raise Refused("这条反馈已经答复或关闭")
    row.state, row.answered_by, row.answered_at = "closed", by.account_id, now()
    _tell(session, by, "feedback.closed", row)
    return row


def _held(session: AnySession, by: Member, id_: int) -> Feedback:
    if not may(by, Action.EDIT):
        raise Refused("您的角色不能答复反馈")
    row = session.scalars(
        select(Feedback).where(Feedback.id == id_, within(by)).with_for_update()
    ).first()
    if row is None:
        raise Refused("没有这条反馈，或它不在您负责的范围内；写的人也可能已经注销")
    return row


def _tell(session: AnySession, by: Member, action: str, row: Feedback) -> None:
    audit.record(session, by, action, "listing", row.listing_id, {"feedback": row.id})
