"""The rules of notices: published at once, changed, ended, withdrawn. For every door.

Public names: ``Standing``, ``standing_notices``, ``announce``,
``announce_once``, ``change``, ``end``, ``problems``.
Run what changes something within ``server.revisions.writing`` and publish after the commit, with
``only`` the listing that comes back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from geo.notice_checks import implausible_notice
from geo.opening import SHANGHAI
from geo.transit import BusRoute, Notice
from server import audit, working_copies
from server.db import AnySession
from server.models import Listing, Revision, StaffAccount
from server.models.listings import REVISION_STATES
from server.permissions import Action, may, within_bounds
from server.revisions import (
    Json,
    Lack,
    Member,
    NotReady,
    Refused,
    go_live,
    newest,
    newest_approved,
    standing,
)

WITHDRAWN = "公告已撤回"


class Standing(NamedTuple):
    """A notice as it was decided on last, and where it stands at a moment."""

    id: int
    revision: Revision
    notice: Notice
    phase: str
    """``in_force``, ``announced``, ``ended`` or ``withdrawn``."""


def standing_notices(session: AnySession, at: datetime) -> list[Standing]:
    """All notices that have ever gone out, the latest to begin first."""
    found = []
    for listing in session.scalars(select(Listing).where(Listing.type == "notice")):
        revision = newest_approved(session, listing.id)
        if revision is not None:
            notice = Notice.model_validate(revision.document)
            found.append(Standing(listing.id, revision, notice, _phase(listing, notice, at)))
    return sorted(found, key=lambda one: (one.notice.start, one.id), reverse=True)


def _phase(listing: Listing, notice: Notice, at: datetime) -> str:
    if listing.state != "active":
        return "withdrawn"
    if notice.end is not None and notice.end <= at:
        return "ended"
    return "in_force" if notice.start <= at else "announced"


def problems(
    document: Json, routes: Mapping[int, BusRoute], at: datetime, *, known: bool = False
) -> list[Lack]:
    """What keeps a notice from being published; one that is ``known`` may be over."""
    found = implausible_notice(Notice.model_validate(document), routes, at)
    return [
        Lack(path, message)
        for path, message in found
        if not (known and path in ("end", "announced_at"))
    ]


def announce(
    session: AnySession, by: Member, document: Json, routes: Mapping[int, BusRoute], at: datetime
) -> Revision:
    """Add a notice, to be published at once.

    Raises:
        NotReady: it would not be published.
        Refused: it is about lines that are not the person's.
    """
    _may_notify(by, document)
    _refuse_problems(problems(document, routes, at))
    listing = Listing(type="notice")
    session.add(listing)
    session.flush()
    return go_live(session, by, listing.id, document, action="notice.published")


def announce_once(
    session: AnySession,
    by: Member,
    document: Json,
    routes: Mapping[int, BusRoute],
    at: datetime,
    key: str,
) -> Revision:
    """As ``announce``; ``key`` names the form: sent a second time it adds no second notice."""
    session.get_one(StaffAccount, by.account_id, with_for_update={"key_share": True})
    made = working_copies.settled(session, by.account_id, key)
    last = newest(session, made) if made else None
    if last is not None:
        # Told since the first time, however much later it is sent again.
        again = {**document, "announced_at": last.document["announced_at"]}
        return change(session, by, last.listing_id, again, routes, at, based_on=last.id)
    revision = announce(session, by, document, routes, at)
    if working_copies.is_new_key(key):
        working_copies.settle(session, by.account_id, key, revision)
    return revision


def change(
    session: AnySession,
    by: Member,
    listing_id: int,
    document: Json,
    routes: Mapping[int, BusRoute],
    at: datetime,
    *,
    based_on: int,
) -> Revision:
    """Let a notice say something else.

    Raises:
        Stale: somebody has changed it since ``based_on``.
        NotReady, Refused: as ``announce``.
    """
    former = _own(session, by, listing_id, based_on)
    _may_notify(by, document)
    _refuse_problems(problems(document, routes, at))
    if document == former.document and former.state == "approved":
        return former
    return go_live(session, by, listing_id, document, action="notice.published")


def end(
    session: AnySession, by: Member, listing_id: int, at: datetime, *, based_on: int, known: bool
) -> None:
    """End a notice now. One that has not begun yet, or was never public, is withdrawn instead.

    Raises:
        Stale, Refused: as ``change``.
    """
    former = _own(session, by, listing_id, based_on)
    notice = Notice.model_validate(former.document)
    if notice.end is not None and notice.end <= at:
        raise Refused("这条公告已经结束")
    if not known or notice.start > at:
        _withdraw(session, by, former, at)
        return
    # Whole minutes are what pages count in; it has to last, however short it was.
    over = max(at.replace(second=0, microsecond=0), notice.start + timedelta(minutes=1))
    document: dict[str, Any] = dict(former.document) | {"end": over.isoformat()}
    go_live(session, by, listing_id, document, action="notice.ended")


def _withdraw(session: AnySession, by: Member, revision: Revision, at: datetime) -> None:
    listing = session.get_one(Listing, revision.listing_id)
    listing.state, listing.retire_reason = "retired", WITHDRAWN
    listing.retired_on = at.astimezone(SHANGHAI).date()
    told = {"revision": revision.id, "name": revision.document["name"]}
    audit.record(session, by, "notice.withdrawn", "listing", listing.id, told)


def _own(session: AnySession, by: Member, listing_id: int, based_on: int) -> Revision:
    revision = standing(session, based_on, *REVISION_STATES)
    if revision.listing_id != listing_id or revision.document["type"] != "notice":
        raise Refused(f"没有编号为 {listing_id} 的公告")
    _may_notify(by, revision.document)
    return revision


def _may_notify(by: Member, document: Json) -> None:
    if not may(by, Action.NOTIFY):
        raise Refused("您的角色不能发布公告")
    if not within_bounds(by, document):
        raise Refused("公告涉及不由您负责的线路")


def _refuse_problems(lacks: list[Lack]) -> None:
    if lacks:
        raise NotReady(lacks)
