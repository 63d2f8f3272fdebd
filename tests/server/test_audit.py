"""Does the audit trail show that it was tampered with?"""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from server import audit
from server.db import db
from server.models import AuditEvent


def record(*actions: str) -> None:
    for action in actions:
        audit.record(db.session, "cli", action, "listing", 1, {"name": "馆", "n": 1.5})
    db.session.commit()
    db.session.expire_all()


def open_the_table() -> None:
    """Take away what the database itself refuses, as its owner can."""
    sqlite = db.engine.dialect.name == "sqlite"
    for name in ("audit_event_kept", "audit_event_unchanged" if sqlite else "audit_event_whole"):
        db.session.execute(text(f"DROP TRIGGER {name}" + ("" if sqlite else " ON audit_event")))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'z' WHERE id = 2",
        "DELETE FROM audit_event WHERE id = 3",
        "DELETE FROM audit_event",
    ],
)
def test_does_the_database_itself_refuse_changes(app: Flask, statement: str) -> None:
    record("a", "b", "c")
    with pytest.raises(DatabaseError, match="audit_event only grows"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert audit.verify(db.session) is None
    assert audit.head(db.session).number == 3


def test_is_there_no_other_way_round(app: Flask) -> None:
    record("a", "b")
    by_replacing = (
        "INSERT OR REPLACE INTO audit_event SELECT id, at, account_id, actor, 'z', subject_type, "
        "subject_id, detail, previous, hash FROM audit_event WHERE id = 2"
    )
    sqlite = db.engine.dialect.name == "sqlite"
    with pytest.raises(DatabaseError, match="audit_event only grows"):
        db.session.execute(text(by_replacing if sqlite else "TRUNCATE audit_event"))


def test_does_an_untouched_chain_hold(app: Flask) -> None:
    assert audit.verify(db.session) is None
    record("a", "b", "c")
    assert audit.verify(db.session) is None
    assert audit.head(db.session).number == 3


@pytest.mark.parametrize(
    "change",
    [
        {"action": "z"},
        {"actor": "admin"},
        {"detail": {"name": "别的"}},
        {"subject_id": 2},
        {"previous": "1" * 64},
    ],
)
def test_does_any_change_show(app: Flask, change: dict[str, Any]) -> None:
    record("a", "b", "c")
    open_the_table()
    db.session.execute(update(AuditEvent).where(AuditEvent.id == 2).values(change))
    db.session.commit()
    db.session.expire_all()
    broken = audit.verify(db.session)
    assert broken is not None
    assert broken.number == 2


def test_does_a_missing_event_show(app: Flask) -> None:
    record("a", "b", "c")
    open_the_table()
    db.session.execute(delete(AuditEvent).where(AuditEvent.id == 2))
    db.session.commit()
    db.session.expire_all()
    assert audit.verify(db.session) == audit.Broken(2, "缺少第 2 条")


def test_does_a_cut_off_end_show_to_whoever_noted_the_head(app: Flask) -> None:
    record("a", "b", "c")
    noted = audit.head(db.session)
    open_the_table()
    db.session.execute(delete(AuditEvent).where(AuditEvent.id == 3))
    db.session.commit()
    db.session.expire_all()
    assert audit.verify(db.session) is None
    broken = audit.verify(db.session, noted)
    assert broken is not None
    assert broken.number == 3
