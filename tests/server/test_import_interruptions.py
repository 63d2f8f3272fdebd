"""Is an import there whole or not at all, whenever the process that writes it is killed?"""

import multiprocessing
import os
import signal
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from config.settings import Settings
from server import audit, jobs
from server.db import db, now
from server.imports import batches, work
from server.models import ImportBatch, ImportRow, Job, Listing, Revision
from server.revisions import writing
from server.sheets.opening import open_table
from tests.conftest import make_app
from tests.server.members import hired

ROWS = 1200
"""More than one statement adds."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


def _run(settings: Settings, job_id: int, deadly: int) -> None:
    app = make_app(settings)
    with app.app_context():
        seen = 0

        def count(*_arguments: object) -> None:
            nonlocal seen
            seen += 1
            if seen == deadly:
                os.kill(os.getpid(), signal.SIGKILL)

        for moment in ("before_cursor_execute", "commit"):
            event.listen(db.engine, moment, count)
        jobs.run(job_id)


def run(settings: Settings, job_id: int, deadly: int = 0) -> int:
    """A process that runs the job, killed before its ``deadly``-th statement or commit."""
    db.session.remove()
    process = _processes.Process(target=_run, args=(settings, job_id, deadly))
    process.start()
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode


def begin() -> int:
    """A matched table of many rows; returns the batch's id."""
    rows = "\n".join(
        f"馆{n},儿童友好实践基地,科学探索,张店区,{117.8 + n / 10000:.5f},36.8" for n in range(ROWS)
    )
    body = f"名称,类别,主题,区县,经度,纬度\n{rows}".encode()
    by = hired("editor")
    table = open_table(body)
    with writing(db.session):
        batch = batches.receive(db.session, table, body, "表.csv", "site", by)
        batches.match(db.session, batch, table, replace(batches.options_of(batch), crs="wgs84"))
        work.ask_to_check(db.session, batch, by)
        return batch.id


def wait_again(job_id: int) -> None:
    """What a consumer does when a job's process has fallen silent, without waiting for it."""
    with writing(db.session):
        long_ago = now() - 2 * jobs.DEAD_AFTER
        running = update(Job).where(Job.id == job_id, Job.state == "running")
        db.session.execute(running.values(beat_at=long_ago, attempts=1))
    jobs.take_back()


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.slow
def test_kill_at_any_moment_leaves_all_or_nothing(app: Flask, settings: Settings) -> None:
    batch_id = begin()
    checking = db.session.get_one(ImportBatch, batch_id).job_id or 0
    for deadly in (6, 9, 0):
        run(settings, checking, deadly)
        assert count(ImportRow) in (0, ROWS)
        wait_again(checking)
    assert db.session.get_one(ImportBatch, batch_id).report["new"] == ROWS
    with writing(db.session):
        by = batches.member(db.session, db.session.get_one(ImportBatch, batch_id).created_by)
        batch = db.session.get_one(ImportBatch, batch_id)
        applying = work.ask_to_apply(db.session, batch, "all", by).id
    killed = 0
    for deadly in (*range(4, 34, 3), 0):
        code = run(settings, applying, deadly)
        whole = db.session.get_one(ImportBatch, batch_id).state == "applied"
        assert count(Listing) == count(Revision) == (ROWS if whole else 0)
        killed += code == -signal.SIGKILL
        wait_again(applying)
    assert killed >= 3
    assert db.session.get_one(ImportBatch, batch_id).state == "applied"
    assert db.session.get_one(Job, applying).state == "done"
    assert count(Listing) == count(Revision) == ROWS
    assert audit.verify(db.session) is None
