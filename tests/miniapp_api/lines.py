"""A school line and notices to publish."""

from typing import Any


def line(name: str = "八中一号线", key: str = "b1", **changes: Any) -> dict[str, Any]:
    """A line of two stops with a run to school and two runs home on school days."""
    gate = f"{key}.gate"
    stops = [
        {"id": f"{key}.1", "name": "世纪花园", "lon": 118.008, "lat": 36.8465},
        {"id": f"{key}.2", "name": "祥瑞园", "lon": 118.013, "lat": 36.839},
        {"id": gate, "name": "南门", "lon": 118.0285, "lat": 36.8255},
    ]
    trips = [
        trip(f"{key}.m", "to_school", [(f"{key}.1", "06:50"), (gate, "07:15")]),
        trip(f"{key}.e1", "to_home", [(gate, "17:30"), (f"{key}.1", "17:51")], name="第一班"),
        trip(f"{key}.e2", "to_home", [(gate, "18:10"), (f"{key}.1", "18:31")], name="第二班"),
    ]
    for one in trips:
        place = 1 if one["direction"] == "to_school" else -1
        first = one["stop_times"][0]["arrival"]
        between = f"{first[:3]}{int(first[3:]) + 9:02}"
        middle = {"stop": f"{key}.2", "arrival": between, "timepoint": False}
        one["stop_times"].insert(place, middle)
    return {
        "type": "bus_route",
        "name": name,
        "school": {"code": "b8", "name": "第八中学", "lon": 118.0285, "lat": 36.8262},
        "agency": {"name": "公交公司", "phone": "0533-1234567"},
        "stops": stops,
        "services": [
            {"id": "days", "weekdays": "1111100", "start": "2026-09-01", "end": "2027-01-31"}
        ],
        "trips": trips,
    } | changes


def trip(id_: str, direction: str, calls: list[tuple[str, str]], **changes: Any) -> dict[str, Any]:
    """A run on the days of the only service; ``calls`` are stops and times."""
    return {
        "id": id_,
        "direction": direction,
        "service": "days",
        "stop_times": [{"stop": stop, "arrival": clock} for stop, clock in calls],
    } | changes


def notice(name: str, start: str, end: str | None, **changes: Any) -> dict[str, Any]:
    """A suspension of everything that ``changes`` doesn't narrow; days are ISO dates."""
    return {
        "type": "notice",
        "name": name,
        "effect": "suspension",
        "text": f"{name}，请家长接送。",
        "announced_at": f"{start}T00:00:00+08:00",
        "start": f"{start}T00:00:00+08:00",
        "end": end and f"{end}T00:00:00+08:00",
        "replacement": "请家长接送",
    } | changes
