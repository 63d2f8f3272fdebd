"""Who belongs to the staff, with which role, and where.

Public names: ``Bounds``, ``ANYWHERE``, ``bounds_of``, ``change``, ``disable``, ``enable``,
``sign_out``, ``reset_second_step``, ``may_still``. What changes anything changes the session only
and records it: run it within ``server.revisions.writing``. Nobody takes their own rights away, and
an administrator remains.
"""

from typing import Any, NamedTuple

from sqlalchemy import select

from server import audit, links, second_step, sessions
from server.db import AnySession, now
from server.models import StaffAccount
from server.models.accounts import ROLES
from server.permissions import UNIT_ROLES, Action, may
from server.revisions import Member, Refused

BOUNDED = frozenset({"editor", "reviewer", "dispatcher"})
"""Roles that can be bounded to districts or listings; the others work on everything."""


class Bounds(NamedTuple):
    """Where somebody may work: in these districts and on these listings. Both None: anywhere."""

    districts: list[str] | None
    listings: list[int] | None
    unit: str | None = None
    """Whose part of the ledger they keep."""


ANYWHERE = Bounds(None, None)


def bounds_of(role: str, bounds: Bounds) -> Bounds:
    """The bounds that a role keeps of those given.

    Raises:
        Refused: bounds that name nothing would keep the person from everything; a role that is
            nothing without a unit has none.
    """
    if role in UNIT_ROLES:
        if not bounds.unit:
            raise Refused("这个角色替单位填报，请选择所在单位")
        return ANYWHERE._replace(unit=bounds.unit)
    bounds = bounds._replace(unit=None)
    if role not in BOUNDED or bounds == ANYWHERE:
        return ANYWHERE
    if not bounds.districts and not bounds.listings:
        raise Refused("请至少选一个区县或填一个条目，或者选“全市”")
    return Bounds(bounds.districts or None, bounds.listings or None)


def change(
    session: AnySession, by: Member, account_id: int, name: str, role: str, bounds: Bounds
) -> StaffAccount:
    """Give somebody a name, a role and bounds; nothing is recorded if all are the same.

    Raises:
        Refused: it would take the administrator's role from oneself or from the last who has it.
    """
    administrators = _administrators(session)
    account = _account(session, account_id)
    if role not in ROLES:
        raise Refused(f"没有这个角色：{role}")
    if role != account.role == "administrator":
        if account.id == by.account_id:
            raise Refused("不能取消自己的管理员角色，请由另一位管理员来做")
        _another_remains(administrators, account)
    said = {"name": name, "role": role, **bounds_of(role, bounds)._asdict()}
    changed = {
        field: {"from": getattr(account, field), "to": value}
        for field, value in said.items()
        if getattr(account, field) != value
    }
    if changed:
        for field, value in said.items():
            setattr(account, field, value)
        _tell(session, by, "account.changed", account, changed)
    return account


def disable(session: AnySession, by: Member, account_id: int) -> None:
    """Keep somebody out, at once and in every browser, with every link; their history stays.

    Raises:
        Refused: it is oneself, or the last administrator.
    """
    administrators = _administrators(session)
    account = _account(session, account_id)
    if account.id == by.account_id:
        raise Refused("不能停用自己的账号")
    if account.disabled_at is not None:
        return
    _another_remains(administrators, account)
    account.disabled_at = now()
    links.void(session, account.id)
    sessions.revoke_all(session, account.id)
    _tell(session, by, "account.disabled", account)


def enable(session: AnySession, by: Member, account_id: int) -> None:
    """Let somebody in again, with the password they had."""
    account = _account(session, account_id)
    if account.disabled_at is not None:
        account.disabled_at = None
        _tell(session, by, "account.enabled", account)


def sign_out(session: AnySession, by: Member, account_id: int) -> int:
    """Sign somebody out in every browser; how many there were."""
    account = _account(session, account_id)
    ended = sessions.revoke_all(session, account.id)
    if ended:
        _tell(session, by, "account.signed_out", account, {"sessions_ended": ended})
    return ended


def reset_second_step(session: AnySession, by: Member | str, account_id: int) -> None:
    """Ask somebody for no code until they have set it up anew: their phone is lost.

    Raises:
        Refused: it is oneself, who would be spared the password by it.
    """
    account = _account(session, account_id)
    if not isinstance(by, str) and account.id == by.account_id:
        raise Refused("自己的两步验证请在“我的账号”里更换")
    if second_step.is_set_up(account):
        second_step.remove(account)
        sessions.revoke_all(session, account.id)
        _tell(session, by, "second_step.reset", account)


def may_still(session: AnySession, account_id: int | None, action: Action) -> bool:
    """Whether who asked for something may do it now that its turn has come."""
    account = session.get(StaffAccount, account_id) if account_id else None
    return account is not None and account.disabled_at is None and may(account, action)


def _account(session: AnySession, account_id: int) -> StaffAccount:
    account = session.get(StaffAccount, account_id)
    if account is None:
        raise Refused("没有这个账号")
    return account


def _administrators(session: AnySession) -> set[int]:
    """Who can administer now. Two who shut each other out at one moment wait for each other here,
    and the second finds what the first has done.

    The rows' keys stay free: whoever holds the audit's turn writes an event that names one of
    these accounts, and would wait for us while we wait for the turn.
    """
    return set(
        session.scalars(
            select(StaffAccount.id)
            .where(
                StaffAccount.role == "administrator",
                StaffAccount.disabled_at.is_(None),
                StaffAccount.password_hash != "",
            )
            .order_by(StaffAccount.id)
            .with_for_update(key_share=True)
        )
    )


def _another_remains(administrators: set[int], account: StaffAccount) -> None:
    if account.role == "administrator" and administrators <= {account.id}:
        raise Refused("这是最后一位管理员，不能停用或改为别的角色")


def _tell(
    session: AnySession,
    by: Member | str,
    action: str,
    account: StaffAccount,
    detail: dict[str, Any] | None = None,
) -> None:
    told = {"login": account.login, **(detail or {})}
    audit.record(session, by, action, "account", account.id, told)
