"""Publishing that is to happen later."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

SCHEDULE_STATES = ("waiting", "done", "failed", "cancelled")


class ScheduledPublishing(Base):
    """All that is approved at a moment is to be published at that moment."""

    __tablename__ = "scheduled_publishing"
    __table_args__ = (CheckConstraint(f"state IN {SCHEDULE_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    edition: Mapped[int | None]
    """The number that it made, or that already said the same."""
    message: Mapped[str] = mapped_column(Text, default="")
    """Why it failed, in Chinese."""
