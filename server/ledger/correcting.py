"""What was accepted is corrected by the unit's head; until that is accepted it stays in force.

Public names: ``correct``, ``drop_correction``. Run them within ``server.revisions.writing``, as
those of ``server.ledger.reports``.
"""

from config.programmes import Programme
from server.db import AnySession
from server.ledger import closings, reports
from server.ledger.cells import ReportKey
from server.ledger.people import LedgerPerson, refuse_unless
from server.ledger.plain_text import plain
from server.models import Report
from server.permissions import Action
from server.revisions import Refused


def correct(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    reason: str,
    based_on: int,
) -> Report:
    """Begin the correction of an accepted report; what was accepted stays in force meanwhile.

    Raises:
        Refused: it is not accepted, no reason is given, or the quarter is closed.
    """
    period = reports.owed(programme, key)
    refuse_unless(by, Action.ANSWER_FOR_UNIT, key.unit)
    closings.refuse_closed(session, period)
    report = reports.standing(session, key, based_on)
    if report.state != "accepted":
        raise Refused("只有已通过的报表才需要更正")
    reason = plain(reason).strip()
    if not 2 <= len(reason) <= 500:
        raise Refused("请写明更正的原因（2 至 500 字）")
    report.state, report.correction, report.edit = "draft", reason, report.edit + 1
    session.flush()
    reports.tell(session, by, "report.correction_begun", report, {"reason": reason})
    return report


def drop_correction(
    session: AnySession, by: LedgerPerson, programme: Programme, key: ReportKey, based_on: int
) -> Report:
    """Give up a correction that is not handed in: what was accepted stands.

    Raises:
        Refused: none is being written.
    """
    reports.owed(programme, key)
    refuse_unless(by, Action.ANSWER_FOR_UNIT, key.unit)
    report = reports.standing(session, key, based_on)
    if not report.correction or report.state == "submitted":
        raise Refused("没有正在填写的更正")
    report.state, report.correction, report.resubmit_by = "accepted", "", None
    report.edit += 1
    session.flush()
    reports.tell(session, by, "report.correction_dropped", report, {})
    return report
