"""Who is signed in where. A browser holds a random token, the table its SHA-256.

Public names: ``start``, ``find``, ``seen``, ``live``, ``revoke``, ``revoke_all``, ``IDLE``.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from server.db import AnySession, now
from server.models import StaffAccount, StaffSession

IDLE = timedelta(hours=12)
"""A session that nobody used for so long has ended."""
SEEN_EVERY = timedelta(minutes=5)
"""How often its use is written down."""
KEPT = timedelta(days=30)
"""So long after its last use a session is still in the table."""


def start(session: AnySession, account_id: int, browser: str, address: str) -> str:
    """Add a session; the token for the browser, which is kept nowhere else."""
    session.execute(
        delete(StaffSession).where(
            StaffSession.account_id == account_id, StaffSession.last_seen_at < now() - KEPT
        )
    )
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            account_id=account_id, sha256=_hash(token), browser=browser[:100], address=address[:45]
        )
    )
    session.flush()
    return token


def find(session: AnySession, token: str) -> tuple[StaffSession, StaffAccount] | None:
    """The session of a token with its account, unless it has ended or the account is disabled."""
    row = session.execute(
        select(StaffSession, StaffAccount)
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .where(StaffSession.sha256 == _hash(token), StaffAccount.disabled_at.is_(None), *_lives())
    ).first()
    return (row[0], row[1]) if row else None


def is_due(seen_at: datetime) -> bool:
    """Whether the use of a session is to be written down again."""
    return now() - seen_at >= SEEN_EVERY


def seen(session: AnySession, id_: int) -> None:
    """Write down that a session is in use."""
    session.execute(update(StaffSession).where(StaffSession.id == id_).values(last_seen_at=now()))


def live(session: AnySession, account_id: int) -> list[StaffSession]:
    """Where a person is signed in, the latest used first."""
    return list(
        session.scalars(
            select(StaffSession)
            .where(StaffSession.account_id == account_id, *_lives())
            .order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())
        )
    )


def revoke(session: AnySession, account_id: int, id_: int) -> StaffSession | None:
    """End one session of a person; None if they have no such session any more."""
    found = session.get(StaffSession, id_)
    if found is None or found.account_id != account_id or found.revoked_at is not None:
        return None
    found.revoked_at = now()
    return found


def revoke_all(session: AnySession, account_id: int, but: int | None = None) -> int:
    """End all sessions of a person, or all but one; how many there were."""
    ending = [one for one in live(session, account_id) if one.id != but]
    for one in ending:
        one.revoked_at = now()
    return len(ending)


def _lives() -> tuple[ColumnElement[bool], ...]:
    return (StaffSession.revoked_at.is_(None), StaffSession.last_seen_at > now() - IDLE)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
