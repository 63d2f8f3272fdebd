"""Is the ledger what the audit trail says it is? Public names: ``verify``, ``Verified``.

Each version's digest must be that of its content, and the one that the trail told when it was
handed in; when that was and what became of it must be as the trail tells; no version may be there
that the trail knows nothing of, or be gone. The same holds for stamped scans and for the totals
that the lead units gave their word for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import select

from server import audit
from server.db import AnySession
from server.ledger.content import Statement, digest_of
from server.models import (
    AuditEvent,
    Report,
    ReportVersion,
    SealedScan,
    StoredFile,
    TotalsConfirmed,
)

Place = tuple[int, int]
"""Id of a report and number of its version."""
Json = dict[str, Any]


class Verified(NamedTuple):
    """What was found; without ``faults`` all is well."""

    versions: int
    accepted: int
    head: audit.Head
    faults: tuple[str, ...]


@dataclass
class _Trail:
    """What the audit trail tells of the ledger."""

    handed_in: dict[Place, Json] = field(default_factory=dict)
    outcomes: dict[Place, tuple[str, Json]] = field(default_factory=dict)
    scans: dict[int, Json] = field(default_factory=dict)
    totals: dict[int, Json] = field(default_factory=dict)


def verify(session: AnySession) -> Verified:
    """Look at every version and follow the chain."""
    faults = []
    if broken := audit.verify(session):
        faults.append(f"审计记录不完整：{broken.message}")
    trail = _told(session)
    rows = session.execute(
        select(ReportVersion, Report)
        .join(Report, Report.id == ReportVersion.report_id)
        .order_by(ReportVersion.report_id, ReportVersion.number)
    ).all()
    by_report: dict[int, list[ReportVersion]] = {}
    for version, report in rows:
        faults += _of_version(version, report, trail)
        by_report.setdefault(report.id, []).append(version)
    for report in session.scalars(select(Report).order_by(Report.id)):
        faults += _of_report(report, by_report.get(report.id, []))
    known = {(version.report_id, version.number) for version, _ in rows}
    faults += [
        f"编号为 {report} 的报表少了第 {number} 版"
        for report, number in trail.handed_in.keys() - known
    ]
    faults += [*_of_scans(session, trail), *_of_totals(session, trail)]
    in_force = sum(version.outcome == "accepted" for version, _ in rows)
    return Verified(len(rows), in_force, audit.head(session), tuple(faults))


def _told(session: AnySession) -> _Trail:
    query = select(AuditEvent.action, AuditEvent.subject_id, AuditEvent.detail).where(
        AuditEvent.subject_type.in_(("report", "totals"))
    )
    trail = _Trail()
    for action, subject, detail in session.execute(query.order_by(AuditEvent.id)):
        place = (subject, detail.get("number", 0))
        match action:
            case "report.submitted":
                trail.handed_in[place] = detail
            case "report.accepted" | "report.returned" | "report.withdrawn":
                trail.outcomes[place] = action.removeprefix("report."), detail
            case "scan.taken" | "scan.matched_by_hand":
                by_hand = {"matched_by": "hand"} if action == "scan.matched_by_hand" else {}
                number = detail["scan"]
                trail.scans[number] = trail.scans.get(number, {}) | detail | by_hand
            case "totals.confirmed":
                trail.totals[subject] = detail
    return trail


def _of_version(version: ReportVersion, report: Report, trail: _Trail) -> Iterator[str]:
    name = f"{_named(report)}第 {version.number} 版"
    place = (version.report_id, version.number)
    try:
        says = Statement.model_validate(version.content)
    except ValidationError:
        yield f"{name}：内容已损坏"
        return
    if digest_of(version.content) != version.digest:
        yield f"{name}：内容与摘要不符"
    if says.key != (report.unit, report.action, report.period) or says.number != version.number:
        yield f"{name}：内容是另一份报表的"
    told = trail.handed_in.get(place, {})
    if told.get("digest") != version.digest:
        yield f"{name}：与审计记录里提交时的摘要不符"
    elif (told["late"], datetime.fromisoformat(told["at"])) != (
        version.late,
        version.submitted_at,
    ):
        yield f"{name}：提交时间或迟报的标记与审计记录不符"
    outcome, decided = trail.outcomes.get(place, ("waiting", {}))
    if version.outcome == "accepted" and decided.get("digest") != version.digest:
        yield f"{name}：审计记录里没有通过这一版"
    elif (version.outcome, version.reasons) != (outcome, decided.get("reasons", {})):
        yield f"{name}：审核的结果与审计记录不符"


def _of_report(report: Report, versions: Sequence[ReportVersion]) -> Iterator[str]:
    """Whether what the report itself says of its versions is what they say."""
    accepted = [one.number for one in versions if one.outcome == "accepted"]
    if report.accepted_number != (accepted[-1] if accepted else None):
        yield f"{_named(report)}：有效的不是最后通过的一版"
    if report.filed_at != _filed_at(versions):
        yield f"{_named(report)}：首次提交的时间与各版不符"


def _filed_at(versions: Sequence[ReportVersion]) -> datetime | None:
    """Of the first version that was not withdrawn before anybody had decided on one."""
    counts = (one for one in versions if one.outcome != "withdrawn")
    first = next(counts, None)
    return first.submitted_at if first else None


def _of_scans(session: AnySession, trail: _Trail) -> Iterator[str]:
    query = select(SealedScan, StoredFile.sha256, ReportVersion.number)
    query = query.join(StoredFile, StoredFile.id == SealedScan.file_id)
    query = query.join(ReportVersion, ReportVersion.id == SealedScan.version_id)
    found = set()
    for scan, sha256, number in session.execute(query):
        found.add(scan.id)
        told = trail.scans.get(scan.id, {})
        is_told = (told.get("matched_by"), told.get("sha256"), told.get("number"))
        if is_told != (scan.matched_by, sha256, number):
            yield f"编号为 {scan.id} 的盖章扫描件与审计记录不符"
    for number in sorted(trail.scans.keys() - found):
        yield f"编号为 {number} 的盖章扫描件不见了"


def _of_totals(session: AnySession, trail: _Trail) -> Iterator[str]:
    rows = {row.id: row for row in session.scalars(select(TotalsConfirmed))}
    for number in sorted(rows.keys() | trail.totals.keys()):
        row, told = rows.get(number), trail.totals.get(number)
        if (
            row is None
            or told is None
            or (
                (row.action, row.period, row.totals, row.parts)
                != (told["action"], told["period"], told["totals"], told["parts"])
            )
        ):
            yield f"编号为 {number} 的合计确认与审计记录不符"


def _named(report: Report) -> str:
    return f"{report.unit} {report.period} 第 {report.action} 项"
