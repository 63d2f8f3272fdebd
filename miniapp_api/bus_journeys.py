"""From door to door: which bus takes this child to school or home, which lines serve a home."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from geo.atlas import Atlas
from geo.bus_answers import Outlook
from geo.crs import Crs, convert
from geo.home_lines import lines_for_home
from geo.journey_answers import HomeLine, Journey, Journeys, Unavailable, WalkToStop
from geo.journeys import journeys, journeys_by
from geo.public import HotlineItem, Public
from geo.public_bus import NoticeRecord
from miniapp_api.bus import Degraded, SchoolCode, encoded, moment, placed_stop, state_moment
from miniapp_api.query import InCrs, Timed
from miniapp_api.query_types import Float, Int, Latitude, Longitude, Time
from miniapp_api.reads import Answer, LiveRead, PublicBlueprint
from server.live.answers import Known, RunStates
from server.live.ways import ways_now
from server.problem import PROBLEM_JSON, problem_body

bus_journeys = PublicBlueprint("bus_journeys", __name__, tag="助学专线")

MaxWalk = Annotated[
    Float,
    Field(
        ge=50,
        le=5000,
        description="家与站点之间最多步行多少米（含绕行）；不写则按服务的设定，通常 800",
        examples=[800],
    ),
]


class HomeQuery(InCrs, Timed):
    """Where home is."""

    lat: Latitude
    lon: Longitude
    max_walk: MaxWalk | None = None


class JourneysQuery(HomeQuery):
    """From where to where, and when."""

    school: SchoolCode
    direction: Annotated[
        Literal["to_school", "to_home"], Field(description="to_school 上学，to_home 回家")
    ]
    arrive_by: Annotated[
        Time | None,
        Field(
            description="最晚几时到校或到家（ISO 8601，未注明时区按北京时间）：改为列出当天在此之前"
            "到达、at 之后还来得及动身的走法，动身最晚的在前",
            examples=["2026-11-27T07:30:00+08:00"],
        ),
    ] = None
    limit: Annotated[Int, Field(ge=1, le=10, description="最多几种走法")] = 3


class JourneysAnswer(Public):
    """The best ways, and what else there is to know."""

    school_code: str
    school_name: str
    direction: Literal["to_school", "to_home"]
    items: list[Journey] = Field(
        description="步行—乘车—步行；先到的在前，有 arrive_by 时动身最晚的在前"
    )
    unavailable: list[Unavailable] = Field(description="本可乘坐、但已取消或因公告停运的班次")
    within_reach: bool = Field(description="步行距离内有没有该校线路的站点")
    nearest: WalkToStop | None = Field(description="最近的站点；近不近都给出")
    text: str
    notices: list[NoticeRecord] = Field(description="所涉线路生效中和已预告的公告")
    outlook: Outlook | None
    degraded: Degraded
    edition: int
    crs: str
    hotlines: list[HotlineItem] | None = None


class HomeLinesAnswer(Public):
    """The lines that serve a home."""

    items: list[HomeLine]
    nearest: WalkToStop | None
    text: str
    notices: list[NoticeRecord] = Field(description="这些线路生效中和已预告的公告")
    edition: int
    crs: str
    hotlines: list[HotlineItem] | None = None


@bus_journeys.read(
    "/bus/journeys",
    JourneysQuery,
    JourneysAnswer,
    summary="从校门口到家门口",
    responses=[404, 422, 503],
    kind=LiveRead,
)
def bus_ways(atlas: Atlas, query: JourneysQuery, now: float, known: Known) -> Answer:
    """家与学校之间最好的几种走法，每一段的分钟数和米数；够不着时指出最近的站点有多远。"""
    at = moment(query, now)
    states = RunStates(atlas.timetable, state_moment(query, now), known)
    try:
        ask = partial(_journeys, atlas, query)
        told = ways_now(states, ask, atlas.routes_of(query.school), query.limit, query.arrive_by)
    except LookupError:
        extra = b'"hotlines":' + atlas.hotline_items(at)
        body = problem_body(404, "没有通往这所学校的专线。", extra=extra)
        return Answer(body, PROBLEM_JSON, 404)
    found = told.by_timetable
    answer = {
        "school_code": found.school_code,
        "school_name": found.school_name,
        "direction": found.direction,
        "items": [_encoded(way) for way in told.options],
        "unavailable": told.unavailable,
        "within_reach": found.within_reach,
        "nearest": _placed(found.nearest, query.crs),
        "text": told.text,
        "notices": _notices(
            atlas,
            [way.ride.route for way in told.options] + [one.route for one in told.unavailable],
            at,
        ),
        "outlook": found.outlook,
        "degraded": states.degraded,
        "edition": atlas.number,
        "crs": query.crs,
    }
    return encoded(answer, atlas, at, empty=not told.options)


def _encoded(way: Journey) -> dict[str, Any]:
    """A way whose ride, most of its text, is encoded already."""
    return vars(way) | {"ride": orjson.Fragment(way.ride.json())}


def _journeys(atlas: Atlas, query: JourneysQuery, at: datetime, limit: int) -> Journeys:
    home = convert(query.lon, query.lat, query.crs, "wgs84")
    asked = atlas.timetable, query.school, home, query.direction, at
    max_walk = query.max_walk or atlas.max_walk
    if query.arrive_by is None:
        return journeys(*asked, max_walk, limit)
    return journeys_by(*asked, query.arrive_by, max_walk, limit)


@bus_journeys.read(
    "/bus/lines-for-home",
    HomeQuery,
    HomeLinesAnswer,
    summary="哪些专线经过我家",
    responses=[422, 503],
)
def bus_lines_for_home(atlas: Atlas, query: HomeQuery, now: float) -> Answer:
    """步行距离内有站点的各校专线，步行最短的在前。"""
    home, at = convert(query.lon, query.lat, query.crs, "wgs84"), moment(query, now)
    found = lines_for_home(atlas.timetable, home, query.max_walk or atlas.max_walk)
    answer = {
        "items": [_placed_line(line, query.crs) for line in found.lines],
        "nearest": _placed(found.nearest, query.crs),
        "text": found.text,
        "notices": _notices(atlas, (line.route for line in found.lines), at),
        "edition": atlas.number,
        "crs": query.crs,
    }
    return encoded(answer, atlas, at, empty=not found.lines)


def _notices(atlas: Atlas, routes: Iterable[int], at: datetime) -> list[Mapping[str, Any]]:
    """What is in force or announced on some lines."""
    timetable = atlas.timetable
    if not timetable.told:
        return []
    told = {id_ for route in set(routes) for id_, _ in timetable.notices_for(route, at)}
    return atlas.notice_records(told) if told else []


def _placed(walk: WalkToStop | None, crs: Crs) -> WalkToStop | None:
    if walk is None:
        return None
    return WalkToStop(placed_stop(walk.stop, crs), walk.metres, walk.minutes, walk.route_names)


def _placed_line(line: HomeLine, crs: Crs) -> HomeLine:
    stops = []
    for stop in line.stops:
        lon, lat = convert(stop.lon, stop.lat, "wgs84", crs)
        stops.append(replace(stop, lon=round(lon, 6), lat=round(lat, 6)))
    return replace(line, stops=tuple(stops))
