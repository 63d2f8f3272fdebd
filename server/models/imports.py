"""Tables that people import, and what was made of their rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now

IMPORT_STATES = ("uploaded", "checking", "checked", "applying", "applied", "failed", "cancelled")


class ImportBatch(Base):
    """One file on its way into drafts: uploaded, matched and checked, applied."""

    __tablename__ = "import_batch"
    __table_args__ = (CheckConstraint(f"state IN {IMPORT_STATES}", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(16), default="site")
    """Of the listings that it holds."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Sheet, line of the header, coordinate system, and by field the column that holds it."""
    state: Mapped[str] = mapped_column(String(16), default="uploaded")
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Counts by outcome, warnings; the rows are in ``ImportRow``."""
    message: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportRow(Base):
    """A row of the file, as checked: the document that it would make, or why it makes none."""

    __tablename__ = "import_row"
    __table_args__ = (
        CheckConstraint("outcome IN ('new', 'changed', 'unchanged', 'wrong')", name="outcome"),
        Index("ix_import_row_batch_id_line", "batch_id", "line", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    line: Mapped[int]
    """As the spreadsheet program numbers it."""
    outcome: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200), default="")
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    """The one that it changes; None for a new one."""
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    """The listing's newest revision when the row was checked."""
    external_key: Mapped[str | None] = mapped_column(String(200))
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    messages: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Pairs of cell (``C7``) and Chinese message; errors, or warnings of a good row."""


class ColumnMatch(Base):
    """How columns were matched before, by their headings: the next such file needs no matching."""

    __tablename__ = "column_match"

    id: Mapped[int] = mapped_column(primary_key=True)
    headings: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the listing type and the headings in their order."""
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
