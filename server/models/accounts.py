"""People who work on the map."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

ROLES = ("viewer", "editor", "reviewer", "publisher", "dispatcher", "administrator")


class StaffAccount(Base):
    """One person's account; ``disabled_at`` keeps the person out but their history whole."""

    __tablename__ = "staff_account"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    """argon2id, in the PHC string format."""
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
