"""What the public is told of a listing: the answers' own models.

The OpenAPI document is made from these models, and ``geo.bake`` encodes the unchanging part of
each listing by them, once per edition.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo.calendar import Calendar
from geo.listing import Closure, Hotline, Provenance, Site
from geo.listing_base import ListingDocument
from geo.opening import Hours
from geo.photo import SMALL, WIDTHS, Photo, media_path, size


class Public(BaseModel):
    """Base of everything in this file."""

    # Answers are made of ready bytes; most models only describe them, so they are built when asked.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Open(Public):
    """Whether a place is open at the moment asked, why, and until when that holds."""

    now: bool | None = Field(description="开放为 true，不开放为 false，未知为 null")
    state: Literal["open", "closing_soon", "closed", "unknown"]
    text: str = Field(description="给家长看的一句话", examples=["今天开放至 17:00"])
    reason: str = Field(description="判断依据", examples=["按每周开放时间"])
    code: str = Field(description="判断依据的代码", examples=["regular"])
    until: datetime | None = Field(description="下一次开闭变化的时刻；未知为 null")


class DayHours(Public):
    """One day's opening hours."""

    date: date
    ranges: list[tuple[str, str]] = Field(examples=[[["09:00", "17:00"]]])
    note: str = Field(description="节假日、调休、临时关闭等说明")
    known: bool = Field(description="当天的开放时间是否已知")


AgeRange = Annotated[
    tuple[int, int] | None, Field(description="适合年龄 [最小, 最大]；未知为 null")
]


UpdatedOn = Annotated[
    date | None, Field(description="最近更新的日期；从来没有人核实过的内容为 null")
]


class SiteCore(Public):
    """What a list shows of a place and an edition fixes."""

    id: int
    name: str
    kind: str
    theme: str
    district: str
    address: str
    free: bool | None = Field(description="是否免费；未知为 null")
    ages: AgeRange
    facilities: list[str]
    cover: str | None = Field(
        description="代表图片：以 / 开头的是本服务上的路径，前面加上本服务的地址；没有图片为 null",
        examples=["/media/3f0c…-320.jpg"],
    )
    verified: bool = Field(description="工作人员是否已核实")
    updated_on: UpdatedOn


class Placed(Public):
    """A position in the coordinate system that the answer names."""

    lat: float
    lon: float


class SiteItem(Placed, SiteCore):
    """One row of a list of places."""

    distance_m: int | None = Field(
        default=None, description="到所给位置的直线距离（米），仅在给出 lat、lon 时出现"
    )
    open: Open


class PhotoSize(Public):
    """One size of a photo."""

    width: int = Field(description="像素")
    height: int = Field(description="像素")
    url: str = Field(description="本服务上的路径，内容永不改变", examples=["/media/3f0c…-960.jpg"])


class PublicPhoto(Public):
    """A photo of a place; JPEG in up to three sizes."""

    alt: str = Field(description="照片里有什么，给看不到照片的人")
    credit: str = Field(description="署名；不需要时为空")
    sizes: list[PhotoSize] = Field(description="由小到大")


class SiteRecord(SiteCore):
    """Everything that an edition fixes about a place, but for its position."""

    aliases: list[str]
    phone: str | None
    website: str | None
    opening_hours: str | None = Field(description="OpenStreetMap opening_hours 语法")
    closures: list[Closure]
    fee: str
    booking: str
    introduction: str
    photos: list[PublicPhoto]
    source: str = Field(description="未单独注明来源的各项信息的来源")
    confirmed_on: date | None = Field(description="最近一次核实的日期")
    facts: dict[str, Provenance] = Field(description="单独注明来源和核实日期的各项信息")
    changed_in: int = Field(description="现有内容最早出现在第几期")


class PlacedRecord(Placed, SiteRecord):
    """A place as the offline bundle and the change feed carry it."""


class SiteDetail(PlacedRecord):
    """Everything about one place, at a moment."""

    open: Open
    hours: list[DayHours] = Field(description="今后 7 天的开放时间")
    edition: int
    crs: str


class HotlineRecord(Public):
    """A telephone line, as an edition fixes it."""

    id: int
    name: str
    number: str = Field(description="可直接拨打的号码", examples=["12356"])
    display: str = Field(description="显示用的号码")
    audience: str
    opening_hours: str | None
    always_open: bool = Field(description="是否 24 小时接听；时间未知时为 false")
    note: str
    verified: bool
    updated_on: UpdatedOn
    source: str
    confirmed_on: date | None
    changed_in: int


class HotlineItem(HotlineRecord):
    """A telephone line at a moment."""

    open: Open


def told_update(document: ListingDocument, updated_on: date) -> date | None:
    """The day of the last update, unless nobody has ever checked any of it.

    The starting data was approved as a whole on the day the database was filled; told as an
    update, that day would make years-old facts look fresh.
    """
    confirmed = any(fact.confirmed_on for fact in document.facts.values())
    return updated_on if document.verified or confirmed else None


def site_core(id_: int, site: Site, updated_on: date) -> SiteCore:
    """The list form of a place."""
    return SiteCore(
        id=id_,
        name=site.name,
        kind=site.kind,
        theme=site.theme,
        district=site.district,
        address=site.address,
        free=site.free,
        ages=(site.ages.min, site.ages.max) if site.ages else None,
        facilities=list(site.facilities),
        cover=_cover(site),
        verified=site.verified,
        updated_on=told_update(site, updated_on),
    )


def site_record(id_: int, site: Site, updated_on: date, changed_in: int) -> SiteRecord:
    """The full form of a place."""
    source, confirmed_on, facts = _provenance(site)
    return SiteRecord(
        **dict(site_core(id_, site, updated_on)),
        aliases=list(site.aliases),
        phone=site.phone,
        website=site.website,
        opening_hours=site.opening_hours,
        closures=list(site.closures),
        fee=site.fee,
        booking=site.booking,
        introduction=site.introduction,
        photos=[_photo(photo) for photo in site.photos],
        source=source,
        confirmed_on=confirmed_on,
        facts=facts,
        changed_in=changed_in,
    )


def _cover(site: Site) -> str | None:
    if site.cover is None and site.photos:
        return media_path(site.photos[0].id, SMALL)
    return site.cover


def _photo(photo: Photo) -> PublicPhoto:
    """A photo in the sizes that differ: of one that came small there are fewer."""
    sizes = {made.width: made for made in (size(photo, width) for width in reversed(WIDTHS))}
    return PublicPhoto(
        alt=photo.alt,
        credit=photo.credit,
        sizes=[
            PhotoSize(width=one.width, height=one.height, url=one.path)
            for one in reversed(sizes.values())
        ],
    )


def hotline_record(id_: int, hotline: Hotline, updated_on: date, changed_in: int) -> HotlineRecord:
    """The public form of a telephone line; it must have a number."""
    if hotline.number is None:
        raise ValueError(f"hotline {id_} has no number and can't be public")
    source, confirmed_on, _ = _provenance(hotline)
    return HotlineRecord(
        id=id_,
        name=hotline.name,
        number=hotline.number.replace("-", ""),
        display=hotline.number,
        audience=hotline.audience,
        opening_hours=hotline.opening_hours,
        always_open=Hours(hotline.opening_hours, Calendar()).always_open,
        note=hotline.note,
        verified=hotline.verified,
        updated_on=told_update(hotline, updated_on),
        source=source,
        confirmed_on=confirmed_on,
        changed_in=changed_in,
    )


def _provenance(document: Site | Hotline) -> tuple[str, date | None, dict[str, Provenance]]:
    rest = document.facts.get("")
    single = {field: fact for field, fact in document.facts.items() if field}
    return (rest.source, rest.confirmed_on, single) if rest else ("", None, single)
