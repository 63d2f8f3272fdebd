"""Listings, their revisions, the calendar, and the editions made of them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

LISTING_STATES = ("active", "retired", "merged")
REVISION_STATES = ("draft", "submitted", "approved", "returned")
ORIGINS = ("starter", "staff", "import")


class Listing(Base):
    """Anything on the map, by its lasting number. What it says stands in its revisions."""

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint(f"state IN {LISTING_STATES}", name="state"),
        CheckConstraint("(state = 'active') = (retired_on IS NULL)", name="retired_on"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        Index("ix_listing_type_external_key", "type", "external_key", unique=True),
        # Without this SQLite would give the id of a deleted newest row to another listing.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(16))
    """The document's ``type``: ``site``, ``hotline``, ``bus_route``, ``notice``."""
    state: Mapped[str] = mapped_column(String(16), default="active")
    retired_on: Mapped[date | None] = mapped_column(Date)
    """Day (Asia/Shanghai) since which it is no longer active."""
    retire_reason: Mapped[str] = mapped_column(String(200), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    external_key: Mapped[str | None] = mapped_column(String(200))
    """What an import knows it by, so that the next one finds it; None for what was made here."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Revision(Base):
    """One version of a listing's document. Documents are only ever added, never changed."""

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint(f"state IN {REVISION_STATES}", name="state"),
        CheckConstraint(f"origin IN {ORIGINS}", name="origin"),
        CheckConstraint(
            "(state IN ('approved', 'returned')) = (decided_at IS NOT NULL)", name="decided_at"
        ),
        # Answers "the newest approved revision of each listing" from the index alone.
        Index("ix_revision_listing_id_state_id", "listing_id", "state", "id"),
        # What is handed in or returned, and what is to be checked, is little; every page counts it.
        Index("ix_revision_state_author_id", "state", "author_id"),
        Index("ix_revision_check_due", "check_due"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    """``model_dump(mode="json")`` of a model of ``geo.listing``."""
    state: Mapped[str] = mapped_column(String(16), default="draft")
    origin: Mapped[str] = mapped_column(String(16))
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    """The author's: what was changed and how it is known."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(Text, default="")
    """Why it was returned; for the author."""
    check_due: Mapped[bool] = mapped_column(default=False)
    """It went live at once, and a second person has not looked at it yet."""
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ToldApart(Base):
    """Two listings that look like one, and of which somebody has said that they are two."""

    __tablename__ = "told_apart"
    __table_args__ = (CheckConstraint("low_id < high_id", name="order"),)

    low_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    told_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class WorkingCopy(Base):
    """What somebody has typed into a listing's form and not yet saved; as typed, right or wrong.

    ``listing_id`` is None for a listing that is not there yet; ``key`` then tells apart the forms
    that a person has open. Else it is the listing's id.
    """

    __tablename__ = "working_copy"
    __table_args__ = (UniqueConstraint("account_id", "key", name="uq_working_copy_account_id_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    key: Mapped[str] = mapped_column(String(40))
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    type: Mapped[str] = mapped_column(String(16))
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By the names of the form's fields."""
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class EditionRow(Base):
    """One published edition, as packed by ``geo.edition.pack``."""

    __tablename__ = "edition"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    """None when published from the command line."""
    note: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the uncompressed bytes, hexadecimal."""
    size: Mapped[int]
    """Bytes of ``body``."""
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """zstd."""
    restored_from: Mapped[int | None] = mapped_column(ForeignKey("edition.number"))


class CalendarDayRow(Base):
    """A special day, as ``geo.calendar.CalendarDay`` has it."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("kind IN ('holiday', 'makeup_workday', 'school_holiday')", name="kind"),
    )

    date: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
