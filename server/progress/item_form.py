"""The forms of a list's page and of one item, and what stands around them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from flask import Response, abort

from config.programmes import Action as ProgrammeAction
from config.programmes import Indicator, Programme
from server.console.frame import page
from server.console.gate import me
from server.db import db, now
from server.history import names
from server.ledger import item_keeping, values
from server.ledger.cells import cells
from server.ledger.item_checks import ItemSaid, ListKey, WrongItems, counted, why_fixed
from server.ledger.people import Unseen
from server.ledger.plain_text import plain
from server.models import ListedItem, StoredFile
from server.permissions import Action, may
from server.progress.asked import city, programme_of
from server.revisions import Refused, newest_approved
from server.row_ids import row_id

Raw = Mapping[str, str]

_LAST_NUMBER = re.compile(r"([0-9]+)\D*\Z")


class Counted(NamedTuple):
    """What a list counts."""

    action: ProgrammeAction
    indicator: Indicator


class Told(NamedTuple):
    """An item as the list shows it."""

    row: ListedItem
    listing: str
    """What it is called on the map; empty: it is not linked."""
    file: StoredFile | None
    by: str
    fixed: str
    """Why it can't be changed."""


def counted_or_404(key: ListKey) -> Counted:
    """What a list counts."""
    try:
        return Counted(*counted(programme_of(key.year), key))
    except Unseen:
        abort(404)


def read(raw: Raw) -> ItemSaid:
    """The item that a form's fields make.

    Raises:
        Refused: the map's number is none.
    """
    texts = {name: plain(raw.get(name, "")).strip() for name in ("name", "place", "evidence")}
    return ItemSaid(
        period=raw.get("period", ""),
        district=raw.get("district") or None,
        listing_id=_listing(raw.get("listing", "")),
        **texts,
    )


def pasted(raw: Raw) -> list[ItemSaid]:
    """The items of the lines that were pasted, all of one quarter and district."""
    period, district = raw.get("period", ""), raw.get("district") or None
    return [
        ItemSaid(name, period, district, place, evidence)
        for name, place, evidence in item_keeping.lines(raw.get("lines", ""))
    ]


def numbered(raw: Raw, error: WrongItems) -> list[str]:
    """What is wrong with the items, by their number where there are several."""
    if raw.get("act") != "paste":
        return [one.message for one in error.wrong]
    return [f"第 {one.place + 1} 条：{one.message}" for one in error.wrong[:30]]


def show_list(
    key: ListKey, raw: Raw, told: str = "", status: int = 200, wrong: list[str] | None = None
) -> Response:
    """A list with its forms."""
    programme = programme_of(key.year)
    of, fixed = counted_or_404(key), _fixed(programme, key)
    rows = item_keeping.listed(db.session, key)
    return page(
        "progress/item_list.html",
        status,
        corner="progress.items",
        key=key,
        of=of,
        programme=programme,
        items=_told(rows, fixed),
        raw=raw,
        told=told,
        wrong=wrong or [],
        mine=may(me(), Action.REPORT) and me().unit == key.unit,
        periods=_open(programme, fixed),
        districts=districts(of),
        number=values.told,
    )


def show_item(
    row: ListedItem, raw: Raw, told: str = "", status: int = 200, wrong: list[str] | None = None
) -> Response:
    """One item's form."""
    programme, key = programme_of(row.year), ListKey(row.year, row.indicator, row.unit)
    of, fixed = counted_or_404(key), _fixed(programme, key)
    return page(
        "progress/item.html",
        status,
        corner="progress.items",
        key=key,
        of=of,
        item=_told([row], fixed)[0],
        raw=raw,
        told=told,
        wrong=wrong or [],
        periods=_open(programme, fixed),
        districts=districts(of),
    )


def as_raw(row: ListedItem) -> dict[str, str]:
    """What stands in the form of an item when it is opened."""
    return {
        "name": row.name,
        "place": row.place,
        "evidence": row.evidence,
        "period": row.period,
        "district": row.district or "",
        "listing": str(row.listing_id or ""),
        "was": item_keeping.stamp(row),
    }


def districts(of: Counted) -> list[tuple[str, str]]:
    """Codes and titles of the districts that count by themselves; none, if none does."""
    return [
        (cell.district, cell.title.rpartition("：")[2])
        for cell in cells(of.action, city())
        if cell.indicator == of.indicator and cell.district
    ]


def _listing(text: str) -> int | None:
    """The number of a listing, or of its address on the map."""
    text = text.strip()
    if not text:
        return None
    found = _LAST_NUMBER.search(text)
    number = row_id(found[1]) if found else None
    if number is None:
        raise Refused("“地图上的条目”请填编号，或粘贴它在地图上的网址")
    return number


def _fixed(programme: Programme, key: ListKey) -> dict[str, str]:
    at = now()
    return {
        period.code: why_fixed(db.session, programme, key, period, at)
        for period in programme.periods
    }


def _open(programme: Programme, fixed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Codes and titles of the quarters whose list can be changed now."""
    return [(one.code, one.title) for one in programme.periods if not fixed[one.code]]


def _told(rows: list[ListedItem], fixed: Mapping[str, str]) -> list[Told]:
    people = names(db.session, {row.created_by for row in rows})
    return [
        Told(
            row,
            _name_on_the_map(row.listing_id),
            db.session.get(StoredFile, row.file_id) if row.file_id else None,
            people.get(row.created_by or 0, "单位自己的系统"),
            fixed.get(row.period, ""),
        )
        for row in rows
    ]


def _name_on_the_map(listing_id: int | None) -> str:
    approved = newest_approved(db.session, listing_id) if listing_id else None
    return str(approved.document.get("name", "")) if approved else ""
