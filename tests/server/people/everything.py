"""Somebody with a row in every table that hangs on a person, and somebody else beside them."""

from datetime import date
from typing import Any

from sqlalchemy import select

from server.db import Base, db, now
from server.models import (
    BusSubscription,
    Favourite,
    Feedback,
    Mailing,
    Message,
    MessageConsent,
    PersonSession,
    Stamp,
)
from server.people.keys import KeyRing
from server.people.sessions import IDLE, sign_in
from server.revisions import writing
from tests.server.material import add, site

OPENID, OTHER = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "oXXXXjrPTlm6_2sgVt7hMZOPother"


def tables_of_a_person() -> set[str]:
    """Every table that says whose a row is."""
    return {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }


def two_people(ring: KeyRing) -> tuple[int, int]:
    """Ids of two people of whom everything is held that can be."""
    place, route = add(site("科技馆")), add({"type": "bus_route", "name": "一号线"})
    told = add({"type": "notice", "name": "停运"})
    with writing(db.session):
        mailing = Mailing(notice_id=told, template="t1", total=2, sent=2)
        db.session.add(mailing)
        db.session.flush()
        ids = [_one(ring, openid, place, route, mailing.id) for openid in (OPENID, OTHER)]
    return ids[0], ids[1]


def _one(ring: KeyRing, openid: str, place: int, route: int, mailing: int) -> int:
    sign_in(db.session, ring, openid)
    id_ = db.session.scalars(
        select(PersonSession.person_id).order_by(PersonSession.id.desc())
    ).first()
    assert id_ is not None
    mine: dict[str, Any] = {"person_id": id_}
    db.session.add_all(
        [
            PersonSession(sha256=openid.ljust(64, "0"), expires_at=now() + IDLE, **mine),
            Favourite(listing_id=place, **mine),
            Stamp(listing_id=place, day=date(2026, 11, 7), **mine),
            BusSubscription(route_id=route, **mine),
            MessageConsent(template="t1", remaining=2, **mine),
            Message(mailing_id=mailing, route_id=route, state="sent", **mine),
            Feedback(listing_id=place, text=f"来自{openid}", text_check="pass", **mine),
        ]
    )
    db.session.flush()
    return id_
