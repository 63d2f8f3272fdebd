"""The mini-program's users: who they are to us, where they are signed in, what they marked.

Of a user nothing is known but that WeChat knows them: no name, no phone number, no position. Every
row that belongs to somebody has a ``person_id`` and goes with the person (``ON DELETE CASCADE``),
so that erasing is one delete.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now


class Person(Base):
    """A user of the mini-program, known by WeChat's openid in two forms that tell nobody else.

    The hash finds the person again; the sealed copy is for what is sent through WeChat, and lets
    both be made anew with another key.
    """

    __tablename__ = "person"
    # The number of one who was erased must not become another's.
    __table_args__ = (Index("ix_person_key_id", "key_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    openid_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """HMAC-SHA256 with a key of ours, in hexadecimal."""
    openid_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted (Fernet)."""
    key_id: Mapped[str] = mapped_column(String(16))
    """Which key both were made with; see ``server.people.keys``."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """Right to the day: a call must not cost a write."""


class PersonSession(Base):
    """One mini-program that is signed in. It holds the token, the table its hash.

    Signing out deletes the row. Neither the phone nor its address is written down.
    """

    __tablename__ = "person_session"
    __table_args__ = (Index("ix_person_session_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token, in hexadecimal. A random token of 256 bits needs no slow hash."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Moves on with use, once a day at most."""


class Favourite(Base):
    """A listing that somebody wants to find again."""

    __tablename__ = "favourite"
    __table_args__ = (Index("ix_favourite_listing_id", "listing_id"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
