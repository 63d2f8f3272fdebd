"""The store of files that people hand in, each known by the SHA-256 of its content.

Public names: ``store``, ``path``, ``open_``, ``remove``, ``folder``, ``Folder``, ``CannotKeep``.

::

    files/ab/cdef…           the file whose SHA-256 is abcdef…
    files/ab/cdef…-320.jpg   something made of it, under its name and a suffix
    files/.new/…             being written

A file is written aside, synced, then renamed: whatever is in its place is whole. The same content
is kept once. The file comes before its row; a file without a row is what a transaction leaves that
did not commit, and the next one with the same content takes it over.
"""

import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from config.settings import Settings
from server.db import AnySession
from server.models import StoredFile
from server.revisions import Refused
from server.starting import file_error

CHUNK = 1 << 20
"""Bytes read at a time."""

LEFT_BEHIND = 24 * 3600
"""Seconds after which a file that is still being written belongs to nobody any more."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(-[0-9]{1,5}\.jpg)?")


class CannotKeep(Refused):
    """The disk is full or read-only, say, or the file is gone; the message says so, in Chinese."""


class Kept(NamedTuple):
    """What was put into the store."""

    sha256: str
    size: int
    """Bytes."""


class Folder:
    """The store on this machine's disk. Another kind of store would offer the same methods."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, body: bytes | BinaryIO) -> Kept:
        """Keep a file.

        Raises:
            CannotKeep: nothing was kept.
        """
        digest, size = hashlib.sha256(), 0
        with _told(), self._aside() as (new, file):
            for chunk in _chunks(body):
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            _to_disk(file)
            place = self.path(digest.hexdigest())
            if not (place.is_file() and place.stat().st_size == size):
                _move(new, place)
        return Kept(digest.hexdigest(), size)

    def put_beside(self, sha256: str, suffix: str, body: bytes) -> None:
        """Keep what was made of a file, in the place of what was made before.

        Raises:
            CannotKeep: nothing was changed.
        """
        with _told(), self._aside() as (new, file):
            file.write(body)
            _to_disk(file)
            _move(new, self.path(sha256, suffix))

    def path(self, sha256: str, suffix: str = "") -> Path:
        """Where a file is, or would be.

        Raises:
            ValueError: no such name can be, whatever was asked for.
        """
        if not (_SHA256.fullmatch(sha256) and _SUFFIX.fullmatch(suffix)):
            raise ValueError("not the name of a stored file")
        return self.root / sha256[:2] / f"{sha256[2:]}{suffix}"

    def open_(self, sha256: str) -> BinaryIO:
        """A file, to be read and closed by the caller.

        Raises:
            CannotKeep: it can't be read.
        """
        with _told("文件读不出来"):
            return self.path(sha256).open("rb")

    def remove(self, sha256: str) -> None:
        """Remove a file and all that was made of it; that none is there is no error.

        Raises:
            CannotKeep: some of it is there still.
        """
        place = self.path(sha256)
        with _told("文件没有删掉"):
            # What was made of it first: while the file itself is there, this can be done again.
            for made in place.parent.glob(f"{place.name}-*"):
                made.unlink(missing_ok=True)
            place.unlink(missing_ok=True)

    @contextmanager
    def _aside(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A file to write; it is gone afterwards unless it was moved to its place."""
        aside = self.root / ".new"
        aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(aside)
        new = aside / secrets.token_hex(8)
        try:
            with new.open("xb") as file:
                yield new, file
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)


def folder(settings: Settings) -> Folder:
    """The store that the settings name."""
    return Folder(settings.files)


def store(
    session: AnySession,
    body: bytes | BinaryIO,
    media_type: str,
    name: str,
    by: int | None,
    *,
    width: int | None = None,
    height: int | None = None,
) -> StoredFile:
    """Keep a file and add its row to the session's transaction, or find the one that is there.

    ``media_type`` is by its content, ``name`` what people call it, ``by`` an account's id;
    ``width`` and ``height`` are pixels, of pictures. How large a file may be, and whether it is
    what it says, is for the caller to know. Runs within an application's context.

    Raises:
        CannotKeep: the disk is full, say; nothing was kept.
    """
    kept = folder(current_app.extensions["settings"]).put(body)
    found = _row(session, kept.sha256)
    if found is not None:
        return found
    row = StoredFile(
        sha256=kept.sha256,
        media_type=media_type,
        size=kept.size,
        name=name[:200],
        width=width,
        height=height,
        created_by=by,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Somebody handed in the same content at the same moment.
        found = _row(session, kept.sha256)
        if found is None:
            raise
        return found
    return row


def path(settings: Settings, sha256: str) -> Path:
    """Where a stored file is on this machine."""
    return folder(settings).path(sha256)


def open_(settings: Settings, sha256: str) -> BinaryIO:
    """A stored file's content, to be read and closed by the caller.

    Raises:
        CannotKeep: it can't be read.
    """
    return folder(settings).open_(sha256)


def remove(session: AnySession, row: StoredFile) -> None:
    """Remove a file that nothing refers to, and its row; whether anything does, the caller knows.

    The file goes at once, the row with the transaction; whoever hands the same in again mends both.
    """
    session.delete(row)
    session.flush()
    folder(current_app.extensions["settings"]).remove(row.sha256)


def _row(session: AnySession, sha256: str) -> StoredFile | None:
    return session.scalars(select(StoredFile).where(StoredFile.sha256 == sha256)).first()


def _chunks(body: bytes | BinaryIO) -> Iterator[bytes]:
    source = io.BytesIO(body) if isinstance(body, bytes) else body
    while chunk := source.read(CHUNK):
        yield chunk


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _move(new: Path, place: Path) -> None:
    place.parent.mkdir(mode=0o700, exist_ok=True)
    new.replace(place)
    handle = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(aside: Path) -> None:
    """Remove what was left by somebody who was killed while writing."""
    for path in aside.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFT_BEHIND:
                path.unlink()


@contextmanager
def _told(what: str = "文件没有存下") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Where the store is on the disk is none of the reader's business.
        reason = file_error(OSError(error.errno, error.strerror or ""))
        raise CannotKeep(f"{what}：{reason}") from error
