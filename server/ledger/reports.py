"""The life of a report up to its review: typed, handed in, taken back. For every door.

Public names: ``find``, ``draft_of``, ``save``, ``submit``, ``withdraw``, ``version``,
``statement``, ``before``, ``owed``, ``Overtaken``; for ``server.ledger.deciding`` and
``server.ledger.correcting``, which go on from here: ``standing``, ``waiting``,
``note_what_stands``, ``tell``.

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
from server.db import AnySession
from server.ledger import closings, items
from server.ledger.cells import ReportKey, cells
from server.ledger.checks import Mistake, Unready, compose
from server.ledger.content import Draft, Statement, changed, digest
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.ledger.states import on_the_wall
from server.models import Report, ReportVersion
from server.permissions import Action
from server.revisions import Refused


class Overtaken(Refused):
    """Somebody else has changed the report meanwhile; ``report`` is what stands now, if any."""

    def __init__(self, report: Report | None) -> None:
        super().__init__("这份报表刚刚被别人改过，您的改动没有保存")
        self.report = report


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
    return statement(found) if found else None


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
    fields = changed(report.draft, typed)
    if not fields and report.edit:
        return report
    report.draft, report.edit = typed, report.edit + 1
    report.saved_at, report.saved_by = at, by.account_id
    session.flush()
    tell(session, by, "report.saved", report, {"fields": fields})
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
    note_what_stands(session, report)
    session.flush()
    told = {"number": number, "digest": made.digest, "late": late, "at": at.isoformat()}
    tell(session, by, "report.submitted", report, told)
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
    report = standing(session, key, based_on)
    made = waiting(session, report)
    made.outcome, made.decided_at, made.decided_by = "withdrawn", at, by.account_id
    # What was returned before it still waits to be mended.
    report.state = "draft" if report.resubmit_by is None else "returned"
    report.edit += 1
    note_what_stands(session, report)
    session.flush()
    tell(session, by, "report.withdrawn", report, {"number": made.number})
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


def standing(session: AnySession, key: ReportKey, based_on: int | None = None) -> Report:
    report = find(session, key, lock=True)
    if report is None:
        raise Refused("这份报表还没有填报")
    if based_on is not None and report.edit != based_on:
        raise Overtaken(report)
    return report


def waiting(session: AnySession, report: Report, number: int | None = None) -> ReportVersion:
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


def note_what_stands(session: AnySession, report: Report) -> None:
    """Note of the version that counts, or else was handed in last, whether nothing was reached.

    What was withdrawn says nothing: where there is nothing else, it was never handed in.
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
    if stands is None:
        report.filed_at = None


_NEWEST_IN_FORCE = (
    case((ReportVersion.outcome == "accepted", 0), else_=1),
    ReportVersion.number.desc(),
)
"""The order in which the version that counts comes first, or else the newest."""


def tell(
    session: AnySession,
    by: LedgerPerson,
    action: str,
    report: Report,
    detail: Mapping[str, object],
) -> None:
    key = {"unit": report.unit, "action": report.action, "period": report.period}
    audit.record(session, by, action, "report", report.id, key | dict(detail))
