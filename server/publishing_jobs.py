"""Comparing and publishing where there are so many listings that nobody should sit and wait.

Public names: ``COMPARE``, ``PUBLISH``, ``NOT_ALLOWED``.
"""

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from server import publishing
from server.composing import NotPublishable
from server.db import db
from server.edition_cache import CannotStore
from server.edition_entry import Errand
from server.jobs import Failed, Running, kind
from server.membership import may_still
from server.permissions import Action
from server.publishing_plan import plan

COMPARE = "publishing.compare"
PUBLISH = "publishing.publish"

NOT_ALLOWED = "发起的人已停用或不再有发布的权限，没有发布。"


@kind(COMPARE)
def compare(job: Running) -> dict[str, Any]:
    """The plan of the next edition."""
    job.step(0, 1, "正在比对已审核的内容")
    told = plan(current_app.extensions["city"])
    job.step(1, 1)
    return told


@kind(PUBLISH)
def publish(job: Running) -> dict[str, Any]:
    """Publish what the parameters' digest tells of; the job ends with the edition's insertion."""
    result: dict[str, Any] = {}

    def within(session: Session, number: int) -> None:
        result["edition"] = number
        job.finish(session, result)

    errand = Errand(
        expected=job.parameters["digest"],
        within=within,
        progress=lambda done, what: job.step(done, 3, what),
        detail={"job": job.id},
    )
    extensions = current_app.extensions
    if not may_still(db.session, job.created_by, Action.PUBLISH):
        raise Failed(NOT_ALLOWED)
    try:
        done = publishing.publish(
            extensions["settings"],
            extensions["city"],
            by=job.created_by,
            note=job.parameters["note"],
            errand=errand,
        )
    except (NotPublishable, publishing.ContentChanged, CannotStore) as error:
        raise Failed(str(error)) from error
    return {"edition": done.number}
