"""What stands of a version's stamped scans, for the pages that show a report.

Public names: ``SealPanel``, ``seal_panel``; in templates ``seal_panel(version)``, which
``progress/_seal.html`` shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.console.gate import me
from server.db import db
from server.ledger import closings, paper, scans
from server.ledger.cells import ReportKey
from server.ledger.evidence import KINDS
from server.ledger.scan_reading import MOST_BYTES
from server.member_names import names
from server.models import Report, ReportVersion, SealedScan, StoredFile
from server.permissions import Action, may
from server.progress.asked import programme_of
from server.progress.blueprint import progress


@dataclass(frozen=True)
class ShownScan:
    """A scan with what is said of it."""

    scan: SealedScan
    file: StoredFile
    kind: str
    who: str
    version: int
    """Number of the version that it is of."""


@dataclass(frozen=True)
class SealPanel:
    """The scans of one version, and what the person may do about them."""

    version: ReportVersion
    key: ReportKey
    number: str
    """As it is printed."""
    shown: Sequence[ShownScan]
    """The newest first."""
    others: int
    """How many there are of other versions."""
    may_upload: bool
    may_match: bool
    most_mb: int = MOST_BYTES >> 20

    @property
    def state(self) -> str:
        """``matched``, ``unread`` or ``none``."""
        if any(one.scan.counts for one in self.shown):
            return "matched"
        return "unread" if self.shown else "none"


def seal_panel(version: ReportVersion) -> SealPanel:
    """The panel of a version, for whoever is signed in."""
    report = db.session.get_one(Report, version.report_id)
    key = ReportKey(report.unit, report.action, report.period)
    every = shown_scans(report)
    shut = closings.is_closed(db.session, report.period)
    current = version.outcome in ("waiting", "accepted") and not shut
    return SealPanel(
        version,
        key,
        paper.report_number(programme_of(key.period[:4]), key, version.number),
        [one for one in every if one.scan.version_id == version.id],
        sum(one.scan.version_id != version.id for one in every),
        may_upload=current and (may(me(), Action.REPORT) or may(me(), Action.REVIEW_REPORTS)),
        may_match=current and may(me(), Action.REVIEW_REPORTS),
    )


def shown_scans(report: Report) -> list[ShownScan]:
    """All scans of a report, the newest first."""
    rows = scans.of_report(db.session, report)
    ids = {row.file_id for row in rows}
    kept = {
        file.id: file
        for file in db.session.scalars(select(StoredFile).where(StoredFile.id.in_(ids)))
    }
    versions = select(ReportVersion.id, ReportVersion.number).where(
        ReportVersion.report_id == report.id
    )
    numbers = {row.id: row.number for row in db.session.execute(versions)}
    people = names(db.session, [row.uploaded_by for row in rows]) | {None: "单位的系统"}
    return [
        ShownScan(
            row,
            kept[row.file_id],
            KINDS.get(kept[row.file_id].media_type, "文件"),
            people.get(row.uploaded_by, ""),
            numbers[row.version_id],
        )
        for row in rows
    ]


@progress.context_processor
def _panel() -> dict[str, Any]:
    return {"seal_panel": seal_panel}
