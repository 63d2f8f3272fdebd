"""Who is signed in, and how one comes in.

The session is a signed cookie that only ``/staff`` receives: public pages neither read it nor
vary by it, and so stay up and cacheable whatever becomes of the accounts.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, login_user

from server import accounts
from server.db import db
from server.models import StaffAccount
from server.staff.throttle import Throttle

LOGIN_FAILURES = 5
ADDRESS_FAILURES = 20
"""More than of a login, since an office shares one address."""

SESSION_HOURS = 12


class StaffUser(UserMixin):  # type: ignore[misc]
    """A signed-in account. Its id names the password too: a new password ends old sessions."""

    def __init__(self, account: StaffAccount) -> None:
        self.account_id = account.id
        self.name = account.name
        self.login = account.login
        self.role = account.role
        self.districts = account.districts
        self.listings = account.listings
        print_ = hashlib.sha256(account.password_hash.encode()).hexdigest()
        self.id = f"{account.id}-{print_[:16]}"


class StaffSessions(SecureCookieSessionInterface):
    """The cookie is ``Secure`` whenever it is set over HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """See Flask."""
        return request.is_secure


@dataclass(frozen=True)
class Refused:
    """Nobody was signed in; ``wait`` are the seconds until trying again makes sense."""

    wait: int = 0


@dataclass(frozen=True)
class Throttles:
    """One for logins, whether they exist or not; one for addresses."""

    logins: Throttle
    addresses: Throttle


def configure(app: Flask, secret_key: str) -> None:
    """Set up sessions and Flask-Login for the console.

    ``LoginManager.init_app`` is not called: it would read the session after every request of
    the whole service, for remember-me cookies that we don't have.
    """
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="tongyou_staff",
        SESSION_COOKIE_PATH="/staff",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        # As long as a session: a page that somebody left open over lunch still works.
        WTF_CSRF_TIME_LIMIT=SESSION_HOURS * 3600,
    )
    app.session_interface = StaffSessions()
    manager = LoginManager()
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]
    app.extensions["sign_in_throttles"] = Throttles(
        Throttle(LOGIN_FAILURES), Throttle(ADDRESS_FAILURES)
    )


def sign_in(login: str, password: str) -> StaffUser | Refused:
    """Check the password and open a fresh session, within what the throttles allow."""
    throttles = cast(Throttles, current_app.extensions["sign_in_throttles"])
    now, key, address = time.monotonic(), login.casefold(), request.remote_addr or ""
    wait = max(throttles.logins.wait(key, now), throttles.addresses.wait(address, now))
    if wait:
        return Refused(wait)
    throttles.logins.count(key, now)
    throttles.addresses.count(address, now)
    account = accounts.verify(login, password)
    if account is None:
        return Refused()
    throttles.logins.forget(key)
    throttles.addresses.forgive(address)
    user = StaffUser(account)
    # Whatever cookie the browser came with, nothing of it outlives the sign-in.
    session.clear()
    login_user(user)
    return user


def inside(target: str | None) -> str | None:
    """``target`` if it is a path of the console, else None: a link can't send people elsewhere."""
    if not target or not target.startswith("/staff/") or "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and "/.." not in parts.path else None


def _load(id_: str) -> StaffUser | None:
    number, _, _ = id_.partition("-")
    account = db.session.get(StaffAccount, int(number)) if number.isdecimal() else None
    if account is None or account.disabled_at is not None:
        return None
    user = StaffUser(account)
    return user if user.id == id_ else None
