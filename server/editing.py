"""Saving what somebody has edited while others edit too. Plain functions on a session.

Public names: ``Saved``, ``Conflicting``, ``save``, ``save_new``, ``submit``, ``merged_into``,
``left_behind``, ``resumed``, ``says_the_same``. Run them within ``server.revisions.writing``.

Nobody's save overwrites another's: what both have changed differently is given back to whoever
came second. There is no way to save anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from geo.city import City
from server import revisions, working_copies
from server.db import AnySession
from server.merging import Conflict, Merged, merge
from server.models import Listing, Revision, StaffAccount
from server.revisions import Member, Refused, Stale, canonical, full, newest

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Saved:
    """What a document became."""

    revision: Revision
    merged_with: Revision | None = None
    """What somebody else has saved meanwhile, if it was merged with that."""
    from_theirs: tuple[str, ...] = ()
    """The parts that came with it."""


class Conflicting(Stale):
    """Somebody else has changed the same parts; ``merged`` holds both values of each."""

    def __init__(self, newest: Revision, merged: Merged) -> None:
        super().__init__(newest)
        self.merged = merged

    @property
    def conflicts(self) -> list[Conflict]:
        """The parts to choose in."""
        return self.merged.conflicts


def save(
    session: AnySession, by: Member, listing_id: int, document: Json, based_on: int, note: str = ""
) -> Saved:
    """Add a draft of ``document``, which was edited from the revision ``based_on``.

    Saving what stands there already adds nothing, so sending a form twice does no harm.

    Raises:
        Conflicting: somebody else has saved other values of the same parts; nothing was saved.
        NotReady, Refused: as ``server.revisions.save``.
    """
    mine = canonical(document)
    # Whoever comes second waits here, and then sees what came first.
    session.get(Listing, listing_id, with_for_update=True)
    last = newest(session, listing_id)
    if last is None:
        raise Refused(f"没有编号为 {listing_id} 的条目")
    if last.id == based_on:
        return Saved(_add(session, by, last, mine, note))
    merged = merged_into(session, last, based_on, mine)
    if merged.conflicts:
        raise Conflicting(last, merged)
    revision = _add(session, by, last, merged.document, note)
    theirs = tuple(merged.from_theirs)
    return Saved(revision, last if theirs else None, theirs)


def save_new(session: AnySession, by: Member, document: Json, key: str, note: str = "") -> Saved:
    """Add a listing. ``key`` names the form: sent a second time, it edits what it made first."""
    session.get_one(StaffAccount, by.account_id, with_for_update={"key_share": True})
    made = working_copies.settled(session, by.account_id, key)
    if made is None:
        revision = revisions.create(session, by, document, note)
        working_copies.settle(session, by.account_id, key, revision)
        return Saved(revision)
    first = session.scalars(
        select(Revision.id).where(Revision.listing_id == made).order_by(Revision.id).limit(1)
    ).one()
    return save(session, by, made, document, first, note)


def submit(session: AnySession, by: Member, saved: Revision, city: City, note: str = "") -> None:
    """Hand in what was just saved; handing it in twice does no harm.

    Raises:
        NotReady, Refused: as ``server.revisions.submit``; the draft stays.
    """
    if saved.state == "submitted":
        return
    if saved.state == "approved":
        raise Refused("与已通过的内容相同，没有需要审核的改动")
    if note:
        saved.note = note
    revisions.submit(session, by, saved.id, city)


def merged_into(session: AnySession, last: Revision, based_on: int, mine: Json) -> Merged:
    """What ``mine``, edited from the revision ``based_on``, comes to on top of the last one."""
    base = session.get(Revision, based_on)
    if base is None or base.listing_id != last.listing_id:
        raise Refused("表单所依据的版本不存在，请从条目页面重新打开")
    return merge(full(base.document), full(last.document), mine)


def left_behind(session: AnySession, listing_id: int, account_id: int) -> Revision | None:
    """The person's unapproved work past which something else went live that conflicts with it."""
    passed = False
    for revision in session.scalars(
        select(Revision).where(Revision.listing_id == listing_id).order_by(Revision.id.desc())
    ):
        if revision.state == "approved" and revision.decided_by == revision.author_id:
            passed = passed or revision.author_id is not None
            continue
        mine = revision.author_id == account_id and revision.state != "approved"
        return revision if passed and mine else None
    return None


def resumed(session: AnySession, draft: Revision, last: Revision) -> Merged:
    """The draft of ``left_behind`` on top of what went live, with what is to be chosen."""
    base = session.scalars(
        select(Revision)
        .where(
            Revision.listing_id == draft.listing_id,
            Revision.state == "approved",
            Revision.id < draft.id,
        )
        .order_by(Revision.id.desc())
        .limit(1)
    ).first()
    before = full(base.document) if base else {"type": draft.document["type"]}
    return merge(before, full(last.document), full(draft.document))


def says_the_same(one: Json, other: Json) -> bool:
    """Whether two documents differ in nothing but the order of facilities."""
    return _in_order(full(one)) == _in_order(full(other))


def _add(
    session: AnySession, by: Member, last: Revision, document: dict[str, Any], note: str
) -> Revision:
    # What was returned is handed in again as a revision of its own, changed or not.
    if last.state != "returned" and says_the_same(last.document, document):
        return last
    return revisions.save(session, by, last.listing_id, document, last.id, note)


def _in_order(document: Json) -> dict[str, Any]:
    return {**document, "facilities": sorted(document.get("facilities") or ())}
