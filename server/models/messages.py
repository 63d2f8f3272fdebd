"""Messages to families through WeChat: who wants them, how many may be sent, what became of each.

A message is written down before it is sent and marked before WeChat is asked, so that a worker
that was killed in the middle sends none twice.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

MESSAGE_STATES = ("waiting", "sending", "sent", "refused", "failed", "uncertain")
"""``refused``: the person takes none any more (43101). ``uncertain``: it was being sent when the
worker ended, and nobody can tell whether WeChat had it; it is not sent again."""


class BusSubscription(Base):
    """Somebody wants to be told when a line is suspended or changed."""

    __tablename__ = "bus_subscription"
    __table_args__ = (Index("ix_bus_subscription_route_id", "route_id"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    route_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class MessageConsent(Base):
    """How many messages of a template somebody still takes: WeChat lets one be sent for each yes.

    It belongs to person and template, not to a line: WeChat knows nothing of lines.
    """

    __tablename__ = "message_consent"
    __table_args__ = (CheckConstraint("remaining >= 0", name="remaining"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    template: Mapped[str] = mapped_column(String(64), primary_key=True)
    """WeChat's id of the template."""
    remaining: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class Mailing(Base):
    """A notice on its way to the subscribers of its lines. What is counted here outlives whoever
    is erased."""

    __tablename__ = "mailing"
    __table_args__ = (
        UniqueConstraint("notice_id", "template", name="uq_mailing_notice_id_template"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    template: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    """The job that sends it, or the last one that did; jobs long over are cleared away."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(default=0)
    """Messages laid out."""
    sent: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    """The uncertain ones among them."""


class Message(Base):
    """One person's message of a mailing; there is never a second."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(f"state IN {MESSAGE_STATES}", name="state"),
        UniqueConstraint("mailing_id", "person_id", name="uq_message_mailing_id_person_id"),
        Index("ix_message_mailing_id_state", "mailing_id", "state"),
        Index("ix_message_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    route_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    """The line of theirs that the notice is about; one of them, where it is about several."""
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    errcode: Mapped[int | None]
    """WeChat's, of the last attempt."""
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PushedEvent(Base):
    """An event that WeChat pushed to us and that was entered: it delivers some more than once."""

    __tablename__ = "pushed_event"
    __table_args__ = (Index("ix_pushed_event_at", "at"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of what tells it from others, in hexadecimal."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """Forgotten when WeChat has long ceased to deliver the event."""
