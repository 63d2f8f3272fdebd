"""What a publishing would change, for people to look at before it is done. Plain JSON throughout.

Public names: ``plan``, ``rollback_plan``, ``between``, ``left_out``, ``is_small``, ``SMALL``.

A plan carries the digest of the content it tells of: who publishes hands it back, and what was
approved in between is not published unseen.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from geo.city import City
from server import publishing
from server.composing import Content, NotPublishable
from server.db import AnySession
from server.difference_rows import rows
from server.models import Listing, Revision
from server.word_differences import Piece

Json = dict[str, Any]

SMALL = 2000
"""Active listings up to which comparing and publishing are done while somebody waits."""

SHOWN = 200
"""Listings told one by one in each list of a plan; of the rest only the number."""

LONGEST = 160
"""Characters of a value."""


def is_small(session: AnySession) -> bool:
    """Whether there are so few listings that nobody waits long."""
    active = select(func.count()).select_from(Listing).where(Listing.state == "active")
    return (session.scalar(active) or 0) <= SMALL


def plan(city: City) -> Json:
    """What publishing now would change; or the ``problems`` that keep it from being done."""
    try:
        ready = publishing.prepare(city)
    except NotPublishable as error:
        return {"problems": [vars(one) for one in error.problems[:SHOWN]]} | {
            "problem_count": len(error.problems)
        }
    return _told(ready.former, ready.content, city)


def rollback_plan(number: int, city: City) -> Json:
    """What going back to an edition would change.

    Raises:
        NoSuchEdition: there is none that can be read.
    """
    ready = publishing.prepare_rollback(number)
    return _told(ready.former, ready.content, city)


def between(old: Content, new: Content, city: City) -> Json:
    """What the public sees otherwise in ``new`` than in ``old``."""
    entries = sorted(new.entries)
    added = [id_ for id_ in entries if id_ not in old.entries]
    changed = [id_ for id_ in entries if id_ in old.entries and _differ(old, new, id_)]
    removed = sorted(id_ for id_ in old.entries if id_ not in new.entries)
    lines = {
        id_: entry["document"]["name"]
        for id_, entry in new.entries.items()
        if entry["document"]["type"] == "bus_route"
    }
    return {
        "old": old.number,
        "new": new.number,
        "total": len(entries),
        "official": new.official,
        "count": {"added": len(added), "changed": len(changed), "removed": len(removed)},
        "added": [_listing(new.entries[id_]) for id_ in added[:SHOWN]],
        "changed": [
            _listing(new.entries[id_])
            | {"fields": _fields(old.entries[id_], new.entries[id_], city, lines)}
            for id_ in changed[:SHOWN]
        ],
        "removed": [_listing(old.entries[id_]) | _why(new, id_) for id_ in removed[:SHOWN]],
        "calendar": old.calendar != new.calendar,
        "city": old.city != new.city,
    }


def left_out(session: AnySession, limit: int = SHOWN) -> list[Json]:
    """What waits for review and is no part of the next edition, the oldest first."""
    later = aliased(Revision)
    newest = select(func.max(later.id)).where(later.listing_id == Listing.id).scalar_subquery()
    rows = session.execute(
        select(Revision.id, Listing.id, Listing.type, Revision.document)
        .join(Listing, Revision.id == newest)
        .where(Listing.state == "active", Revision.state == "submitted")
        .order_by(Revision.submitted_at)
        .limit(limit)
    )
    return [
        {"revision": revision, "id": id_, "type": type_, "name": document.get("name", "")}
        for revision, id_, type_, document in rows
    ]


def _told(former: Content, content: Content, city: City) -> Json:
    difference = between(former, content, city)
    same = bool(former.number) and content.says_the_same_as(former)
    return difference | {"digest": content.digest(), "same": same, "problems": []}


def _differ(old: Content, new: Content, id_: int) -> bool:
    was, is_ = old.entries[id_], new.entries[id_]
    return was is not is_ and bool(was["document"] != is_["document"])


def _listing(entry: Json) -> Json:
    document = entry["document"]
    return {"id": entry["id"], "type": document["type"], "name": document["name"]}


def _why(new: Content, id_: int) -> Json:
    stone = new.tombstones.get(id_, {})
    return {"reason": stone.get("reason", ""), "merged_into": stone.get("merged_into")}


def _fields(old: Json, new: Json, city: City, listings: Mapping[int, str]) -> list[Json]:
    """Field by field what it said and what it says, in the order in which people read it."""
    return [
        {
            "label": row.label,
            "old": _cut(_side(row.before, row.gone)),
            "new": _cut(_side(row.after, row.come)),
            "codes": [_cut(code) for code in row.codes],
            "warning": row.move.warning if row.move else "",
            "grave": row.grave,
        }
        for row in rows(old["document"], new["document"], city, listings)
    ]


def _side(pieces: Sequence[Piece], members: Sequence[str]) -> str:
    return "、".join(members) or "".join(piece.text for piece in pieces)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
