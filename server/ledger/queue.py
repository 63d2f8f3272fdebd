"""What waits for the office: reports that were handed in, the oldest first.

Public names: ``Waiting``, ``queue``, ``waiting``, ``after``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, exists, func, select

from server.db import AnySession
from server.ledger.cells import ReportKey
from server.models import Report, ReportVersion, SealedScan


class Waiting(NamedTuple):
    """A version that nobody has decided on yet."""

    key: ReportKey
    number: int
    submitted_at: datetime
    late: bool
    sealed: bool


def queue(session: AnySession) -> list[Waiting]:
    """All that waits, of every quarter: first come, first served."""
    version = ReportVersion
    sealed = exists().where(SealedScan.version_id == version.id, SealedScan.counts)
    query = (
        select(
            Report.unit, Report.action, Report.period,
            version.number, version.submitted_at, version.late, sealed,
        )
        .join(version, and_(version.report_id == Report.id, version.number == Report.newest_number))
        .where(version.outcome == "waiting")
        .order_by(version.submitted_at, version.id)
    )  # fmt: skip
    return [Waiting(ReportKey(*row[:3]), *row[3:]) for row in session.execute(query)]


def waiting(session: AnySession) -> int:
    """How many reports wait."""
    return session.scalar(select(func.count()).where(Report.state == "submitted")) or 0


def after(of: Sequence[Waiting], key: ReportKey) -> Waiting | None:
    """What comes after a report in the queue, from its beginning again at the end; not itself."""
    keys = [one.key for one in of]
    start = keys.index(key) + 1 if key in keys else 0
    return next((one for one in [*of[start:], *of[:start]] if one.key != key), None)
