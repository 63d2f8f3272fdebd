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
from server.models.messages import (
    BusSubscription,
    Mailing,
    Message,
    MessageConsent,
    PushedEvent,
)
from server.models.operators import OperatorToken
from server.models.passport import Scene, Stamp
from server.models.people import Favourite, Person, PersonSession
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
from server.models.reports import CodedReport, Feedback
from server.models.rounds import VerificationRound
from server.models.tallies import DailyTally

__all__ = [
    "AuditEvent",
    "BusSubscription",
    "CalendarDayRow",
    "CodedReport",
    "ColumnMatch",
    "DailyTally",
    "EditionRow",
    "Favourite",
    "Feedback",
    "ImportBatch",
    "ImportRow",
    "ImportantMatter",
    "Invitation",
    "Job",
    "LedgerReminder",
    "LedgerToken",
    "ListedItem",
    "Listing",
    "Mailing",
    "Message",
    "MessageConsent",
    "OperatorToken",
    "PeriodClosing",
    "Person",
    "PersonSession",
    "PushedEvent",
    "Report",
    "ReportVersion",
    "Revision",
    "Scene",
    "ScheduledPublishing",
    "SealedScan",
    "SignInAttempt",
    "StaffAccount",
    "StaffSession",
    "Stamp",
    "StoredFile",
    "ToldApart",
    "TotalsConfirmed",
    "VerificationRound",
    "WorkingCopy",
]
