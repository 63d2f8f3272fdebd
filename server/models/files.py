"""Files that people hand in: known by their content, kept in the store of ``server.files``."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now


class StoredFile(Base):
    """One file in the store."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(100))
    """By its content, whatever its name says."""
    size: Mapped[int]
    """Bytes."""
    name: Mapped[str] = mapped_column(String(200), default="")
    """As it was called where it came from; for people only."""
    width: Mapped[int | None]
    height: Mapped[int | None]
    """Pixels, of pictures."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
