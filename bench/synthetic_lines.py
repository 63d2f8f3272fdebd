"""School lines made up for measuring: straight, every day, one trip that is on its way now."""

from datetime import datetime

from geo.opening import SHANGHAI
from geo.transit import BusRoute

LINES = 7
OPERATOR = "公交公司"
STOPS = 20
WEST, SOUTH = 117.9, 36.7
STEP = 0.005
"""Degrees of longitude between stops, some 450 m; a minute by the timetable."""


def first_stop(line: int) -> tuple[float, float]:
    """(lon, lat) of a line's first stop; lines are numbered from 1, as their listings are."""
    return WEST, SOUTH + (line - 1) * 0.02


def lines(start: float) -> list[BusRoute]:
    """All lines; their trip ``now`` leaves at ``start`` (Unix seconds)."""
    at = datetime.fromtimestamp(start, SHANGHAI)
    minute = at.hour * 60 + at.minute
    return [_line(1 + n, minute) for n in range(LINES)]


def _line(line: int, minute: int) -> BusRoute:
    lon, lat = first_stop(line)
    stops = [
        {"id": f"s{line}-{n}", "name": f"第{n}站", "lon": lon + n * STEP, "lat": lat}
        for n in range(STOPS)
    ]
    times = [
        {"stop": stop["id"], "arrival": f"{(minute + n) // 60:02}:{(minute + n) % 60:02}"}
        for n, stop in enumerate(stops)
    ]
    trip = {"id": "now", "direction": "to_school", "service": "daily", "stop_times": times}
    service = {
        "id": "daily",
        "weekdays": "1111111",
        "start": "2020-01-01",
        "end": "2099-12-31",
        "rule": "plain",
    }
    return BusRoute.model_validate(
        {
            "name": f"{line}路",
            "school": {"code": f"x{line}", "name": "学校", "lon": lon, "lat": lat},
            "agency": {"name": OPERATOR},
            "stops": stops,
            "services": [service],
            "trips": [trip],
        }
    )
