"""Is the ledger what the audit trail says it is? Public names: ``verify``, ``Verified``.

Each version's digest must be that of its content, and the one that the trail told when it was
handed in and accepted; no version may be there that the trail knows nothing of, or be gone.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import select

from server import audit
from server.ledger.content import Statement, digest
from server.models import AuditEvent, Report, ReportVersion
from server.revisions import AnySession

Told = dict[tuple[int, int], str]
"""By report and number of the version the digest."""


class Verified(NamedTuple):
    """What was found; without ``faults`` all is well."""

    versions: int
    accepted: int
    head: audit.Head
    faults: tuple[str, ...]


def verify(session: AnySession) -> Verified:
    """Look at every version and follow the chain."""
    faults = []
    if broken := audit.verify(session):
        faults.append(f"审计记录不完整：{broken.message}")
    handed_in, accepted = (_told(session, f"report.{what}") for what in ("submitted", "accepted"))
    rows = session.execute(
        select(ReportVersion, Report)
        .join(Report, Report.id == ReportVersion.report_id)
        .order_by(ReportVersion.id)
    ).all()
    for version, report in rows:
        faults += _faults(version, report, handed_in, accepted)
    known = {(version.report_id, version.number) for version, _ in rows}
    faults += [
        f"编号为 {report} 的报表少了第 {number} 版" for report, number in handed_in.keys() - known
    ]
    in_force = sum(version.outcome == "accepted" for version, _ in rows)
    return Verified(len(rows), in_force, audit.head(session), tuple(faults))


def _told(session: AnySession, action: str) -> Told:
    query = select(AuditEvent.subject_id, AuditEvent.detail).where(
        AuditEvent.subject_type == "report", AuditEvent.action == action
    )
    return {
        (subject, detail["number"]): detail["digest"]
        for subject, detail in session.execute(query)
        if subject is not None
    }


def _faults(
    version: ReportVersion, report: Report, handed_in: Told, accepted: Told
) -> Iterator[str]:
    name = f"{report.unit} {report.period} 第 {report.action} 项第 {version.number} 版"
    place = (version.report_id, version.number)
    try:
        says = Statement.model_validate(version.content)
    except ValidationError:
        yield f"{name}：内容已损坏"
        return
    if digest(says) != version.digest:
        yield f"{name}：内容与摘要不符"
    if says.key != (report.unit, report.action, report.period) or says.number != version.number:
        yield f"{name}：内容是另一份报表的"
    if handed_in.get(place) != version.digest:
        yield f"{name}：与审计记录里提交时的摘要不符"
    if version.outcome == "accepted" and accepted.get(place) != version.digest:
        yield f"{name}：审计记录里没有通过这一版"
    if report.accepted_number == version.number and version.outcome != "accepted":
        yield f"{name}：没有通过，却被当作有效的一版"
