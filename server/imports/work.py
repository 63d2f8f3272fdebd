"""The jobs of imports: checking a table, writing it as drafts.

Public names: ``ask_to_check``, ``ask_to_apply``, ``cancel``, ``settle``, ``BUSY``.

A run that was killed is started again: checking replaces what it had entered, and what has been
written is not written twice.
"""

from typing import Any

from flask import current_app

from server import audit, jobs
from server.db import AnySession, db
from server.imports import applying, batches
from server.jobs import Running, enqueue, kind
from server.models import ImportBatch, Job
from server.permissions import Action, may
from server.revisions import EDITED_BY, Member, Refused, writing

CHECK, APPLY = "import.check", "import.apply"


BUSY = ("checking", "applying")


def settle(session: AnySession, batch: ImportBatch) -> None:
    """Take note of a job that has ended without its batch: broken off, given up, cancelled."""
    job = session.get(Job, batch.job_id) if batch.job_id else None
    if batch.state not in BUSY or (job is not None and job.state in ("waiting", "running")):
        return
    batch.state = "failed" if batch.state == "checking" else "checked"
    batch.message = (job.message if job else "") or "任务没有完成，请再试一次"


def ask_to_check(session: AnySession, batch: ImportBatch, by: Member) -> Job:
    """Have a matched batch checked; send the job after the commit."""
    job = enqueue(session, CHECK, f"核对 {batch.file_name}", {"batch": batch.id}, by.account_id)
    batch.state, batch.job_id = "checking", job.id
    session.flush()
    return job


def ask_to_apply(session: AnySession, batch: ImportBatch, mode: str, by: Member) -> Job:
    """Have a checked batch written as drafts; send the job after the commit.

    Raises:
        Refused: it is not checked, or is being written already, or there is nothing to write.
    """
    if mode not in applying.MODES:
        raise Refused("请选择写入全部，还是只写入没有问题的行")
    if batch.state != "checked":
        raise Refused("这次导入的状态已经变了，请看下面的最新情况")
    if not (batch.report.get("new") or batch.report.get("changed")):
        raise Refused("没有新增或有变化的行，不需要写入")
    if mode == "all" and batch.report.get("wrong"):
        raise Refused(f"有 {batch.report['wrong']} 行有误，不能全部写入")
    if not (may(by, Action.IMPORT) and may(by, EDITED_BY[batch.type])):
        raise Refused("您的角色不能导入这类条目")
    parameters = {"batch": batch.id, "mode": mode}
    job = enqueue(session, APPLY, f"写入 {batch.file_name}", parameters, by.account_id)
    batch.state, batch.job_id = "applying", job.id
    session.flush()
    return job


def cancel(session: AnySession, batch: ImportBatch, by: Member) -> bool:
    """Stop an import; False if it has been written already."""
    if batch.state in ("applied", "cancelled"):
        return batch.state == "cancelled"
    if batch.job_id:
        jobs.cancel(session, batch.job_id)
    batch.state, batch.message = "cancelled", ""
    audit.record(session, by, "import.cancelled", "import", batch.id, {"file": batch.file_name})
    return True


@kind(CHECK)
def _check(job: Running) -> dict[str, Any]:
    settings, city = current_app.extensions["settings"], current_app.extensions["city"]
    batch = db.session.get_one(ImportBatch, job.parameters["batch"])
    try:
        by = batches.member(db.session, job.created_by)
        rows = batches.check(
            db.session, settings, city, batch, by, lambda done, total: job.step(done, total, "核对")
        )
    except Refused as refusal:
        raise _failed(job, refusal) from refusal
    with writing(db.session):
        counted = batches.keep(db.session, job.parameters["batch"], rows)
        job.finish(db.session, counted)
    return counted


@kind(APPLY)
def _apply(job: Running) -> dict[str, Any]:
    try:
        with writing(db.session):
            by = batches.member(db.session, job.created_by)
            done = applying.apply(
                db.session,
                job.parameters["batch"],
                job.parameters["mode"],
                by,
                lambda some, total: job.step(some, total, "写入"),
            )
            job.finish(db.session, done.as_json())
    except Refused as refusal:
        raise _failed(job, refusal, "checked") from refusal
    return done.as_json()


def _failed(job: Running, refusal: Refused, state: str = "failed") -> jobs.Failed:
    """Let the batch say why as well: it is what the person looks at."""
    with writing(db.session):
        batch = db.session.get_one(ImportBatch, job.parameters["batch"])
        batch.state, batch.message = state, str(refusal)
    return jobs.Failed(str(refusal))
