"""Is what nobody needs cleared away, and nothing else?"""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from server import accounts, housekeeping
from server.db import db, now
from server.models import ImportBatch, Job, StaffSession, StoredFile


def over(days: int, **columns: Any) -> int:
    values = {"state": "done", "finished_at": now() - timedelta(days=days)} | columns
    job = Job(kind="test", **values)
    db.session.add(job)
    db.session.flush()
    return job.id


def test_are_jobs_long_over_and_sessions_long_ended_cleared_away(app: Flask) -> None:
    account, _ = accounts.create_account("a", "editor", "甲")
    over(91)
    kept = [over(89), over(200, state="running", finished_at=None)]
    pointed_at = over(91)
    file = StoredFile(sha256="0" * 64, name="x.csv", media_type="text/csv", size=1)
    db.session.add(file)
    db.session.flush()
    db.session.add(ImportBatch(file_id=file.id, file_name="x.csv", job_id=pointed_at))
    for number, days in enumerate((1, 40)):
        seen = now() - timedelta(days=days)
        db.session.add(
            StaffSession(account_id=account.id, sha256=str(number) * 64, last_seen_at=seen)
        )
    db.session.commit()
    housekeeping.clear_away()
    assert sorted(db.session.scalars(select(Job.id))) == sorted([*kept, pointed_at])
    assert db.session.scalars(select(StaffSession.sha256)).all() == ["0" * 64]
