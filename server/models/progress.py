"""The ledger of the programme: what each unit has reported, with which seal, what became of it.

A report is one unit's on one action for one quarter. What is being typed stands in the report;
what was handed in is a version, and a version is never altered: the database itself refuses.
Whoever owns the database can take the triggers away, and then the digests in the audit trail tell.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime, now
from server.models.partial_indexes import unique_among

REPORT_STATES = ("draft", "submitted", "returned", "accepted")
OUTCOMES = ("waiting", "withdrawn", "returned", "accepted")


_THERE = text("removed_at IS NULL")


class Report(Base):
    """One unit's report on one action for one quarter; there from the first thing saved on.

    ``state`` is that of the newest work. An accepted version stays in force (``accepted_number``)
    while a correction of it is being written, until that is accepted in its turn.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("unit", "action", "period"),
        CheckConstraint(f"state IN {REPORT_STATES}", name="state"),
        Index("ix_report_period", "period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(40))
    action: Mapped[int]
    period: Mapped[str] = mapped_column(String(6))
    """``2023Q1``."""
    state: Mapped[str] = mapped_column(String(12), default="draft")
    edit: Mapped[int] = mapped_column(default=0)
    """Goes up with every change of any kind; what If-Match names."""
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """``server.ledger.content.Draft``: as typed."""
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    """None: a unit's own system, by its token."""
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was handed in first; what was withdrawn before anybody decided does not count."""
    without_progress: Mapped[bool] = mapped_column(default=False)
    """The version in force, or else the one handed in last, says that nothing was reached."""
    newest_number: Mapped[int] = mapped_column(default=0)
    """Of the newest version; 0: none."""
    accepted_number: Mapped[int | None]
    """Of the version in force."""
    resubmit_by: Mapped[date | None]
    """While it is returned: the day by which it is expected again."""
    correction: Mapped[str] = mapped_column(Text, default="")
    """Why an accepted report is being corrected; empty: it is not."""


class ReportVersion(Base):
    """What a unit has handed in: immutable. Only its outcome is added, and that once."""

    __tablename__ = "report_version"
    __table_args__ = (
        UniqueConstraint("report_id", "number"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    number: Mapped[int]
    """From 1, within the report."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """``server.ledger.content.Statement``."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the content, see ``server.ledger.content.digest``."""
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    late: Mapped[bool]
    """Handed in after the day it was due, or, returned, after the day it was expected again."""
    outcome: Mapped[str] = mapped_column(String(12), default="waiting")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """When it was returned: by field the reason."""


class ListedItem(Base):
    """One of the things that a count counts: a kindergarten by its name.

    Where a unit keeps the list, the number it reports is the list's length. ``key`` is the name as
    it is compared; an item that was taken off keeps its row with ``removed_at``.
    """

    __tablename__ = "listed_item"
    __table_args__ = (
        Index(
            "uq_listed_item_year_indicator_key",
            "year",
            "indicator",
            "key",
            unique=True,
            sqlite_where=_THERE,
        ),
        Index("ix_listed_item_unit", "year", "unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    indicator: Mapped[str] = mapped_column(String(8))
    district: Mapped[str | None] = mapped_column(String(40))
    """Code; for indicators counted per district it is the one it counts for."""
    unit: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(6))
    """The quarter in which it was reached."""
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(String(200), default="")
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    """What it is on the map, if it is there."""
    evidence: Mapped[str] = mapped_column(String(500), default="")
    """In words: number of the document, say."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


unique_among(ListedItem.__table__, _THERE)


class SealedScan(Base):
    """A stamped and scanned report, and the version that it was found to belong to."""

    __tablename__ = "sealed_scan"
    __table_args__ = (Index("ix_sealed_scan_report_id", "report_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("report_version.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    pages: Mapped[int]
    matched_by: Mapped[str] = mapped_column(String(8))
    """``code``: its QR code was read; ``hand``: the office looked; ``unread``: nobody has yet, and
    it does not count."""
    note: Mapped[str] = mapped_column(String(500), default="")
    """When matched by hand: how it was seen; else pages on which no code was read."""
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))

    @hybrid_property
    def counts(self) -> bool:
        """Whether it is known to be of its version; in a query too."""
        return self.matched_by != "unread"


class ImportantMatter(Base):
    """重要情况: what a unit tells the office in between, with files."""

    __tablename__ = "important_matter"
    __table_args__ = (Index("ix_important_matter_year_unit", "year", "unit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    unit: Mapped[str] = mapped_column(String(40))
    action: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    files: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Ids of stored files."""
    told_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    told_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))


class PeriodClosing(Base):
    """A quarter that the office has closed; one that was opened again keeps its row."""

    __tablename__ = "period_closing"
    __table_args__ = (Index("ix_period_closing_period", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(6))
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it was opened again."""


class TotalsConfirmed(Base):
    """The lead unit's word for an action's totals of a quarter; a newer row supersedes it."""

    __tablename__ = "totals_confirmed"
    __table_args__ = (Index("ix_totals_confirmed_period_action", "period", "action"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(6))
    action: Mapped[int]
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By cell the total, as ``server.ledger.totals`` writes it."""
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By unit the number of the version that it was made of: another version makes it stale."""
    note: Mapped[str] = mapped_column(String(1000), default="")
    """Why a total is another than its parts make."""
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))


class LedgerReminder(Base):
    """That a unit was reminded of a quarter on a certain day: once, whoever looks how often."""

    __tablename__ = "ledger_reminder"
    __table_args__ = (UniqueConstraint("unit", "period", "days", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(6))
    days: Mapped[int]
    """To the day it is due; negative: after it."""
    channel: Mapped[str] = mapped_column(String(8))
    """``inbox`` or ``webhook``."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    missing: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Numbers of the actions that were not reported."""
    failure: Mapped[str] = mapped_column(String(200), default="")
    """Why it could not be sent; empty: it was."""


class LedgerToken(Base):
    """A token with which a unit's own system, or the office's, speaks to the ledger."""

    __tablename__ = "ledger_token"
    __table_args__ = (Index("ix_ledger_token_unit", "unit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    unit: Mapped[str | None] = mapped_column(String(40))
    """None: the office's."""
    scopes: Mapped[list[str]] = mapped_column(JSON)
    """Of ``server.ledger.tokens.SCOPES``."""
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Right to some minutes."""


_FIXED = ("id", "report_id", "number", "content", "digest", "submitted_at", "submitted_by", "late")

# SQLite compares JSON as the text it is; PostgreSQL's json type has no equality, hence the casts.
NEVER_ALTERED_SQLITE = (
    """CREATE TRIGGER report_version_kept BEFORE DELETE ON report_version
    BEGIN SELECT RAISE(ABORT, 'report_version is never altered'); END""",
    """CREATE TRIGGER report_version_unaltered BEFORE UPDATE ON report_version
    WHEN OLD.outcome != 'waiting' OR """
    + " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _FIXED)
    + " BEGIN SELECT RAISE(ABORT, 'report_version is never altered'); END",
    """CREATE TRIGGER report_version_added BEFORE INSERT ON report_version
    WHEN EXISTS (SELECT 1 FROM report_version WHERE id = NEW.id
        OR report_id = NEW.report_id AND number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'report_version is never altered'); END""",
)
NEVER_ALTERED_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION report_version_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'report_version is never altered'; END $$""",
    """CREATE TRIGGER report_version_kept BEFORE DELETE ON report_version
    FOR EACH ROW EXECUTE FUNCTION report_version_refuse()""",
    """CREATE TRIGGER report_version_unaltered BEFORE UPDATE ON report_version
    FOR EACH ROW WHEN (OLD.outcome <> 'waiting' OR """
    + " OR ".join(f"OLD.{name}::text IS DISTINCT FROM NEW.{name}::text" for name in _FIXED)
    + ") EXECUTE FUNCTION report_version_refuse()",
    """CREATE TRIGGER report_version_whole BEFORE TRUNCATE ON report_version
    FOR EACH STATEMENT EXECUTE FUNCTION report_version_refuse()""",
)

for _dialect, _statements in (
    ("sqlite", NEVER_ALTERED_SQLITE),
    ("postgresql", NEVER_ALTERED_POSTGRESQL),
):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(ReportVersion.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
