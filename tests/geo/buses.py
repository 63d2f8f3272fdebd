"""What the tests of the school lines share: a calendar, lines and notices made to order."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from geo.bus_answers import Board
from geo.calendar import Calendar, CalendarDay, parse_calendar_csv
from geo.opening import SHANGHAI
from geo.timetable import Timetable
from geo.transit import BusRoute, Notice

STARTER = Path(__file__).parents[2] / "config" / "starter" / "calendar.csv"
SCHOOL = {"code": "bazhong", "name": "张店八中", "lon": 118.06, "lat": 36.81}
BOUNDS = (117.45, 35.85, 118.65, 37.4)
WINTER = (date(2026, 2, 2), date(2026, 2, 27))
"""The day after it is a Saturday on which school makes up for the Spring Festival."""


def calendar() -> Calendar:
    """The official days up to 2026, and a winter holiday in February 2026."""
    days, problems = parse_calendar_csv(STARTER.read_text(encoding="utf-8"))
    assert not problems
    winter = [
        CalendarDay(date=WINTER[0] + timedelta(n), kind="school_holiday", name="寒假")
        for n in range((WINTER[1] - WINTER[0]).days + 1)
    ]
    return Calendar([*days, *winter])


def at(text: str) -> datetime:
    """A moment in Shanghai: ``2026-10-09 17:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def service(**given: Any) -> dict[str, Any]:
    """Monday to Friday from September 2026 on; the winter term ends on 2027-01-20."""
    rest = {"id": "term", "weekdays": "1111100", "start": "2026-09-01", "end": "2027-01-20"}
    return rest | given


def trip(id_: str, direction: str, calls: Sequence[str], **given: Any) -> dict[str, Any]:
    """``calls`` are ``stop 17:30`` each, or ``stop ~17:30`` for a time that is not exact."""
    times = []
    for call in calls:
        stop, clock = call.split(" ")
        exact = not clock.startswith("~")
        times.append({"stop": stop, "arrival": clock.lstrip("~"), "timepoint": exact})
    return {"id": id_, "direction": direction, "service": "term", "stop_times": times} | given


STOPS = [
    {"id": "gate", "name": "八中南门", "lon": 118.06, "lat": 36.811},
    {"id": "park", "name": "世纪花园", "lon": 118.08, "lat": 36.811},
    {"id": "west", "name": "祥瑞园西门", "lon": 118.09, "lat": 36.811},
]
TRIPS = [
    trip("up1", "to_school", ["west 06:50", "park ~06:54", "gate 07:05"], name="早班"),
    trip("home1", "to_home", ["gate 17:30", "park ~17:41", "west 17:45"], grades=[7]),
    trip("home2", "to_home", ["gate 18:10", "park ~18:21", "west 18:25"], grades=[8, 9]),
]


def route(**given: Any) -> BusRoute:
    """A small line: in the morning to school, home at half past five and at ten past six."""
    rest = {
        "name": "张店八中一号线",
        "short_name": "八中一号线",
        "school": SCHOOL,
        "agency": {"name": "淄博市公共交通有限公司", "phone": "0533-2287777"},
        "stops": STOPS,
        "services": [service()],
        "trips": TRIPS,
    }
    return BusRoute.model_validate(rest | given)


def notice(**given: Any) -> Notice:
    """A suspension for the ninth of October 2026, told on the day before."""
    rest = {
        "name": "因道路施工停运",
        "effect": "suspension",
        "text": "张店八中一号线停运一天。",
        "routes": [1],
        "announced_at": "2026-10-08T12:00:00+08:00",
        "start": "2026-10-09T00:00:00+08:00",
        "end": "2026-10-10T00:00:00+08:00",
        "replacement": "请改乘 90 路",
    }
    return Notice.model_validate(rest | given)


def timetable(
    *routes: BusRoute, notices: Sequence[Notice] = (), days: Calendar | None = None
) -> Timetable:
    """Routes get the listing ids 1, 2, …, notices 101, 102, …"""
    return Timetable.of(
        list(enumerate(routes or (route(),), start=1)),
        list(enumerate(notices, start=101)),
        days or calendar(),
    )


def lines(board: Board) -> list[str]:
    """``今天 17:30 home1``: when, and which trip."""
    return [f"{d.text} {d.trip}" for d in board.departures]
