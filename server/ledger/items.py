"""Counts that are lists: where a unit keeps one, the number it reports is the list's length.

Public names: ``lists``, ``key_of``.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from server.db import AnySession
from server.ledger.cells import ReportKey
from server.ledger.content import ItemTold
from server.models import ListedItem


def lists(session: AnySession, year: int, key: ReportKey) -> Mapping[str, tuple[ItemTold, ...]]:
    """By cell what a unit has listed for an action up to the end of the report's quarter."""
    query = (
        select(ListedItem)
        .where(
            ListedItem.year == year,
            ListedItem.unit == key.unit,
            ListedItem.indicator.startswith(f"{key.action}."),
            ListedItem.period <= key.period,
            ListedItem.removed_at.is_(None),
        )
        .order_by(ListedItem.period, ListedItem.id)
    )
    found: dict[str, list[ItemTold]] = defaultdict(list)
    for row in session.scalars(query):
        cell = f"{row.indicator}/{row.district}" if row.district else row.indicator
        found[cell].append(
            ItemTold(
                id=row.id, name=row.name, place=row.place, period=row.period, evidence=row.evidence
            )
        )
    return {cell: tuple(told) for cell, told in found.items()}


def key_of(name: str) -> str:
    """A name as it is compared: width, case, spaces and punctuation make no difference."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
