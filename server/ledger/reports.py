"""The life of a report: draft, handed in, returned or accepted, corrected. For every door.

Public names: ``find``, ``draft_of``, ``save``, ``submit``, ``withdraw``, ``accept``,
``send_back``, ``correct``, ``drop_correction``, ``version``, ``statement``, ``before``,
``owed``, ``Overtaken``, ``BadReturn``, ``RETURNABLE``.

``at`` is the moment it happens, aware; the day that counts is Zibo's. Every function that changes
anything changes the session only and records what it did in the audit trail; run it within
``server.revisions.writing``. Versions are never altered: one is added.
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import case, select
from sqlalchemy.exc import IntegrityError

from config.programmes import Period, Programme
from geo.city import City
from server import audit
from server.ledger import closings, items
from server.ledger.cells import ReportKey, cells
from server.ledger.checks import Mistake, Unready, compose
from server.ledger.content import TEXTS, Draft, Statement, digest
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.ledger.plain_text import plain
from server.ledger.states import on_the_wall
from server.models import Report, ReportVersion, SealedScan
from server.permissions import Action
from server.revisions import AnySession, Refused

RETURNABLE = frozenset({"general", "seal", *TEXTS})
"""What a return can name beside the cells: the whole, the stamped scan, a text."""


class Overtaken(Refused):
    """Somebody else has changed the report meanwhile; ``report`` is what stands now, if any."""

    def __init__(self, report: Report | None) -> None:
        super().__init__("这份报表刚刚被别人改过，您的改动没有保存")
        self.report = report


class BadReturn(Refused):
    """What a return says won't do; ``field`` is ``reasons`` or ``resubmit_by``."""

    def __init__(self, message: str, field: str = "reasons") -> None:
        super().__init__(message)
        self.field = field


def owed(programme: Programme, key: ReportKey) -> Period:
    """The quarter of a report that the programme asks for.

    Raises:
        Unseen: it asks for none such.
    """
    if (key.unit, key.action) not in programme.owed:
        raise Unseen(f"{key.unit}没有第 {key.action} 项行动的填报任务")
    try:
        return programme.period(key.period)
    except LookupError:
        raise Unseen(f"没有 {key.period} 这个季度") from None


def find(session: AnySession, key: ReportKey, *, lock: bool = False) -> Report | None:
    """A report as it stands now; none before anything was saved of it."""
    query = select(Report).where(
        Report.unit == key.unit, Report.action == key.action, Report.period == key.period
    )
    if lock:
        query = query.with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).first()


def draft_of(report: Report | None) -> Draft:
    """What is typed in a report; empty before anything is."""
    return Draft.model_validate(report.draft if report is not None else {})


def version(session: AnySession, report: Report, number: int | None = None) -> ReportVersion | None:
    """A version of a report by its number; the newest if none is said."""
    wanted = report.newest_number if number is None else number
    query = select(ReportVersion).where(
        ReportVersion.report_id == report.id, ReportVersion.number == wanted
    )
    return session.scalars(query.execution_options(populate_existing=True)).first()


def statement(of: ReportVersion) -> Statement:
    """What a version says."""
    return Statement.model_validate(of.content)


def before(session: AnySession, programme: Programme, key: ReportKey) -> Statement | None:
    """What the unit handed in last for a quarter before; what was accepted comes first."""
    found = _before(session, programme, key)
    return statement(found) if found is not None else None


def save(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    draft: Draft,
    based_on: int,
    at: datetime,
) -> Report:
    """Keep what is typed; ``based_on`` is the ``edit`` that it goes on from, 0 for the first.

    Raises:
        Unseen: it is another unit's, or not owed.
        Overtaken: somebody else has changed it meanwhile.
        Refused: it is handed in or accepted, the quarter has not begun, or is closed.
    """
    period = owed(programme, key)
    refuse_unless(by, Action.REPORT, key.unit)
    report = _open(session, key, period, based_on, on_the_wall(at))
    typed = draft.model_dump(exclude_defaults=True)
    changed = _changed(report.draft, typed)
    if not changed and report.edit:
        return report
    report.draft, report.edit = typed, report.edit + 1
    report.saved_at, report.saved_by = at, by.account_id
    session.flush()
    _tell(session, by, "report.saved", report, {"fields": changed})
    return report


def submit(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    based_on: int,
    city: City,
    at: datetime,
) -> ReportVersion:
    """Hand in what is typed, as a version that is never altered.

    Raises:
        Unready: something in it is missing or wrong.
        Unseen, Overtaken, Refused: as with ``save``; or nothing was saved yet.
    """
    period = owed(programme, key)
    refuse_unless(by, Action.REPORT, key.unit)
    report = _open(session, key, period, based_on, on_the_wall(at))
    action, draft = programme.action(key.action), draft_of(report)
    last = _before(session, programme, key)
    if draft.nothing and last is not None and last.outcome == "returned":
        raise Unready([Mistake("nothing_reason", _still_returned(programme, last))])
    number = report.newest_number + 1
    said = compose(
        key,
        number,
        cells(action, city),
        draft,
        shared=len(action.units) > 1,
        items=items.lists(session, programme.year, key),
        before=statement(last) if last is not None else None,
        correction=report.correction,
    )
    report.filed_at = report.filed_at or at
    late = on_the_wall(report.filed_at) > period.due or (
        report.resubmit_by is not None and on_the_wall(at) > report.resubmit_by
    )
    made = ReportVersion(
        report_id=report.id,
        number=number,
        content=said.as_json(),
        digest=digest(said),
        submitted_at=at,
        submitted_by=by.account_id,
        late=late,
    )
    session.add(made)
    report.newest_number, report.state = number, "submitted"
    report.edit += 1
    _note_what_stands(session, report)
    session.flush()
    told = {"number": number, "digest": made.digest, "late": late, "at": at.isoformat()}
    _tell(session, by, "report.submitted", report, told)
    return made


def withdraw(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ReportKey,
    based_on: int,
    at: datetime,
) -> Report:
    """Take back what was handed in, before it is reviewed.

    Raises:
        Refused: it has been decided on, or was not handed in.
    """
    period = owed(programme, key)
    refuse_unless(by, Action.REPORT, key.unit)
    closings.refuse_closed(session, period)
    report = _standing(session, key, based_on)
    made = _waiting(session, report)
    made.outcome, made.decided_at, made.decided_by = "withdrawn", at, by.account_id
    # Never reviewed, it counts as never handed in.
    if not _was_decided(session, report):
        report.filed_at = None
    # What was returned before it still waits to be mended.
    report.state = "draft" if report.resubmit_by is None else "returned"
    report.edit += 1
    _note_what_stands(session, report)
    session.flush()
    _tell(session, by, "report.withdrawn", report, {"number": made.number})
    return report


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
    period = owed(programme, key)
    refuse_unless(by, Action.REVIEW_REPORTS, key.unit)
    closings.refuse_closed(session, period)
    report = _standing(session, key)
    made = _waiting(session, report, number)
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
    _note_what_stands(session, report)
    session.flush()
    told = {"number": made.number, "digest": made.digest}
    _tell(session, by, "report.accepted", report, told | ({} if sealed else {"unsealed": unsealed}))
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
    period = owed(programme, key)
    refuse_unless(by, Action.REVIEW_REPORTS, key.unit)
    closings.refuse_closed(session, period)
    report = _standing(session, key)
    made = _waiting(session, report, number)
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
    _tell(session, by, "report.returned", report, detail)
    return report


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
    period = owed(programme, key)
    refuse_unless(by, Action.ANSWER_FOR_UNIT, key.unit)
    closings.refuse_closed(session, period)
    report = _standing(session, key, based_on)
    if report.state != "accepted":
        raise Refused("只有已通过的报表才需要更正")
    reason = plain(reason).strip()
    if not 2 <= len(reason) <= 500:
        raise Refused("请写明更正的原因（2 至 500 字）")
    report.state, report.correction, report.edit = "draft", reason, report.edit + 1
    session.flush()
    _tell(session, by, "report.correction_begun", report, {"reason": reason})
    return report


def drop_correction(
    session: AnySession, by: LedgerPerson, programme: Programme, key: ReportKey, based_on: int
) -> Report:
    """Give up a correction that is not handed in: what was accepted stands.

    Raises:
        Refused: none is being written.
    """
    owed(programme, key)
    refuse_unless(by, Action.ANSWER_FOR_UNIT, key.unit)
    report = _standing(session, key, based_on)
    if not report.correction or report.state == "submitted":
        raise Refused("没有正在填写的更正")
    report.state, report.correction, report.resubmit_by = "accepted", "", None
    report.edit += 1
    session.flush()
    _tell(session, by, "report.correction_dropped", report, {})
    return report


def _open(
    session: AnySession, key: ReportKey, period: Period, based_on: int, today: date
) -> Report:
    """The report, to be written in; made if it is not there."""
    if today < period.start:
        raise Refused(f"{period.title}还没有开始")
    closings.refuse_closed(session, period)
    report = find(session, key, lock=True)
    if report is None:
        if based_on:
            raise Overtaken(None)
        report = Report(**key._asdict(), state="draft", edit=0, draft={})
        try:
            with session.begin_nested():
                session.add(report)
        except IntegrityError:
            # Two at once: the other's row is there by now.
            raise Overtaken(find(session, key)) from None
        return report
    if report.edit != based_on:
        raise Overtaken(report)
    if report.state == "submitted":
        raise Refused("报表已经提交；要修改请先撤回")
    if report.state == "accepted":
        raise Refused("报表已经通过，不能修改；确有错误请由单位负责人发起更正")
    return report


def _standing(session: AnySession, key: ReportKey, based_on: int | None = None) -> Report:
    report = find(session, key, lock=True)
    if report is None:
        raise Refused("这份报表还没有填报")
    if based_on is not None and report.edit != based_on:
        raise Overtaken(report)
    return report


def _waiting(session: AnySession, report: Report, number: int | None = None) -> ReportVersion:
    made = version(session, report)
    if made is None or made.outcome != "waiting" or number not in (None, made.number):
        raise Refused("这一版已经撤回、审核过或有了新的版本，请看最新的情况")
    return made


def _before(session: AnySession, programme: Programme, key: ReportKey) -> ReportVersion | None:
    earlier = [one.code for one in programme.periods if one.code < key.period]
    query = (
        select(ReportVersion)
        .join(Report, Report.id == ReportVersion.report_id)
        .where(
            Report.unit == key.unit,
            Report.action == key.action,
            Report.period.in_(earlier),
            ReportVersion.outcome != "withdrawn",
        )
        .order_by(Report.period.desc(), *_NEWEST_IN_FORCE)
        .limit(1)
    )
    return session.scalars(query.execution_options(populate_existing=True)).first()


def _still_returned(programme: Programme, last: ReportVersion) -> str:
    period = programme.period(statement(last).period).title
    return f"{period}的报表退回后还没有重报，不能沿用其中的数字；请先重报，或逐项填写本季度的累计数"


def _note_what_stands(session: AnySession, report: Report) -> None:
    """Whether the version that counts, or else was handed in last, says that nothing was reached.

    What was withdrawn says nothing.
    """
    session.flush()
    query = (
        select(ReportVersion)
        .where(ReportVersion.report_id == report.id, ReportVersion.outcome != "withdrawn")
        .order_by(*_NEWEST_IN_FORCE)
        .limit(1)
    )
    stands = session.scalars(query).first()
    report.without_progress = stands is not None and statement(stands).kind == "without_progress"


_NEWEST_IN_FORCE = (
    case((ReportVersion.outcome == "accepted", 0), else_=1),
    ReportVersion.number.desc(),
)
"""The order in which the version that counts comes first, or else the newest."""


def _was_decided(session: AnySession, report: Report) -> bool:
    decided = select(ReportVersion.id).where(
        ReportVersion.report_id == report.id,
        ReportVersion.outcome.in_(("returned", "accepted")),
    )
    return session.scalar(decided.limit(1)) is not None


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """The fields that differ: names of texts, keys of cells."""
    texts = {
        name for name in (old.keys() | new.keys()) - {"cells"} if old.get(name) != new.get(name)
    }
    then, now_ = _cells(old), _cells(new)
    return sorted(texts | {k for k in then.keys() | now_.keys() if then.get(k) != now_.get(k)})


def _cells(draft: Mapping[str, object]) -> Mapping[str, object]:
    found = draft.get("cells")
    return found if isinstance(found, dict) else {}


def _tell(
    session: AnySession,
    by: LedgerPerson,
    action: str,
    report: Report,
    detail: Mapping[str, object],
) -> None:
    key = {"unit": report.unit, "action": report.action, "period": report.period}
    audit.record(session, by, action, "report", report.id, key | dict(detail))
