"""Two lines of two operators for the tests of live data; they run every day."""

from typing import Any

from geo.calendar import Calendar
from geo.timetable import Timetable
from geo.transit import BusRoute, Notice, seconds
from server.live.book import TimetableBook

BUS, TOURS = "淄博市公共交通有限公司", "某旅游公司"
WEST, NORTH = 118.0, 36.8
STEP = 0.02
"""Degrees of longitude between stops, some 1.8 km; six minutes by the timetable."""


def line(agency: str, *, start: str = "06:50", trip: str = "m1") -> BusRoute:
    """Three stops eastwards to a school: at ``start``, six and twelve minutes later."""
    first = seconds(start) // 60
    clocks = [first + 6 * n for n in range(3)]
    stops = [
        {"id": f"s{n}", "name": f"第{n}站", "lon": WEST + n * STEP, "lat": NORTH} for n in range(3)
    ]
    times = [
        {"stop": f"s{n}", "arrival": f"{minute // 60:02}:{minute % 60:02}"}
        for n, minute in enumerate(clocks)
    ]
    fields: dict[str, Any] = {
        "name": f"{agency}的线路",
        "school": {"code": "school", "name": "某中学", "lon": WEST + 2 * STEP, "lat": NORTH},
        "agency": {"name": agency, "phone": "0533-1234567"},
        "stops": stops,
        "services": [
            {
                "id": "daily",
                "weekdays": "1111111",
                "start": "2020-01-01",
                "end": "2099-12-31",
                "rule": "plain",
            }
        ],
        "trips": [
            {
                "id": trip,
                "direction": "to_school",
                "service": "daily",
                "name": "第一班",
                "stop_times": times,
            }
        ],
    }
    return BusRoute.model_validate(fields)


def book(*notices: tuple[int, Notice], start: str = "06:50") -> TimetableBook:
    """Route 101 is the bus company's, 102 the tour company's."""
    routes = [(101, line(BUS, start=start)), (102, line(TOURS))]
    return TimetableBook(Timetable.of(routes, notices, Calendar(())), edition=1)
