"""School lines: which there are, whether they run today, when the bus calls at a stop."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import orjson
from pydantic import Field

from geo.atlas import Atlas
from geo.bus_answers import NearStop, Outlook, RouteDay, RouteDirection, RouteOverview, StopPlace
from geo.crs import Crs, convert
from geo.opening import SHANGHAI
from geo.public import HotlineItem, Public
from geo.public_bus import NoticeRecord, RouteRecord
from miniapp_api.cursors import next_cursor, start_of
from miniapp_api.gone import Asked, gone
from miniapp_api.query import InCrs, Paged, Timed
from miniapp_api.query_types import Float, Int, Latitude, Longitude
from miniapp_api.reads import Answer, LiveRead, PublicBlueprint
from server.live.answers import DepartureNow, Known, RunNow, RunStates
from server.problem import PROBLEM_JSON, problem_body

bus = PublicBlueprint("bus", __name__, tag="助学专线")

StopId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
        description="站点编号，见 /bus/stops、/bus/routes/{id}",
        examples=["zd8-1.1"],
    ),
]
Degraded = Annotated[bool, Field(description="实时消息暂时查不到")]
SchoolCode = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
        description="学校代码，见 /bus/routes",
        examples=["zhangdian-8"],
    ),
]


class RoutesQuery(Timed, Paged):
    """Which lines."""

    school: SchoolCode | None = None


class RouteQuery(Asked):
    """One line."""


class StopsQuery(InCrs, Timed):
    """Stops near a position."""

    lat: Latitude
    lon: Longitude
    radius: Annotated[Float, Field(ge=1, le=50_000, description="最远直线距离（米）")] = 1000
    limit: Annotated[Int, Field(ge=1, le=100, description="最多几个")] = 20


class DeparturesQuery(InCrs, Timed):
    """From which stop, from when on."""

    stop_id: StopId
    limit: Annotated[Int, Field(ge=1, le=50, description="最多几班")] = 10


class NoticesQuery(Timed):
    """As of when."""


class RouteItem(Public):
    """A line in a list."""

    id: int
    name: str
    school_code: str
    school: str
    operator: str
    phone: str | None
    stops: int = Field(description="站点数")
    today: RouteDay = Field(description="今天是否运行及原因")
    directions: list[RouteDirection] = Field(description="各方向的首末班")
    notices: list[int] = Field(description="有关公告的编号")
    example: bool = Field(description="时刻为示例，不可据以乘车")


class RoutesPage(Public):
    """A page of lines."""

    items: list[RouteItem]
    total: int
    next: str | None
    edition: int
    hotlines: list[HotlineItem] | None = None


class RouteDetail(RouteRecord):
    """Everything about one line, at a moment."""

    days: list[RouteDay] = Field(description="今天起 14 天是否运行及原因")
    directions: list[RouteDirection]
    runs: list[RunNow] = Field(description="今天的班次及状态；昨天还没开完的在前")
    notices: list[NoticeRecord]
    degraded: Degraded
    edition: int
    crs: str


class StopsPage(Public):
    """Stops, nearest first."""

    items: list[NearStop]
    total: int
    edition: int
    crs: str
    hotlines: list[HotlineItem] | None = None


class Departures(Public):
    """The next calls at a stop."""

    stop: StopPlace
    items: list[DepartureNow] = Field(description="过了点、还没有来的在前，不计入 limit")
    left: list[DepartureNow] = Field(description="刚从本站开走的")
    next_served: DepartureNow | None = Field(
        description="下一班可以指望的车；可能在所列之后，不会是取消的、改由替代方式的或不知道来没来的"
    )
    outlook: Outlook | None = Field(description="列得不全时：到哪一天为止是完整的，为什么")
    notices: list[NoticeRecord]
    degraded: Degraded
    edition: int
    crs: str


class Notices(Public):
    """What is in force or announced."""

    items: list[NoticeRecord]
    total: int
    edition: int


@bus.read(
    "/bus/routes",
    RoutesQuery,
    RoutesPage,
    summary="助学专线",
    responses=[422, 503],
    kind=LiveRead,
)
def bus_routes(atlas: Atlas, query: RoutesQuery, now: float, known: Known) -> Answer:
    """各条线路、学校、今天是否运行（不运行的原因）、首末班。"""
    at = moment(query, now)
    start = start_of(query, atlas, query.minute(now))
    timetable = atlas.timetable
    states = RunStates(timetable, state_moment(query, now), known)
    ids = atlas.routes_of(query.school) if query.school else atlas.route_ids
    page = ids[start.offset : start.offset + query.limit]
    answer: dict[str, Any] = {
        "items": [_item(timetable.route_overview(id_, at), states) for id_ in page],
        "total": len(ids),
        "next": next_cursor(query, atlas, start, len(ids)),
        "edition": atlas.number,
    }
    return encoded(answer, atlas, at, empty=not ids)


@bus.read(
    "/bus/routes/<listing:id>",
    RouteQuery,
    RouteDetail,
    summary="一条助学专线",
    responses=[301, 404, 410, 422, 503],
    kind=LiveRead,
)
def bus_route(atlas: Atlas, query: RouteQuery, now: float, known: Known, id: int) -> Answer:
    """站点、线路走向、运行日、票价、电话、公告，今天起 14 天是否运行，今天的各班次及其状态。"""
    at = moment(query, now)
    row = atlas.route_row(id)
    if row is None:
        return gone(atlas, query, now, id, "bus_route", "没有这条线路。")
    overview = atlas.timetable.route_overview(id, at)
    states = RunStates(atlas.timetable, state_moment(query, now), known)
    runs = states.runs(id)
    rest = {
        "days": [states.day(id, day) for day in overview.days],
        "directions": overview.directions,
        "runs": [placed_run(run, query.crs) for run in runs],
        "notices": atlas.notice_records(overview.notices),
        "degraded": states.degraded,
        "edition": atlas.number,
        "crs": query.crs,
    }
    return Answer(atlas.route_record(row, query.crs)[:-1] + b"," + orjson.dumps(rest)[1:])


@bus.read("/bus/stops", StopsQuery, StopsPage, summary="附近的站点", responses=[422, 503])
def bus_stops(atlas: Atlas, query: StopsQuery, now: float) -> Answer:
    """由近及远，附步行时间和经过的线路。"""
    lon, lat = convert(query.lon, query.lat, query.crs, "wgs84")
    found = atlas.timetable.stops_near(lon, lat, query.radius)
    answer = {
        "items": [
            replace(near, stop=placed_stop(near.stop, query.crs), distance_m=round(near.distance_m))
            for near in found[: query.limit]
        ],
        "total": len(found),
        "edition": atlas.number,
        "crs": query.crs,
    }
    return encoded(answer, atlas, moment(query, now), empty=not found)


@bus.read(
    "/bus/departures",
    DeparturesQuery,
    Departures,
    summary="下一班车",
    responses=[404, 422, 503],
    kind=LiveRead,
)
def bus_departures(atlas: Atlas, query: DeparturesQuery, now: float, known: Known) -> Answer:
    """某站接下来的班次和每班的状态：跨午夜、周末和节假日，注明是哪一天；停运的照列并说明。"""
    at = moment(query, now)
    states = RunStates(atlas.timetable, state_moment(query, now), known)
    try:
        found = states.stop_board(query.stop_id, query.limit)
    except LookupError:
        extra = b'"hotlines":' + atlas.hotline_items(at)
        return Answer(problem_body(404, "没有这个站点。", extra=extra), PROBLEM_JSON, 404)
    told = {notice for departure in found.departures for notice in departure.notices}
    for route in found.stop.routes:
        told |= {id_ for id_, _ in atlas.timetable.notices_for(route, at)}
    answer = {
        "stop": placed_stop(found.stop, query.crs),
        "items": found.departures,
        "left": found.left,
        "next_served": found.next_served,
        "outlook": found.outlook,
        "notices": atlas.notice_records(told),
        "degraded": states.degraded,
        "edition": atlas.number,
        "crs": query.crs,
    }
    return Answer(orjson.dumps(answer))


@bus.read("/bus/notices", NoticesQuery, Notices, summary="公交公告", responses=[422, 503])
def bus_notices(atlas: Atlas, query: NoticesQuery, now: float) -> Answer:
    """生效中和已预告的停运、改道、改点。"""
    found = atlas.notice_records(id_ for id_, _ in atlas.timetable.notices(moment(query, now)))
    return Answer(orjson.dumps({"items": found, "total": len(found), "edition": atlas.number}))


def moment(query: Timed, now: float) -> datetime:
    """The moment asked about, Asia/Shanghai."""
    return query.at or datetime.fromtimestamp(now // 60 * 60, SHANGHAI)


def state_moment(query: Timed, now: float) -> datetime:
    """The moment at which runs stand as they are told to: now is to the second."""
    return datetime.fromtimestamp(now, SHANGHAI) if query.is_now(now) else moment(query, now)


def encoded(answer: dict[str, Any], atlas: Atlas, at: datetime, *, empty: bool) -> Answer:
    """An answer; one that found nothing carries the hotlines."""
    body = orjson.dumps(answer)
    if empty:
        body = body[:-1] + b',"hotlines":' + atlas.hotline_items(at) + b"}"
    return Answer(body)


@lru_cache(4096)  # a journey's nearest stop is that of its whole neighbourhood
def placed_stop(stop: StopPlace, crs: Crs) -> StopPlace:
    """The stop with its position in another coordinate system."""
    lon, lat = convert(stop.lon, stop.lat, "wgs84", crs)
    return replace(stop, lon=round(lon, 6), lat=round(lat, 6))


def placed_run(run: RunNow, crs: Crs) -> RunNow:
    """The run with its stops' positions in another coordinate system."""
    calls = []
    for call in run.calls:
        lon, lat = convert(call.lon, call.lat, "wgs84", crs)
        calls.append(replace(call, lon=round(lon, 6), lat=round(lat, 6)))
    return replace(run, calls=tuple(calls))


def _item(overview: RouteOverview, states: RunStates) -> dict[str, Any]:
    same = ("name", "school_code", "phone", "stops", "directions", "notices", "example")
    return {
        "id": overview.route,
        "today": states.day(overview.route, overview.today),
        "school": overview.school_name,
        "operator": overview.agency,
    } | {name: getattr(overview, name) for name in same}
