"""The audit trail: what was done, by whom, chained by hashes so that a change shows.

Public names: ``record``, ``verify``, ``head``, ``Broken``, ``GENESIS``.

Each event's hash covers its own fields and the hash before it. An event is written in the
transaction of what it tells of: either both are there or neither is. Writers take turns, so the
numbers have no gaps.
"""

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson
from sqlalchemy import select, text

from server.db import AnySession, now
from server.models import AuditEvent

GENESIS = "0" * 64
"""What the first event follows."""

_TURN = zlib.crc32(b"tongyou:audit")


class Actor(Protocol):
    """Who acts, as far as the trail tells of them; a unit's own system has no account."""

    @property
    def account_id(self) -> int | None: ...

    @property
    def login(self) -> str: ...


class Head(NamedTuple):
    """The last event: who keeps these two elsewhere notices when events are cut off the end."""

    number: int
    hash: str


@dataclass(frozen=True)
class Broken:
    """The first event that does not follow from the one before it; the message is Chinese."""

    number: int
    message: str


def record(
    session: AnySession,
    actor: Actor | str,
    action: str,
    subject_type: str = "",
    subject_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add an event to the session's transaction; the caller commits.

    ``actor`` is a member of staff, or ``cli`` or ``system``. ``detail`` is JSON; no passwords,
    no tokens. On PostgreSQL whoever records waits until the one before has committed, so record
    last and commit soon.
    """
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    session.flush()
    last = head(session)
    event = AuditEvent(
        id=last.number + 1,
        # Whole microseconds in UTC are what both databases give back as they got it.
        at=now(),
        account_id=None if isinstance(actor, str) else actor.account_id,
        actor=actor if isinstance(actor, str) else actor.login,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        detail=orjson.loads(orjson.dumps(dict(detail or {}), default=str)),
        previous=last.hash,
    )
    event.hash = _hash(event)
    session.add(event)
    session.flush()
    return event


def head(session: AnySession) -> Head:
    """The last event's number and hash; number 0 while there is none."""
    row = session.execute(
        select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
    ).first()
    return Head(row.id, row.hash) if row else Head(0, GENESIS)


def verify(session: AnySession, expected: Head | None = None) -> Broken | None:
    """Follow the chain from its beginning; None if every event follows from the one before it.

    With an ``expected`` head, noted down earlier, that event must be there unchanged as well; its
    hash may be cut short.
    """
    previous, number = GENESIS, 0
    for event in _all(session):
        number += 1
        if event.id != number:
            return Broken(number, f"缺少第 {number} 条")
        if event.previous != previous or event.hash != _hash(event):
            return Broken(number, f"第 {number} 条被改动过")
        previous = event.hash
        if expected and expected.number == number and not event.hash.startswith(expected.hash):
            return Broken(number, f"第 {number} 条与记下的摘要不符")
    if expected and expected.number > number:
        return Broken(number + 1, f"第 {number + 1} 条及以后的被删去了")
    return None


def _all(session: AnySession) -> Iterator[AuditEvent]:
    yield from session.scalars(
        select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)
    )


def _hash(event: AuditEvent) -> str:
    told = {
        "id": event.id,
        "at": _moment(event.at),
        "account_id": event.account_id,
        "actor": event.actor,
        "action": event.action,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "detail": event.detail,
        "previous": event.previous,
    }
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
