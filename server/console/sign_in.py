"""Who is signed in, and the two steps by which one comes in.

The session is a signed cookie that only ``/staff`` receives: public pages neither read it nor
vary by it, and so stay up and cacheable whatever becomes of the accounts. It holds a random
token; what the token opens stands in the database, where it can be ended.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from server import accounts, attempts, audit, second_step, sessions
from server.accounts import oneself
from server.console.browsers import called
from server.db import db, now
from server.models import StaffAccount, StaffSession
from server.revisions import writing

log = structlog.get_logger()

LOGIN_FAILURES = 5
ADDRESS_FAILURES = 20
"""More than of a login, since an office shares one address."""
CODE_FAILURES = 5

HALF_WAY_S = 300
"""So long a person who gave the right password may take to find the code."""


class StaffUser(UserMixin):  # type: ignore[misc]
    """A signed-in account, in one browser; its id is the token that the browser holds."""

    def __init__(self, token: str, held: StaffSession, account: StaffAccount) -> None:
        self.id = token
        self.session_id = held.id
        self.account_id = account.id
        self.name = account.name
        self.login = account.login
        self.role = account.role
        self.districts = account.districts
        self.listings = account.listings
        self.unit = account.unit
        self.has_second_step = second_step.is_set_up(account)


class StaffSessions(SecureCookieSessionInterface):
    """The cookie is ``Secure`` whenever it is set over HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """See Flask."""
        return request.is_secure


@dataclass(frozen=True)
class Refused:
    """Nobody was signed in; ``wait`` are the seconds until trying again makes sense."""

    wait: int = 0


class HalfWay(NamedTuple):
    """Somebody who gave the right password and is now asked for a code."""

    login: str


class Limit(NamedTuple):
    """So many failures of a key are let pass."""

    key: str
    failures: int


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
        PERMANENT_SESSION_LIFETIME=sessions.IDLE + timedelta(minutes=10),
        # As long as a session: a page that somebody left open over lunch still works.
        WTF_CSRF_TIME_LIMIT=int(sessions.IDLE.total_seconds()),
    )
    app.session_interface = StaffSessions()
    manager = LoginManager()
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]


def sign_in(login: str, password: str) -> StaffUser | HalfWay | Refused:
    """Check the password; open a fresh session, or ask for the second step."""
    limits = (Limit(f"login:{login.casefold()}", LOGIN_FAILURES), _of_the_address())
    if wait := _wait_or_count(limits):
        return Refused(wait)
    account = accounts.verify(login, password)
    if account is None:
        _tell_refused(login, limits)
        return Refused()
    with writing(db.session):
        _clear(limits)
    return proceed(account)


def proceed(account: StaffAccount) -> StaffUser | HalfWay | Refused:
    """What follows upon the right password: a session, or the question for a code."""
    if second_step.is_set_up(account):
        return _stop_half_way(account)
    return _come_in(account, "password")


def half_way() -> StaffAccount | None:
    """Whoever gave the right password minutes ago and has not given a code yet."""
    noted = session.get("half_way")
    if not noted or time.time() - noted["at"] > HALF_WAY_S:
        return None
    account = db.session.get(StaffAccount, noted["account"])
    if account is None or account.disabled_at or not second_step.is_set_up(account):
        return None
    return account if noted["print"] == _print(account) else None


def give_code(account: StaffAccount, code: str) -> StaffUser | Refused:
    """Check the code of somebody half way in; open a fresh session.

    Raises:
        SecretLost: codes can't be checked any more, and it is no recovery code.
    """
    limits = (Limit(f"code:{account.id}", CODE_FAILURES), _of_the_address())
    if wait := _wait_or_count(limits):
        return Refused(wait)
    with writing(db.session):
        db.session.refresh(account, with_for_update={"key_share": True})
        way = second_step.verify(account, code, secret_key(), now())
        if way is None:
            _tell_of(account, "sign_in.code_refused")
        else:
            _clear(limits)
    return _come_in(account, way) if way else Refused()


def sign_out() -> None:
    """End the session of this browser."""
    user: StaffUser = current_user
    with writing(db.session):
        sessions.revoke(db.session, user.account_id, user.session_id)
        audit.record(db.session, user, "sign_in.ended", "account", user.account_id)
    logout_user()
    session.clear()


def must_set_up(user: StaffUser) -> bool:
    """Whether the person has to set up the second step before anything else."""
    setting: str = current_app.extensions["settings"].second_step
    return not user.has_second_step and second_step.is_required(setting, user.role)


def secret_key() -> str:
    """What the service signs and encrypts with."""
    key: str = current_app.config["SECRET_KEY"]
    return key


def inside(target: str | None) -> str | None:
    """``target`` if it is a path of the console, else None: a link can't send people elsewhere."""
    if not target or not target.startswith("/staff/") or "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and "/.." not in parts.path else None


def _stop_half_way(account: StaffAccount) -> HalfWay:
    session.clear()
    session["half_way"] = {
        "account": account.id,
        "at": int(time.time()),
        "print": _print(account),
    }
    return HalfWay(account.login)


def _come_in(account: StaffAccount, way: str) -> StaffUser | Refused:
    browser, address = called(request.user_agent.string), request.remote_addr or ""
    with writing(db.session):
        token = sessions.start(db.session, account.id, browser, address)
        _tell_of(account, "sign_in.succeeded", by=way, browser=browser)
    found = sessions.find(db.session, token)
    if found is None:  # disabled a moment ago
        return Refused()
    user = StaffUser(token, *found)
    # Whatever cookie the browser came with, nothing of it outlives the sign-in.
    session.clear()
    login_user(user)
    return user


def _of_the_address() -> Limit:
    return Limit(f"address:{request.remote_addr}", ADDRESS_FAILURES)


def _wait_or_count(limits: tuple[Limit, ...]) -> int:
    """Seconds to wait; when there are none, the attempt counts as failed until it is judged."""
    with writing(db.session):
        attempts.take_turn(db.session, *(limit.key for limit in limits))
        wait = _longest(limits)
        if not wait:
            for limit in limits:
                attempts.count(db.session, limit.key)
    return wait


def _clear(limits: tuple[Limit, ...]) -> None:
    own, address = limits
    attempts.forget(db.session, own.key)
    attempts.forgive(db.session, address.key)


def _tell_refused(login: str, limits: tuple[Limit, ...]) -> None:
    """Record a wrong password; a login that nobody has is not written down.

    People type their password where the login belongs, and the trail is for ever.
    """
    with writing(db.session):
        id_ = db.session.scalar(select(StaffAccount.id).where(StaffAccount.login == login))
        told = {"login": login if id_ else None, "address": request.remote_addr}
        audit.record(db.session, "system", "sign_in.refused", "account", id_, told)
        if _longest(limits):
            audit.record(db.session, "system", "sign_in.throttled", "account", id_, told)


def _longest(limits: tuple[Limit, ...]) -> int:
    return max(attempts.wait(db.session, limit.key, limit.failures) for limit in limits)


def _tell_of(account: StaffAccount, action: str, **detail: str) -> None:
    told = {"address": request.remote_addr, **detail}
    audit.record(db.session, oneself(account), action, "account", account.id, told)


def _print(account: StaffAccount) -> str:
    """Tells one password of an account from another."""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]


def _load(token: str) -> StaffUser | None:
    found = sessions.find(db.session, token)
    if found is None:
        return None
    user, last_seen_at = StaffUser(token, *found), found[0].last_seen_at
    if sessions.is_due(last_seen_at):
        _note_use(user)
    return user


def _note_use(user: StaffUser) -> None:
    """Let the session live on; a database that takes no writes just now must not end the page."""
    try:
        with writing(db.session):
            sessions.seen(db.session, user.session_id)
    except OperationalError:
        log.warning("session_use_unnoted", account=user.account_id)
    # The signature of the cookie has an age as well.
    session.modified = True
