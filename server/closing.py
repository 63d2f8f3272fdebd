"""The emergency: a place is closed from today on, told at once and checked after.

Public names: ``LONGEST``, ``close``, ``reopen``, ``closed``, ``reopened``, ``closure_on``,
``why_not_at_once``.
``close`` and ``reopen`` change a session within ``server.revisions.writing``; publish after it.
Both build on what is approved: nobody's draft goes out with them. Nor does anything that is
approved and kept back: what is to be published with a closure has to be public already.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from geo.opening import SHANGHAI
from server.db import AnySession
from server.editing import says_the_same
from server.history import published
from server.models import Listing, Revision
from server.permissions import Action, may, within_bounds
from server.revisions import Member, Refused, go_live, newest_approved

Json = Mapping[str, Any]

LONGEST = timedelta(days=14)
"""What is closed for longer is no emergency: it is edited, and reviewed before it is told."""
_MOST = 50
"""Closures that the model allows."""


def close(
    session: AnySession, by: Member, listing_id: int, reason: str, until: date | None = None
) -> Revision:
    """Close a place from today up to and including ``until`` (today), for a reason."""
    today = datetime.now(SHANGHAI).date()
    last = until or today
    said = reason.strip()
    if not said:
        raise Refused("请写明临时关闭的原因，家长会看到")
    if not today <= last <= today + LONGEST:
        raise Refused(f"临时关闭最多到 {LONGEST.days} 天以后；更久的请用“编辑”登记，经审核后公布")
    document = closed(_shown(session, by, listing_id), today, last, said)
    return go_live(
        session, by, listing_id, document, action="listing.closed_today", note=f"临时关闭：{said}"
    )


def reopen(session: AnySession, by: Member, listing_id: int) -> Revision:
    """Take back what closes a place today, from today on."""
    document = reopened(_shown(session, by, listing_id), datetime.now(SHANGHAI).date())
    return go_live(session, by, listing_id, document, action="listing.reopened", note="恢复开放")


def closed(document: Json, today: date, last: date, reason: str) -> dict[str, Any]:
    """The document with the closure; those long over give way where there are too many."""
    if standing := closure_on(document, today):
        raise Refused(f"今天已经登记了临时关闭（到 {standing['end']}），请先恢复开放再登记")
    closures = list(document.get("closures") or ())
    over = sorted(c["end"] for c in closures if c["end"] < today.isoformat())
    if len(closures) >= _MOST and over:
        closures.remove(next(c for c in closures if c["end"] == over[0]))
    added = {"start": today.isoformat(), "end": last.isoformat(), "reason": reason}
    return {**document, "closures": [*closures, added]}


def reopened(document: Json, today: date) -> dict[str, Any]:
    """The document with no closure today: those that began earlier end yesterday."""
    if not closure_on(document, today):
        raise Refused("今天没有登记临时关闭")
    day, yesterday = today.isoformat(), (today - timedelta(days=1)).isoformat()
    kept = []
    for each in document["closures"]:
        if not each["start"] <= day <= each["end"]:
            kept.append(each)
        elif each["start"] < day:
            kept.append(each | {"end": yesterday})
    return {**document, "closures": kept}


def closure_on(document: Json, day: date) -> dict[str, Any] | None:
    """The closure that holds on a day."""
    told = day.isoformat()
    found = (c for c in document.get("closures") or () if c["start"] <= told <= c["end"])
    return next(found, None)


def why_not_at_once(approved: Json, public: Json | None) -> str | None:
    """Why a closure can't go out at once, in Chinese; ``public`` is what the edition says."""
    if public is None:
        return "这个地点还没有公布，不需要登记临时关闭"
    if not says_the_same(approved, public):
        return "这个地点有已通过、尚未发布的修改，会随临时关闭一起公布；请先由发布人员处理"
    return None


def _shown(session: AnySession, by: Member, listing_id: int) -> Json:
    listing = session.get(Listing, listing_id, with_for_update=True)
    shown = newest_approved(session, listing_id)
    if listing is None or listing.type != "site":
        raise Refused("只有地点能登记临时关闭")
    if shown is None or listing.state != "active":
        raise Refused("这个地点现在没有公布，不需要登记临时关闭")
    if not may(by, Action.CLOSE):
        raise Refused("您的角色不能登记临时关闭")
    if not within_bounds(by, shown.document, listing_id):
        raise Refused("这个地点不在您负责的范围内")
    if told := why_not_at_once(shown.document, published(session, listing_id)):
        raise Refused(told)
    return shown.document
