"""The life of a revision up to its review: draft, submitted. The rules of it, for every door.

Public names: ``Member``, ``Refused``, ``Stale``, ``NotReady``, ``Lack``, ``writing``, ``newest``,
``newest_approved``, ``canonical``, ``full``, ``create``, ``save``, ``submit``, ``withdraw``,
``go_live``, ``lacking``, ``within_reach``; for ``server.review``: ``standing``, ``decide``,
``tell``.

Every function changes the session only and records what it did in the audit trail; run it within
``writing`` so that it reads what it then changes. Documents are never altered: a revision is added.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import select

from geo.calendar import Calendar
from geo.city import City
from geo.listing import LISTING, Hotline, Site, obstacles
from geo.opening import SHANGHAI
from geo.wording import in_chinese
from server import audit
from server.calendar_days import calendar_days
from server.carrying import carried_on
from server.db import AnySession, now, start_writing
from server.kept_photos import lost
from server.models import Listing, Revision
from server.number_sources import unsourced
from server.permissions import Action, may, within_bounds

Json = Mapping[str, Any]

EDITED_BY: Mapping[str, Action] = {
    "site": Action.EDIT,
    "hotline": Action.EDIT,
    "bus_route": Action.EDIT_LINES,
    "notice": Action.NOTIFY,
}
"""By a listing's type what it takes to write drafts of it."""


class Member(Protocol):
    """A member of staff who acts: what permissions and the audit trail ask of them."""

    account_id: int
    login: str
    role: str
    districts: list[str] | None
    listings: list[int] | None


class Refused(Exception):
    """It can't be done; the message says why, in Chinese. Nothing was changed."""


class Stale(Refused):
    """Somebody else has saved meanwhile; ``newest`` is what stands now."""

    def __init__(self, newest: Revision) -> None:
        super().__init__("别人已经保存了新的版本")
        self.newest = newest


@dataclass(frozen=True)
class Lack:
    """What is wrong or missing, and in which field of the document."""

    field: str
    message: str


class NotReady(Refused):
    """The document can't be submitted as it is; all that it lacks is told."""

    def __init__(self, lacks: list[Lack]) -> None:
        super().__init__("；".join(lack.message for lack in lacks))
        self.lacks = lacks


@contextmanager
def writing(session: AnySession) -> Iterator[None]:
    """One transaction that may write from its beginning; commits, or on any error changes nothing.

    What the session has read before is forgotten: it may be old by now.
    """
    session.rollback()
    start_writing(session)
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def newest(session: AnySession, listing_id: int, *states: str) -> Revision | None:
    """The newest revision of a listing, of all or of those in certain states.

    As it stands now: after waiting for a lock, what the session has read before may be old.
    """
    query = select(Revision).where(Revision.listing_id == listing_id)
    if states:
        query = query.where(Revision.state.in_(states))
    query = query.order_by(Revision.id.desc()).limit(1)
    return session.scalars(query.execution_options(populate_existing=True)).first()


def newest_approved(session: AnySession, listing_id: int) -> Revision | None:
    """What the next publishing shows of a listing."""
    return newest(session, listing_id, "approved")


def create(session: AnySession, by: Member, document: Json, note: str = "") -> Revision:
    """Add a listing with its first draft.

    Raises:
        NotReady: the document does not validate.
        Refused: the person may not write such listings, or not there.
    """
    said = canonical(document)
    _may_edit(by, said, None)
    listing = Listing(type=said["type"])
    session.add(listing)
    session.flush()
    return _add(session, by, listing.id, said, None, note)


def save(
    session: AnySession, by: Member, listing_id: int, document: Json, based_on: int, note: str = ""
) -> Revision:
    """Add a draft. A submitted revision that it follows is thereby withdrawn from review.

    Raises:
        Stale: ``based_on`` is not the newest revision.
        NotReady: the document does not validate.
        Refused: the listing is not active, or out of the person's bounds.
    """
    listing, former = _active(session, listing_id)
    said = canonical(document)
    if former.id != based_on:
        raise Stale(former)
    if said["type"] != listing.type:
        raise Refused("条目的类型不能更改")
    # Out of somebody's bounds is what is there, not only what it would become.
    _may_edit(by, former.document, listing_id)
    _may_edit(by, said, listing_id)
    return _add(session, by, listing_id, said, former, note)


def submit(session: AnySession, by: Member, revision_id: int, city: City) -> Revision:
    """Hand a draft in for review.

    Raises:
        NotReady: it has obstacles, or a hotline's number changes without a source.
        Refused: it is not the newest revision, or not a draft.
    """
    revision = standing(session, revision_id, "draft")
    _may_edit(by, revision.document, revision.listing_id)
    if lacks := lacking(session, revision, city):
        raise NotReady(lacks)
    revision.state, revision.submitted_at = "submitted", now()
    tell(session, by, "revision.submitted", revision)
    return revision


def withdraw(session: AnySession, by: Member, revision_id: int) -> Revision:
    """Take a submitted revision back into drafts, before anybody has decided on it."""
    revision = standing(session, revision_id, "submitted")
    if revision.author_id != by.account_id:
        if not may(by, Action.REVIEW):
            raise Refused("只有提交的人能撤回")
        if not within_reach(session, by, revision):
            raise Refused("这个条目不在您负责的范围内")
    revision.state, revision.submitted_at = "draft", None
    tell(session, by, "revision.withdrawn", revision)
    return revision


def go_live(
    session: AnySession,
    by: Member,
    listing_id: int,
    document: Json,
    *,
    action: str,
    check_due: bool = True,
    note: str = "",
) -> Revision:
    """Add a revision that needs no approval before the next publishing, but a look after it.

    For emergencies, dispatchers' notices and confirmations: which of these, and whether this
    person may, is for the caller to know; it names the event in the audit trail.

    What somebody has drafted or submitted meanwhile is carried on on top of it, so that approving
    that later does not take this back. Where the two conflict it is left behind, which is told.
    """
    said = canonical(document)
    former, shown = newest(session, listing_id), newest_approved(session, listing_id)
    revision = _revision(by, listing_id, said, former, note)
    revision.check_due = check_due
    decide(revision, by, "approved", "")
    session.add(revision)
    session.flush()
    tell(session, by, action, revision)
    if former and shown:
        _carry(session, by, former, shown, revision)
    return revision


def _carry(
    session: AnySession, by: Member, former: Revision, shown: Revision, live: Revision
) -> None:
    carried = carried_on(former, full(former.document), full(shown.document), live)
    if follower := carried.follower:
        session.add(follower)
        session.flush()
        tell(session, by, "revision.carried_on", follower, {"from": former.id})
    if carried.left_behind:
        tell(session, by, "revision.left_behind", former, {"to": live.id})


def lacking(session: AnySession, revision: Revision, city: City) -> list[Lack]:
    """What keeps a revision from being submitted or approved, in the order of its fields."""
    read = LISTING.validate_python(revision.document)
    calendar = Calendar(calendar_days(session.connection()))
    lacks = [
        Lack(field, message)
        for field, message in obstacles(
            read, city, calendar, datetime.now(SHANGHAI).date(), id_=revision.listing_id
        )
    ]
    if isinstance(read, Hotline):
        approved = newest_approved(session, revision.listing_id)
        if told := unsourced(approved.document if approved else None, read, _today()):
            lacks.append(Lack("number", told))
    if isinstance(read, Site):
        lacks += [Lack(field, message) for field, message in lost(session, read)]
    return lacks


def _today() -> date:
    return datetime.now(SHANGHAI).date()


def canonical(document: Json) -> dict[str, Any]:
    """The document in full, as it is stored.

    Raises:
        NotReady: it does not validate; every mistake with its field.
    """
    try:
        said: dict[str, Any] = LISTING.validate_python(dict(document)).model_dump(mode="json")
    except ValidationError as error:
        # The first part of a place is the type of document that was tried.
        raise NotReady(
            [Lack(".".join(map(str, e["loc"][1:])), in_chinese(e)) for e in error.errors()]
        ) from error
    return said


def full(document: Json) -> Json:
    """A stored document with the fields that its model has got since."""
    try:
        return canonical(document)
    except NotReady:
        return document


def _active(session: AnySession, listing_id: int) -> tuple[Listing, Revision]:
    listing = session.get(Listing, listing_id, with_for_update=True)
    last = newest(session, listing_id)
    if listing is None or last is None:
        raise Refused(f"没有编号为 {listing_id} 的条目")
    if listing.state != "active":
        raise Refused("已撤下的条目不能编辑，请先恢复")
    return listing, last


def standing(session: AnySession, revision_id: int, *states: str) -> Revision:
    """A revision that is its active listing's newest and in one of the states.

    Raises:
        Stale: there is a newer one.
        Refused: it is in another state, or not there.
    """
    revision = session.get(Revision, revision_id)
    if revision is None:
        raise Refused("没有这个版本")
    _, last = _active(session, revision.listing_id)
    if last.id != revision_id:
        raise Stale(last)
    if revision.state not in states:
        raise Refused("这个版本的状态已经变了，请刷新后再看")
    return revision


def _may_edit(by: Member, document: Json, listing_id: int | None) -> None:
    if not may(by, EDITED_BY[document["type"]]):
        raise Refused("您的角色不能编辑这类条目")
    if not within_bounds(by, document, listing_id):
        raise Refused("这个条目不在您负责的范围内")


def within_reach(session: AnySession, by: Member, revision: Revision) -> bool:
    """Whether a listing is one that the person may decide about: as it would be, and as it is.

    What somebody would move from one district to another is for those who have both.
    """
    if not within_bounds(by, revision.document, revision.listing_id):
        return False
    if revision.state == "approved" or (by.districts is None and by.listings is None):
        return True
    approved = newest_approved(session, revision.listing_id)
    return approved is None or within_bounds(by, approved.document, revision.listing_id)


def decide(revision: Revision, by: Member, state: str, note: str) -> None:
    """Enter who decided what on a revision, and when."""
    revision.state, revision.decided_by, revision.decided_at = state, by.account_id, now()
    revision.decision_note = note


def _add(
    session: AnySession,
    by: Member,
    listing_id: int,
    document: dict[str, Any],
    former: Revision | None,
    note: str,
) -> Revision:
    revision = _revision(by, listing_id, document, former, note)
    session.add(revision)
    session.flush()
    tell(session, by, "revision.saved", revision)
    return revision


def _revision(
    by: Member, listing_id: int, document: dict[str, Any], former: Revision | None, note: str
) -> Revision:
    return Revision(
        listing_id=listing_id,
        document=document,
        origin="staff",
        based_on_id=former.id if former else None,
        author_id=by.account_id,
        note=note,
    )


def tell(
    session: AnySession, by: Member, action: str, revision: Revision, detail: Json | None = None
) -> None:
    """Record something done to a revision in the audit trail, as told of its listing."""
    told = {"revision": revision.id, "name": revision.document["name"], **(detail or {})}
    audit.record(session, by, action, "listing", revision.listing_id, told)
