"""Keeping a list of what a count counts: add, change, take off. Nothing is counted twice.

Public names: ``MOST_AT_ONCE``, ``listed``, ``lengths``, ``lines``, ``add``, ``change``, ``remove``,
``stamp``.

What changes anything changes the session only and records it: run it within
``server.revisions.writing``. An item is its unit's to change until the report of its quarter is
handed in; what was handed in keeps the list as it was then. Of two who add one thing at once the
database's own index refuses the second.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from config.programmes import Programme
from geo.city import City
from server import audit
from server.db import AnySession, now
from server.ledger.item_checks import (
    ItemSaid,
    ListKey,
    WrongItems,
    counted,
    twice,
    why_fixed,
    wrong,
)
from server.ledger.items import key_of
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.ledger.plain_text import plain
from server.models import ListedItem
from server.permissions import Action
from server.revisions import Refused

MOST_AT_ONCE = 500


def listed(session: AnySession, key: ListKey) -> list[ListedItem]:
    """What stands on a list, by quarter."""
    query = (
        select(ListedItem)
        .where(
            ListedItem.year == key.year,
            ListedItem.indicator == key.indicator,
            ListedItem.unit == key.unit,
            ListedItem.removed_at.is_(None),
        )
        .order_by(ListedItem.period, ListedItem.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def lengths(session: AnySession, year: int) -> dict[ListKey, int]:
    """How long every list of a year is; those on which nothing stands are left out."""
    of = (ListedItem.indicator, ListedItem.unit)
    query = select(*of, func.count()).where(
        ListedItem.year == year, ListedItem.removed_at.is_(None)
    )
    return {ListKey(year, code, unit): n for code, unit, n in session.execute(query.group_by(*of))}


def lines(text: str) -> list[tuple[str, str, str]]:
    """Name, place and evidence of each line that was pasted, as a table's columns come: by tabs.

    Lines in which nothing stands are passed over.
    """
    found = []
    for line in plain(text).split("\n"):
        parts = [part.strip() for part in line.split("\t")]
        if any(parts):
            name, place, evidence = (*parts, "", "")[:3]
            found.append((name, place, evidence))
    return found


def add(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    key: ListKey,
    given: Sequence[ItemSaid],
    city: City,
    at: datetime,
    file_id: int | None = None,
) -> list[ListedItem]:
    """Add items to a list, all or none; ``file_id`` is their evidence in the store.

    Raises:
        Unseen: it is another unit's list, or none is kept of this.
        WrongItems: one of them is wrong, or is counted already.
        Refused: there are none, or too many.
    """
    counted(programme, key)
    refuse_unless(by, Action.REPORT, key.unit)
    if not given:
        raise Refused("还没有填写要加入清单的内容")
    if len(given) > MOST_AT_ONCE:
        raise Refused(f"一次最多加入 {MOST_AT_ONCE} 条，现在有 {len(given)} 条；请分几次粘贴")
    if found := list(wrong(session, programme, key, given, city, at)):
        raise WrongItems(found)
    rows = [
        ListedItem(
            year=key.year,
            indicator=key.indicator,
            unit=key.unit,
            key=key_of(said.name),
            file_id=file_id,
            created_by=by.account_id,
            **said._asdict(),
        )
        for said in given
    ]
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        raise WrongItems(list(twice(session, programme, key, given))) from None
    told = {**key._asdict(), "names": [said.name for said in given]}
    periods = sorted({said.period for said in given})
    audit.record(session, by, "items.added", "item", rows[0].id, told | {"period": periods})
    return rows


def change(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    item_id: int,
    said: ItemSaid,
    was: str,
    city: City,
    at: datetime,
    file_id: int | None = None,
) -> ListedItem:
    """Change an item; ``was`` is its ``stamp`` when it was opened. No ``file_id``: as it was.

    Raises:
        Unseen, WrongItems: as with ``add``.
        Refused: it was taken off, changed by somebody else meanwhile, or handed in.
    """
    row = _standing(session, by, programme, item_id, at)
    if was != stamp(row):
        raise Refused("这一条刚刚被别人改过；下面是您填的内容，请核对清单后再保存")
    key = ListKey(row.year, row.indicator, row.unit)
    if found := list(wrong(session, programme, key, [said], city, at, own=row.id)):
        raise WrongItems(found)
    before = _told(row)
    try:
        with session.begin_nested():
            for name, value in said._asdict().items():
                setattr(row, name, value)
            row.key, row.file_id = key_of(said.name), file_id or row.file_id
    except IntegrityError:
        raise WrongItems(list(twice(session, programme, key, [said], own=item_id))) from None
    after = _told(row)
    changed = {
        name: {"from": before[name], "to": after[name]}
        for name in after
        if before[name] != after[name]
    }
    if changed:
        told = {**key._asdict(), "name": row.name, "changed": changed}
        audit.record(session, by, "item.changed", "item", row.id, told)
    return row


def remove(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    item_id: int,
    reason: str,
    at: datetime,
) -> ListedItem:
    """Take an item off its list; its row stays.

    Raises:
        Unseen: it is another unit's.
        Refused: no reason is given; it was taken off already, or handed in.
    """
    row = _standing(session, by, programme, item_id, at)
    reason = plain(reason).strip()
    if not 2 <= len(reason) <= 500:
        raise Refused("请写明移除的原因（2 至 500 字）")
    row.removed_at = now()
    told = {"year": row.year, "indicator": row.indicator, "unit": row.unit, "name": row.name}
    audit.record(session, by, "item.removed", "item", row.id, told | {"reason": reason})
    return row


def stamp(row: ListedItem) -> str:
    """What tells one wording of an item from another."""
    return hashlib.sha256(orjson.dumps(_told(row))).hexdigest()[:16]


def _standing(
    session: AnySession, by: LedgerPerson, programme: Programme, item_id: int, at: datetime
) -> ListedItem:
    row = session.get(ListedItem, item_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Unseen("清单里没有这一条")
    refuse_unless(by, Action.REPORT, row.unit)
    if row.removed_at is not None:
        raise Refused("这一条已经移除")
    key = ListKey(row.year, row.indicator, row.unit)
    if told := why_fixed(session, programme, key, programme.period(row.period), at, lock=True):
        raise Refused(told)
    return row


def _told(row: ListedItem) -> dict[str, object]:
    fields = (*ItemSaid._fields, "file_id")
    return {name: getattr(row, name) for name in fields}
