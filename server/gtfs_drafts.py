"""Imported documents -> draft revisions, each of the listing that the same source gave before."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from geo.gtfs_import import Imported
from geo.transit import BusRoute
from server.db import AnySession
from server.models import Listing, Revision

_TYPE = "bus_route"
_MAX_KEY = 200
_OWN_ROUTE = re.compile(r"r([1-9][0-9]{0,17})", re.ASCII)


@dataclass
class Stored:
    """What became of an import: the routes' names."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    """Listings no longer on the map; nothing was added to them."""
    absent: list[str] = field(default_factory=list)
    """Keys of what the same source gave before and gives no longer; nothing was done to them."""


def add_drafts(session: AnySession, imported: Imported, origin: str | None, note: str) -> Stored:
    """Add one draft for each route that says something new; the caller commits.

    A route is known again by its source and route_id. The source is ``origin``, else the name of
    the route's agency. A route of a feed exported here is known by its listing's number, if that
    listing still has its name or its school. A route's draft is new where its document differs
    both from the listing's newest revision and from the last one imported for it: to import the
    same feed again changes nothing, even after staff have worked on the listing.
    """
    stored = Stored()
    known = {
        listing.external_key: listing
        for listing in session.scalars(
            select(Listing).where(Listing.type == _TYPE, Listing.external_key.is_not(None))
        )
    }
    met = set()
    for route_id, route in imported.routes:
        key = external_key(origin or route.agency.name, route_id)
        met.add(key)
        listing = known.get(key)
        if listing is None and imported.own:
            listing = _exported_here(session, route_id, route)
        _add(session, stored, listing, key, route, note, guessed=route_id in imported.guessed)
    sources = {origin} if origin else {route.agency.name for _, route in imported.routes}
    stored.absent = _absent(known, met, sources)
    return stored


def external_key(source: str, route_id: str) -> str:
    """What fits the column; long or unprintable keys as a digest."""
    key = f"{source}/{route_id}"
    if len(key) <= _MAX_KEY and key.isprintable():
        return key
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _absent(known: Collection[str | None], met: set[str], sources: Collection[str]) -> list[str]:
    prefixes = tuple(f"{source}/" for source in sources)
    return sorted(k for k in known if k and k not in met and k.startswith(prefixes))


def _exported_here(session: AnySession, route_id: str, route: BusRoute) -> Listing | None:
    number = _OWN_ROUTE.fullmatch(route_id)
    listing = session.get(Listing, int(number[1])) if number else None
    newest = _newest(session, listing.id) if listing and listing.type == _TYPE else None
    if newest is None:
        return None
    says = newest.document
    same = says["name"] == route.name or says["school"]["code"] == route.school.code
    return listing if same else None


def _newest(session: AnySession, listing_id: int, **where: str) -> Revision | None:
    return session.scalars(
        select(Revision)
        .filter_by(listing_id=listing_id, **where)
        .order_by(Revision.id.desc())
        .limit(1)
    ).first()


def _add(
    session: AnySession,
    stored: Stored,
    listing: Listing | None,
    key: str,
    route: BusRoute,
    note: str,
    *,
    guessed: bool,
) -> None:
    document = route.model_dump(mode="json")
    if listing is None:
        listing = Listing(type=_TYPE, external_key=key)
        session.add(listing)
        session.flush()
        newest = None
        stored.new.append(route.name)
    elif listing.state != "active":
        stored.retired.append(route.name)
        return
    else:
        newest = _newest(session, listing.id)
        if newest and guessed:
            document["school"] = newest.document["school"]  # which staff may have put right
        if newest and _says(session, newest, document, guessed=guessed):
            stored.unchanged.append(route.name)
            return
        stored.changed.append(route.name)
    session.add(
        Revision(
            listing_id=listing.id,
            document=document,
            origin="import",
            based_on_id=newest.id if newest else None,
            note=f"{note}；学校是推测的，请核对" if guessed else note,
        )
    )


def _says(
    session: AnySession, newest: Revision, document: dict[str, Any], *, guessed: bool
) -> bool:
    """Whether the listing's newest revision, or its last import, says that already."""
    if newest.document == document:
        return True
    last = _newest(session, newest.listing_id, origin="import")
    if last is None:
        return False
    former = last.document | {"school": document["school"]} if guessed else last.document
    return former == document
