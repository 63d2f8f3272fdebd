"""Where the mini-program's users are signed in. Theirs is a random token, ours its SHA-256.

Public names: ``Caller``, ``sign_in``, ``find``, ``is_due``, ``slide``, ``sign_out``,
``sign_out_everywhere``, ``tidy``, ``IDLE``, ``MOST``.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from server.db import AnySession, now
from server.models import Person, PersonSession
from server.people.keys import KeyRing
from server.people.persons import known_or_new

IDLE = timedelta(days=30)
"""A session that nobody used for so long has ended."""
MOST = 20
"""Places where one person is signed in at once; a phone whose token is lost leaves one behind."""
SLIDES_EVERY = timedelta(days=1)
"""How often its use moves its end on."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, by the token that came with the call."""

    person_id: int
    session_id: int
    expires_at: datetime


def sign_in(session: AnySession, ring: KeyRing, openid: str) -> str:
    """Sign the person of this openid in once more; the token, which is kept nowhere.

    Within ``server.revisions.writing``.
    """
    person_id = known_or_new(session, ring, openid)
    _end_earliest(session, person_id)
    session.execute(update(Person).where(Person.id == person_id).values(last_seen_at=now()))
    token = secrets.token_urlsafe(32)
    session.add(PersonSession(person_id=person_id, sha256=_hash(token), expires_at=now() + IDLE))
    session.flush()
    return token


def find(session: AnySession, token: str) -> Caller | None:
    """Whose token this is; None if nobody's, or one that has ended."""
    row = session.execute(
        select(PersonSession.person_id, PersonSession.id, PersonSession.expires_at).where(
            PersonSession.sha256 == _hash(token), PersonSession.expires_at > now()
        )
    ).first()
    return Caller(*row) if row else None


def is_due(caller: Caller) -> bool:
    """Whether the session's end is to be moved on."""
    return caller.expires_at < now() + IDLE - SLIDES_EVERY


def slide(session: AnySession, caller: Caller) -> None:
    """Move the session's end on, as it is in use. The caller commits."""
    session.execute(
        update(PersonSession)
        .where(PersonSession.id == caller.session_id)
        .values(expires_at=now() + IDLE)
    )
    session.execute(update(Person).where(Person.id == caller.person_id).values(last_seen_at=now()))


def sign_out(session: AnySession, caller: Caller) -> None:
    """End the session."""
    session.execute(delete(PersonSession).where(PersonSession.id == caller.session_id))


def sign_out_everywhere(session: AnySession, caller: Caller) -> None:
    """End all of the person's sessions."""
    session.execute(delete(PersonSession).where(PersonSession.person_id == caller.person_id))


def tidy(session: AnySession) -> int:
    """Delete the sessions that have ended by themselves; how many there were."""
    ended = delete(PersonSession).where(PersonSession.expires_at <= now())
    return len(session.scalars(ended.returning(PersonSession.id)).all())


def _end_earliest(session: AnySession, person_id: int) -> None:
    """Make room for one more session: those used the longest ago end."""
    kept = (
        select(PersonSession.id)
        .where(PersonSession.person_id == person_id, PersonSession.expires_at > now())
        .order_by(PersonSession.expires_at.desc(), PersonSession.id.desc())
        .limit(MOST - 1)
    )
    session.execute(
        delete(PersonSession).where(
            PersonSession.person_id == person_id, PersonSession.id.not_in(kept)
        )
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
