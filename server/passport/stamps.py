"""Stamps: once a day a base. The day is all that is kept, never an hour or a position.

Public names: ``Place``, ``stamp``, ``stamps_of``, ``as_now``. The caller commits.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from server.db import AnySession
from server.models import Stamp
from server.people.persons import hold


class Place(NamedTuple):
    """Where and when somebody was."""

    listing_id: int
    day: date


def stamp(
    session: AnySession,
    person_id: int,
    listing_id: int,
    day: date,
    same: Collection[int] = (),
) -> bool:
    """Stamp somebody's passport; False if it has this day's stamp already.

    ``same``: listings that were merged into this one; a stamp of theirs is one of the place.

    Raises:
        SignedOut: the person was erased meanwhile.
    """
    # Held, nobody else writes for the same person: the second of two at once finds the first.
    hold(session, person_id)
    query = select(Stamp).where(
        Stamp.person_id == person_id,
        Stamp.listing_id.in_({listing_id, *same}),
        Stamp.day == day,
    )
    if session.scalars(query).first() is not None:
        return False
    session.add(Stamp(person_id=person_id, listing_id=listing_id, day=day))
    session.flush()
    return True


def stamps_of(session: AnySession, person_id: int) -> Sequence[Stamp]:
    """Somebody's stamps, the latest first."""
    query = select(Stamp).where(Stamp.person_id == person_id)
    return session.scalars(query.order_by(Stamp.day.desc(), Stamp.listing_id)).all()


def as_now(stamps: Iterable[Stamp], current: Callable[[int], int]) -> list[Place]:
    """Stamps as the map stands now, in their order: of merged places still one a day."""
    return list(dict.fromkeys(Place(current(one.listing_id), one.day) for one in stamps))
