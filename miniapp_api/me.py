"""What is known of whoever calls: an overview, everything, and nothing any more."""

from datetime import date, datetime

from flask import current_app
from pydantic import Field

from geo.opening import SHANGHAI
from geo.public import Public
from miniapp_api.calls import CallBlueprint
from server.db import db, now
from server.people import held, persons
from server.people.keys import key_ring
from server.people.sessions import Caller
from server.revisions import writing

me = CallBlueprint("me", __name__, tag="小程序用户")


class Me(Public):
    """How much there is of each sort; names, phone numbers and positions are never kept."""

    since: date = Field(description="第一次登录的日期")
    sessions: int = Field(description="登录着几处（含这一处）")
    favourites: int = Field(description="收藏了几个条目")
    stamps: int = Field(description="打卡几次")
    bus_subscriptions: int = Field(description="订阅了几条线路的消息")
    feedback: int = Field(description="写过几条反馈")


class HeldPerson(Public):
    """What is held about the person as such."""

    openid: str | None = Field(description="微信的 openid，加密存放；无法解密时为 null")
    created_at: datetime
    last_seen_at: datetime = Field(description="最近使用，精确到天")


class HeldSession(Public):
    """A place where the person is signed in."""

    created_at: datetime
    expires_at: datetime


class HeldFavourite(Public):
    """A favourite."""

    listing_id: int
    made_at: datetime


class HeldStamp(Public):
    """A stamp: which base, which day."""

    listing_id: int
    day: date


class HeldSubscription(Public):
    """A line that the person wants to hear about."""

    route_id: int
    made_at: datetime


class HeldConsent(Public):
    """How many messages of a template may still be sent."""

    template: str
    remaining: int
    changed_at: datetime


class HeldMessage(Public):
    """A message about a notice."""

    notice_id: int
    route_id: int
    state: str
    attempted_at: datetime | None


class HeldFeedback(Public):
    """What the person wrote, what the text check said, and the answer."""

    listing_id: int
    text: str
    text_check: str
    check_label: int | None
    made_at: datetime
    state: str
    answer: str
    answered_at: datetime | None


class Export(Public):
    """Everything that is held about the person."""

    exported_at: datetime
    person: HeldPerson
    sessions: list[HeldSession]
    favourites: list[HeldFavourite]
    stamps: list[HeldStamp]
    bus_subscriptions: list[HeldSubscription]
    message_consents: list[HeldConsent]
    messages: list[HeldMessage]
    feedback: list[HeldFeedback]


@me.call("GET", "/me", summary="我的概况", output=Me)
def my_overview(caller: Caller) -> Me:
    """各有多少。没有姓名、电话和位置，因为从来不收。"""
    counted = held.counts(db.session, caller.person_id)
    since = held.since(db.session, caller.person_id).astimezone(SHANGHAI).date()
    shown = {name: counted[name] for name in counted.keys() & Me.model_fields.keys()}
    return Me(since=since, **shown)


@me.call("GET", "/me/export", summary="导出我的全部数据", output=Export)
def my_export(caller: Caller) -> Export:
    """本系统所存的、与我有关的一切，一件不漏。"""
    ring = key_ring(current_app.extensions["settings"])
    everything = held.everything(db.session, ring, caller.person_id)
    return Export.model_validate({"exported_at": now(), **everything})


@me.call("DELETE", "/me", summary="注销并清除")
def erase_me(caller: Caller) -> None:
    """清除与我有关的一切，不能恢复；各处的登录同时失效。再次登录就是一位新用户。"""
    with writing(db.session):
        persons.erase(db.session, caller.person_id)
