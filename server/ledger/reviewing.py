"""A report as the office reviews it: one version with all that stands beside it.

Public names: ``Review``, ``review``.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from config.programmes import Programme
from geo.city import City
from server.db import AnySession
from server.ledger import reports
from server.ledger.cells import ReportKey, cells
from server.ledger.comparing import Compared, Text, compared, texts
from server.ledger.content import Statement
from server.ledger.seen import Seen
from server.models import Report, ReportVersion, SealedScan


class Review(NamedTuple):
    """One version, what came before it, and how the two differ."""

    version: ReportVersion
    says: Statement
    former: ReportVersion | None
    """The version before, unless that was withdrawn."""
    has_last: bool
    """Something was handed in for the last quarter."""
    rows: Sequence[Compared]
    texts: Sequence[Text]
    versions: Sequence[ReportVersion]
    """Of the report, all of them."""
    scans: Sequence[SealedScan]
    """Of this version, those that are known to be."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why the version before was returned, by field."""
        return self.former.reasons if self.former else {}


def review(
    session: AnySession,
    programme: Programme,
    report: Report,
    city: City,
    seen: Mapping[str, Seen],
    number: int | None = None,
) -> Review | None:
    """A report's version by its number, the newest if none is said; None if there is none such."""
    made = reports.version(session, report, number)
    if made is None:
        return None
    key = ReportKey(report.unit, report.action, report.period)
    every = _versions(session, report)
    earlier = [one for one in every if one.number < made.number and one.outcome != "withdrawn"]
    former = earlier[-1] if earlier else None
    says, before = reports.statement(made), reports.before(session, programme, key)
    then = reports.statement(former) if former else None
    form = cells(programme.action(key.action), city)
    return Review(
        made,
        says,
        former,
        before is not None,
        compared(form, says, then, before, seen),
        texts(says, then, before),
        every,
        _scans(session, made),
    )


def _versions(session: AnySession, report: Report) -> Sequence[ReportVersion]:
    row = ReportVersion
    query = select(row).where(row.report_id == report.id).order_by(row.number)
    return session.scalars(query).all()


def _scans(session: AnySession, made: ReportVersion) -> Sequence[SealedScan]:
    row = SealedScan
    return session.scalars(
        select(row).where(row.version_id == made.id, row.counts).order_by(row.id)
    ).all()
