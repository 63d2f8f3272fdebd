"""Stamps: once a day a base. The day is all that is kept, never an hour or a position.

Public names: ``stamp``, ``stamps_of``. The caller commits.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from server.models import Stamp
from server.people.persons import hold

AnySession = Session | scoped_session[Any]


def stamp(session: AnySession, person_id: int, listing_id: int, day: date) -> bool:
    """Stamp somebody's passport; False if it has this day's stamp already.

    Raises:
        SignedOut: the person was erased meanwhile.
    """
    # Held, nobody else writes for the same person: the second of two at once finds the first.
    hold(session, person_id)
    if session.get(Stamp, (person_id, listing_id, day)) is not None:
        return False
    session.add(Stamp(person_id=person_id, listing_id=listing_id, day=day))
    session.flush()
    return True


def stamps_of(session: AnySession, person_id: int) -> Sequence[Stamp]:
    """Somebody's stamps, the latest first."""
    query = select(Stamp).where(Stamp.person_id == person_id)
    return session.scalars(query.order_by(Stamp.day.desc(), Stamp.listing_id)).all()
