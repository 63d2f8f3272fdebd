"""Important matters (重要情况): what a unit tells the office in between, and what it answers.

Public names: ``MatterSaid``, ``of_year``, ``find``, ``tell``, ``see``, ``answer``, ``unseen``,
``waiting``, ``visible_to``, ``MOST_FILES``. What changes anything changes the session only and
records it: run it within ``server.revisions.writing``. What was told stays as it was told.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, true

from config.programmes import Programme
from server import audit
from server.db import AnySession, now
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.ledger.plain_text import plain
from server.models import ImportantMatter, StoredFile
from server.permissions import UNIT_ROLES, Action, may
from server.revisions import Refused

MOST_FILES = 6


class MatterSaid(NamedTuple):
    """What a unit tells; ``action`` is the number of the one that it is about, if of one."""

    title: str
    body: str
    action: int | None = None


def of_year(session: AnySession, by: LedgerPerson, year: int) -> list[ImportantMatter]:
    """What was told in a year, as far as the person may see it: what waits first, then the newest.

    Raises:
        Refused: the person may not see the ledger.
    """
    refuse_unless(by, Action.VIEW_LEDGER)
    query = select(ImportantMatter).where(ImportantMatter.year == year, visible_to(by))
    rows = session.scalars(query.order_by(ImportantMatter.id.desc())).all()
    return sorted(rows, key=lambda row: row.seen_at is not None)


def find(session: AnySession, by: LedgerPerson, matter_id: int) -> ImportantMatter:
    """One matter.

    Raises:
        Unseen: it is another unit's, or there is none.
    """
    query = select(ImportantMatter).where(ImportantMatter.id == matter_id, visible_to(by))
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None or not may(by, Action.VIEW_LEDGER):
        raise Unseen("没有这件重要情况，或不是您单位的")
    return row


def tell(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    said: MatterSaid,
    files: Sequence[StoredFile] = (),
) -> ImportantMatter:
    """Tell the office of something, on the part of the person's own unit.

    Raises:
        Unseen: the person has no unit, or the action is none of theirs.
        Refused: the text or the files won't do.
    """
    unit = by.unit or ""
    refuse_unless(by, Action.REPORT, unit)
    if said.action is not None and (unit, said.action) not in programme.owed:
        raise Unseen(f"{unit}不负责第 {said.action} 项行动")
    title, body = plain(said.title).strip(), plain(said.body).strip()
    if not 2 <= len(title) <= 100:
        raise Refused("请填写标题（2 至 100 字）")
    if not 2 <= len(body) <= 4000:
        raise Refused("请填写内容（2 至 4000 字）")
    if len(files) > MOST_FILES:
        raise Refused(f"附件最多 {MOST_FILES} 个")
    row = ImportantMatter(
        year=programme.year,
        unit=unit,
        action=said.action,
        title=title,
        body=body,
        files=[file.id for file in files],
        told_by=by.account_id,
    )
    session.add(row)
    session.flush()
    _record(session, by, "matter.told", row, {"files": [file.sha256 for file in files]})
    return row


def see(session: AnySession, by: LedgerPerson, matter_id: int) -> ImportantMatter:
    """Note that the office has read it; once is enough."""
    row = _for_the_office(session, by, matter_id)
    if row.seen_at is None:
        row.seen_at, row.seen_by = now(), by.account_id
        _record(session, by, "matter.seen", row, {})
    return row


def answer(session: AnySession, by: LedgerPerson, matter_id: int, text: str) -> ImportantMatter:
    """Answer it, or put another answer in the place of the one before.

    Raises:
        Refused: the person is not of the office, or the text won't do.
    """
    row = _for_the_office(session, by, matter_id)
    text = plain(text).strip()
    if not 2 <= len(text) <= 2000:
        raise Refused("请填写答复（2 至 2000 字）")
    if text == row.answer:
        return row
    row.answer, row.answered_at, row.answered_by = text, now(), by.account_id
    row.seen_at, row.seen_by = row.seen_at or now(), row.seen_by or by.account_id
    _record(session, by, "matter.answered", row, {"answer": text})
    return row


def waiting(session: AnySession) -> int:
    """How many nobody of the office has read."""
    return session.scalar(select(func.count(ImportantMatter.id)).where(unseen())) or 0


def unseen() -> ColumnElement[bool]:
    """Those that nobody of the office has read."""
    return ImportantMatter.seen_at.is_(None)


def visible_to(by: LedgerPerson) -> ColumnElement[bool]:
    """Those that are the person's to see."""
    sees_all = by.unit is None and by.role not in UNIT_ROLES
    return true() if sees_all else ImportantMatter.unit == (by.unit or "")


def _for_the_office(session: AnySession, by: LedgerPerson, matter_id: int) -> ImportantMatter:
    refuse_unless(by, Action.REVIEW_REPORTS)
    row = session.get(ImportantMatter, matter_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Unseen("没有这件重要情况")
    return row


def _record(
    session: AnySession,
    by: LedgerPerson,
    action: str,
    row: ImportantMatter,
    detail: dict[str, object],
) -> None:
    told = {"unit": row.unit, "year": row.year, "title": row.title}
    audit.record(session, by, action, "matter", row.id, told | detail)
