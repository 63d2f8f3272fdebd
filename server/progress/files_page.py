"""Files of the ledger: taken from a form, and given to who may see them.

Public names: ``TAKEN``, ``TAKEN_ONE``, ``uploads``, ``keep_one``, ``served``.
"""

from flask import Response, abort, current_app, request, send_file

from server import files
from server.console.gate import me
from server.db import db
from server.ledger.evidence import KINDS, MOST_BYTES, Upload, checked, keep
from server.ledger.matters import MOST_FILES
from server.models import StoredFile

_REST = 1 << 20
"""Bytes of a form besides its files."""

TAKEN = MOST_FILES * MOST_BYTES + _REST
"""Bytes of a form with as many files as a matter may have."""

TAKEN_ONE = MOST_BYTES + _REST
"""Bytes of a form with one file."""


POLICY = "default-src 'none'; sandbox"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
"""The reader of PDF in the browsers that many offices have does not start in a sandbox; it is one
by itself."""


def uploads(name: str) -> list[Upload]:
    """The files of an input; one that was left empty sends one without a name.

    Raises:
        server.revisions.Refused: one of them is of no use.
    """
    return [checked(one.stream, one.filename or "") for one in request.files.getlist(name) if one]


def keep_one(found: list[Upload]) -> int | None:
    """Keep the first file, within a transaction; its id.

    Raises:
        server.files.CannotKeep: the disk is full, say.
    """
    return keep(db.session, found[0], me()).id if found else None


def served(row: StoredFile | None) -> Response:
    """A file as what its content was found to be, in a box in which nothing of it runs."""
    if row is None or row.media_type not in KINDS:
        abort(404)
    path = files.path(current_app.extensions["settings"], row.sha256)
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype=row.media_type, download_name=_named(row))
    response.headers["Content-Security-Policy"] = (
        PDF_POLICY if row.media_type == "application/pdf" else POLICY
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _named(row: StoredFile) -> str:
    """As it was called, with the ending that it should have."""
    ending = f".{KINDS[row.media_type].lower()}"
    return row.name if row.name.lower().endswith((ending, ".jpeg")) else row.name + ending
