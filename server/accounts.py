"""Staff accounts and their passwords."""

import secrets
import string

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from server.db import db
from server.models import StaffAccount
from server.models.accounts import ROLES

# Letters and digits that nobody mistakes for another when reading from paper.
READABLE = "".join(c for c in string.ascii_lowercase + string.digits if c not in "il1o0")
GROUPS, GROUP = 4, 5
"""A new password: 4 groups of 5 of 31 signs, some 99 bits."""

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())


class CannotCreate(ValueError):
    """The account can't be; the message says why, in Chinese."""


def create_account(login: str, role: str, name: str) -> tuple[StaffAccount, str]:
    """Add an account to the session (the caller commits).

    Returns it and its password, which is random and kept nowhere.

    Raises:
        CannotCreate: the login is taken or empty, or there is no such role.
    """
    if role not in ROLES:
        raise CannotCreate(f"没有这个角色：{role}")
    if not login.strip():
        raise CannotCreate("登录名不能为空")
    if db.session.scalar(select(StaffAccount.id).where(StaffAccount.login == login)):
        raise CannotCreate(f"登录名已被使用：{login}")
    password = new_password()
    account = StaffAccount(login=login, role=role, name=name, password_hash=_hasher.hash(password))
    db.session.add(account)
    db.session.flush()
    return account, password


def renew_password(login: str) -> str:
    """Give an account a new random password (the caller commits) and return it.

    Raises:
        CannotCreate: there is no such account.
    """
    account = db.session.scalar(select(StaffAccount).where(StaffAccount.login == login))
    if account is None:
        raise CannotCreate(f"没有这个登录名：{login}")
    password = new_password()
    account.password_hash = _hasher.hash(password)
    return password


def new_password() -> str:
    """A random password that can be read out and typed."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(GROUP)) for _ in range(GROUPS))


def verify(login: str, password: str) -> StaffAccount | None:
    """The account if the password is its own and it is not disabled.

    Takes as long for a login that does not exist.
    """
    account = db.session.scalar(select(StaffAccount).where(StaffAccount.login == login))
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return account if account is not None and account.disabled_at is None else None
