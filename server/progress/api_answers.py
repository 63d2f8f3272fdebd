"""Reports as the ledger's API tells them. Public names: ``told_report``, ``told_line``."""

from datetime import datetime
from typing import Any

from config.programmes import Programme
from server.db import db
from server.ledger import reports
from server.ledger.cells import ReportKey
from server.ledger.content import report_number
from server.ledger.demo_mark import is_demo
from server.ledger.doings import doings
from server.ledger.people import LedgerPerson
from server.ledger.states import is_late, on_the_wall, standing, work
from server.models import Report, ReportVersion


def told_line(
    programme: Programme, key: ReportKey, report: Report | None, at: datetime
) -> dict[str, Any]:
    """A report as it stands in a list."""
    period, today = programme.period(key.period), on_the_wall(at)
    return {
        **key._asdict(),
        "due": period.due,
        "standing": standing(report, period, today),
        "state": work(report),
        "late": is_late(report, period, today),
        "edit": report.edit if report else 0,
        "filed_at": report.filed_at if report else None,
        "newest_number": report.newest_number if report else 0,
        "accepted_number": report.accepted_number if report else None,
        "resubmit_by": report.resubmit_by if report else None,
    }


def told_report(
    programme: Programme, by: LedgerPerson, key: ReportKey, at: datetime
) -> dict[str, Any]:
    """All about a report: what is typed, the newest version, the one in force, what may be done."""
    report = reports.find(db.session, key)
    newest = reports.version(db.session, report) if report else None
    in_force = newest
    if report and report.accepted_number != report.newest_number:
        number = report.accepted_number
        in_force = reports.version(db.session, report, number) if number else None
    return {
        **told_line(programme, key, report, at),
        "demo": is_demo(db.session, programme.year),
        "correction": report.correction if report else "",
        "draft": reports.draft_of(report).model_dump(exclude_defaults=True),
        "newest": _told_version(programme, key, newest),
        "in_force": _told_version(programme, key, in_force if _is_accepted(in_force) else None),
        # What stands in the way; null: it can be done.
        "may": {one.act: one.why_not or None for one in doings(db.session, by, programme, key, at)},
    }


def _is_accepted(version: ReportVersion | None) -> bool:
    return version is not None and version.outcome == "accepted"


def _told_version(
    programme: Programme, key: ReportKey, version: ReportVersion | None
) -> dict[str, Any] | None:
    if version is None:
        return None
    place = programme.action(key.action).units.index(key.unit) + 1
    return {
        "number": version.number,
        "report_number": report_number(key.period, key.action, place, version.number),
        "digest": version.digest,
        "submitted_at": version.submitted_at,
        "late": version.late,
        "outcome": version.outcome,
        "decided_at": version.decided_at,
        "reasons": version.reasons,
        "content": version.content,
    }
