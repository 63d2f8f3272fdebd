"""People who work on the map: their accounts, their sessions, invitations to join them."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

ROLES = (
    "viewer",
    "editor",
    "reviewer",
    "publisher",
    "dispatcher",
    "administrator",
    "reporter",
    "unit_head",
    "office_reviewer",
    "office_head",
    "leader",
)


class StaffAccount(Base):
    """One person's account; ``disabled_at`` keeps the person out but their history whole.

    ``districts`` and ``listings`` bound what an editor may edit, and a dispatcher's routes: a
    listing is within bounds if its district or its id is named. Both None: no bounds.
    """

    __tablename__ = "staff_account"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    """argon2id, in the PHC string format; empty until the invited person has set one."""
    role: Mapped[str] = mapped_column(String(16))
    districts: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Codes of districts."""
    listings: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    """Listing ids."""
    unit: Mapped[str | None] = mapped_column(String(40))
    """Of reporters and heads of a unit: the one whose ledger they keep."""
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted; None while the second step is not set up."""
    totp_step: Mapped[int | None]
    """The time step of the code used last: none is good twice (RFC 6238, 5.2)."""
    recovery: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """SHA-256 of each recovery code that is left, in hexadecimal."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffSession(Base):
    """One browser that is signed in. The cookie holds the token, the table its hash."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token, in hexadecimal."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """Right to some minutes: a page must not cost a write."""
    browser: Mapped[str] = mapped_column(String(100), default="")
    """As a person knows it: Chrome · Windows."""
    address: Mapped[str] = mapped_column(String(45), default="")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInAttempt(Base):
    """An attempt to sign in that failed, or is not judged yet; forgotten after its window."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    """SHA-256 of whom it counts against: people type passwords where a login belongs."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Invitation(Base):
    """A link with which one person sets a password, once: for a new account, or a lost one."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the link's token, in hexadecimal."""
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    """The account is made with the invitation and can't be entered before it is used."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
