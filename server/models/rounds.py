"""Rounds of verification: many listings that are to be made sure of by a day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now


class VerificationRound(Base):
    """One round. Its listings are fixed when it starts; what is done is read off the listings."""

    __tablename__ = "verification_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Those of the list that it was started over."""
    listings: Mapped[list[int]] = mapped_column(JSON)
    """Listing ids: a filter such as "not verified" empties while the round goes on."""
    due_on: Mapped[date] = mapped_column(Date)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
