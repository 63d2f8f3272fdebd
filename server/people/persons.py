"""The mini-program's users themselves: found again by their openid, held while they write, erased.

Public names: ``known_or_new``, ``hold``, ``erase``, ``SignedOut``.
"""

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from server.db import AnySession
from server.models import Person
from server.people.keys import KeyRing


class SignedOut(Exception):
    """Whoever calls is not signed in, or not any more."""


def known_or_new(session: AnySession, ring: KeyRing, openid: str) -> int:
    """The id of the person of this openid, who is added at the first time.

    Within ``server.revisions.writing``. Who is signed in twice at once is added once.
    """
    found = _find(session, ring, openid)
    if found is not None:
        return found
    made = ring.newest.identity(openid)
    person = Person(openid_hash=made.hash, openid_sealed=made.sealed, key_id=made.key_id)
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError:
        # On PostgreSQL another transaction may have added the same one meanwhile.
        found = _find(session, ring, openid)
        if found is None:
            raise
        return found
    return person.id


def hold(session: AnySession, person_id: int) -> Person:
    """The person, who can't be erased, nor write anything else, before the commit.

    To be called first within ``server.revisions.writing`` by whatever writes for somebody.

    Raises:
        SignedOut: the person was erased meanwhile.
    """
    held = session.scalars(
        select(Person).where(Person.id == person_id).with_for_update(key_share=True)
    ).first()
    if held is None:
        raise SignedOut
    return held


def erase(session: AnySession, person_id: int) -> None:
    """Delete the person and with them everything of theirs, for good. The caller commits."""
    session.execute(delete(Person).where(Person.id == person_id))


def _find(session: AnySession, ring: KeyRing, openid: str) -> int | None:
    # Locked, or whoever is erased at this moment would be found and then be gone.
    return session.scalars(
        select(Person.id)
        .where(Person.openid_hash.in_(ring.hashes(openid)))
        .with_for_update(key_share=True)
    ).first()
