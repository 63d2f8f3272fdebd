"""The edition as a whole: what it is, its vocabularies, all of it at once, what has changed."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from pydantic import Field

from geo.atlas import ENCODINGS, Atlas, Change
from geo.crs import Crs, convert
from geo.public import HotlineRecord, PlacedRecord, Public
from geo.public_bus import NoticeRecord, RouteRecord
from miniapp_api.cursors import next_cursor, start_of
from miniapp_api.query import BadQuery, Empty, InCrs, Paged
from miniapp_api.query_types import Int
from miniapp_api.reads import Answer, PublicBlueprint
from server.problem import Mistake

editions = PublicBlueprint("editions", __name__, tag="数据期次")

MOST_EDITIONS = 999_999_999
"""No city publishes more often."""


CalendarSha = Annotated[
    str, Field(description="节假日安排（calendar）的摘要；与手里离线包的不同，就重新取 /bundle")
]
CitySha = Annotated[
    str, Field(description="分类、区县与设施的摘要；与手里离线包的不同，就重新取 /bundle")
]


class EditionQuery(Empty):
    """No parameters."""


class EditionAbout(Public):
    """Which edition is shown."""

    number: int = Field(description="期号")
    published_at: datetime
    sha256: str = Field(description="本期内容的 SHA-256")
    official: bool = Field(description="仍含未经核实的起始数据时为 false")
    counts: dict[Literal["site", "hotline", "bus_route", "notice"], int] = Field(
        description="各类条目的数目"
    )
    city: str
    calendar_years: list[int] = Field(description="已录入节假日安排的年份")
    calendar_sha: CalendarSha
    city_sha: CitySha


class Term(Public):
    """One word of a vocabulary."""

    code: str
    title: str


class CountedTerm(Term):
    """A word and how many places it finds."""

    count: int = Field(description="地点数")


class District(Term):
    """A district, a county or a functional zone."""

    adcode: str | None = Field(description="国标区划代码；功能区没有，为 null")
    parent: str | None = Field(description="功能区所在的区县")


class CountedDistrict(District):
    """A district (with the zones in it) and how many places it finds."""

    centre: tuple[float, float] = Field(
        description="[经度, 纬度]，坐标系见 crs；只用于地图的初始视野"
    )
    count: int = Field(description="地点数；区县包括其中的功能区")


class TaxonomyQuery(InCrs):
    """In which coordinate system the centres are told."""


class Taxonomy(Public):
    """The codes that filters take."""

    kinds: list[CountedTerm]
    themes: list[CountedTerm]
    districts: list[CountedDistrict]
    facilities: list[CountedTerm]
    edition: int
    crs: Crs


class BundleQuery(InCrs):
    """In which coordinate system."""


class BundledCity(Public):
    """The city whose map it is."""

    code: str
    name: str
    adcode: str


class BundledDay(Public):
    """One special day of the calendar."""

    date: date
    kind: Literal["holiday", "makeup_workday", "school_holiday"] = Field(
        description="法定节假日（含连休的周末）、调休上班日、寒暑假"
    )
    name: str


class BundledTombstone(Public):
    """A listing that was public once and is no longer."""

    id: int
    type: Literal["site", "hotline", "bus_route", "notice"]
    name: str
    reason: str
    retired_on: date
    changed_in: int
    merged_into: int | None = Field(description="并入的条目；不是合并则为 null")


class Bundle(Public):
    """Everything public, for offline use."""

    edition: int
    sha256: str = Field(
        description="本期内容的 SHA-256；答复头 Unencoded-Digest 另给本文件（未压缩）的摘要"
    )
    published_at: datetime
    official: bool = Field(description="仍含未经核实的起始数据时为 false")
    calendar_sha: CalendarSha
    city_sha: CitySha
    crs: Crs
    city: BundledCity
    kinds: list[Term]
    themes: list[Term]
    districts: list[District]
    facilities: list[Term]
    calendar: list[BundledDay]
    sites: list[PlacedRecord]
    hotlines: list[HotlineRecord]
    notices: list[NoticeRecord]
    bus_routes: list[RouteRecord]
    tombstones: list[BundledTombstone]


class ChangesQuery(InCrs, Paged):
    """Since when."""

    since: Annotated[
        Int, Field(ge=0, le=MOST_EDITIONS, description="已有的期号；0 表示从头", examples=[0])
    ]


class Changed(Public):
    """One listing that is new, different or gone."""

    id: int
    type: Literal["site", "hotline", "bus_route", "notice"]
    change: Literal["upsert", "delete"] = Field(
        description="upsert 附有与 type 同名的内容，delete 附有 reason、retired_on、merged_into"
    )
    changed_in: int = Field(description="在第几期变成这样")
    site: PlacedRecord | None = None
    hotline: HotlineRecord | None = None
    bus_route: RouteRecord | None = None
    notice: NoticeRecord | None = None
    reason: str | None = Field(default=None, description="撤下的原因")
    retired_on: date | None = None
    merged_into: int | None = Field(default=None, description="并入的条目")


class Changes(Public):
    """Applied in order to what edition ``since`` had, they give edition ``edition``."""

    items: list[Changed]
    total: int
    next: str | None = Field(description="下一页的游标；没有下一页时为 null")
    edition: int
    calendar_sha: CalendarSha
    city_sha: CitySha
    crs: Crs


@editions.read("/edition", EditionQuery, EditionAbout, summary="当前期次", responses=[422, 503])
def current_edition(atlas: Atlas, query: EditionQuery, now: float) -> Answer:
    """期号、发布时间、各类数目、校验和，以及是否为正式数据。"""
    about = {
        "number": atlas.number,
        "published_at": atlas.published_at,
        "sha256": atlas.sha256,
        "official": atlas.official,
        "counts": {
            "site": len(atlas),
            "hotline": len(atlas.hotlines),
            "bus_route": len(atlas.route_ids),
            "notice": len(atlas.notices),
        },
        "city": atlas.city.name,
        "calendar_years": atlas.calendar_years,
        "calendar_sha": atlas.calendar_sha,
        "city_sha": atlas.city_sha,
    }
    return Answer(orjson.dumps(about))


@editions.read("/taxonomy", TaxonomyQuery, Taxonomy, summary="分类与代码", responses=[422, 503])
def taxonomy(atlas: Atlas, query: TaxonomyQuery, now: float) -> Answer:
    """类别、主题、区县与功能区、设施：代码、名称和地点数；区县另有中心点。"""
    city = atlas.city
    vocabularies = {
        "kinds": ("kind", city.kinds),
        "themes": ("theme", city.themes),
        "districts": ("district", city.districts),
        "facilities": ("facility", city.facilities),
    }
    words: dict[str, Any] = {}
    for name, (filter_name, terms) in vocabularies.items():
        counts = atlas.counts(filter_name)
        words[name] = [
            term.model_dump(mode="json") | {"count": counts[term.code]} for term in terms
        ]
    for district in words["districts"]:
        lon, lat = district["centre"]
        centre = convert(lon, lat, "wgs84", query.crs)
        district["centre"] = [round(degrees, 6) for degrees in centre]
    return Answer(orjson.dumps(words | {"edition": atlas.number, "crs": query.crs}))


@editions.read(
    "/bundle",
    BundleQuery,
    Bundle,
    codings=ENCODINGS,
    summary="离线包",
    responses=[422, 503],
)
def bundle(atlas: Atlas, query: BundleQuery, now: float) -> Answer:
    """全部公开数据合为一个文件，带摘要，供离线使用。"""
    return Answer(
        atlas.bundle(query.crs, "json"),
        headers=(("Unencoded-Digest", atlas.bundle_digest(query.crs)),),
        ready=lambda coding: atlas.bundle(query.crs, coding),
    )


@editions.read("/changes", ChangesQuery, Changes, summary="某期之后的变化", responses=[422, 503])
def changes(atlas: Atlas, query: ChangesQuery, now: float) -> Answer:
    """新增、修改和撤下的条目；撤下的以墓碑（delete）给出原因。依次应用即得当前期。

    节假日和分类不在其中：见 calendar_sha、city_sha。
    """
    if query.since > atlas.number:
        raise BadQuery(Mistake("since", f"还没有这一期；现为第 {atlas.number} 期"))
    start = start_of(query, atlas, 0)
    found = atlas.changes(query.since)
    page = found[start.offset : start.offset + query.limit]
    tail = {
        "total": len(found),
        "next": next_cursor(query, atlas, start, len(found)),
        "edition": atlas.number,
        "calendar_sha": atlas.calendar_sha,
        "city_sha": atlas.city_sha,
        "crs": query.crs,
    }
    items = b",".join(_encoded(atlas, change, query.crs) for change in page)
    return Answer(b'{"items":[' + items + b"]," + orjson.dumps(tail)[1:])


def _encoded(atlas: Atlas, change: Change, crs: Crs) -> bytes:
    told: dict[str, Any] = {
        "id": change.id,
        "type": change.type,
        "change": "delete" if change.tombstone else "upsert",
        "changed_in": change.changed_in,
    }
    if change.type == "bus_route" and change.row is not None:
        return (
            orjson.dumps(told)[:-1] + b',"bus_route":' + atlas.route_record(change.row, crs) + b"}"
        )
    if change.row is not None:
        (record,) = atlas.records(np.array([change.row]), crs)
        return orjson.dumps(told)[:-1] + b',"site":' + record + b"}"
    if change.record is not None:
        return orjson.dumps(told | {change.type: change.record})
    if (stone := change.tombstone) is not None:
        told |= {
            "reason": stone.reason,
            "retired_on": stone.retired_on,
            "merged_into": stone.merged_into,
        }
    return orjson.dumps(told)
