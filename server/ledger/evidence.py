"""Files that go with the ledger's items and important matters: taken, kept, known to be in use.

Public names: ``Upload``, ``checked``, ``keep``, ``named``, ``MOST_BYTES``, ``KINDS``.

What a file is, its content says. None is opened here: it is kept as it came, and given to people
only as the kind that it is.
"""

from collections.abc import Mapping
from typing import IO, NamedTuple

from sqlalchemy import select

from server import files
from server.db import AnySession
from server.ledger.people import LedgerPerson
from server.models import ImportantMatter, ListedItem, SealedScan, StoredFile
from server.revisions import Refused

MOST_BYTES = 20 << 20

KINDS: Mapping[str, str] = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
}
"""What is taken, by media type."""


class Upload(NamedTuple):
    """A file that can be kept."""

    body: bytes
    media_type: str
    name: str


def checked(stream: IO[bytes], name: str) -> Upload:
    """Read a file that was sent.

    Raises:
        Refused: it is empty, too large, locked, or of no kind that is taken.
    """
    shown = "".join(letter for letter in name if letter.isprintable())[-100:] or "未命名"
    body = stream.read(MOST_BYTES + 1)
    if not body:
        raise Refused(f"“{shown}”是空的")
    if len(body) > MOST_BYTES:
        raise Refused(f"“{shown}”太大：每个文件最多 {MOST_BYTES >> 20} MB")
    # Loaded when a file comes: it knows a hundred kinds of them.
    import filetype

    kind = filetype.guess_mime(body)
    if kind not in KINDS:
        raise Refused(f"“{shown}”的内容不是 {'、'.join(KINDS.values())}，没有接收")
    if kind == "application/pdf" and b"/Encrypt" in body:
        raise Refused(f"“{shown}”有密码，打不开；请去掉密码后再上传")
    return Upload(body, kind, shown)


def keep(session: AnySession, upload: Upload, by: LedgerPerson) -> StoredFile:
    """Keep a file; run it within ``server.revisions.writing``.

    Raises:
        server.files.CannotKeep: the disk is full, say.
    """
    return files.store(session, upload.body, upload.media_type, upload.name, by.account_id)


def named(session: AnySession) -> set[int]:
    """Ids of the stored files that the ledger names anywhere."""
    found: set[int] = set()
    for column in (ListedItem.file_id, SealedScan.file_id):
        found |= set(session.scalars(select(column).where(column.is_not(None))))
    for ids in session.scalars(select(ImportantMatter.files)):
        found |= set(ids)
    return found
