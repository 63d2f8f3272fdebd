"""Everything that is held about one user of the mini-program: counted, and told in full.

Public names: ``since``, ``counts``, ``everything``, ``forget_the_gone``, ``SECTIONS``. A test
sees to it that every table that hangs on a person is among the sections.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from server.db import AnySession, Base
from server.models import (
    BusSubscription,
    Favourite,
    Feedback,
    Mailing,
    Message,
    MessageConsent,
    Person,
    PersonSession,
    Stamp,
)
from server.people.keys import KeyLost, KeyRing
from server.people.persons import SignedOut

AT_ONCE = 10_000
"""People that are erased in one transaction."""


class Section(NamedTuple):
    """One table's part, and what is told of each of its rows.

    Not told are the numbers of rows, and what tells only us something: hashes of tokens.
    """

    table: type[Base]
    columns: tuple[InstrumentedAttribute[Any], ...]


SECTIONS: Mapping[str, Section] = {
    "sessions": Section(
        PersonSession,
        (PersonSession.created_at, PersonSession.expires_at),
    ),
    "favourites": Section(Favourite, (Favourite.listing_id, Favourite.made_at)),
    "stamps": Section(Stamp, (Stamp.listing_id, Stamp.day)),
    "bus_subscriptions": Section(
        BusSubscription,
        (BusSubscription.route_id, BusSubscription.made_at),
    ),
    "message_consents": Section(
        MessageConsent,
        (MessageConsent.template, MessageConsent.remaining, MessageConsent.changed_at),
    ),
    "messages": Section(
        Message,
        (Mailing.notice_id, Message.route_id, Message.state, Message.attempted_at),
    ),
    "feedback": Section(
        Feedback,
        (
            Feedback.listing_id,
            Feedback.text,
            Feedback.text_check,
            Feedback.check_label,
            Feedback.made_at,
            Feedback.state,
            Feedback.answer,
            Feedback.answered_at,
        ),
    ),
}
"""By the name that the export has for them."""


def since(session: AnySession, person_id: int) -> datetime:
    """When somebody signed in for the first time.

    Raises:
        SignedOut: the person was erased meanwhile.
    """
    return _person(session, person_id).created_at


def counts(session: AnySession, person_id: int) -> dict[str, int]:
    """How many rows of each section are somebody's."""
    asked = [
        select(func.count())
        .select_from(section.table)
        .where(_of(section, person_id))
        .scalar_subquery()
        .label(name)
        for name, section in SECTIONS.items()
    ]
    return dict(session.execute(select(*asked)).one()._mapping)


def everything(session: AnySession, ring: KeyRing, person_id: int) -> dict[str, Any]:
    """All that is held about somebody, by section; ``person`` is about themselves.

    The openid is None if the key that it was sealed with is lost.

    Raises:
        SignedOut: the person was erased meanwhile.
    """
    person = _person(session, person_id)
    try:
        openid = ring.unseal(person.openid_sealed, person.key_id)
    except KeyLost:
        openid = None
    themselves = {
        "openid": openid,
        "created_at": person.created_at,
        "last_seen_at": person.last_seen_at,
    }
    return {"person": themselves} | {
        name: _rows(session, section, person_id) for name, section in SECTIONS.items()
    }


def forget_the_gone(session: AnySession) -> int:
    """Erase whoever is signed in nowhere and of whom nothing is held; how many there were.

    At most ``AT_ONCE``; the others follow at the next time. The caller commits. Should they come
    again, they lose nothing.
    """
    nothing = [
        ~exists().where(section.table.__table__.c["person_id"] == Person.id)
        for section in SECTIONS.values()
    ]
    # Who signs in at this moment holds their row and is passed over; who did a moment ago is seen
    # by the second question alone, which is asked when the row can't be held by anybody else.
    free = select(Person.id).where(*nothing).limit(AT_ONCE).with_for_update(skip_locked=True)
    gone = delete(Person).where(Person.id.in_(session.scalars(free).all()), *nothing)
    return len(session.scalars(gone.returning(Person.id)).all())


def _person(session: AnySession, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise SignedOut
    return person


def _rows(session: AnySession, section: Section, person_id: int) -> list[dict[str, Any]]:
    query = select(*section.columns).where(_of(section, person_id))
    if section.table is Message:
        query = query.join(Mailing, Mailing.id == Message.mailing_id)
    first = section.columns[0]
    return [dict(row._mapping) for row in session.execute(query.order_by(first))]


def _of(section: Section, person_id: int) -> ColumnElement[bool]:
    return section.table.__table__.c["person_id"] == person_id
