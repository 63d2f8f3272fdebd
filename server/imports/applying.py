"""A checked table -> drafts, in one transaction: all of it is there afterwards, or nothing.

Public names: ``apply``, ``Applied``, ``MODES``.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select, text, update

from server import audit
from server.db import AnySession, now
from server.imports import known
from server.imports.known import Known
from server.models import ImportBatch, ImportRow, Listing, Revision
from server.permissions import Action, may, within_bounds
from server.revisions import EDITED_BY, Member, Refused

MODES = {"all": "全部写入", "good": "只写入没有问题的行"}
_TURN = zlib.crc32(b"tongyou:import")
_AT_ONCE = 500
"""Rows that one statement adds."""

Progress = Callable[[int, int], None]


@dataclass
class Applied:
    """What became of a table."""

    new: int = 0
    changed: int = 0
    left_out: list[tuple[int, str]] = field(default_factory=list)
    """Line, and why it was left out since it was checked, in Chinese."""

    def as_json(self) -> dict[str, Any]:
        """For a job's result and the audit trail."""
        return {"new": self.new, "changed": self.changed, "left_out": len(self.left_out)}


def apply(
    session: AnySession,
    batch_id: int,
    mode: str,
    by: Member | None,
    progress: Progress = lambda done, total: None,
) -> Applied:
    """Add a draft for every new and every changed row; run it within ``server.revisions.writing``.

    ``mode`` is of ``MODES``; ``by`` None is the operator at the command line. A batch that has
    been applied is left as it is.

    Raises:
        Refused: it can't be applied so; nothing was changed.
    """
    _take_turns(session)
    batch = session.scalars(
        select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()
    ).one()
    if batch.state == "applied":
        return Applied(batch.report.get("applied_new", 0), batch.report.get("applied_changed", 0))
    if batch.state not in ("checked", "applying"):
        raise Refused("这次导入还没有核对好，不能写入")
    rows = _rows(session, batch_id)
    _lock(session, [row.listing_id for row in rows if row.listing_id])
    done = Applied()
    good = list(_still_good(known.load(session, batch.type), batch.type, rows, by, done))
    _agree(session, batch, mode, done)
    _write(session, batch, good, by, done, progress)
    _finish(session, batch, mode, by, done)
    return done


def _take_turns(session: AnySession) -> None:
    """Wait for another import to end: two of the same table would both find nothing there.

    On SQLite writers take turns in any case.
    """
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def _lock(session: AnySession, listing_ids: list[int]) -> None:
    """Let nobody save a revision of these until the import has ended, as ``revisions`` does."""
    for start in range(0, len(listing_ids), _AT_ONCE):
        some = sorted(listing_ids)[start : start + _AT_ONCE]
        locked = select(Listing.id).where(Listing.id.in_(some)).order_by(Listing.id)
        session.execute(locked.with_for_update()).all()


def _rows(session: AnySession, batch_id: int) -> list[ImportRow]:
    query = select(ImportRow).where(
        ImportRow.batch_id == batch_id, ImportRow.outcome.in_(("new", "changed"))
    )
    return list(session.scalars(query.order_by(ImportRow.line)))


def _still_good(
    standing: Known, type_: str, rows: Iterable[ImportRow], by: Member | None, done: Applied
) -> Iterable[ImportRow]:
    """The rows that may be written as they were checked; the others are told in ``done``."""
    if by is not None and not (may(by, Action.IMPORT) and may(by, EDITED_BY[type_])):
        raise Refused("您的角色不能导入这类条目")
    for row in rows:
        if why := _overtaken(standing, row, by):
            row.messages = [*row.messages, [f"第{row.line}行", why]]
            done.left_out.append((row.line, why))
        else:
            yield row


def _overtaken(standing: Known, row: ImportRow, by: Member | None) -> str:
    """What has happened since the row was checked that keeps it from being written."""
    document = row.document or {}
    if row.listing_id is None:
        if row.external_key in standing.by_key:
            return "核对之后有人添加了同一外部编号的条目，没有写入"
        same = standing.named(document["name"], document.get("kind"))
        if any(one.state == "active" and not _apart(one.external_key, row) for one in same):
            return "核对之后有人添加了同名的条目，没有写入"
        former = document
    else:
        one = standing.by_id[row.listing_id]
        if one.state != "active":
            return "核对之后这个条目被撤下了，没有写入"
        if one.revision_id != row.based_on_id:
            return "核对之后有人编辑过这个条目，没有写入；请重新核对"
        former = dict(one.document)
    if by is None:
        return ""
    inside = all(within_bounds(by, said, row.listing_id) for said in (document, former))
    return "" if inside else "这个条目不在您负责的范围内，没有写入"


def _apart(key: str | None, row: ImportRow) -> bool:
    """Whether two of one name are two places: the table's own keys say so."""
    return key is not None and row.external_key is not None and key != row.external_key


def _agree(session: AnySession, batch: ImportBatch, mode: str, done: Applied) -> None:
    if mode == "good":
        return
    wrong = session.scalar(
        select(func.count())
        .select_from(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.outcome == "wrong")
    )
    if wrong or done.left_out:
        raise Refused(
            f"有 {(wrong or 0) + len(done.left_out)} 行不能写入，所以一行也没有写。"
            "请改正后重新上传，或者选“只写入没有问题的行”。"
        )


def _write(
    session: AnySession,
    batch: ImportBatch,
    rows: list[ImportRow],
    by: Member | None,
    done: Applied,
    progress: Progress,
) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        progress(start, len(rows))
        some = rows[start : start + _AT_ONCE]
        fresh = [row for row in some if row.listing_id is None]
        _add_listings(session, batch, fresh)
        _remember_keys(session, some)
        session.execute(insert(Revision), [_revision(batch, row, by) for row in some])
        done.new += len(fresh)
        done.changed += len(some) - len(fresh)
    progress(len(rows), len(rows))


def _add_listings(session: AnySession, batch: ImportBatch, rows: list[ImportRow]) -> None:
    if not rows:
        return
    ids = session.scalars(
        insert(Listing).returning(Listing.id, sort_by_parameter_order=True),
        [{"type": batch.type, "external_key": row.external_key} for row in rows],
    )
    for row, id_ in zip(rows, ids, strict=True):
        row.listing_id = id_


def _remember_keys(session: AnySession, rows: list[ImportRow]) -> None:
    """Let listings that had none of their own be known by the table's key the next time."""
    session.flush()
    keyed = [row for row in rows if row.based_on_id and row.external_key]
    for row in keyed:
        session.execute(
            update(Listing)
            .where(Listing.id == row.listing_id, Listing.external_key.is_(None))
            .values(external_key=row.external_key),
            execution_options={"synchronize_session": False},
        )


def _revision(batch: ImportBatch, row: ImportRow, by: Member | None) -> dict[str, Any]:
    return {
        "listing_id": row.listing_id,
        "document": row.document,
        "origin": "import",
        "state": "draft",
        "based_on_id": row.based_on_id,
        "author_id": by.account_id if by else None,
        "note": f"导入 {batch.file_name} 第 {row.line} 行",
    }


def _finish(
    session: AnySession, batch: ImportBatch, mode: str, by: Member | None, done: Applied
) -> None:
    batch.state, batch.applied_at, batch.message = "applied", now(), ""
    told = done.as_json()
    batch.report = batch.report | {f"applied_{name}": count for name, count in told.items()}
    session.flush()
    audit.record(
        session,
        by or "cli",
        "import.applied",
        "import",
        batch.id,
        told | {"file": batch.file_name, "type": batch.type, "mode": mode},
    )
