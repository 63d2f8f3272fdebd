"""The end of a revision's life: approved or returned, by somebody other than its author.

Public names: ``approve``, ``send_back``, ``check``, ``unexplained``, ``LONGEST_REASON``. Run what
decides within ``server.revisions.writing``.
"""

from collections.abc import Mapping
from typing import Any

from geo.city import City
from server.db import AnySession, now
from server.four_eyes import is_own
from server.models import Listing, Revision
from server.permissions import Action, may
from server.revisions import (
    Member,
    NotReady,
    Refused,
    decide,
    lacking,
    standing,
    tell,
    within_reach,
)

RELIED_ON = ("phone", "number", "opening_hours")
"""Fields that a family acts upon: wrong, they lead to a closed door or a stranger's telephone."""

LONGEST_REASON = 500
"""Characters of the reason for which something is returned."""


def approve(session: AnySession, by: Member, revision_id: int, city: City) -> Revision:
    """Let a submitted revision be published.

    Raises:
        NotReady: it has obstacles by now.
        Refused: it is the person's own, or no longer waits.
    """
    revision = standing(session, revision_id, "submitted")
    _may_decide(session, by, revision)
    if lacks := lacking(session, revision, city):
        raise NotReady(lacks)
    decide(revision, by, "approved", "")
    tell(session, by, "revision.approved", revision)
    return revision


def send_back(session: AnySession, by: Member, revision_id: int, reason: str) -> Revision:
    """Return a submitted revision to its author; the reason is for them."""
    revision = standing(session, revision_id, "submitted")
    _may_decide(session, by, revision)
    if not reason.strip():
        raise Refused("请写明退回的原因")
    decide(revision, by, "returned", reason.strip())
    tell(session, by, "revision.returned", revision, {"reason": reason.strip()})
    return revision


def check(session: AnySession, by: Member, revision_id: int) -> Revision:
    """Say that what went live at once is right."""
    revision = session.get(Revision, revision_id)
    if revision is not None:
        # Two may say so at once: the second waits here, and then sees what the first has done.
        session.get(Listing, revision.listing_id, with_for_update=True)
        session.refresh(revision)
    if revision is None or not revision.check_due:
        raise Refused("没有等待复核的版本")
    _may_decide(session, by, revision)
    revision.check_due, revision.checked_by, revision.checked_at = False, by.account_id, now()
    tell(session, by, "revision.checked", revision)
    return revision


def unexplained(before: Mapping[str, Any] | None, after: Mapping[str, Any], note: str) -> list[str]:
    """Fields of ``RELIED_ON`` that change while neither a note nor a changed source says why."""
    if before is None or note.strip():
        return []
    old, new = (document.get("facts") or {} for document in (before, after))
    if old.get("") != new.get(""):
        return []
    return [
        field
        for field in RELIED_ON
        if (before.get(field) or None) != (after.get(field) or None)
        and old.get(field) == new.get(field)
    ]


def _may_decide(session: AnySession, by: Member, revision: Revision) -> None:
    if not may(by, Action.REVIEW):
        raise Refused("您的角色不能审核")
    if not within_reach(session, by, revision):
        raise Refused("这个条目不在您负责的范围内")
    if revision.author_id == by.account_id:
        raise Refused("不能审核自己提交的版本，请由另一人审核")
    if is_own(session, by, revision):
        raise Refused("不能审核自己写过的内容，请由没有改过它的人审核")
