"""The tables. Importing this package fills ``server.db.Base.metadata``."""

from server.models.accounts import Invitation, SignInAttempt, StaffAccount, StaffSession
from server.models.audit import AuditEvent
from server.models.files import StoredFile
from server.models.imports import ColumnMatch, ImportBatch, ImportRow
from server.models.jobs import Job
from server.models.listings import (
    CalendarDayRow,
    EditionRow,
    Listing,
    Revision,
    ToldApart,
    WorkingCopy,
)
from server.models.operators import OperatorToken
from server.models.progress import (
    ImportantMatter,
    LedgerReminder,
    LedgerToken,
    ListedItem,
    PeriodClosing,
    Report,
    ReportVersion,
    SealedScan,
    TotalsConfirmed,
)
from server.models.publication import ScheduledPublishing
from server.models.rounds import VerificationRound
from server.models.tallies import DailyTally

__all__ = [
    "AuditEvent",
    "CalendarDayRow",
    "ColumnMatch",
    "DailyTally",
    "EditionRow",
    "ImportBatch",
    "ImportRow",
    "ImportantMatter",
    "Invitation",
    "Job",
    "LedgerReminder",
    "LedgerToken",
    "ListedItem",
    "Listing",
    "OperatorToken",
    "PeriodClosing",
    "Report",
    "ReportVersion",
    "Revision",
    "ScheduledPublishing",
    "SealedScan",
    "SignInAttempt",
    "StaffAccount",
    "StaffSession",
    "StoredFile",
    "ToldApart",
    "TotalsConfirmed",
    "VerificationRound",
    "WorkingCopy",
]
