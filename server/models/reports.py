"""What the public tells staff: a tap that needs no words, or words that somebody signs for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

REPORTED = ("did_not_come", "left_early", "late", "wrong_position", "wrong_phone", "closed")
REPORT_STATES = ("received", "checking", "changed", "declined")
TEXT_CHECKS = ("pass", "review", "failed")
"""What WeChat said of a text; ``failed``: it could not be asked. A risky one is not kept."""
FEEDBACK_STATES = ("open", "answered", "closed")


class CodedReport(Base):
    """Something is wrong with a listing, said with one tap, by nobody in particular.

    Whoever keeps the receipt can look up what became of it.
    """

    __tablename__ = "coded_report"
    __table_args__ = (
        CheckConstraint(f"what IN {REPORTED}", name="what"),
        CheckConstraint(f"state IN {REPORT_STATES}", name="state"),
        CheckConstraint(
            "(state IN ('changed', 'declined')) = (decided_at IS NOT NULL)", name="decided_at"
        ),
        CheckConstraint("state <> 'declined' OR reason <> ''", name="reason"),
        Index("ix_coded_report_listing_id", "listing_id"),
        Index("ix_coded_report_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(24), unique=True)
    """Random; whoever has it may ask."""
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    what: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    state: Mapped[str] = mapped_column(String(16), default="received")
    reason: Mapped[str] = mapped_column(String(200), default="")
    """For the public, in Chinese: why nothing was changed, or what was."""
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    """Who has it in hand."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Feedback(Base):
    """What somebody wrote about a listing, and staff's answer. It goes with its writer."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint(f"text_check IN {TEXT_CHECKS}", name="text_check"),
        CheckConstraint(f"state IN {FEEDBACK_STATES}", name="state"),
        CheckConstraint("(state = 'answered') = (answer <> '')", name="answer"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_at"),
        Index("ix_feedback_person_id", "person_id"),
        Index("ix_feedback_listing_id", "listing_id"),
        Index("ix_feedback_state_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    text: Mapped[str] = mapped_column(Text)
    """500 characters at most."""
    text_check: Mapped[str] = mapped_column(String(16))
    check_label: Mapped[int | None]
    """WeChat's number for what it saw in the text (100: nothing)."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    state: Mapped[str] = mapped_column(String(16), default="open")
    answer: Mapped[str] = mapped_column(Text, default="")
    """For the sender."""
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    """Who answered or closed it."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
