"""The queue of what was sent in, for those who answer.

Public names: ``Filters``, ``Line``, ``Queue``, ``listed``, ``one``, ``waiting``, ``within``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import aliased

from server.db import AnySession
from server.models import Feedback, Listing, Revision
from server.permissions import Person
from server.revisions import newest
from server.wechat.answers import LABELS

AT_ONCE = 50

State = Literal["open", "answered", "closed", "all"]
Check = Literal["", "pass", "review", "failed"]


@dataclass(frozen=True)
class Filters:
    """What a person wants to see; words that are none are passed over."""

    state: State = "open"
    check: Check = ""
    listing: int | None = None
    before: int | None = None
    """Older than this one."""

    @classmethod
    def read(cls, state: str, check: str, listing: int | None, before: int | None) -> "Filters":
        """Of an address."""
        return cls(
            state if state in get_args(State) else "open",  # type: ignore[arg-type]
            check if check in get_args(Check) else "",  # type: ignore[arg-type]
            listing,
            before,
        )


class Line(NamedTuple):
    """One text, with what it is about."""

    id: int
    listing_id: int
    name: str
    type: str
    text: str
    check: str
    label: str
    """What WeChat saw in it, in Chinese; empty where it saw nothing or was not asked."""
    made_at: datetime
    state: str
    answer: str
    answered_by: int | None
    answered_at: datetime | None


class Queue(NamedTuple):
    """A page of lines, and how many there are in all."""

    lines: list[Line]
    total: int
    more: bool


def listed(session: AnySession, by: Person, filters: Filters) -> Queue:
    """What the person may answer, the oldest first where it waits, else the newest first."""
    row = Feedback
    wanted = within(by)
    if filters.state != "all":
        wanted &= row.state == filters.state
    if filters.check:
        wanted &= row.text_check == filters.check
    if filters.listing is not None:
        wanted &= row.listing_id == filters.listing
    total = session.scalar(select(func.count(row.id)).where(wanted)) or 0
    oldest_first = filters.state == "open"
    if filters.before is not None:
        wanted &= row.id > filters.before if oldest_first else row.id < filters.before
    order = row.id if oldest_first else row.id.desc()
    found = session.scalars(select(row).where(wanted).order_by(order).limit(AT_ONCE + 1)).all()
    return Queue([_line(session, one) for one in found[:AT_ONCE]], total, len(found) > AT_ONCE)


def one(session: AnySession, by: Person, id_: int) -> Line | None:
    """One text; None if there is none or it is out of the person's bounds."""
    found = session.scalars(select(Feedback).where(Feedback.id == id_, within(by))).first()
    return _line(session, found) if found is not None else None


def waiting(by: Person) -> ColumnElement[bool]:
    """Of ``Feedback``: unanswered, and the person's to answer."""
    return (Feedback.state == "open") & within(by)


def within(by: Person) -> ColumnElement[bool]:
    """Of ``Feedback``: about a listing within the person's bounds, as it stands on the map."""
    if by.districts is None and by.listings is None:
        return true()
    said, newer = aliased(Revision), aliased(Revision)
    later = select(newer.id).where(
        newer.listing_id == said.listing_id, newer.state == "approved", newer.id > said.id
    )
    district: Any = said.document["district"].as_string()
    placed = select(said.listing_id).where(
        said.state == "approved", ~later.exists(), district.in_(by.districts or ())
    )
    return Feedback.listing_id.in_(by.listings or ()) | Feedback.listing_id.in_(placed)


def _line(session: AnySession, row: Feedback) -> Line:
    listing = session.get_one(Listing, row.listing_id)
    revision = newest(session, row.listing_id, "approved")
    label = row.check_label
    return Line(
        id=row.id,
        listing_id=row.listing_id,
        name=str(revision.document.get("name", "")) if revision else "",
        type=listing.type,
        text=row.text,
        check=row.text_check,
        label=LABELS.get(label, str(label)) if label not in (None, 100) else "",
        made_at=row.made_at,
        state=row.state,
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
    )
