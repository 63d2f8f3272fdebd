"""Does the audit trail show that it was tampered with?"""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from server import audit
from server.db import db
from server.models import AuditEvent


def record(*actions: str) -> None:
    for action in actions:
        audit.record(db.session, "cli", action, "listing", 1, {"name": "馆", "n": 1.5})
    db.session.commit()
    db.session.expire_all()


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
    db.session.execute(update(AuditEvent).where(AuditEvent.id == 2).values(change))
    db.session.commit()
    db.session.expire_all()
    broken = audit.verify(db.session)
    assert broken is not None
    assert broken.number == 2


def test_does_a_missing_event_show(app: Flask) -> None:
    record("a", "b", "c")
    db.session.execute(delete(AuditEvent).where(AuditEvent.id == 2))
    db.session.commit()
    db.session.expire_all()
    assert audit.verify(db.session) == audit.Broken(2, "缺少第 2 条")


def test_does_a_cut_off_end_show_to_whoever_noted_the_head(app: Flask) -> None:
    record("a", "b", "c")
    noted = audit.head(db.session)
    db.session.execute(delete(AuditEvent).where(AuditEvent.id == 3))
    db.session.commit()
    db.session.expire_all()
    assert audit.verify(db.session) is None
    broken = audit.verify(db.session, noted)
    assert broken is not None
    assert broken.number == 3
