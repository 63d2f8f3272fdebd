"""What waits for a second pair of eyes: handed in, or live already and to be looked at.

Public names: ``Waiting``, ``submitted``, ``to_check``, ``next_after``, ``compared_with``.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from server.db import AnySession
from server.difference_rows import in_a_line
from server.four_eyes import is_own, wrote
from server.member_names import names
from server.models import Listing, Revision
from server.revisions import Member, full, within_reach

AT_ONCE = 50
"""Revisions that a page shows; the oldest first, the rest when these are done."""


class Waiting(NamedTuple):
    """A revision in the queue, as a line of it."""

    id: int
    listing_id: int
    type: str
    name: str
    author: str
    since: datetime
    note: str
    changed: str
    """In a line."""
    own: bool
    """The person has had a hand in it: somebody else must decide."""


class Queue(NamedTuple):
    """The oldest of what waits, and how many there are in all."""

    lines: list[Waiting]
    total: int


def submitted(session: AnySession, by: Member) -> Queue:
    """Revisions that were handed in and stand, the oldest first."""
    return _queue(session, by, _handed_in(), Revision.submitted_at)


def to_check(session: AnySession, by: Member) -> Queue:
    """Revisions that went live at once and that nobody else has looked at."""
    return _queue(session, by, Revision.check_due, Revision.decided_at)


def next_after(session: AnySession, by: Member, revision_id: int) -> int | None:
    """The next revision that the person may decide on: further on in the queue, else its first."""
    query = (
        select(Revision)
        .join(Listing, Listing.id == Revision.listing_id)
        .where(handed_in_by_others(by), Listing.state == "active")
        .order_by(Revision.submitted_at, Revision.id)
    )
    waiting = [
        revision.id for revision in session.scalars(query) if within_reach(session, by, revision)
    ]
    later = [id_ for id_ in waiting if id_ > revision_id]
    return next(iter(later or waiting), None)


def compared_with(session: AnySession, revision: Revision) -> Revision | None:
    """What the public has, or had before this was approved: what a reviewer compares it with."""
    query = select(Revision).where(
        Revision.listing_id == revision.listing_id, Revision.state == "approved"
    )
    if revision.state == "approved":
        query = query.where(Revision.id < revision.id)
    return session.scalars(query.order_by(Revision.id.desc()).limit(1)).first()


def handed_in_by_others(by: Member) -> ColumnElement[bool]:
    """Of ``Revision``: handed in, all of it by others, and still the newest of its listing."""
    return _handed_in() & ~wrote(by.account_id)


def _handed_in() -> ColumnElement[bool]:
    newer = aliased(Revision)
    overtaken = exists().where(newer.listing_id == Revision.listing_id, newer.id > Revision.id)
    return (Revision.state == "submitted") & ~overtaken


def _queue(session: AnySession, by: Member, which: Any, since: Any) -> Queue:
    query = (
        select(Revision, Listing.type, since)
        .join(Listing, Listing.id == Revision.listing_id)
        .where(which, Listing.state == "active")
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(since, Revision.id).limit(AT_ONCE)).all()
    people = names(session, {revision.author_id for revision, _, _ in rows})
    lines = [_line(session, by, revision, type_, at, people) for revision, type_, at in rows]
    return Queue(lines, total)


def _line(
    session: AnySession,
    by: Member,
    revision: Revision,
    type_: str,
    since: datetime | None,
    people: dict[int | None, str],
) -> Waiting:
    former = compared_with(session, revision)
    return Waiting(
        id=revision.id,
        listing_id=revision.listing_id,
        type=type_,
        name=str(revision.document.get("name", "")),
        author=people.get(revision.author_id, "已删除的账号"),
        since=since or revision.created_at,
        note=revision.note,
        changed=in_a_line(full(former.document) if former else None, full(revision.document)),
        own=is_own(session, by, revision),
    )
