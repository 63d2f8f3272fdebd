"""All listings as a table in memory: where each stands, and what its newest documents say.

Public names: ``Sayings``, ``Saying``, ``Row``, ``load``, ``STALE_DAYS``.

Documents are JSON and not indexed, but they never change: what is read out of a revision is kept
by the revision's id, so that a page costs one question to the database for where things stand.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import orjson
from sqlalchemy import Text, and_, case, cast, func, or_, select

from geo.opening import SHANGHAI
from geo.text import fold
from server.completeness import confirmed_on, gaps, score
from server.db import AnySession, UtcDateTime
from server.models import Listing, Revision

STALE_DAYS = 180
"""A listing of which nobody has made sure for longer is stale."""

AT_ONCE = 5000
"""Documents fetched by one question."""

KEPT = 60_000
"""Revisions whose sayings are kept; about 1 kB each."""


Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Saying:
    """What the list needs of one revision: none of it ever changes."""

    author_id: int | None
    said_at: datetime
    type: str
    name: str
    aliases: tuple[str, ...]
    address: str
    number: str
    """That of a hotline, or the phone of anything else; as it is written."""
    district: str
    kind: str
    theme: str
    verified: bool
    internal: bool
    confirmed_on: date | None
    """Of any of its facts."""
    number_confirmed_on: date | None
    """Of a hotline's number itself."""
    gaps: tuple[str, ...]
    complete: int
    """Per cent."""
    routes: tuple[int, ...]
    end: datetime | None
    """Of a notice."""

    @cached_property
    def searched(self) -> str:
        """Everything that words are looked for in, folded; a line break between the texts."""
        number = self.number.replace("-", "")
        texts = (self.name, *self.aliases, self.address, number)
        return "\n".join(fold(text) for text in texts if text)

    @cached_property
    def order(self) -> bytes:
        """Sorts names: in this encoding the common characters stand in order of their pinyin."""
        return fold(self.name).encode("gb18030", "replace")

    @property
    def said_on(self) -> date:
        """The day in Shanghai on which it was written."""
        return self.said_at.astimezone(SHANGHAI).date()

    @property
    def placed(self) -> Mapping[str, Any]:
        """As much of the document as bounds depend on."""
        return {"type": self.type, "district": self.district, "routes": self.routes}


class Row(NamedTuple):
    """A listing: where it stands, what its newest revision says and what its newest approved."""

    id: int
    type: str
    state: str
    """Of the listing."""
    retire_reason: str
    newest_id: int
    newest_state: str
    approved_id: int | None
    says: Saying
    approved: Saying | None
    approved_on: date | None

    @property
    def assured_on(self) -> date | None:
        """When somebody last made sure of it: a fact's day, else that of its approval."""
        return (self.approved and self.approved.confirmed_on) or self.approved_on

    def is_stale(self, today: date) -> bool:
        """Whether it is public and nobody has made sure of it for ``STALE_DAYS``."""
        assured = self.assured_on
        return (
            assured is not None and self.state == "active" and (today - assured).days > STALE_DAYS
        )


class Sayings:
    """What documents say, by the ids of their revisions; read once, kept in memory."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._said: dict[int, Saying] = {}
        self._approved_on: dict[int, date | None] = {}

    def of(self, session: AnySession, revisions: set[int]) -> Mapping[int, Saying]:
        """The sayings of these revisions at least."""
        self._said = self._kept_of(self._said, revisions)
        unread = revisions - self._said.keys()
        for ids in _portions(unread):
            self._said |= _read(session, ids)
        return self._said

    def approved_on(self, session: AnySession, revisions: set[int]) -> Mapping[int, date | None]:
        """By approved revision the day (Asia/Shanghai) of its approval, which never changes.

        None for the starting data: nobody has looked at that.
        """
        self._approved_on = self._kept_of(self._approved_on, revisions)
        for ids in _portions(revisions - self._approved_on.keys()):
            at = func.coalesce(Revision.decided_at, Revision.created_at, type_=UtcDateTime())
            days = session.execute(
                select(Revision.id, Revision.origin, at).where(Revision.id.in_(ids))
            )
            self._approved_on |= {
                id_: None if origin == "starter" else at.astimezone(SHANGHAI).date()
                for id_, origin, at in days
            }
        return self._approved_on

    def _kept_of(self, known: dict[int, Kept], wanted: set[int]) -> dict[int, Kept]:
        """All that is known, or when that is too much what is wanted of it.

        A new dictionary then: other threads may be reading the former one.
        """
        if len(known) <= self._kept:
            return known
        return {id_: known[id_] for id_ in wanted & known.keys()}


def load(session: AnySession, sayings: Sayings, listings: Iterable[int] | None = None) -> list[Row]:
    """All listings, or some, in order of id, as they stand now."""
    rows = session.execute(_standing(listings)).all()
    said = sayings.of(session, {row[4] for row in rows} | {row[6] for row in rows if row[6]})
    days = sayings.approved_on(session, {row[6] for row in rows if row[6]})
    return [Row._make((*row, said[row[4]], said.get(row[6]), days.get(row[6]))) for row in rows]


def _standing(listings: Iterable[int] | None) -> Any:
    # The index of listing, state and id answers the inner question without touching a document.
    last = (
        select(
            Revision.listing_id,
            func.max(Revision.id).label("newest"),
            func.max(case((Revision.state == "approved", Revision.id))).label("approved"),
        )
        .group_by(Revision.listing_id)
        .subquery()
    )
    query = (
        select(
            Listing.id,
            Listing.type,
            Listing.state,
            Listing.retire_reason,
            last.c.newest,
            func.coalesce(Revision.state, "approved"),
            last.c.approved,
        )
        .join(last, last.c.listing_id == Listing.id)
        .outerjoin(
            Revision,
            and_(
                Revision.id == last.c.newest,
                or_(last.c.approved.is_(None), last.c.newest != last.c.approved),
            ),
        )
        .order_by(Listing.id)
    )
    return query if listings is None else query.where(Listing.id.in_(list(listings)))


def _portions(ids: set[int]) -> Iterator[list[int]]:
    in_order = sorted(ids)
    for start in range(0, len(in_order), AT_ONCE):
        yield in_order[start : start + AT_ONCE]


def _read(session: AnySession, ids: list[int]) -> dict[int, Saying]:
    rows = session.execute(
        select(
            Revision.id, Revision.author_id, Revision.created_at, cast(Revision.document, Text)
        ).where(Revision.id.in_(ids))
    )
    return {id_: saying(orjson.loads(text), by, at) for id_, by, at, text in rows}


def saying(document: Mapping[str, Any], author_id: int | None, said_at: datetime) -> Saying:
    """What the list needs of a document; what it lacks is empty."""
    type_ = str(document.get("type", ""))
    missing = gaps(document)
    number_fact = (document.get("facts") or {}).get("number") or {}
    number_day = number_fact.get("confirmed_on")
    end = document.get("end")
    return Saying(
        author_id=author_id,
        said_at=said_at,
        type=type_,
        name=str(document.get("name", "")),
        aliases=tuple(document.get("aliases") or ()),
        address=document.get("address") or "",
        number=document.get("number") or document.get("phone") or "",
        district=document.get("district") or "",
        kind=document.get("kind") or "",
        theme=document.get("theme") or "",
        verified=document.get("verified") is True,
        internal=document.get("internal") is True,
        confirmed_on=confirmed_on(document),
        number_confirmed_on=date.fromisoformat(number_day) if number_day else None,
        gaps=missing,
        complete=score(type_, missing),
        routes=tuple(document.get("routes") or ()),
        end=datetime.fromisoformat(end) if end else None,
    )
