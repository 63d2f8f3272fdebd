"""The edition as a whole: what it is, its vocabularies, all of it at once, what has changed."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from pydantic import BaseModel, Field

from geo.atlas import ENCODINGS, Atlas, Change
from geo.calendar import CalendarDay
from geo.city import City, District, Term
from geo.crs import Crs
from geo.edition import Tombstone
from geo.public import HotlineRecord, PlacedRecord
from miniapp_api.cursors import next_cursor, start_of
from miniapp_api.query import BadQuery, Empty, InCrs, Int, Mistake, Paged
from miniapp_api.reads import Answer, PublicBlueprint

editions = PublicBlueprint("editions", __name__, tag="数据期次")


class EditionQuery(Empty):
    """No parameters."""


class EditionAbout(BaseModel):
    """Which edition is shown."""

    number: int
    published_at: datetime
    sha256: str
    official: bool = Field(description="仍含未经核实的起始数据时为 false")
    counts: dict[str, int] = Field(examples=[{"site": 110, "hotline": 7}])
    city: str
    calendar_years: list[int] = Field(description="已录入节假日安排的年份")


class Counted(Term):
    """A word and how many places it finds."""

    count: int


class CountedDistrict(District):
    """A district (with the zones in it) and how many places it finds."""

    count: int


class TaxonomyQuery(Empty):
    """No parameters."""


class Taxonomy(BaseModel):
    """The codes that filters take."""

    kinds: list[Counted]
    themes: list[Counted]
    districts: list[CountedDistrict]
    facilities: list[Counted]
    edition: int


class BundleQuery(InCrs):
    """In which coordinate system."""


class BundledTombstone(Tombstone):
    """A listing that is gone."""


class Bundle(BaseModel):
    """Everything public, for offline use."""

    edition: int
    sha256: str = Field(description="本期内容的 SHA-256；答复头 Unencoded-Digest 另给本文件（未压缩）的摘要")
    published_at: datetime
    official: bool
    crs: str
    city: City
    calendar: list[CalendarDay]
    sites: list[PlacedRecord]
    hotlines: list[HotlineRecord]
    tombstones: list[BundledTombstone]


class ChangesQuery(InCrs, Paged):
    """Since when."""

    since: Annotated[Int, Field(ge=0, description="已有的期号；0 表示从头")]


class Changed(BaseModel):
    """One listing that is new, different or gone."""

    id: int
    type: Literal["site", "hotline"]
    change: Literal["upsert", "delete"]
    changed_in: int
    site: PlacedRecord | None = None
    hotline: HotlineRecord | None = None
    reason: str | None = None
    retired_on: date | None = None
    merged_into: int | None = None


class Changes(BaseModel):
    """Applied in order to what edition ``since`` had, they give edition ``edition``."""

    items: list[Changed]
    total: int
    next: str | None
    edition: int
    crs: str


@editions.read("/edition", EditionQuery, EditionAbout, summary="当前期次", responses=[422, 503])
def current_edition(atlas: Atlas, query: EditionQuery, now: float) -> Answer:
    """期号、发布时间、各类数目、校验和，以及是否为正式数据。"""
    about = {
        "number": atlas.number,
        "published_at": atlas.published_at,
        "sha256": atlas.sha256,
        "official": atlas.official,
        "counts": {"site": len(atlas), "hotline": len(atlas.hotlines)},
        "city": atlas.city.name,
        "calendar_years": atlas.calendar_years,
    }
    return Answer(orjson.dumps(about))


@editions.read("/taxonomy", TaxonomyQuery, Taxonomy, summary="分类与代码", responses=[422, 503])
def taxonomy(atlas: Atlas, query: TaxonomyQuery, now: float) -> Answer:
    """类别、主题、区县与功能区、设施：代码、名称和地点数。"""
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
    return Answer(orjson.dumps(words | {"edition": atlas.number}))


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


@editions.read(
    "/changes", ChangesQuery, Changes, summary="某期之后的变化", responses=[422, 503]
)
def changes(atlas: Atlas, query: ChangesQuery, now: float) -> Answer:
    """新增、修改和撤下的条目；撤下的以墓碑（delete）给出原因。依次应用即得当前期。"""
    if query.since > atlas.number:
        raise BadQuery(Mistake("since", f"还没有这一期；现为第 {atlas.number} 期"))
    start = start_of(query, atlas, 0)
    found = atlas.changes(query.since)
    page = found[start.offset : start.offset + query.limit]
    tail = {
        "total": len(found),
        "next": next_cursor(query, atlas, start, len(found)),
        "edition": atlas.number,
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
    if change.row is not None:
        (record,) = atlas.records(np.array([change.row]), crs)
        return orjson.dumps(told)[:-1] + b',"site":' + record + b"}"
    if change.hotline is not None:
        return orjson.dumps(told | {"hotline": change.hotline})
    if (stone := change.tombstone) is not None:
        told |= {
            "reason": stone.reason,
            "retired_on": stone.retired_on,
            "merged_into": stone.merged_into,
        }
    return orjson.dumps(told)
