"""Links with which one person sets a password, once: for a new account, or a lost one.

Public names: ``invite``, ``link``, ``revoke``, ``opened``, ``accept``, ``open_for``, ``VALID``.
They change the session only and record it: run them within ``server.revisions.writing``.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from server import accounts, audit, links, passwords, sessions
from server.accounts import CannotCreate, oneself
from server.db import AnySession, now
from server.membership import Bounds, bounds_of
from server.models import Invitation, StaffAccount
from server.revisions import Member, Refused

VALID = timedelta(days=7)
LONGEST_LOGIN, LONGEST_NAME = 64, 60


def invite(
    session: AnySession, by: Member, login: str, name: str, role: str, bounds: Bounds
) -> tuple[StaffAccount, str]:
    """Make an account that nobody can enter yet; it and the token of its link.

    Raises:
        Refused: the login is taken or no login, the name is missing, the bounds name nothing.
    """
    login = checked_login(login)
    try:
        account = accounts.add_account(login, role, checked_name(name))
    except CannotCreate as error:
        raise Refused(str(error)) from error
    kept = bounds_of(role, bounds)
    account.districts, account.listings, account.unit = kept
    told = {"login": login, "name": account.name, "role": role, **kept._asdict()}
    audit.record(session, by, "account.invited", "account", account.id, told)
    return account, _token(session, by, account)


def link(session: AnySession, by: Member, account_id: int) -> str:
    """The token of a new link for an account; links made before are void.

    Raises:
        Refused: there is no such account, or it is disabled.
    """
    account = session.get(StaffAccount, account_id)
    if account is None or account.disabled_at is not None:
        raise Refused("账号已停用，不能生成链接；请先恢复它")
    told = {"login": account.login, "reset": bool(account.password_hash)}
    audit.record(session, by, "account.link_made", "account", account.id, told)
    return _token(session, by, account)


def revoke(session: AnySession, by: Member, account_id: int) -> None:
    """Make the link of an account void; nothing happens if there is none."""
    if links.void(session, account_id):
        audit.record(session, by, "account.link_revoked", "account", account_id)


def opened(session: AnySession, token: str) -> StaffAccount | None:
    """Whose link it is; None if it was used, is void or too old, or the account is disabled."""
    found = _find(session, token)
    account = session.get(StaffAccount, found.account_id) if found else None
    return account if account is not None and account.disabled_at is None else None


def accept(session: AnySession, token: str, name: str, password: str) -> StaffAccount:
    """Set the password, once; whoever is signed in to the account is signed out.

    Raises:
        Refused: the link is no good any more, or the password too weak, or the name missing.
    """
    account = opened(session, token)
    found = _find(session, token)
    if account is None or found is None:
        raise Refused("这个链接已经用过、过期或被撤回")
    if told := passwords.objection(password, account.login):
        raise Refused(told)
    account.name = checked_name(name)
    joined = not account.password_hash
    account.password_hash = passwords.hashed(password)
    found.used_at = now()
    links.void(session, account.id)
    sessions.revoke_all(session, account.id)
    action = "account.joined" if joined else "password.reset"
    audit.record(session, oneself(account), action, "account", account.id)
    return account


def open_for(session: AnySession, account_ids: list[int]) -> dict[int, Invitation]:
    """The link that is good, by account, of those that have one."""
    rows = session.scalars(
        select(Invitation).where(Invitation.account_id.in_(account_ids), *links.are_good())
    )
    return {row.account_id: row for row in rows}


def checked_login(login: str) -> str:
    """A login as it is kept.

    Raises:
        Refused: it is empty, too long, or has signs that nobody can type or see.
    """
    login = login.strip()
    if not login or len(login) > LONGEST_LOGIN or not login.isprintable() or " " in login:
        raise Refused(f"登录名应为 1 至 {LONGEST_LOGIN} 个字，没有空格")
    return login


def checked_name(name: str) -> str:
    """A name as it is kept; raises ``Refused`` if it is empty or too long."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"姓名应为 1 至 {LONGEST_NAME} 个字")
    return name


def _token(session: AnySession, by: Member, account: StaffAccount) -> str:
    links.void(session, account.id)
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            sha256=_hash(token),
            account_id=account.id,
            created_by=by.account_id,
            expires_at=now() + VALID,
        )
    )
    return token


def _find(session: AnySession, token: str) -> Invitation | None:
    return session.scalars(
        select(Invitation)
        .where(Invitation.sha256 == _hash(token), *links.are_good())
        .with_for_update()
    ).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
