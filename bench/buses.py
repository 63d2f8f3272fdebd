"""Departures and ways from door to door: the starting data's lines, and two thousand made up."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from bench.reads import Question, store_edition
from bench.synthetic_buses import bus_routes, notices
from config.settings import Settings
from geo.city import City
from geo.crs import convert
from geo.opening import SHANGHAI
from geo.sphere import box_around
from geo.transit import BusRoute, Stop
from server.starter import load_starter

ASKED = 2000
AHEAD_DAYS = 20
NEAR_M = 500.0
"""How far a home lies from a stop, north or south and east or west."""


def few_lines(city: City) -> list[Question]:
    """The seven lines of the starting data."""
    documents = load_starter(Settings().starter, city, _today()).documents
    return _questions([d for d in documents if isinstance(d, BusRoute)], "7 条专线", 0.50)


def many_lines(city: City) -> list[Question]:
    """The lines that ``store_many`` stores."""
    lines = list(bus_routes(city, _today()))
    return _questions(lines, f"{len(lines):,} 条专线", 0.25)


def store_many(city: City, instance: Path) -> None:
    """Make an edition of many lines, some of them with notices, the one that is served."""
    lines = list(bus_routes(city, _today()))
    store_edition(city, [*lines, *notices(len(lines), 1, _today())], instance)


def _questions(lines: Sequence[BusRoute], which: str, wanted: float) -> list[Question]:
    rng = random.Random(5)
    departures, ways = [], []
    for _ in range(ASKED):
        stop = rng.choice(rng.choice(lines).stops)
        departures.append(f"/api/v1/bus/departures?stop_id={stop.id}{_moment(rng)}")
        ways.append(_way(rng, rng.choice(lines)))
    return [
        Question(f"下一班车，{which}", departures, wanted),
        Question(f"从门到门，{which}", ways, wanted),
    ]


def _way(rng: random.Random, line: BusRoute) -> str:
    lon, lat = _home(rng, rng.choice(line.stops))
    direction = rng.choice(("to_school", "to_home"))
    asked = f"school={line.school.code}&direction={direction}&lat={lat:.6f}&lon={lon:.6f}"
    return f"/api/v1/bus/journeys?{asked}{_moment(rng)}"


def _home(rng: random.Random, stop: Stop) -> tuple[float, float]:
    """In GCJ-02, as phones ask."""
    west, south, east, north = box_around(stop.lon, stop.lat, NEAR_M)
    return convert(rng.uniform(west, east), rng.uniform(south, north), "wgs84", "gcj02")


def _moment(rng: random.Random) -> str:
    """Every other question is about now, the rest about any minute of the coming weeks."""
    if rng.random() < 0.5:
        return ""
    midnight = datetime.combine(_today(), datetime.min.time(), SHANGHAI)
    at = midnight + timedelta(minutes=rng.randrange(AHEAD_DAYS * 1440))
    return f"&at={at:%Y-%m-%dT%H:%M}"


def _today() -> date:
    return datetime.now(SHANGHAI).date()
