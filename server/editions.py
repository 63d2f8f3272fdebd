"""Asking the database for editions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from geo.edition import PackedEdition
from server.models import EditionRow


@dataclass(frozen=True)
class EditionLine:
    """One line of the history: everything about an edition but its content."""

    number: int
    published_at: datetime
    published_by: int | None
    note: str
    sha256: str
    size: int
    """Bytes, compressed."""
    restored_from: int | None


def newest(connection: Connection) -> tuple[int, str] | None:
    """Number and SHA-256 of the newest edition; None when there is none yet."""
    row = connection.execute(
        select(EditionRow.number, EditionRow.sha256).order_by(EditionRow.number.desc()).limit(1)
    ).first()
    return (row.number, row.sha256) if row else None


def packed(connection: Connection, number: int) -> PackedEdition | None:
    """An edition as it is stored, unverified; None when there is no such number."""
    row = connection.execute(
        select(EditionRow.sha256, EditionRow.body).where(EditionRow.number == number)
    ).first()
    return PackedEdition(number=number, sha256=row.sha256, body=row.body) if row else None


def history(connection: Connection) -> list[EditionLine]:
    """All editions, the newest first."""
    row = EditionRow
    rows = connection.execute(
        select(
            row.number,
            row.published_at,
            row.published_by,
            row.note,
            row.sha256,
            row.size,
            row.restored_from,
        ).order_by(row.number.desc())
    )
    return [EditionLine(*line) for line in rows]


def add(connection: Connection, edition: PackedEdition, line: EditionLine) -> None:
    """Insert an edition.

    Raises:
        sqlalchemy.exc.IntegrityError: the number is taken.
    """
    connection.execute(insert(EditionRow).values(**vars(line), body=edition.body))
