"""What whoever calls wants to find again."""

from datetime import datetime
from typing import Any, Literal

import numpy as np
import orjson
from flask import current_app
from pydantic import Field

from geo.atlas import Atlas
from geo.moment import minute_of
from geo.opening import SHANGHAI
from geo.public import Public, SiteItem
from miniapp_api.calls import CallBlueprint, Refusal
from miniapp_api.query import InCrs, Timed
from server.db import db
from server.listed import Listed, listed
from server.models import Favourite
from server.people import favourites as kept
from server.people.sessions import Caller
from server.revisions import writing
from server.row_ids import LARGEST_ID

favourites = CallBlueprint("favourites", __name__, tag="小程序用户")


class FavouritesQuery(InCrs, Timed):
    """In which coordinate system, as of when."""


class FavouriteItem(Public):
    """A favourite as it stands on the map now."""

    id: int
    type: Literal["site", "bus_route"] | None = Field(description="地图上查不到它时为 null")
    name: str
    state: Literal["active", "retired", "merged", "unknown"] = Field(
        description="retired 已撤下，merged 已并入 merged_into，unknown 地图上查不到"
    )
    reason: str = Field(description="撤下的原因")
    merged_into: int | None
    made_at: datetime = Field(description="收藏的时刻")
    site: SiteItem | None = Field(description="地点在列表里的样子；不是地点或已不在时为 null")


class Favourites(Public):
    """All of them, the latest first."""

    items: list[FavouriteItem]
    total: int
    edition: int
    crs: str


@favourites.call(
    "GET", "/me/favourites", summary="我的收藏", query=FavouritesQuery, output=Favourites
)
def my_favourites(caller: Caller, query: FavouritesQuery) -> bytes:
    """全部收藏，后收藏的在前；已撤下、已合并的也在，并说明情况。"""
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    found = [(row, listed(atlas, row.listing_id)) for row in kept.of(db.session, caller.person_id)]
    sites = _sites(atlas, query, [one for _, one in found if one is not None])
    return orjson.dumps(
        {
            "items": [_item(row, one, sites) for row, one in found],
            "total": len(found),
            "edition": atlas.number,
            "crs": query.crs,
        }
    )


@favourites.call(
    "PUT", "/me/favourites/<listing:id>", summary="收藏", problems=(301, 404, 409, 410)
)
def add_favourite(caller: Caller, id: int) -> None:
    """收藏一个地点或一条线路；已收藏的不变。至多 500 个。

    热线不收藏：它随时都在，我们也不记下谁需要哪一条。
    """
    _on_the_map(id)
    with writing(db.session):
        kept.add(db.session, caller.person_id, id)


@favourites.call("DELETE", "/me/favourites/<listing:id>", summary="取消收藏", problems=(404,))
def remove_favourite(caller: Caller, id: int) -> None:
    """不再收藏；没有收藏过也答 204。"""
    if id > LARGEST_ID:
        raise Refusal(404, "没有这个条目。")
    with writing(db.session):
        kept.remove(db.session, caller.person_id, id)


def _on_the_map(id: int) -> None:
    """Go on if it can be kept.

    Raises:
        Refusal: 404 there is none, 410 it was retired, 301 it is another now, 409 it is a hotline.
    """
    one = listed(current_app.extensions["atlas_keeper"].atlas, id)
    if one is None:
        raise Refusal(404, "没有这个条目，或它不能收藏。")
    if one.type == "hotline":
        # Who needs one must not be found out from what is kept.
        raise Refusal(409, "热线随时都在，不用收藏；我们也不记下谁需要哪一条热线。")
    if one.merged_into is not None:
        raise Refusal(
            301,
            f"“{one.name}”已并入编号 {one.merged_into} 的条目。",
            Location=f"/api/v1/me/favourites/{one.merged_into}",
        )
    if one.state == "retired":
        why = f"：{one.reason}" if one.reason else ""
        raise Refusal(410, f"“{one.name}”已撤下{why}。")


def _sites(atlas: Atlas, query: FavouritesQuery, found: list[Listed]) -> dict[int, bytes]:
    """By id, each place as a ``SiteItem``."""
    places = [one for one in found if one.row is not None]
    at = query.at or datetime.now(SHANGHAI)
    rows = np.array([one.row for one in places], dtype=np.int64)
    items = atlas.items(rows, query.crs, minute_of(at))
    return {one.id: item for one, item in zip(places, items, strict=True)}


def _item(row: Favourite, one: Listed | None, sites: dict[int, bytes]) -> dict[str, Any]:
    site = sites.get(row.listing_id)
    return {
        "id": row.listing_id,
        "type": one.type if one else None,
        "name": one.name if one else "",
        "state": one.state if one else "unknown",
        "reason": one.reason if one else "",
        "merged_into": one.merged_into if one else None,
        "made_at": row.made_at.astimezone(SHANGHAI),
        "site": orjson.Fragment(site) if site else None,
    }
