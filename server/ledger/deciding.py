"""The office decides on a report that was handed in: accepted, or returned with its reasons.

Public names: ``accept``, ``send_back``, ``BadReturn``, ``RETURNABLE``. Run them within
``server.revisions.writing``, as those of ``server.ledger.reports``.
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from config.programmes import Programme
from server.db import AnySession
from server.ledger import closings, reports
from server.ledger.cells import ReportKey
from server.ledger.content import TEXTS
from server.ledger.people import LedgerPerson, refuse_unless
from server.ledger.plain_text import plain
from server.ledger.states import on_the_wall
from server.models import Report, SealedScan
from server.permissions import Action
from server.revisions import Refused

RETURNABLE = frozenset({"general", "seal", *TEXTS})
"""What a return can name beside the cells: the whole, the stamped scan, a text."""


class BadReturn(Refused):
    """What a return says won't do; ``field`` is ``reasons`` or ``resubmit_by``."""

    def __init__(self, message: str, field: str = "reasons") -> None:
        super().__init__(message)
        self.field = field


def accept(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    number: int,
    at: datetime,
    unsealed: str = "",
) -> Report:
    """Accept a version; it is in force from now on. ``unsealed``: why without a stamped scan.

    Raises:
        Refused: it is not the one that waits, or it has no stamped scan and no reason why.
    """
    period = reports.owed(programme, key)
    refuse_unless(by, Action.REVIEW_REPORTS, key.unit)
    closings.refuse_closed(session, period)
    report = reports.standing(session, key)
    made = reports.waiting(session, report, number)
    known = select(SealedScan.id).where(SealedScan.version_id == made.id, SealedScan.counts)
    sealed = session.scalar(known.limit(1))
    unsealed = plain(unsealed).strip()
    if sealed is None and len(unsealed) < 2:
        raise Refused("还没有与这一版相符的盖章扫描件；确需先通过，请写明原因")
    if len(unsealed) > 500:
        raise Refused("先通过的原因最多 500 字")
    made.outcome, made.decided_at, made.decided_by = "accepted", at, by.account_id
    report.state, report.accepted_number = "accepted", made.number
    report.resubmit_by, report.correction = None, ""
    report.edit += 1
    reports.note_what_stands(session, report)
    session.flush()
    told = {"number": made.number, "digest": made.digest}
    reports.tell(
        session, by, "report.accepted", report, told | ({} if sealed else {"unsealed": unsealed})
    )
    return report


def send_back(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    number: int,
    reasons: Mapping[str, str],
    resubmit_by: date,
    at: datetime,
) -> Report:
    """Return a version; ``reasons`` by field: a cell of the version, or one of ``RETURNABLE``.

    Raises:
        Refused: it is not the one that waits.
        BadReturn: a reason is missing, or names no field; the day by which it is expected again is
            past.
    """
    period = reports.owed(programme, key)
    refuse_unless(by, Action.REVIEW_REPORTS, key.unit)
    closings.refuse_closed(session, period)
    report = reports.standing(session, key)
    made = reports.waiting(session, report, number)
    told = {field: plain(reason).strip() for field, reason in reasons.items()}
    given = {field: reason for field, reason in told.items() if reason}
    if not given:
        raise BadReturn("请在有问题的栏目上写明退回原因")
    if strange := set(given) - RETURNABLE - set(made.content["cells"]):
        raise BadReturn(f"报表里没有这些栏目：{'、'.join(sorted(strange))}")
    if any(len(reason) < 2 or len(reason) > 500 for reason in given.values()):
        raise BadReturn("每条退回原因应为 2 至 500 字")
    if resubmit_by < on_the_wall(at):
        raise BadReturn("重报日期不能早于今天", "resubmit_by")
    made.outcome, made.decided_at, made.decided_by = "returned", at, by.account_id
    made.reasons = given
    report.state, report.resubmit_by, report.edit = "returned", resubmit_by, report.edit + 1
    session.flush()
    detail = {"number": made.number, "reasons": given, "resubmit_by": resubmit_by.isoformat()}
    reports.tell(session, by, "report.returned", report, detail)
    return report
