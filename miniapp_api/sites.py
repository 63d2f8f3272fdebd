"""Places: lists near a position, within a box, by words; one place; GeoJSON; clusters."""

from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from pydantic import Field, model_validator

from geo.atlas import Atlas
from geo.crs import Crs, convert
from geo.moment import minute_of
from geo.opening import SHANGHAI
from geo.public import HotlineItem, Public, SiteDetail, SiteItem
from geo.question import Found, Question
from geo.sphere import Box
from miniapp_api.cursors import next_cursor, start_of
from miniapp_api.gone import Asked, gone
from miniapp_api.hotlines import with_hotlines
from miniapp_api.query import FieldError, InCrs, Paged, Place, Query, Timed
from miniapp_api.query_types import (
    Bool,
    BoundingBox,
    DistrictCode,
    Facility,
    Int,
    Kind,
    NowOrTime,
    Theme,
    Words,
)
from miniapp_api.reads import Answer, PublicBlueprint
from server import tallies

sites = PublicBlueprint("sites", __name__, tag="地点")

DEFAULT_RADIUS = 5000.0
"""Metres around a position that count when nothing else is said: half an hour on foot or so."""

READING_SPACE = "reading_space"

WORDS_ALONE = frozenset({"q", "sort", "crs", "limit", "cursor"})
"""What a search for words may hold besides: no place, no filter that may be why nothing fits."""

GEOJSON = "application/geo+json"


class Filters(Timed):
    """What the places must be; all conditions hold together."""

    theme: Annotated[Theme | None, Field(description="主题代码，见 /taxonomy")] = None
    district: Annotated[
        DistrictCode | None,
        Field(description="区县或功能区代码；查区县时包括其中的功能区"),
    ] = None
    age: Annotated[
        Int | None,
        Field(ge=0, le=18, description="孩子的周岁；适合年龄未知的地点不会被排除", examples=[6]),
    ] = None
    free: Annotated[
        Bool | None,
        Field(description="是否免费；收费情况未知的不算，数目见 unconfirmed", examples=[True]),
    ] = None
    facility: Annotated[
        tuple[Facility, ...],
        Field(max_length=20, description="所需设施的代码，可重复，须全部具备"),
    ] = ()
    open: Annotated[
        NowOrTime | None,
        Field(
            description="该时刻开放：now 或 ISO 8601 时间；开放时间未知的不算，数目见 unconfirmed",
            examples=["now"],
        ),
    ] = None
    q: Words | None = None

    def asked(self, now: float) -> dict[str, Any]:
        """These filters in the words of ``geo.question.Question``; ``now`` in Unix seconds."""
        minute = None
        if self.open is not None:
            minute = self.minute(now) if self.open == "now" else minute_of(self.open)
        return {
            "theme": self.theme,
            "district": self.district,
            "age": self.age,
            "free": self.free,
            "facilities": self.facility,
            "open_minute": minute,
            "q": self.q,
        }


class Sorted(Query):
    """The order of a list."""

    sort: Annotated[
        Literal["distance", "relevance", "name"] | None,
        Field(
            description="distance 须有 lat、lon；relevance 须有 q；"
            "默认有位置按距离，有 q 按相关度，否则按名称"
        ),
    ] = None


class SpacesQuery(Filters, Place, Paged, Sorted):
    """A list of places of one kind."""

    @model_validator(mode="after")
    def _sortable(self) -> "SpacesQuery":
        if self.sort == "distance" and self.lat is None:
            raise FieldError("sort", "按距离排序须给出 lat 和 lon")
        if self.sort == "relevance" and self.q is None:
            raise FieldError("sort", "按相关度排序须给出 q")
        return self


class SitesQuery(SpacesQuery):
    """A list of places."""

    kind: Annotated[Kind | None, Field(description="类别代码，见 /taxonomy")] = None


class ReadingSpacesQuery(SitesQuery):
    """A list of reading spaces; another ``kind`` holds together with that, so finds none."""


class GeoJsonQuery(SitesQuery):
    """The same list as GeoJSON: WGS-84 unless asked otherwise, up to 1000 a page."""

    crs: Annotated[Crs, Field(description="查询与答复所用的坐标系；默认 wgs84（RFC 7946）")] = (
        "wgs84"
    )
    limit: Annotated[Int, Field(ge=1, le=1000, description="每页条数")] = 1000


class ClustersQuery(Filters, InCrs):
    """The places of a map view."""

    bbox: BoundingBox
    zoom: Annotated[Int, Field(ge=0, le=22, description="地图缩放级别", examples=[12])]
    kind: Annotated[Kind | None, Field(description="类别代码，见 /taxonomy")] = None


class DetailQuery(Asked):
    """One place."""


class SitesPage(Public):
    """A page of places."""

    items: list[SiteItem]
    total: int = Field(description="符合条件的总数")
    next: str | None = Field(description="下一页的游标；没有下一页时为 null")
    edition: int
    crs: Crs
    unconfirmed: int | None = Field(
        default=None,
        description="用 open 或 free 筛选时：其余条件都符合、只是该项情况未知的地点数",
    )
    hotlines: list[HotlineItem] | None = Field(
        default=None, description="没有符合条件的地点时附上的热线"
    )


class Point(Public):
    """RFC 7946 Point: [lon, lat]."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class Feature(Public):
    """A place as a GeoJSON feature."""

    type: Literal["Feature"]
    id: int
    geometry: Point
    properties: SiteItem


class FeatureCollection(Public):
    """RFC 7946, with the counts of OGC API Features."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    number_matched: int = Field(alias="numberMatched", description="符合条件的总数")
    number_returned: int = Field(alias="numberReturned", description="本页的数目")
    next: str | None = Field(description="下一页的游标；没有下一页时为 null")
    edition: int
    crs: Crs
    unconfirmed: int | None = Field(
        default=None,
        description="用 open 或 free 筛选时：其余条件都符合、只是该项情况未知的地点数",
    )
    hotlines: list[HotlineItem] | None = Field(
        default=None, description="没有符合条件的地点时附上的热线"
    )


class ClusterItem(Public):
    """Places that stand too close together to be told apart."""

    lat: float
    lon: float
    count: int
    bbox: tuple[float, float, float, float] = Field(
        description="最小经度、最小纬度、最大经度、最大纬度：放大到这里即可分开"
    )


class Clusters(Public):
    """A map view: clusters, and the places that stand alone."""

    clusters: list[ClusterItem]
    items: list[SiteItem]
    total: int = Field(description="视野内符合条件的地点总数，聚合的也计入")
    edition: int
    crs: Crs
    hotlines: list[HotlineItem] | None = Field(
        default=None, description="没有符合条件的地点时附上的热线"
    )


@sites.read("/sites", SitesQuery, SitesPage, summary="查找地点", responses=[422, 503])
def list_sites(atlas: Atlas, query: SitesQuery, now: float) -> Answer:
    """附近、范围内或符合条件的地点；给出 lat、lon 时由近及远并带距离。"""
    return _page(atlas, query, now, query.kind)


@sites.read(
    "/reading-spaces",
    ReadingSpacesQuery,
    SitesPage,
    summary="查找儿童公共阅读空间",
    responses=[422, 503],
)
def list_reading_spaces(atlas: Atlas, query: ReadingSpacesQuery, now: float) -> Answer:
    """参数与 /sites 相同，只含阅读空间；kind 若是别的类别，则没有结果。"""
    if query.kind not in (None, READING_SPACE):
        return _nothing(atlas, query, now)
    return _page(atlas, query, now, READING_SPACE)


@sites.read(
    "/sites.geojson",
    GeoJsonQuery,
    FeatureCollection,
    content_type=GEOJSON,
    summary="地点（GeoJSON）",
    responses=[422, 503],
)
def sites_geojson(atlas: Atlas, query: GeoJsonQuery, now: float) -> Answer:
    """与 /sites 相同的条件，答复为 RFC 7946 FeatureCollection；坐标默认 WGS-84。"""
    found, cursor = _find(atlas, query, now, query.kind)
    minute = _shown_minute(query, now)
    features = [
        b'{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.6f,%.6f]},'
        b'"properties":%b}' % (id_, *atlas.place(row, query.crs), item)
        for id_, row, item in zip(
            atlas.ids(found.rows).tolist(),
            found.rows.tolist(),
            atlas.items(found.rows, query.crs, minute, found.metres),
            strict=True,
        )
    ]
    tail = orjson.dumps(
        {"numberMatched": found.total, "numberReturned": len(features)}
        | _about(atlas, query, cursor, found)
    )
    body = b'{"type":"FeatureCollection","features":[' + b",".join(features) + b"]," + tail[1:]
    return Answer(with_hotlines(body, found.total, atlas, minute), GEOJSON)


@sites.read(
    "/sites/clusters", ClustersQuery, Clusters, summary="地图视野内的聚合", responses=[422, 503]
)
def site_clusters(atlas: Atlas, query: ClustersQuery, now: float) -> Answer:
    """视野内地点按缩放级别聚合；单独的地点以列表项给出。"""
    minute = _shown_minute(query, now)
    question = Question(
        **query.asked(now), kind=query.kind, box=Box(*query.bbox), box_crs=query.crs
    )
    groups, alone = atlas.clusters(question, query.zoom)
    clusters = []
    for group in groups:
        lon, lat = convert(group.lon, group.lat, "wgs84", query.crs)
        west, south = convert(group.west, group.south, "wgs84", query.crs)
        east, north = convert(group.east, group.north, "wgs84", query.crs)
        corners = [round(degrees, 6) for degrees in (west, south, east, north)]
        clusters.append(
            {"lat": round(lat, 6), "lon": round(lon, 6), "count": group.count, "bbox": corners}
        )
    total = sum(group.count for group in groups) + len(alone)
    body = (
        b'{"clusters":'
        + orjson.dumps(clusters)
        + b',"items":['
        + b",".join(atlas.items(alone, query.crs, minute))
        + b'],"total":%d,"edition":%d,"crs":"%b"}' % (total, atlas.number, query.crs.encode())
    )
    return Answer(with_hotlines(body, total, atlas, minute))


@sites.read(
    "/sites/<listing:id>",
    DetailQuery,
    SiteDetail,
    summary="一个地点的全部信息",
    responses=[301, 404, 410, 422, 503],
)
def one_site(atlas: Atlas, query: DetailQuery, now: float, id: int) -> Answer:
    """含今后 7 天的开放时间。撤下的地点答 410 并列出附近的地点，合并的答 301。"""
    at = query.at or datetime.fromtimestamp(now, SHANGHAI)
    row = atlas.row_of(id)
    if row is not None:
        tallies.seen(id)
        return Answer(atlas.detail(row, query.crs, at))
    return gone(atlas, query, now, id, "site", "没有这个地点。")


def _page(atlas: Atlas, query: SpacesQuery, now: float, kind: str | None) -> Answer:
    found, cursor = _find(atlas, query, now, kind)
    if found.total == 0 and query.q and query.model_fields_set <= WORDS_ALONE:
        tallies.in_vain(query.q)
    minute = _shown_minute(query, now)
    items = atlas.items(found.rows, query.crs, minute, found.metres)
    about = orjson.dumps({"total": found.total} | _about(atlas, query, cursor, found))
    body = b'{"items":[' + b",".join(items) + b"]," + about[1:]
    return Answer(with_hotlines(body, found.total, atlas, minute))


def _nothing(atlas: Atlas, query: ReadingSpacesQuery, now: float) -> Answer:
    """The page of a list that conditions which exclude each other leave empty."""
    start_of(query, atlas, query.minute(now))
    unconfirmed = None if query.open is None and query.free is None else 0
    found = Found(np.empty(0, dtype=np.int32), None, 0, unconfirmed)
    body = orjson.dumps({"items": [], "total": 0} | _about(atlas, query, None, found))
    return Answer(with_hotlines(body, 0, atlas, _shown_minute(query, now)))


def _find(
    atlas: Atlas, query: SpacesQuery, now: float, kind: str | None
) -> tuple[Found, str | None]:
    """One page, and the cursor of the next."""
    start = start_of(query, atlas, query.minute(now))
    centre = radius = None
    if query.lat is not None and query.lon is not None:
        centre = convert(query.lon, query.lat, query.crs, "wgs84")
        radius = DEFAULT_RADIUS if query.radius is None and query.bbox is None else query.radius
    question = Question(
        **query.asked(start.minute * 60.0),
        kind=kind,
        centre=centre,
        radius=radius,
        box=None if query.bbox is None else Box(*query.bbox),
        box_crs=query.crs,
        sort=query.sort,
    )
    found = atlas.find(question, start.offset, query.limit)
    return found, next_cursor(query, atlas, start, found.total)


def _shown_minute(query: Filters, now: float) -> int:
    """The minute whose opening states are told: the one asked for, if one was."""
    return minute_of(query.open) if isinstance(query.open, datetime) else query.minute(now)


def _about(atlas: Atlas, query: InCrs, cursor: str | None, found: Found) -> dict[str, object]:
    about: dict[str, object] = {"next": cursor, "edition": atlas.number, "crs": query.crs}
    return about if found.unconfirmed is None else about | {"unconfirmed": found.unconfirmed}
