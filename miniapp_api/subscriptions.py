"""Which lines whoever calls wants to hear about, and how many messages WeChat still takes."""

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from flask import current_app
from pydantic import Field

from config.settings import Settings
from geo.atlas import Atlas
from geo.opening import SHANGHAI
from geo.public import Public
from miniapp_api.body import Body
from miniapp_api.calls import CallBlueprint, Refusal
from server.db import db
from server.listed import listed
from server.mailings import (
    consents,
    hearing,  # noqa: F401  (it hears what WeChat pushes)
)
from server.mailings import subscriptions as kept
from server.people.sessions import Caller
from server.problem import Mistake
from server.revisions import writing
from server.row_ids import LARGEST_ID

subscriptions = CallBlueprint("subscriptions", __name__, tag="小程序用户")

Template = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class Subscribing(Body):
    """What the person has just agreed to."""

    accepted: Annotated[list[Template], Field(max_length=3)] = Field(
        default=[],
        description="wx.requestSubscribeMessage 里这一次点了“允许”（accept）的模板编号",
        examples=[["r8Jx2nQm5Kd0"]],
    )


class SubscriptionItem(Public):
    """A line that the person wants to hear about, as it stands on the map now."""

    route_id: int
    name: str
    state: Literal["active", "retired", "merged", "unknown"] = Field(
        description="retired 已撤下，merged 已并入 merged_into，unknown 地图上查不到"
    )
    merged_into: int | None
    made_at: datetime = Field(description="订阅的时刻")


class MessageTemplate(Public):
    """A template to ask consent for."""

    id: str = Field(description="交给 wx.requestSubscribeMessage 的模板编号")
    remaining: int = Field(description="还能发几条；每点一次“允许”加一，发一条减一")


class Subscriptions(Public):
    """All of them, the latest first."""

    items: list[SubscriptionItem]
    total: int
    templates: list[MessageTemplate] = Field(
        description="要征得同意的模板；空的表示本站还没有设置消息，订阅了也发不出来"
    )
    edition: int


@subscriptions.call("GET", "/me/subscriptions", summary="我订阅的线路", output=Subscriptions)
def my_subscriptions(caller: Caller) -> bytes:
    """停运、改道、改点时要告诉我的线路，后订阅的在前；还能收几条消息。"""
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    items = [_item(atlas, row) for row in kept.of(db.session, caller.person_id)]
    templates = [
        {"id": template, "remaining": consents.remaining(db.session, caller.person_id, template)}
        for template in _templates()
    ]
    return orjson.dumps(
        {"items": items, "total": len(items), "templates": templates, "edition": atlas.number}
    )


@subscriptions.call(
    "PUT",
    "/me/subscriptions/<listing:id>",
    summary="订阅线路的消息",
    body=Subscribing,
    problems=(301, 404, 410),
)
def subscribe(caller: Caller, body: Subscribing, id: int) -> None:
    """线路停运、改道、改点时，经微信告诉我；已订阅的不变。

    每条公告至多发一条。微信规定一次同意只能发一条，所以用完了要再征得同意，再调用一次。
    """
    _on_the_map(id)
    if unknown := [template for template in body.accepted if template not in _templates()]:
        mistake = Mistake("accepted", f"不是本站的模板：{unknown[0]}")
        raise Refusal(422, "内容有误：accepted", mistake)
    counted = body.accepted if kept.counted_here(_settings()) else []
    with writing(db.session):
        kept.subscribe(db.session, caller.person_id, id, dict.fromkeys(counted))


@subscriptions.call(
    "DELETE", "/me/subscriptions/<listing:id>", summary="退订线路的消息", problems=(404,)
)
def unsubscribe(caller: Caller, id: int) -> None:
    """不再告诉我；没有订阅过也答 204。已经同意的次数留着，别的线路还能用。"""
    if id > LARGEST_ID:
        raise Refusal(404, "没有这条线路。")
    with writing(db.session):
        kept.unsubscribe(db.session, caller.person_id, id)


def _on_the_map(id: int) -> None:
    """Go on if it is a line that one can hear about.

    Raises:
        Refusal: 404 there is none, 410 it was retired, 301 it is another now.
    """
    one = listed(current_app.extensions["atlas_keeper"].atlas, id)
    if one is None or one.type != "bus_route":
        raise Refusal(404, "没有这条线路。")
    if one.merged_into is not None:
        raise Refusal(
            301,
            f"“{one.name}”已并入编号 {one.merged_into} 的线路。",
            Location=f"/api/v1/me/subscriptions/{one.merged_into}",
        )
    if one.state == "retired":
        why = f"：{one.reason}" if one.reason else ""
        raise Refusal(410, f"“{one.name}”已撤下{why}。")


def _item(atlas: Atlas, row: Any) -> dict[str, Any]:
    one = listed(atlas, row.route_id)
    return {
        "route_id": row.route_id,
        "name": one.name if one else "",
        "state": one.state if one else "unknown",
        "merged_into": one.merged_into if one else None,
        "made_at": row.made_at.astimezone(SHANGHAI),
    }


def _templates() -> list[str]:
    template = _settings().wechat_bus_template
    return [template] if template else []


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
