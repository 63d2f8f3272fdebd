"""Background work as people see it; the queue itself is Huey's."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

JOB_STATES = ("waiting", "running", "done", "failed", "cancelled")


class Job(Base):
    """One piece of work: what it is, how far it has come, what came of it."""

    __tablename__ = "job"
    __table_args__ = (CheckConstraint(f"state IN {JOB_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    """The name under which its function is registered."""
    title: Mapped[str] = mapped_column(String(200), default="")
    """For people, in Chinese."""
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Steps; 0 while nobody knows how many there will be."""
    message: Mapped[str] = mapped_column(Text, default="")
    """How it stands or why it failed, in Chinese."""
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Last sign of life while it runs."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
