"""Tokens with which a unit's own system, or the office's, speaks to the ledger.

Public names: ``Machine``, ``SCOPES``, ``add``, ``revoke``, ``tokens``, ``bearer``, ``scopes_for``,
``may_hold``. A token is random; what is kept of it is its hash. What it may do is what a person
with its role may, within its scopes.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from config.programmes import Programme
from server import audit
from server.db import AnySession, now
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.models import LedgerToken
from server.permissions import Action, may, of_their_own
from server.revisions import Refused

PREFIX = "tongyou_ledger_"

SCOPES: Mapping[str, str] = {
    "read": "查看",
    "write": "填写、提交、上传盖章扫描件",
    "review": "审核、退回",
}

USED_EVERY = timedelta(minutes=10)
"""Between notes that a token is in use: reading must not cost a write each time."""

MOST = 20
"""Valid tokens of one unit."""


@dataclass(frozen=True)
class Machine:
    """A system that speaks by its token, as the ledger's rules see it."""

    token_id: int
    name: str
    unit: str | None
    scopes: frozenset[str]
    account_id: None = None

    @property
    def login(self) -> str:
        """How the audit trail names it."""
        return f"令牌 {self.token_id} {self.name}"[:64]

    @property
    def role(self) -> str:
        """The role with just the rights that its scopes give."""
        if "write" in self.scopes:
            return "reporter"
        return "office_reviewer" if "review" in self.scopes else "leader"


def scopes_for(unit: str | None) -> tuple[str, ...]:
    """The scopes that a token of a unit, or of the office, can have."""
    return ("read", "write") if unit else ("read", "review")


def may_hold(by: LedgerPerson, unit: str | None) -> bool:
    """Whether a person may give a unit, or the office, its tokens and take them back."""
    return may(by, Action.LEDGER_TOKENS) and of_their_own(by, unit or "")


def add(
    session: AnySession,
    by: LedgerPerson,
    programmes: Mapping[int, Programme],
    name: str,
    unit: str | None,
    scopes: Sequence[str],
) -> tuple[LedgerToken, str]:
    """Make a token; returns it and its text, which is shown once and kept nowhere.

    Raises:
        Unseen: it would be another unit's.
        Refused: the name, the unit or the scopes won't do, or there are too many already.
    """
    _refuse_unless_held(by, unit)
    name = name.strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Refused("请填写令牌的用途（1 至 60 个字）")
    if unit is not None and all(unit not in one.units for one in programmes.values()):
        raise Refused(f"方案里没有{unit}这个单位")
    wanted = [scope for scope in scopes_for(unit) if scope in scopes]
    if not wanted or len(wanted) < len(set(scopes)):
        raise Refused("请选择令牌的权限；单位的令牌不能审核，办公室的令牌不能填报")
    valid = select(LedgerToken.id).where(LedgerToken.revoked_at.is_(None), LedgerToken.unit == unit)
    if len(session.scalars(valid).all()) >= MOST:
        raise Refused(f"有效的令牌已有 {MOST} 个，请先吊销不用的")
    text = PREFIX + secrets.token_urlsafe(32)
    row = LedgerToken(
        name=name, unit=unit, scopes=wanted, sha256=_hash(text), created_by=by.account_id
    )
    session.add(row)
    session.flush()
    audit.record(session, by, "ledger_token.made", "ledger_token", row.id, _told(row))
    return row, text


def revoke(session: AnySession, by: LedgerPerson, token_id: int) -> LedgerToken:
    """Take a token back; it is refused from now on.

    Raises:
        Unseen: there is none, or it is another unit's.
        Refused: it was taken back already.
    """
    row = session.get(LedgerToken, token_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Unseen("没有这个令牌")
    _refuse_unless_held(by, row.unit)
    if row.revoked_at is not None:
        raise Refused("这个令牌早已吊销")
    row.revoked_at = now()
    session.flush()
    audit.record(session, by, "ledger_token.revoked", "ledger_token", row.id, _told(row))
    return row


def tokens(session: AnySession, by: LedgerPerson) -> Sequence[LedgerToken]:
    """The tokens that a person may give and take back, valid ones first, then the newest."""
    refuse_unless(by, Action.LEDGER_TOKENS)
    order = (LedgerToken.revoked_at.is_not(None), LedgerToken.id.desc())
    rows = session.scalars(select(LedgerToken).order_by(*order))
    return [row for row in rows if of_their_own(by, row.unit or "")]


def bearer(session: AnySession, text: str) -> Machine | None:
    """Whose token a text is; None: nobody's, or one that was taken back.

    That it is in use is noted now and then, in a transaction of its own.
    """
    query = select(LedgerToken).where(
        LedgerToken.sha256 == _hash(text), LedgerToken.revoked_at.is_(None)
    )
    row = session.scalars(query).first()
    if row is None:
        return None
    machine = Machine(row.id, row.name, row.unit, frozenset(row.scopes))
    if row.last_used_at is None or now() - row.last_used_at > USED_EVERY:
        used = update(LedgerToken).where(LedgerToken.id == row.id).values(last_used_at=now())
        session.rollback()
        session.execute(used)
        session.commit()
    return machine


def _refuse_unless_held(by: LedgerPerson, unit: str | None) -> None:
    if not may_hold(by, unit):
        raise Unseen("您不能发放或吊销其他单位的令牌")


def _hash(text: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(text.encode()).hexdigest()


def _told(row: LedgerToken) -> dict[str, Any]:
    return {"name": row.name, "unit": row.unit or "", "scopes": row.scopes}
