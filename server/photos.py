"""Photos of places: kept in three sizes, tidied up when nothing names them.

Public names: ``render``, ``keep``, ``orphans``, ``tidy``, ``NotAPhoto``.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO

import structlog
from flask import current_app
from sqlalchemy import Text, cast, select

from geo.photo import LARGE, WIDTHS
from server import audit, files, pictures
from server.db import AnySession, now
from server.ledger.evidence import named
from server.models import Revision, StoredFile, WorkingCopy
from server.pictures import Rendered
from server.revisions import Member, Refused

MEDIA_TYPE = "image/jpeg"
_ID = re.compile(r"[0-9a-f]{64}")

log = structlog.get_logger()


class NotAPhoto(Refused):
    """It can't be used as a photo; the message says why, in Chinese."""


def render(upload: IO[bytes]) -> Rendered:
    """Make the pictures of an upload. Takes a second or two, so no transaction may be open.

    Raises:
        NotAPhoto: see ``server.pictures``.
    """
    try:
        return pictures.render(upload)
    except pictures.NotAPhoto as error:
        raise NotAPhoto(str(error)) from error


def keep(session: AnySession, rendered: Rendered, name: str, by: Member) -> StoredFile:
    """Keep the pictures; the row's ``sha256`` is the photo's id. Run within ``writing``.

    Raises:
        server.files.CannotKeep: the disk is full, say.
    """
    row = files.store(
        session,
        rendered.bodies[LARGE],
        MEDIA_TYPE,
        name,
        by.account_id,
        width=rendered.width,
        height=rendered.height,
    )
    # Handed in again, it is new: nobody may tidy it up while its form is still open.
    row.created_at = now()
    folder = files.folder(current_app.extensions["settings"])
    for width in WIDTHS:
        if width != LARGE:
            folder.put_beside(row.sha256, f"-{width}.jpg", rendered.bodies[width])
    session.flush()
    detail = {"sha256": row.sha256, "name": row.name, "size": row.size}
    audit.record(session, by, "photo.uploaded", "file", row.id, detail)
    return row


def orphans(session: AnySession, older_than: datetime) -> list[StoredFile]:
    """Photos handed in before a moment that no revision, no open form and no ledger names.

    Editions need no look: what they say was a revision once, and revisions stay.
    """
    used, evidence = set(_used(session)), named(session)
    rows = session.scalars(
        select(StoredFile)
        .where(StoredFile.width.is_not(None), StoredFile.created_at < older_than)
        .order_by(StoredFile.id)
    )
    return [row for row in rows if row.sha256 not in used and row.id not in evidence]


def tidy(session: AnySession, older_than: datetime) -> int:
    """Remove the orphans; how many there were. Run within ``writing``."""
    found = orphans(session, older_than)
    for row in found:
        detail = {"sha256": row.sha256, "name": row.name}
        audit.record(session, "system", "photo.removed", "file", row.id, detail)
        files.remove(session, row)
    if found:
        log.info("orphaned_photos_removed", count=len(found))
    return len(found)


def _used(session: AnySession) -> Iterator[str]:
    """Every photo's id that is written down anywhere."""
    for column in (Revision.document, WorkingCopy.fields):
        text = cast(column, Text)
        # Of all that is in documents and forms, only photos have a width.
        query = select(text).where(text.like('%width"%')).execution_options(yield_per=500)
        for document in session.scalars(query):
            yield from _ID.findall(document)
