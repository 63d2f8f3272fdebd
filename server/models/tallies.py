"""Counts of what the public looked for, by day and without any person in them."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class DailyTally(Base):
    """How often something happened on a day (Asia/Shanghai): a listing seen, a search in vain."""

    __tablename__ = "daily_tally"
    __table_args__ = (CheckConstraint("kind IN ('seen', 'in_vain')", name="kind"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(100), primary_key=True)
    """A listing's id, or the words that found nothing."""
    count: Mapped[int]
