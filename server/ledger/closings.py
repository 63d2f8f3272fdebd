"""Quarters that the office has closed: nothing in them changes until it opens them again.

Public names: ``closed``, ``is_closed``, ``history``, ``refuse_closed``, ``close``, ``reopen``.
What changes anything changes the session only and records it: run it within
``server.revisions.writing``.
"""

from collections.abc import Sequence

from sqlalchemy import select

from config.programmes import Period
from server import audit
from server.db import AnySession, now
from server.ledger.people import LedgerPerson, refuse_unless
from server.ledger.plain_text import plain
from server.models import PeriodClosing
from server.permissions import Action
from server.revisions import Refused


def closed(session: AnySession) -> frozenset[str]:
    """Codes of the quarters that are closed now."""
    rows = select(PeriodClosing.period).where(PeriodClosing.reopened_at.is_(None))
    return frozenset(session.scalars(rows))


def is_closed(session: AnySession, period: str) -> bool:
    """Whether a quarter is closed now."""
    return bool(_standing(session, period))


def history(session: AnySession, periods: Sequence[str]) -> list[PeriodClosing]:
    """Every closing of some quarters, the newest first, with who opened which again and why."""
    row = PeriodClosing
    query = select(row).where(row.period.in_(periods)).order_by(row.id.desc())
    return list(session.scalars(query))


def refuse_closed(session: AnySession, period: Period) -> None:
    """Let nothing change in a closed quarter.

    Raises:
        Refused: it is closed.
    """
    if is_closed(session, period.code):
        raise Refused(f"{period.title}已经封账，不能再改；需要改动时请联系办公室重新开账")


def close(session: AnySession, by: LedgerPerson, period: Period) -> None:
    """Close a quarter; one that is closed stays so.

    Raises:
        Refused: the person may not.
    """
    refuse_unless(by, Action.RUN_LEDGER)
    if is_closed(session, period.code):
        return
    row = PeriodClosing(period=period.code, closed_by=by.account_id)
    session.add(row)
    session.flush()
    audit.record(session, by, "period.closed", "period", row.id, {"period": period.code})


def reopen(session: AnySession, by: LedgerPerson, period: Period, reason: str) -> None:
    """Open a closed quarter again.

    Raises:
        Refused: the person may not, it is not closed, or no reason is given.
    """
    refuse_unless(by, Action.RUN_LEDGER)
    rows = _standing(session, period.code)
    if not rows:
        raise Refused(f"{period.title}没有封账")
    reason = plain(reason).strip()
    if len(reason) < 2:
        raise Refused("请写明重新开账的原因")
    if len(reason) > 500:
        raise Refused("原因最多 500 字")
    # Two may have closed it at one moment.
    for row in rows:
        row.reopened_at, row.reopened_by, row.reason = now(), by.account_id, reason
    told = {"period": period.code, "reason": reason}
    audit.record(session, by, "period.reopened", "period", rows[0].id, told)


def _standing(session: AnySession, period: str) -> Sequence[PeriodClosing]:
    query = select(PeriodClosing).where(
        PeriodClosing.period == period, PeriodClosing.reopened_at.is_(None)
    )
    return session.scalars(query).all()
