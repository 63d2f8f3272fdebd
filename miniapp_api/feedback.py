"""What whoever calls has to say about a listing, and what staff answered."""

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
from server.db import db, now
from server.feedback import sending_in
from server.feedback.text import LONGEST, Unreadable, cleaned
from server.limits import Rule, by_token
from server.listed import listed
from server.models import Feedback as Row
from server.people.sessions import Caller
from server.problem import Mistake
from server.revisions import writing
from server.row_ids import LARGEST_ID
from server.wechat import wechat

feedback = CallBlueprint(
    "feedback",
    __name__,
    tag="小程序用户",
    rules=(
        Rule(
            "feedback",
            lambda settings: f"{settings.feedback_per_token}/hour",
            by_token,
            methods=("POST",),
        ),
    ),
)


class Writing(Body):
    """A correction or a comment."""

    listing_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] = Field(
        description="说的是哪个地点或线路", examples=[1]
    )
    text: Annotated[str, Field(min_length=1, max_length=LONGEST)] = Field(
        description=f"至多 {LONGEST} 个字；不能有看不见的字符", examples=["周一其实不开门。"]
    )


class FeedbackItem(Public):
    """One text and what became of it."""

    id: int
    listing_id: int
    name: str = Field(description="地图上查不到它时为空")
    text: str
    made_at: datetime
    state: Literal["open", "answered", "closed"] = Field(
        description="open 已收到，answered 已答复，closed 已处理、没有答复"
    )
    answer: str = Field(description="工作人员的答复；没有时为空")
    answered_at: datetime | None


class Feedbacks(Public):
    """The latest 100, the newest first."""

    items: list[FeedbackItem]
    total: int


@feedback.call(
    "POST",
    "/feedback",
    summary="写反馈",
    body=Writing,
    output=FeedbackItem,
    asks_outside=True,
    problems=(404, 409, 410),
)
def give_feedback(caller: Caller, body: Writing) -> bytes:
    """纠正或补充一个地点、一条线路的信息，由工作人员看过并答复。

    文字先由微信检查：不合规的不收（422），也不存；微信一时问不到的照收，工作人员会先看。
    同一段文字重发一次，得到的是原来那一条。
    """
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    _on_the_map(atlas, body.listing_id)
    try:
        text = cleaned(body.text)
    except Unreadable as error:
        raise Refusal(422, "内容有误：text", Mistake("text", str(error))) from None
    settings: Settings = current_app.extensions["settings"]
    verdict = sending_in.check(db.session, settings, wechat(), caller.person_id, text)
    if verdict.check == "risky":
        mistake = Mistake("text", "微信认为其中有不合适的内容，请换一种说法")
        raise Refusal(422, "这段文字没有收下，也没有保存。", mistake)
    try:
        with writing(db.session):
            row = sending_in.keep(db.session, caller.person_id, body.listing_id, text, verdict)
            told = _item(atlas, row)
    except sending_in.TooMany as many:
        seconds = max(1, int((many.until - now()).total_seconds()))
        too_many = f"一天最多写 {sending_in.MOST_A_DAY} 条，请明天再写。"
        raise Refusal(429, too_many, Retry_After=str(seconds)) from None
    return orjson.dumps(told)


@feedback.call("GET", "/me/feedback", summary="我写的反馈", output=Feedbacks)
def my_feedback(caller: Caller) -> bytes:
    """最近 100 条，新的在前，附有工作人员的答复。"""
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    items = [_item(atlas, row) for row in sending_in.of(db.session, caller.person_id)]
    return orjson.dumps({"items": items, "total": len(items)})


def _on_the_map(atlas: Atlas, id: int) -> None:
    """Go on if it can be written about.

    Raises:
        Refusal: 404 there is none, 410 it was retired or merged, 409 it is a hotline.
    """
    one = listed(atlas, id)
    if one is None:
        raise Refusal(404, "没有这个地点或线路。")
    if one.type == "hotline":
        # Who needs one must not be found out from what is kept.
        raise Refusal(409, "热线的号码有误请不记名报错；我们不记下谁用过哪一条热线。")
    if one.merged_into is not None:
        raise Refusal(410, f"“{one.name}”已并入编号 {one.merged_into} 的条目，请写到那里。")
    if one.state == "retired":
        why = f"：{one.reason}" if one.reason else ""
        raise Refusal(410, f"“{one.name}”已撤下{why}。")


def _item(atlas: Atlas, row: Row) -> dict[str, Any]:
    one = listed(atlas, row.listing_id)
    return {
        "id": row.id,
        "listing_id": row.listing_id,
        "name": one.name if one else "",
        "text": row.text,
        "made_at": row.made_at.astimezone(SHANGHAI),
        "state": row.state,
        "answer": row.answer,
        "answered_at": row.answered_at and row.answered_at.astimezone(SHANGHAI),
    }
