"""The practice passport: a code scanned on site makes a stamp; what the stamps amount to."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import orjson
from flask import current_app
from pydantic import Field, model_validator

from config.settings import Settings
from geo.atlas import Atlas
from geo.crs import convert
from geo.opening import SHANGHAI
from geo.public import Public
from geo.question import Question
from geo.sphere import distance_m
from miniapp_api.body import Body
from miniapp_api.calls import CallBlueprint, Refusal
from miniapp_api.listed import listed
from server.db import db, now
from server.passport import scenes, stamps
from server.passport.progress import Base, Bases, Earned, Share, badges, shares
from server.people.sessions import Caller
from server.problem import Mistake
from server.revisions import writing
from server.secret_key import secret_key

passport = CallBlueprint("passport", __name__, tag="小程序用户")


class CheckIn(Body):
    """What was scanned, and where one stands, if one says so."""

    scene: Annotated[str, Field(min_length=1, max_length=32)] = Field(
        description="小程序码里的 scene，或二维码里的文字", examples=["1.k3v7q2ma.4x6t0bq2w9ne"]
    )
    lat: Annotated[float, Field(ge=-90, le=90)] | None = Field(
        default=None, description="现在的纬度；只用来核对距离，不保存"
    )
    lon: Annotated[float, Field(ge=-180, le=180)] | None = Field(
        default=None, description="现在的经度"
    )
    crs: Literal["gcj02", "wgs84", "bd09"] = Field(default="gcj02", description="lat、lon 的坐标系")

    @model_validator(mode="after")
    def _both_or_neither(self) -> "CheckIn":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat 和 lon 应一起给出")
        return self


class Stamped(Public):
    """The stamp that the passport has now."""

    listing_id: int
    name: str
    day: date
    new: bool = Field(description="false：今天在这里已经打过卡")


class PassportStamp(Public):
    """A stamp. The name is that on the map now."""

    listing_id: int
    name: str = Field(description="基地已不在地图上、名称也查不到时为空")
    day: date


class PassportShare(Public):
    """How many bases of a theme or a district have been seen."""

    code: str
    title: str
    seen: int
    total: int


class PassportBadge(Public):
    """A badge, and how far it is."""

    code: str
    title: str
    earned: bool
    have: int
    need: int


class Passport(Public):
    """All of it, the latest stamp first."""

    stamps: list[PassportStamp]
    bases: int = Field(description="到过几个不同的基地")
    themes: list[PassportShare]
    districts: list[PassportShare]
    badges: list[PassportBadge]
    edition: int


@passport.call(
    "POST",
    "/me/check-ins",
    summary="打卡",
    body=CheckIn,
    output=Stamped,
    problems=(404, 409, 410),
)
def check_in(caller: Caller, body: CheckIn) -> Stamped:
    """扫了基地里的码，在护照上盖章；同一基地一天一枚，再扫不变。

    只记下是哪个基地、哪一天，不记时刻和位置。
    """
    settings: Settings = current_app.extensions["settings"]
    base = _scanned(settings, body.scene)
    _near(settings, base, body)
    day = now().astimezone(SHANGHAI).date()
    with writing(db.session):
        made = stamps.stamp(db.session, caller.person_id, base.id, day)
    return Stamped(listing_id=base.id, name=base.name, day=day, new=made)


@passport.call("GET", "/me/passport", summary="我的护照", output=Passport)
def my_passport(caller: Caller) -> Passport:
    """印章、各主题和各区县到过多少、得了哪些徽章。"""
    atlas = _atlas()
    bases = _bases(atlas)
    kept = stamps.stamps_of(db.session, caller.person_id)
    ids = [one.listing_id for one in kept]
    titles = {term.code: term.title for term in (*atlas.city.themes, *atlas.city.districts)}
    return Passport(
        stamps=[
            PassportStamp(listing_id=one.listing_id, name=_name(atlas, one.listing_id), day=one.day)
            for one in kept
        ],
        bases=len(set(ids)),
        themes=[_share(one, titles) for one in shares(bases, ids, "theme")],
        districts=[_share(one, titles) for one in shares(bases, ids, "district")],
        badges=[_badge(one) for one in badges(current_app.extensions["badges"], bases, ids)],
        edition=atlas.number,
    )


def _scanned(settings: Settings, code: str) -> Base:
    """The base whose code was scanned.

    Raises:
        Refusal: 404 the code is none of ours, 410 it was revoked or the base is no more.
    """
    try:
        id_ = scenes.opened(db.session, secret_key(settings), code)
    except scenes.Forged as forged:
        raise Refusal(404, f"{forged}。") from None
    except scenes.Revoked as revoked:
        raise Refusal(410, f"{revoked}。") from None
    base = _bases(_atlas()).get(id_)
    if base is None:
        raise Refusal(410, "这个基地已经不在地图上，不能打卡了。")
    return base


def _near(settings: Settings, base: Base, body: CheckIn) -> None:
    """Go on if whoever scans stands at the base, where that is asked for.

    Raises:
        Refusal: 422 it does not say where it stands, 409 it is too far away.
    """
    if not settings.check_in_distance:
        return
    if body.lat is None or body.lon is None:
        mistake = Mistake("lat", "打卡要核对距离，请允许小程序获取位置")
        raise Refusal(422, "内容有误：lat", mistake)
    row = _atlas().row_of(base.id)
    if row is None:
        raise Refusal(410, "这个基地已经不在地图上，不能打卡了。")
    here = convert(body.lon, body.lat, body.crs, "wgs84")
    if distance_m(*here, *_atlas().place(row)) > settings.check_in_distance:
        raise Refusal(
            409, f"您离“{base.name}”超过 {settings.check_in_distance} 米，请到馆内再打卡。"
        )


def _atlas() -> Atlas:
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    return atlas


@lru_cache(maxsize=2)
def _bases(atlas: Atlas) -> Bases:
    """The practice bases of an edition, made once."""
    rows = atlas.find(Question(kind=scenes.BASE_KIND), 0, len(atlas)).rows
    records = (orjson.loads(one) for one in atlas.records(rows.astype(np.int64), "wgs84"))
    return {
        one["id"]: Base(one["id"], one["name"], one["theme"], one["district"]) for one in records
    }


def _name(atlas: Atlas, id_: int) -> str:
    known = _bases(atlas).get(id_)
    if known is not None:
        return known.name
    found = listed(atlas, id_)
    return found.name if found else ""


def _share(one: Share, titles: dict[str, str]) -> PassportShare:
    return PassportShare(
        code=one.code, title=titles.get(one.code, one.code), seen=one.seen, total=one.total
    )


def _badge(one: Earned) -> PassportBadge:
    return PassportBadge(
        code=one.badge.code,
        title=one.badge.title,
        earned=one.earned,
        have=one.have,
        need=one.need,
    )
