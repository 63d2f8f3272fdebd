"""The staff as a list: who, with which role, whether they can come in, when they last did."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from server.db import AnySession
from server.invitations import open_for
from server.models import Invitation, StaffAccount, StaffSession


class Line(NamedTuple):
    """One person of the list."""

    account: StaffAccount
    last_seen_at: datetime | None
    invitation: Invitation | None
    """The link that is good; of a new account, or for a lost password."""

    @property
    def standing(self) -> str:
        """``active``, ``disabled``, ``invited``, or ``lapsed``: invited, with no good link."""
        if self.account.disabled_at is not None:
            return "disabled"
        if self.account.password_hash:
            return "active"
        return "invited" if self.invitation else "lapsed"


def everybody(session: AnySession) -> list[Line]:
    """All accounts, in order of login; the disabled ones last."""
    return _lines(session, list(session.scalars(select(StaffAccount).order_by(StaffAccount.login))))


def one(session: AnySession, account_id: int) -> Line | None:
    """One account."""
    account = session.get(StaffAccount, account_id)
    return _lines(session, [account])[0] if account else None


def _lines(session: AnySession, accounts: list[StaffAccount]) -> list[Line]:
    ids = [account.id for account in accounts]
    rows = session.execute(
        select(StaffSession.account_id, func.max(StaffSession.last_seen_at))
        .where(StaffSession.account_id.in_(ids))
        .group_by(StaffSession.account_id)
    )
    seen = {row[0]: row[1] for row in rows}
    links = open_for(session, ids)
    lines = [Line(account, seen.get(account.id), links.get(account.id)) for account in accounts]
    return sorted(lines, key=lambda line: line.account.disabled_at is not None)
