"""Staff accounts: made, found by their password, given another one."""

from typing import NamedTuple

from sqlalchemy import select

from server import audit, links, passwords, sessions
from server.db import db
from server.models import StaffAccount
from server.models.accounts import ROLES


class CannotCreate(ValueError):
    """The account can't be; the message says why, in Chinese."""


class Oneself(NamedTuple):
    """A person as the audit trail tells of them when they act on their own account."""

    account_id: int
    login: str


def oneself(account: StaffAccount) -> Oneself:
    """The account as the one who acts."""
    return Oneself(account.id, account.login)


def create_account(login: str, role: str, name: str) -> tuple[StaffAccount, str]:
    """Add an account to the session (the caller commits).

    Returns it and its password, which is random and kept nowhere.

    Raises:
        CannotCreate: the login is taken or empty, or there is no such role.
    """
    account = add_account(login, role, name)
    password = passwords.new_password()
    account.password_hash = passwords.hashed(password)
    return account, password


def add_account(login: str, role: str, name: str) -> StaffAccount:
    """Add an account that nobody can enter yet; raises as ``create_account``."""
    if role not in ROLES:
        raise CannotCreate(f"没有这个角色：{role}")
    if not login.strip():
        raise CannotCreate("登录名不能为空")
    if db.session.scalar(select(StaffAccount.id).where(StaffAccount.login == login)):
        raise CannotCreate(f"登录名已被使用：{login}")
    account = StaffAccount(login=login, role=role, name=name, password_hash="")
    db.session.add(account)
    db.session.flush()
    return account


def named(login: str) -> StaffAccount:
    """The account of a login.

    Raises:
        CannotCreate: there is no such account.
    """
    account = db.session.scalar(select(StaffAccount).where(StaffAccount.login == login))
    if account is None:
        raise CannotCreate(f"没有这个登录名：{login}")
    return account


def renew_password(login: str) -> str:
    """Give an account a new random password (the caller commits) and return it.

    Whoever is signed in to the account is signed out, and a link that set another is void.

    Raises:
        CannotCreate: there is no such account.
    """
    account = named(login)
    password = passwords.new_password()
    account.password_hash = passwords.hashed(password)
    sessions.revoke_all(db.session, account.id)
    links.void(db.session, account.id)
    audit.record(db.session, "cli", "password.renewed", "account", account.id, {"login": login})
    return password


def verify(login: str, password: str) -> StaffAccount | None:
    """The account if the password is its own and it is not disabled.

    Takes as long for a login that does not exist.
    """
    account = db.session.scalar(select(StaffAccount).where(StaffAccount.login == login))
    if not passwords.matches(account.password_hash if account else None, password):
        return None
    return account if account is not None and account.disabled_at is None else None
