"""Small sets of rows to publish."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import update

from server.db import db
from server.models import Listing, Revision


def site(name: str = "测试馆", **changes: Any) -> dict[str, Any]:
    return {
        "type": "site",
        "name": name,
        "kind": "practice_base",
        "theme": "science",
        "district": "zhangdian",
        "lon": 118.05,
        "lat": 36.8,
    } | changes


def hotline(name: str = "测试热线", number: str | None = "12355", **changes: Any) -> dict[str, Any]:
    return {"type": "hotline", "name": name, "number": number} | changes


def add(document: dict[str, Any], origin: str = "staff") -> int:
    """A new listing with one approved revision; returns its id."""
    listing = Listing(type=document["type"])
    db.session.add(listing)
    db.session.flush()
    id_ = listing.id
    revise(id_, document, origin)
    return id_


def revise(listing_id: int, document: dict[str, Any], origin: str = "staff") -> None:
    db.session.add(
        Revision(
            listing_id=listing_id,
            document=document,
            origin=origin,
            state="approved",
            decided_at=datetime(2026, 3, 1, 20, tzinfo=UTC),
        )
    )
    db.session.commit()


def set_state(listing_id: int, state: str, reason: str = "", into: int | None = None) -> None:
    db.session.execute(
        update(Listing)
        .where(Listing.id == listing_id)
        .values(
            state=state,
            retire_reason=reason,
            merged_into_id=into,
            retired_on=None if state == "active" else date(2026, 4, 1),
        )
    )
    db.session.commit()
