"""Putting an edition into the database, and what goes in with it: one short transaction.

Public names: ``Errand``, ``PLAIN``, ``Line``, ``enter``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from sqlalchemy.orm import Session

from geo.edition import PackedEdition
from server import audit, editions
from server.db import db, start_writing
from server.models import StaffAccount

log = structlog.get_logger()


class Line(NamedTuple):
    """What the history says of an edition: by whom, why, and of which it is the content again."""

    by: int | None
    """A staff account's id; None means the command line."""
    note: str
    restored_from: int | None = None


def _nothing(*_: Any) -> None:
    return None


@dataclass(frozen=True)
class Errand:
    """What somebody wants done along with publishing."""

    expected: str | None = None
    """The digest of the content that they have looked at; None takes what there is."""
    actor: str = ""
    """For the audit trail, where it isn't the person of the edition or the command line."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """More for the audit trail."""
    within: Callable[[Session, int], None] = _nothing
    """Called with the edition's number in the transaction that inserts it; what it raises leaves
    the former edition in force."""
    progress: Callable[[int, str], None] = _nothing
    """Called with how many of three steps are done, and what comes next."""


PLAIN = Errand()


class _Member(NamedTuple):
    account_id: int
    login: str


def enter(
    edition: PackedEdition,
    moment: datetime,
    line: Line,
    errand: Errand,
    counts: Mapping[str, Any],
) -> None:
    """Insert an edition and tell the audit trail, both or neither.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the number is taken, or the database is away.
    """
    row = editions.EditionLine(
        number=edition.number,
        published_at=moment,
        published_by=line.by,
        note=line.note,
        sha256=edition.sha256,
        size=len(edition.body),
        restored_from=line.restored_from,
    )
    told = {name: counts[name] for name in ("total", "changed", "removed", "restored_from")}
    told |= {"sha256": edition.sha256, "note": line.note, **errand.detail}
    action = "edition.published" if line.restored_from is None else "edition.restored"
    with Session(db.engine) as session:
        start_writing(session)
        editions.add(session.connection(), edition, row)
        errand.within(session, edition.number)
        actor = errand.actor or _actor(session, line.by)
        # Last: whoever records next waits for the commit.
        event = audit.record(session, actor, action, "edition", edition.number, told)
        head = audit.Head(event.id, event.hash)
        session.commit()
    # The log is kept apart from the database: it tells when events are cut off the trail's end.
    log.info("audit_head", number=head.number, hash=head.hash)


def _actor(session: Session, by: int | None) -> audit.Actor | str:
    account = session.get(StaffAccount, by) if by is not None else None
    return _Member(account.id, account.login) if account else "cli"
