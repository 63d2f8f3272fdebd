"""The practice passport: a code scanned on site makes a stamp; what the stamps amount to."""

from datetime import date
from functools import partial
from typing import Annotated, Literal

from flask import current_app
from pydantic import Field, model_validator

from config.settings import Settings
from geo.atlas import Atlas
from geo.crs import convert
from geo.opening import SHANGHAI
from geo.public import Public
from geo.sphere import distance_m
from miniapp_api.body import Body
from miniapp_api.calls import CallBlueprint, Refusal
from miniapp_api.query import FieldError
from server.db import db, now
from server.listed import Listed, listed
from server.passport import scenes, stamps
from server.passport.bases import Base, bases, current, former, led_here
from server.passport.progress import Earned, Share, badges, shares
from server.people.sessions import Caller
from server.problem import Mistake
from server.revisions import writing
from server.secret_key import secret_key

passport = CallBlueprint("passport", __name__, tag="小程序用户")


class CheckIn(Body):
    """What was scanned, and where one stands, if one says so."""

    scene: Annotated[str, Field(min_length=1, max_length=32)] = Field(
        description="小程序码里的 scene，或二维码里的文字", examples=["1.k3v7q2ma.4x6t5bq2w7ne"]
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
        for missing, given in (("lat", self.lon), ("lon", self.lat)):
            if given is not None and getattr(self, missing) is None:
                raise FieldError(missing, "lat 和 lon 应一起给出")
        return self


class Stamped(Public):
    """The stamp that the passport has now."""

    listing_id: int
    name: str
    day: date
    new: bool = Field(description="false：今天在这里已经打过卡")


class PassportStamp(Public):
    """A stamp. The name is that on the map now, or the last that it had there."""

    listing_id: int
    name: str = Field(description="基地已不在地图上的，是它最后的名称")
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
    atlas = _atlas()
    base = _scanned(settings, atlas, body.scene)
    _near(settings, base, body)
    day = now().astimezone(SHANGHAI).date()
    same = led_here(atlas, base.id)
    with writing(db.session):
        made = stamps.stamp(db.session, caller.person_id, base.id, day, same)
    return Stamped(listing_id=base.id, name=base.name, day=day, new=made)


@passport.call("GET", "/me/passport", summary="我的护照", output=Passport)
def my_passport(caller: Caller) -> Passport:
    """印章、各主题和各区县到过多少、得了哪些徽章。

    已撤下的基地的印章留着，徽章也照算；已合并的基地算作合并后的那一个。
    """
    atlas = _atlas()
    kept = stamps.stamps_of(db.session, caller.person_id)
    places = stamps.as_now(kept, partial(current, atlas))
    ids = [one.listing_id for one in places]
    there, gone = bases(atlas), former(db.session, atlas, ids)
    known = {**gone, **there}
    titles = {term.code: term.title for term in (*atlas.city.themes, *atlas.city.districts)}
    return Passport(
        stamps=[
            PassportStamp(listing_id=id_, name=known[id_].name if id_ in known else "", day=day)
            for id_, day in places
        ],
        bases=len(set(ids)),
        themes=[_share(one, titles) for one in shares(there, ids, "theme")],
        districts=[_share(one, titles) for one in shares(there, ids, "district")],
        badges=[_badge(one) for one in badges(current_app.extensions["badges"], there, gone, ids)],
        edition=atlas.number,
    )


def _scanned(settings: Settings, atlas: Atlas, code: str) -> Base:
    """The base whose code was scanned, or what it was merged into: the poster hangs there still.

    Raises:
        Refusal: 404 the code is none of ours, 410 it was revoked or the base is no more.
    """
    try:
        id_ = scenes.opened(db.session, secret_key(settings), code)
    except scenes.Forged as forged:
        raise Refusal(404, f"{forged}。") from None
    except scenes.Revoked as revoked:
        raise Refusal(410, f"{revoked}。") from None
    base = bases(atlas).get(current(atlas, id_))
    if base is not None:
        return base
    raise Refusal(410, f"{_why_not(listed(atlas, id_))}，不能打卡。")


def _why_not(one: Listed | None) -> str:
    """Why a good code makes no stamp."""
    if one is None:
        return "这个基地现在不在地图上"
    if one.merged_into is not None:
        return f"“{one.name}”已并入编号 {one.merged_into} 的条目，那里不是实践基地"
    if one.state == "active":
        return f"“{one.name}”现在不是实践基地"
    return f"“{one.name}”已撤下" + (f"（{one.reason}）" if one.reason else "")


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
    here = convert(body.lon, body.lat, body.crs, "wgs84")
    if distance_m(*here, base.lon, base.lat) > settings.check_in_distance:
        raise Refusal(
            409, f"您离“{base.name}”超过 {settings.check_in_distance} 米，请到馆内再打卡。"
        )


def _atlas() -> Atlas:
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    return atlas


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
