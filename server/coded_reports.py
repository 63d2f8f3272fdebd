"""What the public says with one tap: received, looked into, and answered for whoever asks again.

Public names: ``WORDS``, ``FITTING``, ``meant``, ``receive``, ``spoken``, ``look_up``, ``waiting``,
``count``, ``take_up``, ``decide``, ``Waiting``, ``NotThere``, ``Gone``. What changes anything
changes the session only, and what staff do is recorded: run it within
``server.revisions.writing``. Of whoever reports nothing is known.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from geo.atlas import Atlas
from server import audit
from server.db import AnySession, now
from server.feedback.text import Unreadable, cleaned
from server.listed import Listed, listed
from server.models import CodedReport, Listing, Revision
from server.permissions import Action, may, within_bounds
from server.revisions import Member, Refused, newest

WORDS: Mapping[str, str] = {
    "did_not_come": "没来",
    "left_early": "早走",
    "late": "晚点",
    "wrong_position": "位置错",
    "wrong_phone": "电话错",
    "closed": "已关闭",
}
"""What can be wrong, as people read it."""

FITTING: Mapping[str, tuple[str, ...]] = {
    "site": ("wrong_position", "wrong_phone", "closed"),
    "hotline": ("wrong_phone", "closed"),
    "bus_route": ("did_not_come", "left_early", "late", "wrong_position", "wrong_phone", "closed"),
}
"""By a listing's type what can be wrong with it."""

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of a receipt: none that is taken for another (0 and O, 1, I and L)."""
LONG = 10
"""Letters of a receipt: 49 bits; with the limit on how often one may ask, none is guessed."""

_DECIDED_BY: Mapping[str, Action] = {
    "site": Action.EDIT,
    "hotline": Action.EDIT,
    "bus_route": Action.NOTIFY,
}
"""By a listing's type who looks into what is said of it: of lines the dispatchers, too."""


class Waiting(NamedTuple):
    """What is said of one listing in one way, and not answered yet."""

    listing_id: int
    type: str
    name: str
    what: str
    number: int
    since: datetime
    """When it was said first."""
    checking: int
    """How many of these are in hand."""


class NotThere(Refused):
    """The public never saw such a listing."""

    def __init__(self) -> None:
        super().__init__("没有这个条目")


class Gone(Refused):
    """It was public once; the message says what became of it."""


def meant(atlas: Atlas, listing_id: int) -> Listed:
    """The listing that somebody reports on, as the public sees it now.

    Raises:
        NotThere: there is none.
        Gone: it was retired, or is another now.
    """
    one = listed(atlas, listing_id)
    if one is None:
        raise NotThere
    if one.merged_into is not None:
        raise Gone(f"“{one.name}”已并入编号 {one.merged_into} 的条目，请报到那里")
    if one.state == "retired":
        raise Gone(f"“{one.name}”已撤下，不用再报了")
    return one


def receive(session: AnySession, listing_id: int, type_: str, what: str) -> CodedReport:
    """Take a report on a listing that the public sees; its receipt is made here.

    Raises:
        Refused: this can't be wrong with a listing of its type.
    """
    if what not in FITTING.get(type_, ()):
        raise Refused("这一类条目没有这种问题可报")
    report = CodedReport(
        receipt="".join(secrets.choice(LETTERS) for _ in range(LONG)),
        listing_id=listing_id,
        what=what,
    )
    session.add(report)
    session.flush()
    return report


def spoken(report: CodedReport) -> str:
    """The receipt as it is shown: in two parts, easier to copy."""
    return f"{report.receipt[:5]}-{report.receipt[5:]}"


def look_up(session: AnySession, receipt: str) -> CodedReport | None:
    """The report of a receipt, however it was typed; None if there is none."""
    plain = receipt.upper().replace("-", "").replace(" ", "")
    if len(plain) != LONG or not set(plain) <= set(LETTERS):
        return None
    return session.scalars(select(CodedReport).where(CodedReport.receipt == plain)).first()


def may_decide(person: Member, type_: str, document: Mapping[str, Any], listing_id: int) -> bool:
    """Whether what is said of a listing is the person's to look into."""
    action = _DECIDED_BY.get(type_)
    return (
        action is not None and may(person, action) and within_bounds(person, document, listing_id)
    )


def waiting(session: AnySession, by: Member) -> Sequence[Waiting]:
    """What waits for a person, the oldest first: reports of one listing and one kind together."""
    said_last = select(func.max(Revision.id)).group_by(Revision.listing_id)
    grouped = (
        select(
            CodedReport.listing_id,
            CodedReport.what,
            func.count(CodedReport.id).label("number"),
            func.min(CodedReport.made_at).label("since"),
            func.count(CodedReport.id).filter(CodedReport.state == "checking").label("checking"),
        )
        .where(CodedReport.decided_at.is_(None))
        .group_by(CodedReport.listing_id, CodedReport.what)
        .subquery()
    )
    query = (
        select(grouped, Listing.type, Revision.document)
        .join(Listing, Listing.id == grouped.c.listing_id)
        .join(Revision, Revision.listing_id == Listing.id)
        .where(Revision.id.in_(said_last))
        .order_by(grouped.c.since)
    )
    return [
        Waiting(
            row.listing_id,
            row.type,
            str(row.document.get("name", "")),
            row.what,
            row.number,
            row.since,
            row.checking,
        )
        for row in session.execute(query)
        if may_decide(by, row.type, row.document, row.listing_id)
    ]


def count(session: AnySession, by: Member) -> int:
    """How many answers are waited for."""
    return len(waiting(session, by))


def take_up(session: AnySession, by: Member, listing_id: int, what: str) -> int:
    """Say that one looks into it; how many reports that are.

    Raises:
        Refused: it is not the person's to look into, or nothing waits any more.
    """
    reports = _undecided(session, by, listing_id, what)
    for report in reports:
        report.state, report.checked_by = "checking", by.account_id
    _tell(session, by, "coded_report.taken_up", listing_id, what, reports)
    return len(reports)


def decide(
    session: AnySession, by: Member, listing_id: int, what: str, *, changed: bool, reason: str
) -> int:
    """Answer all that is said of a listing in one way; ``reason`` is for whoever asks.

    Raises:
        Refused: it is not the person's, nothing waits, nothing is changed without a reason, or the
            reason holds what can't be seen.
    """
    try:
        reason = cleaned(reason) if reason.strip() else ""
    except Unreadable as error:
        raise Refused(str(error)) from None
    if not changed and len(reason) < 2:
        raise Refused("不改的，请写明原因：报告的人会看到")
    if len(reason) > 200:
        raise Refused("答复最多 200 字")
    reports = _undecided(session, by, listing_id, what)
    for report in reports:
        report.state = "changed" if changed else "declined"
        report.reason, report.decided_by, report.decided_at = reason, by.account_id, now()
    _tell(session, by, "coded_report.decided", listing_id, what, reports, reason=reason)
    return len(reports)


def _undecided(
    session: AnySession, by: Member, listing_id: int, what: str
) -> Sequence[CodedReport]:
    listing, said = session.get(Listing, listing_id), newest(session, listing_id)
    if listing is None or said is None:
        raise Refused("没有这个条目")
    if not may_decide(by, listing.type, said.document, listing_id):
        raise Refused("这不在您负责的范围内")
    if what not in FITTING.get(listing.type, ()):
        raise Refused("这一类条目没有这种问题")
    query = select(CodedReport).where(
        CodedReport.listing_id == listing_id,
        CodedReport.what == what,
        CodedReport.decided_at.is_(None),
    )
    reports = session.scalars(query.with_for_update()).all()
    if not reports:
        raise Refused("这些报告已经有人处理过了")
    return reports


def _tell(
    session: AnySession,
    by: Member,
    action: str,
    listing_id: int,
    what: str,
    reports: Sequence[CodedReport],
    **more: str,
) -> None:
    session.flush()
    told = {"what": what, "reports": len(reports), **more}
    if reports and action.endswith("decided"):
        told["state"] = reports[0].state
    audit.record(session, by, action, "listing", listing_id, told)
