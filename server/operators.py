"""Bus operators' tokens: made, listed, revoked, and checked without asking the database.

Each process keeps all valid tokens' hashes, as there are few, and looks for changes every
``FRESH_S`` seconds while tokens are used. A wrong token therefore costs no query, and a revoked
one is refused within ``VALID_S``. While the database is away, tokens already known go on working.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from geo.vehicle_rules import belongs_to
from server.db import db, now
from server.models import OperatorToken

log = structlog.get_logger()

FRESH_S = 10.0
"""From this age on what is known is looked up again, aside from the request that finds it so."""
VALID_S = 30.0
"""Older than this it is looked up before anyone is let in."""
PAUSE_S = 1.0
"""Between look-ups for tokens that are not known: a new one must work at once, but whoever
guesses must not set the pace."""
AWAY_S = 10.0
"""After a failed look-up the database is left alone for so long: connecting may take seconds, in
which this worker answers nobody."""
USED_EVERY_S = 3600.0
"""Seconds between notes that a token is in use."""

PREFIX = "tongyou_"


class CannotChange(ValueError):
    """The token can't be made or revoked; the message says why, in Chinese."""


class TokensUnknown(Exception):
    """Whether the token is valid can't be told: the database is away."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who holds a token. ``routes`` None: all routes of the agency of its name."""

    token_id: int
    name: str
    routes: frozenset[int] | None

    def may_speak_for(self, route: int, agency: str) -> bool:
        """Whether a route is its own."""
        return belongs_to(route, agency, self.name, self.routes)


def add_token(operator: str, routes: Sequence[int] | None = None) -> tuple[OperatorToken, str]:
    """Add a token to the session (the caller commits).

    Returns it and its text, which is random and kept nowhere.

    Raises:
        CannotChange: the name is empty or too long, or a route's id isn't a number from 1 on.
    """
    operator = operator.strip()
    if not operator or len(operator) > 60 or not operator.isprintable():
        raise CannotChange("运营方名称应为 1 至 60 个可见的字")
    if routes is not None and (not routes or min(routes) < 1):
        raise CannotChange("线路编号应为正整数")
    text = PREFIX + secrets.token_urlsafe(32)
    ids = sorted(set(routes)) if routes is not None else None
    token = OperatorToken(operator=operator, sha256=_hash(text), routes=ids)
    db.session.add(token)
    db.session.flush()
    return token, text


def revoke_token(id_: int) -> OperatorToken:
    """Revoke a token (the caller commits); it is refused everywhere within ``VALID_S`` seconds.

    Raises:
        CannotChange: there is none of this id, or it is revoked already.
    """
    token = db.session.get(OperatorToken, id_)
    if token is None:
        raise CannotChange(f"没有编号为 {id_} 的令牌")
    if token.revoked_at is not None:
        raise CannotChange(f"编号为 {id_} 的令牌早已吊销")
    token.revoked_at = now()
    return token


def tokens() -> Sequence[OperatorToken]:
    """All tokens, revoked ones included, by id."""
    return db.session.scalars(select(OperatorToken).order_by(OperatorToken.id)).all()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class TokenBook:
    """What one process knows of the tokens."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[str, Operator] | None = None
        self._asked_at = self._failed_at = -1e9
        """When the database answered last, and when it last did not; monotonic seconds."""
        self._noted: dict[int, float] = {}
        """By token, when its use was last noted."""
        self._asking = threading.Lock()

    def operator(self, token: str) -> Operator | None:
        """Whose token this is; None: nobody's, or a revoked one.

        Raises:
            TokensUnknown: it is not among those known, and the database is away.
        """
        hashed = _hash(token)
        self._keep_fresh()
        found = self._find(hashed)
        if found is None and _since(self._asked_at) > PAUSE_S:
            self._look()
            found = self._find(hashed)
        if found is None and self._is_away():
            raise TokensUnknown
        if found is not None and _since(self._noted.get(found.token_id, -1e9)) > USED_EVERY_S:
            self._noted[found.token_id] = time.monotonic()
            self._aside(lambda: self._note_use(found.token_id))
        return found

    def _find(self, hashed: str) -> Operator | None:
        found = None
        # All are compared, each in constant time: how long it takes tells nothing.
        for known, operator in (self._known or {}).items():
            if hmac.compare_digest(known, hashed):
                found = operator
        return found

    def _is_away(self) -> bool:
        return self._failed_at > self._asked_at

    def _keep_fresh(self) -> None:
        """Look again when it is time: at once only if the answer is needed and to be had."""
        age = _since(self._asked_at)
        if self._known is None or (age > VALID_S and not self._is_away()):
            self._look()
        elif age > FRESH_S and _since(self._failed_at) > AWAY_S and not self._asking.locked():
            self._aside(self._look)

    @staticmethod
    def _aside(do: Callable[[], None]) -> None:
        threading.Thread(target=do, name="operator-tokens", daemon=True).start()

    def _look(self) -> None:
        """Ask the database, unless another thread is at it or it was away a moment ago."""
        if _since(self._failed_at) < AWAY_S or not self._asking.acquire(self._known is None):
            return
        try:
            with self._app.app_context():
                self._known = _valid(db.engine)
            self._asked_at = time.monotonic()
        except SQLAlchemyError as error:
            self._failed_at = time.monotonic()
            log.warning("operator_tokens_not_asked", error=type(error).__name__)
        finally:
            self._asking.release()

    def _note_use(self, token: int) -> None:
        table = OperatorToken.__table__.c
        note = update(OperatorToken).where(table.id == token).values(last_used_at=now())
        try:
            with self._app.app_context(), db.engine.begin() as connection:
                connection.execute(note)
        except SQLAlchemyError as error:
            # To the hour it is only a help for tidying up: the next hour will tell.
            log.warning("operator_token_use_not_noted", error=type(error).__name__)


def _since(moment: float) -> float:
    return time.monotonic() - moment


def _valid(engine: Engine) -> dict[str, Operator]:
    """All tokens that are not revoked, by their hash."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(
                OperatorToken.id, OperatorToken.operator, OperatorToken.sha256, OperatorToken.routes
            ).where(OperatorToken.revoked_at.is_(None))
        ).all()
    return {
        hashed: Operator(id_, name, None if routes is None else frozenset(routes))
        for id_, name, hashed, routes in rows
    }
