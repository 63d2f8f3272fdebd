"""The practice passport: codes that hang at the bases, and the stamps that scanning them makes."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now
from server.models.partial_indexes import unique_among

_GOOD = text("revoked_at IS NULL")


class Scene(Base):
    """The code of one poster at one base; a base whose poster was copied gets another.

    Posters hang for years: a row is never deleted, only revoked. One a base is good at a time.
    """

    __tablename__ = "scene"
    __table_args__ = (
        Index("ix_scene_listing_id", "listing_id"),
        Index(
            "uq_scene_listing_id_good",
            "listing_id",
            unique=True,
            sqlite_where=_GOOD,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    code: Mapped[str] = mapped_column(String(32), unique=True)
    """The ``scene`` of WeChat's mini-program code: 32 characters of its set at most."""
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    """WeChat's mini-program code with it, asked for once; None: a QR code is drawn instead."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))


unique_among(Scene.__table__, _GOOD)


class Stamp(Base):
    """A child was at a base on a day. The day is all that is kept: no hour, no position."""

    __tablename__ = "stamp"
    __table_args__ = (Index("ix_stamp_listing_id", "listing_id"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """In Asia/Shanghai."""
