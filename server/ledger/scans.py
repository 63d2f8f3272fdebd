"""Stamped scans: to which version of which report each belongs, and who says so.

Public names: ``take_scan``, ``keep``, ``match_by_hand``, ``of_report``, ``Unmatched``,
``Busy``.

A scan counts for a version if the code of that version was read on it and no page says otherwise
(``code``), or if the office has looked (``hand``). One on which no code could be read is kept and
waits for the office (``unread``). Scans are never replaced: another one is added.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from config.programmes import Programme
from server import audit, files
from server.db import AnySession
from server.ledger import closings, paper, reports, scan_reading, seal_code
from server.ledger.cells import ReportKey
from server.ledger.people import LedgerPerson, refuse_unseen
from server.ledger.plain_text import plain
from server.ledger.scan_reading import NotAScan, ReadScan, Upload
from server.ledger.seal_code import SealCode
from server.models import Report, ReportVersion, SealedScan
from server.outside import TooManyOutside
from server.permissions import Action, may, of_their_own
from server.revisions import Refused, writing
from server.starting import file_error

MOST_SCANS = 20
"""Of one version."""
PRINT_AGAIN = "请打印现在这一版，重新盖章扫描"


class Unmatched(Refused):
    """Its code says that it is of something else."""


class Busy(Refused):
    """As many scans as can be read at once are being read."""


def take_scan(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    uploads: Sequence[Upload],
    at: datetime,
    hand_note: str = "",
) -> SealedScan:
    """Read a stamped scan and keep it with the version that it is of, in its own transaction.

    Takes seconds, so it must not run within ``writing``. Where no code can be read it waits for
    the office; the office itself may say in ``hand_note`` how it knows.

    Raises:
        Unseen: the report is not theirs, or not owed.
        Unmatched: it is of another version, report or quarter.
        Busy: too many are being read already.
        Refused: no scan; nothing was handed in; the quarter is closed; it can't be kept.
    """
    _refuse_unless_theirs(by, key.unit)
    _stamped(session, programme, key)
    session.rollback()
    try:
        with scan_reading.read(uploads) as scan, writing(session):
            return keep(session, by, programme, key, scan, at, hand_note)
    except NotAScan as error:
        raise Refused(str(error)) from error
    except TooManyOutside as error:
        raise Busy("正在识别的扫描件太多，请过几秒再传一次") from error
    except OSError as error:
        reason = file_error(OSError(error.errno, error.strerror or ""))
        raise files.CannotKeep(f"扫描件没有存下：{reason}") from error


def keep(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    scan: ReadScan,
    at: datetime,
    hand_note: str = "",
) -> SealedScan:
    """Keep a scan that was read with the version that it is of; run within ``writing``.

    Handed in again it is the one that is there.

    Raises:
        Unseen, Unmatched, Refused: see ``take_scan``.
    """
    _refuse_unless_theirs(by, key.unit)
    report, versions = _stamped(session, programme, key, lock=True)
    codes = _ours(scan)
    version = _version(by, programme, key, versions, codes) if codes else versions[0]
    matched_by, note = _matched(by, scan, codes, plain(hand_note).strip())
    row = files.store(session, scan.body, scan.media_type, scan.name, by.account_id)
    session.flush()
    of_it = list(session.scalars(select(SealedScan).where(SealedScan.version_id == version.id)))
    for known in of_it:
        if known.file_id == row.id and (known.matched_by == matched_by or known.counts):
            return known
    if len(of_it) >= MOST_SCANS:
        raise Refused(f"这一版已经有 {MOST_SCANS} 份扫描件，不能再传")
    made = SealedScan(
        report_id=report.id,
        version_id=version.id,
        file_id=row.id,
        pages=len(scan.codes),
        matched_by=matched_by,
        note=note,
        uploaded_at=at,
        uploaded_by=by.account_id,
    )
    session.add(made)
    session.flush()
    told = {"number": version.number, "sha256": row.sha256, "matched_by": matched_by}
    _tell(session, by, "scan.taken", report, made, told)
    return made


def match_by_hand(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    scan_id: int,
    note: str,
) -> SealedScan:
    """Say that a scan on which no code was read is of its version; run within ``writing``.

    Raises:
        Refused: it does not wait for that, the person may not, or no word how it was seen.
    """
    scan = session.get(SealedScan, scan_id, with_for_update=True)
    report = session.get(Report, scan.report_id) if scan else None
    if scan is None or report is None:
        raise Refused("没有这份扫描件")
    refuse_unseen(by, report.unit)
    if not may(by, Action.REVIEW_REPORTS):
        raise Refused("只有办公室能人工核对扫描件")
    closings.refuse_closed(session, programme.period(report.period))
    if scan.counts:
        raise Refused("这份扫描件已经核对过了")
    scan.matched_by, scan.note = "hand", _noted(note)
    version = session.get_one(ReportVersion, scan.version_id)
    told = {"number": version.number, "note": scan.note}
    _tell(session, by, "scan.matched_by_hand", report, scan, told)
    return scan


def of_report(session: AnySession, report: Report) -> list[SealedScan]:
    """All scans of a report, the newest first."""
    query = select(SealedScan).where(SealedScan.report_id == report.id)
    return list(session.scalars(query.order_by(SealedScan.id.desc())))


def _refuse_unless_theirs(by: LedgerPerson, unit: str) -> None:
    refuse_unseen(by, unit)
    if not (may(by, Action.REPORT) or may(by, Action.REVIEW_REPORTS)):
        raise Refused("您的角色不能上传盖章扫描件")


def _stamped(
    session: AnySession, programme: Programme, key: ReportKey, *, lock: bool = False
) -> tuple[Report, list[ReportVersion]]:
    """The report, and the versions of it that a scan can be of: what waits, what is in force."""
    closings.refuse_closed(session, reports.owed(programme, key))
    report = reports.find(session, key, lock=lock)
    found = []
    if report is not None:
        numbers = dict.fromkeys((report.newest_number, report.accepted_number))
        versions = [reports.version(session, report, number) for number in numbers if number]
        found = [one for one in versions if one and one.outcome in ("waiting", "accepted")]
    if report is None or not found:
        raise Refused("还没有提交的报表：请先提交，再打印、盖章、扫描上传")
    return report, found


def _ours(scan: ReadScan) -> list[tuple[int, SealCode]]:
    """By page, counted from 1, the codes that are reports'."""
    return [
        (page, code)
        for page, texts in enumerate(scan.codes, 1)
        for code in map(seal_code.read, texts)
        if code is not None
    ]


def _matched(
    by: LedgerPerson, scan: ReadScan, codes: list[tuple[int, SealCode]], hand_note: str
) -> tuple[str, str]:
    """By what a scan is matched, and the note on it."""
    if codes:
        pages = [page for page in range(1, len(scan.codes) + 1) if page not in dict(codes)]
        told = f"第 {'、'.join(map(str, pages))} 页没有读出二维码" if pages else ""
        return "code", told[:500]
    if hand_note and may(by, Action.REVIEW_REPORTS):
        return "hand", _noted(hand_note)
    return "unread", hand_note[:500]


def _version(
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    versions: list[ReportVersion],
    codes: list[tuple[int, SealCode]],
) -> ReportVersion:
    """The version that all pages are of.

    Raises:
        Unmatched: they are of another, or of several.
    """
    found = {code: page for page, code in reversed(codes)}
    if len(found) > 1:
        told = "；".join(
            f"第 {page} 页是{_whose(by, programme, code)}"
            for code, page in sorted(found.items(), key=lambda one: one[1])
        )
        raise Unmatched(f"扫描件里混有不同的报表：{told}。请分开上传")
    ((code, _),) = found.items()
    if code.report_number != paper.report_number(programme, key, code.number):
        raise Unmatched(f"这份扫描件是{_whose(by, programme, code)}，不是这一份报表的")
    for version in versions:
        if version.number == code.number:
            if version.digest.startswith(code.digest):
                return version
            raise Unmatched(
                f"扫描件上的校验码与第 {code.number} 版的内容不一致，"
                f"可能不是由本系统打印的。{PRINT_AGAIN}"
            )
    raise Unmatched(
        f"这份扫描件是第 {code.number} 版（编号 {code.report_number}）的，"
        f"现在要盖章的是第 {versions[0].number} 版。{PRINT_AGAIN}"
    )


def _whose(by: LedgerPerson, programme: Programme, code: SealCode) -> str:
    """Which report a code is of, as far as the person may know."""
    number = f"编号 {code.report_number}"
    try:
        period = programme.period(code.period)
        action = programme.action(code.action)
        unit = action.units[code.place - 1]
    except LookupError:
        return (
            f" {code.period[:4]} 年第{'一二三四'[int(code.period[-1]) - 1]}季度的报表（{number}）"
        )
    if not of_their_own(by, unit):
        return f"其他单位的报表（{number}）"
    return f"{unit} {period.title}第 {action.number} 项行动的第 {code.number} 版（{number}）"


def _noted(note: str) -> str:
    note = plain(note).strip()
    if not 2 <= len(note) <= 500:
        raise Refused("请写明是怎样核对的（2 至 500 字）")
    return note


def _tell(
    session: AnySession,
    by: LedgerPerson,
    action: str,
    report: Report,
    scan: SealedScan,
    detail: Mapping[str, object],
) -> None:
    key = {"unit": report.unit, "action": report.action, "period": report.period, "scan": scan.id}
    audit.record(session, by, action, "report", report.id, key | dict(detail))
