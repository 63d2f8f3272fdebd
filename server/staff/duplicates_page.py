"""Listings that may be the same: the pairs, two beside each other, merging and its undoing."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo.city import City
from geo.opening_words import with_code
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.db import db
from server.duplicates import Place, Places, all_pairs, places_on_the_map, told_apart
from server.imports.column import Column
from server.imports.columns import by_field
from server.imports.telling import cell_text
from server.listing_merge import (
    TYPES,
    merge,
    merged_lately,
    offered,
    part,
    tell_apart,
)
from server.models import Listing, Revision
from server.permissions import Action
from server.revisions import Refused, newest, writing
from server.staff.blueprint import staff

SHOWN = 50


@staff.get("/duplicates")
@needs(Action.RETIRE)
def duplicates() -> Response:
    """The pairs of sites that may be one, likeliest first."""
    places = places_on_the_map(db.session)
    pairs = all_pairs(places, SHOWN, told_apart(db.session))
    return page(
        "staff/duplicates.html",
        section="staff.imports",
        pairs=pairs,
        merged=merged_lately(db.session),
    )


@staff.get("/duplicates/<int:one>/<int:other>")
@needs(Action.RETIRE)
def duplicate_pair(one: int, other: int) -> Response:
    """Two listings beside each other; ``one`` is the one that stays."""
    return _pair(one, other)


@staff.post("/duplicates/<int:one>/<int:other>/merge")
@needs(Action.RETIRE)
def merge_listings(one: int, other: int) -> AnyResponse:
    """Let ``other`` lead to ``one``."""
    try:
        with writing(db.session):
            draft = merge(db.session, me(), other, one, request.form.getlist("take"))
            taken = draft is not None
    except Refused as error:
        return _pair(one, other, str(error), 409)
    more = f"补充的内容存为编号 {one} 的草稿，还要提交审核。" if taken else ""
    tell(f"编号 {other} 已并入编号 {one}，下次发布后生效。{more}")
    return redirect(url_for("staff.duplicates"), 303)


@staff.post("/duplicates/<int:one>/<int:other>/apart")
@needs(Action.RETIRE)
def tell_listings_apart(one: int, other: int) -> AnyResponse:
    """Say that the two are not the same."""
    try:
        with writing(db.session):
            tell_apart(db.session, me(), one, other)
    except Refused as error:
        tell(str(error), "bad")
    else:
        tell(f"已记下：编号 {one} 和 {other} 不是同一个，不再提示。")
    return redirect(url_for("staff.duplicates"), 303)


@staff.post("/duplicates/<int:one>/part")
@needs(Action.RETIRE)
def part_listings(one: int) -> AnyResponse:
    """Take a merging back."""
    try:
        with writing(db.session):
            part(db.session, me(), one)
    except Refused as error:
        tell(str(error), "bad")
    else:
        tell(f"编号 {one} 已恢复为单独的条目，下次发布后生效。")
    return redirect(url_for("staff.duplicates"), 303)


def _pair(one: int, other: int, error: str = "", status: int = 200) -> Response:
    stays, goes = _saying(one), _saying(other)
    listings = [db.session.get_one(Listing, id_) for id_ in (one, other)]
    type_ = listings[0].type
    if one == other or type_ not in TYPES or listings[1].type != type_:
        abort(404)
    city = current_app.extensions["city"]
    takeable = offered(stays.document, goes.document)
    lines = []
    for column in by_field(type_).values():
        if not column.exported or column.field in ("id", "key"):
            continue
        said = [_cell(column, each.document, city) for each in (stays, goes)]
        new = _cell(column, takeable, city) if column.field in takeable else ""
        if any(said):
            lines.append((column, *said, new))
    return page(
        "staff/duplicate_pair.html",
        status,
        section="staff.imports",
        stays=stays,
        goes=goes,
        lines=lines,
        error=error,
        mergeable=all(listing.state == "active" for listing in listings),
        told=_likeness(stays, goes) if type_ == "site" else "",
    )


def _cell(column: Column, document: Mapping[str, Any], city: City) -> str:
    """What a table would say, but opening hours in words: here a person chooses."""
    text = cell_text(column, document, city, 0, None)
    return with_code(text) if text and column.reader == "hours" else text


def _likeness(stays: Revision, goes: Revision) -> str:
    places = Places()
    places.add(Place.of(goes.listing_id, goes.document))
    found = places.like(Place.of(stays.listing_id, stays.document))
    return found[0].told if found else ""


def _saying(listing_id: int) -> Revision:
    found = newest(db.session, listing_id) if listing_id < 2**31 else None
    if found is None:
        abort(404)
    return found
