"""What may stand on a list of what a count counts, and what keeps it from it.

Public names: ``ListKey``, ``ItemSaid``, ``Wrong``, ``WrongItems``, ``counted``, ``why_fixed``,
``wrong``, ``twice``.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from config.programmes import Action as ProgrammeAction
from config.programmes import Indicator, Period, Programme
from geo.city import City
from server.db import AnySession
from server.ledger import closings, reports, totals
from server.ledger.cells import ReportKey, cells
from server.ledger.items import key_of
from server.ledger.people import Unseen
from server.ledger.states import on_the_wall
from server.models import ListedItem, Listing
from server.revisions import Refused

LONGEST: Mapping[str, tuple[str, int]] = {
    "name": ("名称", 100),
    "place": ("地点", 200),
    "evidence": ("依据", 500),
}
"""By field what it is called, and the most characters."""


class ListKey(NamedTuple):
    """Which list: one unit's of what one indicator counts in a year."""

    year: int
    indicator: str
    unit: str


class ItemSaid(NamedTuple):
    """What is said of an item; ``period`` is the quarter in which it was reached."""

    name: str
    period: str
    district: str | None = None
    place: str = ""
    evidence: str = ""
    listing_id: int | None = None


class Wrong(NamedTuple):
    """What is wrong with one of the items that were given."""

    place: int
    """From 0, among them."""
    field: str
    message: str


class WrongItems(Refused):
    """None of the items was added; all that is wrong with them is told."""

    def __init__(self, found: Sequence[Wrong]) -> None:
        super().__init__("；".join(one.message for one in found))
        self.wrong = tuple(found)


def counted(programme: Programme, key: ListKey) -> tuple[ProgrammeAction, Indicator]:
    """The action and the indicator whose list it is.

    Raises:
        Unseen: the unit does not answer for it, or it is no count.
    """
    for action in programme.actions:
        for indicator in action.indicators:
            if indicator.code == key.indicator and key.unit in action.units:
                if indicator.measure != "at_least":
                    raise Unseen(f"指标 {indicator.code} 不是计数，没有清单")
                return action, indicator
    raise Unseen(f"{key.unit}没有指标 {key.indicator} 的清单")


def why_fixed(
    session: AnySession,
    programme: Programme,
    key: ListKey,
    period: Period,
    at: datetime,
    *,
    lock: bool = False,
) -> str:
    """Why nothing of a quarter can be changed on a list now; empty: it can.

    Who is about to change it locks: handing in locks the same row, so that no item slips in
    behind what is being handed in.
    """
    if on_the_wall(at) < period.start:
        return f"{period.title}还没有开始"
    if closings.is_closed(session, period.code):
        return f"{period.title}已经封账"
    action, _ = counted(programme, key)
    of = ReportKey(key.unit, action.number, period.code)
    report = reports.find(session, of, lock=lock)
    if report is not None and report.state == "submitted":
        return f"{period.title}的报表已经提交；要改清单请先撤回"
    if report is not None and report.state == "accepted":
        return f"{period.title}的报表已经通过；请记在后面的季度，或由负责人发起更正"
    return ""


def wrong(
    session: AnySession,
    programme: Programme,
    key: ListKey,
    given: Sequence[ItemSaid],
    city: City,
    at: datetime,
    own: int | None = None,
) -> Iterator[Wrong]:
    """What keeps items from standing on a list; ``own`` is the row that is being changed."""
    action, indicator = counted(programme, key)
    districts = {one.district for one in cells(action, city) if one.indicator == indicator}
    fixed = {
        period.code: why_fixed(session, programme, key, period, at, lock=True)
        for period in programme.periods
        if period.code in {said.period for said in given}
    }
    for place, said in enumerate(given):
        if said.district not in districts:
            yield Wrong(place, "district", "请选择所在的区县")
        if told := fixed.get(said.period, "请选择季度"):
            yield Wrong(place, "period", told)
        yield from _wrong_texts(session, place, said)
    yield from twice(session, programme, key, given, own)


def _wrong_texts(session: AnySession, place: int, said: ItemSaid) -> Iterator[Wrong]:
    for field, (title, most) in LONGEST.items():
        if len(getattr(said, field)) > most:
            yield Wrong(place, field, f"{title}最多 {most} 字")
    if not key_of(said.name):
        yield Wrong(place, "name", "请填写名称")
    if said.listing_id is not None:
        listing = session.get(Listing, said.listing_id)
        if listing is None or listing.state != "active":
            yield Wrong(place, "listing_id", f"地图上没有编号为 {said.listing_id} 的条目")


def twice(
    session: AnySession,
    programme: Programme,
    key: ListKey,
    given: Sequence[ItemSaid],
    own: int | None = None,
) -> Iterator[Wrong]:
    """Those that are counted already, and those that are given twice."""
    keys = [key_of(said.name) for said in given]
    query = select(ListedItem).where(
        ListedItem.year == key.year,
        ListedItem.indicator == key.indicator,
        ListedItem.key.in_(keys),
        ListedItem.removed_at.is_(None),
    )
    holders = {
        row.key: f"{row.unit} {programme.period(row.period).title}的清单里"
        for row in session.scalars(query)
        if row.id != own
    }
    holders = _still_told(session, programme, key) | holders
    first: dict[str, int] = {}
    for place, (said, name) in enumerate(zip(given, keys, strict=True)):
        if name and (holder := holders.get(name)):
            yield Wrong(place, "name", f"“{said.name}”已在{holder}，不能重复计数")
        elif name and first.setdefault(name, place) != place:
            yield Wrong(place, "name", f"“{said.name}”与第 {first[name] + 1} 条重复")


def _still_told(session: AnySession, programme: Programme, key: ListKey) -> dict[str, str]:
    """By name where reports of other units list it that count, or may come to.

    It may be off the list itself by now, as while a report is being corrected.
    """
    action, _ = counted(programme, key)
    codes = [period.code for period in programme.periods]
    return {
        key_of(item.name): f"{unit} {programme.period(said.period).title}报送的清单里"
        for unit in action.units
        if unit != key.unit
        for said in totals.told(session, codes, unit, action.number)
        for cell, stated in said.cells.items()
        if cell.partition("/")[0] == key.indicator
        for item in stated.items or ()
    }
