"""From door to door: which bus takes this child to school or home, which lines serve a home."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from geo.atlas import Atlas
from geo.bus_answers import Outlook
from geo.crs import Crs, convert
from geo.home_lines import lines_for_home
from geo.journey_answers import HomeLine, Journeys, Unavailable, WalkToStop
from geo.journeys import MAX_WALK_M, journeys
from geo.public import HotlineItem, Public
from miniapp_api.bus import Degraded, SchoolCode, encoded, moment, placed_stop, state_moment
from miniapp_api.problems import PROBLEM_JSON, problem_body
from miniapp_api.query import InCrs, Timed
from miniapp_api.query_types import Float, Int, Latitude, Longitude
from miniapp_api.reads import Answer, LiveRead, PublicBlueprint
from server.live.answers import JourneyNow, RunStates
from server.live.board import LiveBoard

bus_journeys = PublicBlueprint("bus_journeys", __name__, tag="助学专线")

MaxWalk = Annotated[
    Float, Field(ge=50, le=5000, description="家与站点之间最多步行多少米（含绕行）")
]


class HomeQuery(InCrs, Timed):
    """Where home is."""

    lat: Latitude
    lon: Longitude
    max_walk: MaxWalk = MAX_WALK_M


class JourneysQuery(HomeQuery):
    """From where to where, and when."""

    school: SchoolCode
    direction: Annotated[
        Literal["to_school", "to_home"], Field(description="to_school 上学，to_home 回家")
    ]
    limit: Annotated[Int, Field(ge=1, le=10, description="最多几种走法")] = 3


class JourneysAnswer(Public):
    """The best ways, and what else there is to know."""

    school_code: str
    school_name: str
    direction: Literal["to_school", "to_home"]
    items: list[JourneyNow] = Field(description="步行—乘车—步行；先到的在前")
    unavailable: list[Unavailable] = Field(description="本可乘坐、但已取消或因公告停运的班次")
    within_reach: bool = Field(description="步行距离内有没有该校线路的站点")
    nearest: WalkToStop | None = Field(description="最近的站点；近不近都给出")
    text: str
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
def bus_ways(atlas: Atlas, query: JourneysQuery, now: float, board: LiveBoard | None) -> Answer:
    """家与学校之间最好的几种走法，每一段的分钟数和米数；够不着时指出最近的站点有多远。"""
    at = moment(query, now)
    home = convert(query.lon, query.lat, query.crs, "wgs84")
    states = RunStates(atlas.timetable, state_moment(query, now), board)

    def by_timetable(limit: int) -> Journeys:
        return journeys(
            atlas.timetable, query.school, home, query.direction, at, query.max_walk, limit
        )

    try:
        told = states.ways(by_timetable, query.limit)
    except LookupError:
        extra = b'"hotlines":' + atlas.hotline_items(at)
        body = problem_body(404, "没有通往这所学校的专线。", extra=extra)
        return Answer(body, PROBLEM_JSON, 404)
    found = told.by_timetable
    answer = {
        "school_code": found.school_code,
        "school_name": found.school_name,
        "direction": found.direction,
        "items": told.options,
        "unavailable": told.unavailable,
        "within_reach": found.within_reach,
        "nearest": _placed(found.nearest, query.crs),
        "text": told.text,
        "outlook": found.outlook,
        "degraded": states.degraded,
        "edition": atlas.number,
        "crs": query.crs,
    }
    return encoded(answer, atlas, at, empty=not told.options)


@bus_journeys.read(
    "/bus/lines-for-home",
    HomeQuery,
    HomeLinesAnswer,
    summary="哪些专线经过我家",
    responses=[422, 503],
)
def bus_lines_for_home(atlas: Atlas, query: HomeQuery, now: float) -> Answer:
    """步行距离内有站点的各校专线，步行最短的在前。"""
    home = convert(query.lon, query.lat, query.crs, "wgs84")
    found = lines_for_home(atlas.timetable, home, query.max_walk)
    answer = {
        "items": [_placed_line(line, query.crs) for line in found.lines],
        "nearest": _placed(found.nearest, query.crs),
        "text": found.text,
        "edition": atlas.number,
        "crs": query.crs,
    }
    return encoded(answer, atlas, moment(query, now), empty=not found.lines)


def _placed(walk: WalkToStop | None, crs: Crs) -> WalkToStop | None:
    return None if walk is None else replace(walk, stop=placed_stop(walk.stop, crs))


def _placed_line(line: HomeLine, crs: Crs) -> HomeLine:
    stops = []
    for stop in line.stops:
        lon, lat = convert(stop.lon, stop.lat, "wgs84", crs)
        stops.append(replace(stop, lon=round(lon, 6), lat=round(lat, 6)))
    return replace(line, stops=tuple(stops))
