"""Slows down whoever guesses passwords or codes.

Failures stand in the database, so all workers and all machines count together. What they count
against is hashed: it may be a password that somebody typed into the wrong field.
"""

import hashlib
import math
import zlib
from datetime import timedelta

from sqlalchemy import delete, select, text

from server.db import AnySession, now
from server.models import SignInAttempt

WINDOW = timedelta(minutes=15)
"""Failures older than this are forgotten."""


def take_turn(session: AnySession, *keys: str) -> None:
    """Wait until nobody else judges and counts these keys, and keep them until the commit.

    Without it a burst would be let in whole on PostgreSQL, each attempt before the others are
    counted. On SQLite there is one writer at a time in any case. To be called first within
    ``server.revisions.writing``.
    """
    if session.connection().dialect.name == "postgresql":
        # In one order for all, so that no two wait for each other.
        for turn in sorted({zlib.crc32(f"tongyou:attempts:{key}".encode()) for key in keys}):
            session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": turn})


def wait(session: AnySession, key: str, limit: int) -> int:
    """Whole seconds until the key may try again; 0 when it may now.

    A key waits while ``limit`` of its failures are within the window.
    """
    at = session.scalars(
        select(SignInAttempt.at)
        .where(SignInAttempt.key == _hash(key), SignInAttempt.at > now() - WINDOW)
        .order_by(SignInAttempt.at.desc())
        .offset(limit - 1)
        .limit(1)
    ).first()
    return 0 if at is None else max(1, math.ceil((at + WINDOW - now()).total_seconds()))


def count(session: AnySession, key: str) -> None:
    """Count an attempt as failed; before it is judged, so that attempts side by side count."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now() - WINDOW))
    session.add(SignInAttempt(key=_hash(key)))
    session.flush()


def forgive(session: AnySession, key: str) -> None:
    """Take back the latest count: the attempt did not fail."""
    latest = session.scalars(
        select(SignInAttempt)
        .where(SignInAttempt.key == _hash(key))
        .order_by(SignInAttempt.id.desc())
        .limit(1)
    ).first()
    if latest is not None:
        session.delete(latest)


def forget(session: AnySession, key: str) -> None:
    """Forget all failures of a key."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.key == _hash(key)))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
