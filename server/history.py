"""What became of a listing: its revisions and what was done with it, the newest first.

Public names: ``Event``, ``of_listing``, ``published``, ``names``, ``LISTING_ACTIONS``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from geo.edition import DamagedEdition
from server import composing, editions
from server.db import AnySession
from server.models import AuditEvent, Revision, StaffAccount

LISTING_ACTIONS: Mapping[str, str] = {
    "listing.retired": "撤下",
    "listing.brought_back": "恢复",
    "listing.merged": "并入另一个条目",
    "listing.parted": "取消并入",
}
"""Of the audit trail, what is done to a listing and not to a revision of it."""

ORIGINS = {"starter": "起始数据", "import": "导入", "staff": "工作台"}


class Event(NamedTuple):
    """A revision, or something done to the listing; ``revision`` is None for the latter."""

    at: datetime
    who: str
    title: str
    note: str
    revision: Revision | None = None
    decided_by: str = ""
    checked_by: str = ""
    passed_over: bool = False
    """A draft that a newer revision follows: nobody will decide on it any more."""


def of_listing(session: AnySession, listing_id: int) -> list[Event]:
    """All that is known of a listing's past."""
    revisions = session.scalars(
        select(Revision).where(Revision.listing_id == listing_id).order_by(Revision.id.desc())
    ).all()
    done = session.scalars(
        select(AuditEvent).where(
            AuditEvent.subject_type == "listing",
            AuditEvent.subject_id == listing_id,
            AuditEvent.action.in_(LISTING_ACTIONS),
        )
    ).all()
    people = names(
        session,
        {id_ for r in revisions for id_ in (r.author_id, r.decided_by, r.checked_by)}
        | {event.account_id for event in done},
    )
    events = [_of(revision, people, newest=n == 0) for n, revision in enumerate(revisions)]
    events += [
        Event(
            event.at,
            people.get(event.account_id or 0, event.actor),
            LISTING_ACTIONS[event.action],
            str(event.detail.get("reason") or event.detail.get("into_name") or ""),
        )
        for event in done
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def published(session: AnySession, listing_id: int) -> dict[str, Any] | None:
    """What the newest edition says of a listing; None if it is not in it, or can't be read."""
    connection = session.connection()
    last = editions.newest(connection)
    packed = editions.packed(connection, last[0]) if last else None
    try:
        entry = composing.read(packed).entries.get(listing_id) if packed else None
    except DamagedEdition:
        return None
    return entry["document"] if entry else None


def names(session: AnySession, ids: Iterable[int | None]) -> dict[int, str]:
    """What members of staff are called, by account."""
    wanted = {id_ for id_ in ids if id_ is not None}
    rows = session.execute(
        select(StaffAccount.id, StaffAccount.name).where(StaffAccount.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}


def _of(revision: Revision, people: Mapping[int, str], *, newest: bool) -> Event:
    author = people.get(revision.author_id or 0)
    return Event(
        revision.created_at,
        author or ORIGINS.get(revision.origin, revision.origin),
        f"版本 {revision.id}",
        revision.note,
        revision,
        people.get(revision.decided_by or 0, ""),
        people.get(revision.checked_by or 0, ""),
        passed_over=not newest and revision.state in ("draft", "submitted"),
    )
