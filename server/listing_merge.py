"""Two listings that are one: the loser leads to the winner, both keep their ids and histories.

Public names: ``merge``, ``part``, ``tell_apart``, ``offered``, ``merged_lately``.
Run what changes something within ``server.revisions.writing``; the public sees it with the next
publishing, from then on whoever opens the loser's address is sent on to the winner's.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from geo.opening import SHANGHAI
from server import audit
from server.db import AnySession
from server.duplicates import told_apart
from server.listing_states import in_hand
from server.models import Listing, Revision, ToldApart
from server.revisions import Member, Refused, newest, save

Json = Mapping[str, Any]

TYPES = ("site", "hotline")
NAME = "aliases"
_KEPT = frozenset({"type", "name", "kind", "theme", "district", "lon", "lat", "verified", "facts"})
"""What a listing always says itself."""
_MOST_ALIASES = 10


class Merged(NamedTuple):
    """A listing that leads to another."""

    id: int
    name: str
    into: int
    since: Any


def offered(winner: Json, loser: Json) -> dict[str, Any]:
    """What the loser says and the winner does not: by field the value that may be taken over.

    The loser's name is offered as one more name of the winner's.
    """
    found = {
        field: value
        for field, value in loser.items()
        if field not in _KEPT and value not in (None, "", [], {}) and not winner.get(field)
        if not (field == "free" and winner.get("free") is not None)
    }
    if winner["type"] == "site":
        names = [*(winner.get(NAME) or ()), loser["name"], *(loser.get(NAME) or ())]
        fresh = [n for n in dict.fromkeys(names) if n != winner["name"]][:_MOST_ALIASES]
        if fresh != list(winner.get(NAME) or ()):
            found[NAME] = fresh
    return found


def merge(
    session: AnySession, by: Member, loser_id: int, winner_id: int, take: Collection[str] = ()
) -> Revision | None:
    """Let one listing lead to another; fields named by ``take`` go into a draft of the winner.

    Returns:
        The draft, None if nothing was taken over.

    Raises:
        Refused: they can't be one, or not by this person; nothing was changed.
    """
    if loser_id == winner_id:
        raise Refused("不能并入自己")
    # In order of id, so that two people who merge the same two don't wait for each other.
    found = {id_: _standing(session, by, id_) for id_ in sorted((loser_id, winner_id))}
    loser, gone = found[loser_id]
    winner, stays = found[winner_id]
    if loser.type != winner.type or loser.type not in TYPES:
        raise Refused("只有同是地点或同是热线的条目才能合并")
    taken = {k: v for k, v in offered(stays.document, gone.document).items() if k in take}
    draft = _take_over(session, by, stays, gone, taken) if taken else None
    loser.state, loser.merged_into_id = "merged", winner_id
    loser.retired_on, loser.retire_reason = datetime.now(SHANGHAI).date(), ""
    told = {
        "name": gone.document["name"],
        "into": winner_id,
        "into_name": stays.document["name"],
        "taken": sorted(taken),
    }
    audit.record(session, by, "listing.merged", "listing", loser_id, told)
    return draft


def _take_over(
    session: AnySession, by: Member, stays: Revision, gone: Revision, taken: Json
) -> Revision:
    said = stays.document
    theirs = gone.document.get("facts") or {}
    facts = {field: theirs[field] for field in taken if field in theirs}
    document = {**said, **taken, "facts": facts | (said.get("facts") or {})}
    note = f"编号 {gone.listing_id}“{gone.document['name']}”并入时补充"
    return save(session, by, stays.listing_id, document, stays.id, note)


def part(session: AnySession, by: Member, loser_id: int) -> Listing:
    """Take a merging back: the listing stands for itself again, as it was approved last."""
    listing, last = _found(session, by, loser_id)
    if listing.state != "merged":
        raise Refused("这个条目没有被合并")
    former = listing.merged_into_id
    listing.state, listing.merged_into_id, listing.retired_on = "active", None, None
    told = {"name": last.document["name"], "from": former}
    audit.record(session, by, "listing.parted", "listing", loser_id, told)
    return listing


def tell_apart(session: AnySession, by: Member, one: int, other: int) -> None:
    """Say that two listings are not the same: nobody is asked again."""
    low, high = sorted((one, other))
    for id_ in (low, high):
        _found(session, by, id_)
    if low == high or (low, high) in told_apart(session):
        return
    session.add(ToldApart(low_id=low, high_id=high, told_by=by.account_id))
    session.flush()
    audit.record(session, by, "listing.told_apart", "listing", low, {"other": high})


def merged_lately(session: AnySession, limit: int = 20) -> list[Merged]:
    """The listings that lead to others, the latest first."""
    listings = session.scalars(
        select(Listing)
        .where(Listing.state == "merged", or_(*(Listing.type == t for t in TYPES)))
        .order_by(Listing.retired_on.desc(), Listing.id.desc())
        .limit(limit)
    )
    return [
        Merged(one.id, last.document["name"], one.merged_into_id or 0, one.retired_on)
        for one in listings
        if (last := newest(session, one.id))
    ]


def _standing(session: AnySession, by: Member, listing_id: int) -> tuple[Listing, Revision]:
    listing, last = _found(session, by, listing_id)
    if listing.state != "active":
        raise Refused(f"编号 {listing_id} 的条目已不在用，请刷新后再看")
    return listing, last


def _found(session: AnySession, by: Member, listing_id: int) -> tuple[Listing, Revision]:
    return in_hand(session, by, listing_id, "您的角色不能合并条目")
