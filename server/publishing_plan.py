"""What a publishing would change, for people to look at before it is done. Plain JSON throughout.

Public names: ``plan``, ``rollback_plan``, ``between``, ``left_out``, ``is_small``, ``SMALL``.

A plan carries the digest of the content it tells of: who publishes hands it back, and what was
approved in between is not published unseen.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from geo.city import City
from server import publishing
from server.composing import Content, NotPublishable, Problem
from server.field_labels import code_title, label
from server.models import Listing, Revision
from server.revisions import AnySession

Json = dict[str, Any]

SMALL = 2000
"""Active listings up to which comparing and publishing are done while somebody waits."""

SHOWN = 200
"""Listings told one by one in each list of a plan; of the rest only the number."""

LONGEST = 160
"""Characters of a value."""

EMPTY = "（空）"


def is_small(session: AnySession) -> bool:
    """Whether there are so few listings that nobody waits long."""
    active = select(func.count()).select_from(Listing).where(Listing.state == "active")
    return (session.scalar(active) or 0) <= SMALL


def plan(city: City) -> Json:
    """What publishing now would change; or the ``problems`` that keep it from being done."""
    try:
        ready = publishing.prepare(city)
    except NotPublishable as error:
        return {"problems": [_problem(one) for one in error.problems[:SHOWN]]} | {
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
    return {
        "old": old.number,
        "new": new.number,
        "total": len(entries),
        "official": new.official,
        "count": {"added": len(added), "changed": len(changed), "removed": len(removed)},
        "added": [_listing(new.entries[id_]) for id_ in added[:SHOWN]],
        "changed": [
            _listing(new.entries[id_])
            | {"fields": _fields(old.entries[id_]["document"], new.entries[id_]["document"], city)}
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


def _problem(problem: Problem) -> Json:
    return vars(problem) | {"field": problem.field}


def _fields(old: Json, new: Json, city: City) -> list[Json]:
    """Field by field what it said and what it says, in the order of the document."""
    return [
        {
            "label": label(new["type"], name),
            "old": _text(old.get(name), name, city),
            "new": _text(new.get(name), name, city),
        }
        for name in [*new, *(name for name in old if name not in new)]
        if old.get(name) != new.get(name)
    ]


def _text(value: Any, field: str, city: City) -> str:
    if value is None or value in ("", [], {}):
        return EMPTY
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return _cut("、".join(code_title(city, field, one) for one in value))
    if isinstance(value, Mapping | list):
        return _cut(orjson.dumps(value).decode())
    return _cut(code_title(city, field, str(value)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
