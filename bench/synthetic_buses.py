"""A made-up city of many school lines, alike from run to run: schools, stops, calendars, notices.

Each line leads straight to its school from a random side, with a stop every few hundred metres.
"""

import math
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from geo.city import City
from geo.opening import SHANGHAI
from geo.transit import Agency, BusRoute, Direction, Notice, School, Service, Stop, StopTime, Trip

SCHOOLS = 200
LINES_A_SCHOOL = 10
STOPS = 20
"""Of one line, the school's own not counted."""
NOTED = 0.05
"""The share of lines with a notice."""

_METRES_A_DEGREE = 111_195
_RUNS: tuple[tuple[Direction, int], ...] = (
    ("to_school", 6 * 60 + 30),
    ("to_school", 6 * 60 + 50),
    ("to_home", 17 * 60 + 30),
    ("to_home", 18 * 60 + 10),
)
"""Each run's direction and the minute of the day at which it leaves."""


def bus_routes(city: City, today: date, seed: int = 13) -> Iterator[BusRoute]:
    """``SCHOOLS`` times ``LINES_A_SCHOOL`` lines, whose term began two months before ``today``."""
    rng = random.Random(seed)
    west, south, east, north = city.bounds
    for number in range(SCHOOLS):
        lon, lat = rng.uniform(west + 0.2, east - 0.2), rng.uniform(south + 0.2, north - 0.2)
        school = School(code=f"school-{number}", name=f"第{number}学校", lon=lon, lat=lat)
        for line in range(LINES_A_SCHOOL):
            yield _line(rng, school, number * LINES_A_SCHOOL + line, today)


def notices(routes: int, first_id: int, today: date, seed: int = 17) -> Iterator[Notice]:
    """Suspensions, detours and other times of some lines, by listing ids from ``first_id`` on."""
    rng = random.Random(seed)
    for place in range(routes):
        if rng.random() >= NOTED:
            continue
        start = datetime.combine(today, datetime.min.time(), SHANGHAI)
        start += timedelta(days=rng.randrange(-5, 10))
        effect = rng.choice(("suspension", "detour", "time_change"))
        yield Notice(
            name=f"{place} 路公告",
            effect=effect,
            text="道路施工。",
            routes=(first_id + place,),
            stops=(f"r{place}.{rng.randrange(STOPS)}",) if effect == "detour" else (),
            announced_at=start - timedelta(days=2),
            start=start,
            end=start + timedelta(days=rng.randrange(1, 9)),
            delay_minutes=rng.choice((-10, 10, 20)) if effect == "time_change" else None,
            replacement="请家长接送",
        )


def _line(rng: random.Random, school: School, number: int, today: date) -> BusRoute:
    gate = Stop(id=f"{school.code}.gate", name=f"{school.name}南门", lon=school.lon, lat=school.lat)
    towards, gap = rng.uniform(0, 2 * math.pi), rng.uniform(250, 450)
    east = gap * math.cos(towards) / (_METRES_A_DEGREE * math.cos(math.radians(school.lat)))
    north = gap * math.sin(towards) / _METRES_A_DEGREE
    stops = [
        Stop(
            id=f"r{number}.{place}",
            name=f"{number} 路第 {place} 站",
            lon=round(school.lon + east * (STOPS - place), 6),
            lat=round(school.lat + north * (STOPS - place), 6),
        )
        for place in range(STOPS)
    ]
    way = [*stops, gate]
    start, end = today - timedelta(days=60), today + timedelta(days=90)
    service = Service(id="term", weekdays=rng.choice(("1111100", "1111110")), start=start, end=end)
    return BusRoute(
        name=f"{school.name} {number} 路",
        school=school,
        agency=Agency(name="公交公司", phone="0533-1234567"),
        stops=tuple(way),
        services=(service,),
        trips=tuple(_trip(number, run, way) for run in range(len(_RUNS))),
    )


def _trip(number: int, run: int, way: list[Stop]) -> Trip:
    direction, leaves = _RUNS[run]
    ordered = way if direction == "to_school" else way[::-1]
    times = [
        StopTime(
            stop=stop.id,
            arrival=f"{at // 60:02}:{at % 60:02}",
            timepoint=at == leaves,
        )
        for at, stop in enumerate(ordered, leaves)
    ]
    return Trip(id=f"r{number}.{run}", direction=direction, service="term", stop_times=tuple(times))
