"""The listings that a table may speak of, as they stand, and how a row finds its own.

Public names: ``Standing``, ``Known``, ``load``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Text, case, cast, func, select

from server.db import AnySession
from server.models import Listing, Revision

Json = Mapping[str, Any]

_AT_ONCE = 5000
"""Documents fetched by one question."""


@dataclass(frozen=True)
class Standing:
    """A listing, its newest revision, and the last one that an import gave it."""

    id: int
    state: str
    merged_into: int | None
    external_key: str | None
    revision_id: int
    revision_state: str
    document: Json
    imported: Json | None


@dataclass
class Known:
    """All listings of a type by what a table may call them."""

    by_id: dict[int, Standing] = field(default_factory=dict)
    by_key: dict[str, Standing] = field(default_factory=dict)
    by_name: dict[str, list[Standing]] = field(default_factory=lambda: defaultdict(list))

    def add(self, standing: Standing) -> None:
        """Let a listing be found."""
        self.by_id[standing.id] = standing
        if standing.external_key:
            self.by_key[standing.external_key] = standing
        self.by_name[str(standing.document["name"])].append(standing)

    def named(self, name: str, kind: str | None) -> list[Standing]:
        """Those of exactly this name and, if it is told, this kind."""
        found = self.by_name.get(name, ())
        return [one for one in found if kind is None or one.document.get("kind") == kind]


def load(session: AnySession, type_: str, ids: Iterable[int] | None = None) -> Known:
    """The listings of a type, or some of them, those that are off the map included."""
    last = (
        select(
            Revision.listing_id,
            func.max(Revision.id).label("newest"),
            func.max(case((Revision.origin == "import", Revision.id))).label("imported"),
        )
        .group_by(Revision.listing_id)
        .subquery()
    )
    query = (
        select(Listing, last.c.newest, last.c.imported)
        .join(last, last.c.listing_id == Listing.id)
        .where(Listing.type == type_)
        .order_by(Listing.id)
    )
    wanted = None if ids is None else set(ids)
    rows = [row for row in session.execute(query) if wanted is None or row[0].id in wanted]
    said = _said(session, {row[1] for row in rows} | {row[2] for row in rows if row[2]})
    known = Known()
    for listing, newest, imported in rows:
        known.add(
            Standing(
                id=listing.id,
                state=listing.state,
                merged_into=listing.merged_into_id,
                external_key=listing.external_key,
                revision_id=newest,
                revision_state=said[newest][0],
                document=said[newest][1],
                imported=said[imported][1] if imported else None,
            )
        )
    return known


def _said(session: AnySession, ids: set[int]) -> dict[int, tuple[str, Json]]:
    """State and document of revisions; orjson reads text faster than the column's own type."""
    found: dict[int, tuple[str, Json]] = {}
    in_order = sorted(ids)
    for start in range(0, len(in_order), _AT_ONCE):
        some = in_order[start : start + _AT_ONCE]
        query = select(Revision.id, Revision.state, cast(Revision.document, Text))
        rows = session.execute(query.where(Revision.id.in_(some)))
        found |= {id_: (state, orjson.loads(text)) for id_, state, text in rows}
    return found
