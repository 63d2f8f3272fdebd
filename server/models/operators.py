"""Companies that run the buses, as far as their programs speak to ours."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now


class OperatorToken(Base):
    """A token with which an operator's program reports. An operator may have several."""

    __tablename__ = "operator_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    operator: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token, in hexadecimal. A random token of 256 bits needs no slow hash."""
    routes: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    """Listing ids of the routes it may speak for; None: all those of the agency of this name."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Right to the hour: a report must not cost a write."""
