"""All school lines, and which stop is mine: by its name, by an address, by a position. No Flask."""

from typing import NamedTuple

from geo.atlas import Atlas
from geo.bus_answers import RouteDirection, RouteOverview, StopPlace
from geo.home_lines import lines_for_home
from geo.journey_answers import LinesForHome
from geo.journeys import journeys
from geo.question import Question
from geo.text import fold
from server.live.ways import JourneysNow
from server.notice_words import Told
from server.webmap.bus_news import News
from server.webmap.bus_query import BusQuery
from server.webmap.bus_words import DIRECTIONS, MOODS, Next, notices_of, runs_text
from server.webmap.cards import cards, distance_text

BY_NAME = 8
"""Stops shown for a name."""
PLACES = 2
"""Places of the map whose neighbourhood is searched for stops."""
NEAR = 3
"""Stops shown around a position."""
FAR_M = 5000.0
"""Straight-line metres beyond which a stop is nobody's."""
WAYS = 3
"""Ways shown between a home and a school."""
COMING = 3
"""Departures shown of each stop."""


class Way(NamedTuple):
    """A line's runs in one direction."""

    title: str
    first: str
    last: str
    from_stop: str
    to_stop: str


class LineCard(NamedTuple):
    """A line as one row of a list."""

    id: int
    name: str
    school: str
    operator: str
    today: str
    mood: str
    tomorrow: str
    tomorrow_mood: str
    ways: list[Way]
    example: bool
    notices: list[Told]


class StopCard(NamedTuple):
    """A stop with what comes next."""

    id: str
    name: str
    note: str
    example: bool
    far: str
    """Distance and walk; empty without a position."""
    lines: list[tuple[int, str]]
    coming: list[Next]
    nothing: str
    """Why nothing comes; empty if something does."""


class Place(NamedTuple):
    """Stops around a place, and what the place is called."""

    name: str
    stops: list[StopCard]
    nothing: str
    """Where the nearest stop is, if none is within reach."""


class School(NamedTuple):
    """A school that lines serve."""

    code: str
    name: str


class Home(NamedTuple):
    """What serves a home."""

    lines: LinesForHome
    schools: list[School]
    journeys: JourneysNow | None
    """None: no school and direction chosen, or no such school."""
    examples: set[int]
    """The listing ids of the lines that are made up."""


def lines_by_name(q: str, lines: list[LineCard]) -> list[LineCard]:
    """The lines in whose name, or in whose school's, the words stand."""
    sought = fold(q)
    return [line for line in lines if sought in fold(line.name) or sought in fold(line.school)]


def line_cards(atlas: Atlas, news: News) -> list[LineCard]:
    """All lines; those of one school together, as the edition has them."""
    at = news.at
    return [_line(atlas, atlas.timetable.route_overview(id_, at), news) for id_ in atlas.route_ids]


def _line(atlas: Atlas, told: RouteOverview, news: News) -> LineCard:
    today, tomorrow = (news.day(told.route, day) for day in told.days[:2])
    return LineCard(
        id=told.route,
        name=told.name,
        school=told.school_name,
        operator=told.agency,
        today=runs_text("今天", today),
        mood=MOODS[today.runs],
        tomorrow=runs_text("明天", tomorrow),
        tomorrow_mood=MOODS[tomorrow.runs],
        ways=[_way(way) for way in told.directions],
        example=told.example,
        notices=notices_of(atlas, told.notices),
    )


def _way(told: RouteDirection) -> Way:
    return Way(DIRECTIONS[told.direction], told.first, told.last, told.from_stop, told.to_stop)


def stops_by_name(atlas: Atlas, q: str, news: News) -> list[StopCard]:
    """The stops in whose name the words stand; spaces, case and punctuation don't count."""
    sought = fold(q)
    found: dict[str, None] = {}
    for _, route in atlas.routes:
        found |= {stop.id: None for stop in route.stops if sought in fold(stop.name)}
    places = [atlas.timetable.stop(id_) for id_ in list(found)[:BY_NAME]]
    return [stop_card(atlas, stop, news) for stop in places]


def places_by_name(atlas: Atlas, q: str, news: News) -> list[Place]:
    """The stops around the best places of the map for a name or an address."""
    found = atlas.find(Question(q=q), limit=PLACES)
    named = zip(found.rows.tolist(), cards(atlas, found.rows, news.at), strict=True)
    return [around(atlas, card.name, *atlas.place(row), news) for row, card in named]


def around(atlas: Atlas, name: str, lon: float, lat: float, news: News) -> Place:
    """The stops around a position (WGS-84), nearest first."""
    near = atlas.timetable.stops_near(lon, lat, FAR_M, NEAR)
    stops = [stop_card(atlas, one.stop, news, one.distance_m) for one in near]
    return Place(name, stops, "" if stops else _nowhere(atlas, lon, lat))


def _nowhere(atlas: Atlas, lon: float, lat: float) -> str:
    nearest = atlas.timetable.nearest_stop(lon, lat)
    if nearest is None:
        return "还没有登记助学专线。"
    return f"最近的站点是“{nearest.stop.name}”，{distance_text(nearest.distance_m)}。"


def stop_card(atlas: Atlas, stop: StopPlace, news: News, metres: float | None = None) -> StopCard:
    """A stop with what comes next."""
    coming, nothing = news.coming(stop.id, COMING)
    names = {id_: route.name for id_, route in atlas.routes}
    return StopCard(
        id=stop.id,
        name=stop.name,
        note=stop.note,
        example=stop.example,
        far="" if metres is None else distance_text(metres),
        lines=[(id_, names[id_]) for id_ in stop.routes],
        coming=coming,
        nothing=nothing,
    )


def home(atlas: Atlas, query: BusQuery, news: News) -> Home | None:
    """What serves the position of a query; None without one."""
    if query.centre is None:
        return None
    schools: dict[str, str] = {}
    for _, route in atlas.routes:
        schools.setdefault(route.school.code, route.school.name)
    found = None
    if query.school in schools and query.direction is not None:
        asked = atlas.timetable, query.school, query.centre, query.direction
        routes = atlas.routes_of(query.school)
        found = news.ways(
            lambda at, limit: journeys(*asked, at, atlas.max_walk, limit), routes, WAYS
        )
    return Home(
        lines_for_home(atlas.timetable, query.centre, atlas.max_walk),
        [School(code, name) for code, name in schools.items()],
        found,
        {id_ for id_, route in atlas.routes if route.example},
    )
