"""Is a timetable that can't be right found out, and one that can let through?"""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.notice_checks import implausible_notice, inconsistent
from geo.polyline import Polyline
from geo.sphere import distance_m
from geo.timetable_checks import implausible
from geo.transit import BusRoute
from tests.geo import buses
from tests.geo.buses import BOUNDS, at, notice, route, service, trip

CALENDAR = buses.calendar()
THURSDAY = date(2026, 10, 15)
OFF = {"exceptions": [{"date": "2026-10-16", "runs": False, "reason": "检修"}]}


def problems(some: BusRoute, today: date = THURSDAY, **given: Any) -> list[tuple[str, str]]:
    return [tuple(p) for p in implausible(some, CALENDAR, today, BOUNDS, **given)]


def stop(number: int, **changed: Any) -> list[dict[str, Any]]:
    """The stops of the small line, one of them changed."""
    return [s | changed if n == number else s for n, s in enumerate(buses.STOPS)]


def test_is_a_good_line_let_through() -> None:
    assert problems(route()) == []
    drawn = {"to_school": [[118.09, 36.811], [118.06, 36.811]]}
    assert problems(route(shapes=drawn)) == []


@pytest.mark.parametrize(
    ("changed", "path", "words"),
    [
        ({"trips": []}, "trips", ["还没有班次"]),
        (
            {"trips": [trip("up", "to_school", ["west 06:50", "moon 06:54", "gate 07:05"])]},
            "trips.0.stop_times.1.stop",
            ["没有登记的站点", "moon"],
        ),
        (
            {"trips": [trip("up", "to_school", ["west 06:50", "gate 07:05"], service="no")]},
            "trips.0.service",
            ["没有登记的运行日", "no"],
        ),
        (
            {"trips": [trip("up", "to_school", ["west 06:50", "park 06:45", "gate 07:05"])]},
            "trips.0.stop_times.1.arrival",
            ["祥瑞园西门", "06:50", "世纪花园", "06:45", "时间倒退"],
        ),
        (
            {"trips": [trip("up", "to_school", ["west 06:50", "west 06:52", "gate 07:05"])]},
            "trips.0.stop_times.1.stop",
            ["连续两次"],
        ),
        (
            {"trips": [trip("up", "to_school", ["park 06:50", "gate 06:50"])]},
            "trips.0.stop_times.1.arrival",
            ["同一时刻"],
        ),
        (
            {"trips": [trip("up", "to_school", ["west 06:50:00", "gate 06:51:30"])]},
            "trips.0.stop_times.1.arrival",
            ["时速", "107"],
        ),
        ({"stops": stop(1, lon=118.7)}, "stops.1", ["世纪花园", "不在本市范围内"]),
        ({"stops": stop(0, lat=36.818)}, "trips.0.stop_times.2.stop", ["学校结束", "八中南门"]),
        ({"stops": stop(0, lat=36.818)}, "trips.1.stop_times.0.stop", ["学校出发", "最多 500 米"]),
        ({"stops": [*buses.STOPS, buses.STOPS[1]]}, "stops.3.id", ["park", "重复"]),
        ({"trips": [*buses.TRIPS, buses.TRIPS[0]]}, "trips.3.id", ["up1", "重复"]),
        ({"services": [service(), service()]}, "services.1.id", ["term", "重复"]),
        ({"services": [service(end="2026-08-01")]}, "services.0.end", ["早于开始日期"]),
        ({"services": [service(weekdays="0000000")]}, "services.0.weekdays", ["没有任何运行"]),
        ({"services": [service(end="2026-10-14")]}, "services", ["过期", "2026年10月14日"]),
        (
            {"services": [service(weekdays="0000100", **OFF)]},
            "services",
            ["今后 7 天", "停开：检修"],
        ),
        (
            {"shapes": {"to_school": [[118.09, 36.814], [118.06, 36.814]]}},
            "stops.2",
            ["祥瑞园西门", "离线路走向", "334 米"],
        ),
        (
            {"shapes": {"to_home": [[118.09, 36.811], [118.06, 36.811]]}},
            "trips.1.stop_times.1",
            ["站序", "世纪花园", "八中南门"],
        ),
        ({"shapes": {"to_home": [[118.09, 36.8], [118.09, 36.8]]}}, "shapes.to_home", ["两个"]),
    ],
)
def test_is_what_cannot_be_right_told(changed: dict[str, Any], path: str, words: list[str]) -> None:
    told = [message for where, message in problems(route(**changed)) if where == path]
    assert any(all(word in message for word in words) for message in told), told


def test_is_a_departure_before_its_arrival_told() -> None:
    calls = [
        {"stop": "west", "arrival": "06:50", "departure": "06:49"},
        {"stop": "gate", "arrival": "07:05"},
    ]
    backward = {"id": "up", "direction": "to_school", "service": "term", "stop_times": calls}
    ((path, message),) = problems(route(trips=[backward]))
    assert path == "trips.0.stop_times.0.departure"
    assert "06:49" in message


def test_may_two_near_stops_share_a_minute() -> None:
    near = [*buses.STOPS, buses.STOPS[1] | {"id": "park2", "lon": 118.084}]  # 356 m on
    calls = ["park2 06:54", "park 06:54", "gate 07:05"]
    assert problems(route(stops=near, trips=[trip("up", "to_school", calls)])) == []


def test_may_a_run_go_past_midnight() -> None:
    calls = ["gate 23:50", "park 24:01", "west 25:10"]
    assert problems(route(trips=[trip("night", "to_home", calls)])) == []


@pytest.mark.parametrize(
    ("today", "stands_still"),
    [
        (date(2026, 10, 1), False),  # seven days of National Day
        (date(2026, 9, 26), False),
        (date(2026, 8, 20), False),  # the next term is told ahead
        (date(2027, 1, 2), False),  # nobody knows
        (date(2027, 1, 18), False),
        (date(2027, 1, 21), True),
    ],
)
def test_may_a_line_stand_still_for_a_week(today: date, stands_still: bool) -> None:
    assert bool(problems(route(), today)) is stands_still


def test_is_a_calendar_used_up_before_it_ends() -> None:
    # It ends on a Saturday, on which nothing runs.
    some = route(services=[service(end="2026-10-17")])
    assert problems(some, date(2026, 10, 16)) == []
    ((path, message),) = problems(some, date(2026, 10, 17))
    assert path == "services"
    assert "用完" in message


def test_may_a_line_stand_still_in_the_winter_holiday() -> None:
    year = service(start="2025-09-01")
    assert problems(route(services=[year]), date(2026, 2, 5)) == []


def test_does_a_suspension_explain_a_standstill() -> None:
    once_a_week = [service(weekdays="0000100")]
    assert problems(route(services=[service(weekdays="0000100", **OFF)])) != []
    some = route(services=once_a_week)
    week = notice(
        announced_at="2026-10-12T08:00:00+08:00",
        start="2026-10-15T00:00:00+08:00",
        end="2026-10-23T00:00:00+08:00",
        routes=[9],
    )
    assert problems(some, notices=[(101, week)], route_id=9) == []


@pytest.mark.parametrize(
    ("told", "stands_still"),
    [
        ({}, False),
        ({"end": None}, False),
        ({"routes": []}, False),
        ({"announced_at": "2026-10-16T08:00:00+08:00"}, False),
        ({"announced_at": "2026-10-25T08:00:00+08:00"}, True),
        ({"routes": [8]}, True),
        ({"trips": ["up1"]}, True),
        ({"stops": ["park"]}, True),
        ({"end": "2026-10-16T00:00:00+08:00"}, True),
        ({"effect": "detour"}, True),
    ],
)
def test_which_notice_explains_days_that_are_left_out(
    told: dict[str, Any], stands_still: bool
) -> None:
    """The line's only day of the week is left out by its own timetable."""
    some = route(services=[service(weekdays="0000100", **OFF)])
    week = {
        "announced_at": "2026-10-12T08:00:00+08:00",
        "start": "2026-10-15T00:00:00+08:00",
        "end": "2026-10-23T00:00:00+08:00",
        "routes": [9],
    }
    found = problems(some, notices=[(101, notice(**week | told))], route_id=9)
    assert bool(found) is stands_still


def test_are_holidays_that_a_feed_writes_out_explained() -> None:
    days = [{"date": f"2026-10-0{day}", "runs": False} for day in range(1, 8)]
    some = service(rule="plain", weekdays="1111111", exceptions=days)
    assert problems(route(services=[some]), date(2026, 10, 1)) == []
    inspected = [{"date": f"2026-10-{day}", "runs": False} for day in range(15, 22)]
    some = service(rule="plain", weekdays="1111111", exceptions=inspected)
    assert problems(route(services=[some])) != []


def test_is_every_mistake_of_a_line_told_at_once() -> None:
    calls = ["west 06:50", "park 06:40", "gate 06:30"]
    some = route(stops=stop(1, lat=39.9), trips=[trip("up", "to_school", calls)])
    paths = [path for path, _ in problems(some)]
    assert paths == ["stops.1", "trips.0.stop_times.1.arrival", "trips.0.stop_times.2.arrival"]


# Notices


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"replacement": ""}, "replacement"),
        ({"text": ""}, "text"),
        ({"effect": "time_change"}, "delay_minutes"),
        ({"delay_minutes": 5}, "delay_minutes"),
        ({"end": "2026-10-08T00:00:00+08:00", "start": "2026-10-07T00:00:00+08:00"}, "end"),
        ({"announced_at": "2026-10-11T00:00:00+08:00"}, "announced_at"),
        ({"routes": [1, 7]}, "routes.1"),
        ({"trips": ["up1", "up9"]}, "trips.1"),
        ({"stops": ["moon"]}, "stops.0"),
    ],
)
def test_is_what_a_notice_lacks_told(changed: dict[str, Any], path: str) -> None:
    found = implausible_notice(notice(**changed), {1: route()}, at("2026-10-08 12:00"))
    assert [problem.path for problem in found] == [path]


def test_is_a_good_notice_let_through() -> None:
    now = at("2026-10-08 12:00")
    by_phone = notice(replacement="", phone="0533-2287777", routes=[])
    assert implausible_notice(notice(), {1: route()}, now) == []
    assert implausible_notice(by_phone, {1: route()}, now) == []
    assert implausible_notice(notice(end=None), {1: route()}, now) == []


# Several routes


def test_do_two_lines_agree_on_what_they_share() -> None:
    other = [
        trip(f"other-{t['id']}", t["direction"], ["gate 17:00", "park 17:10"]) for t in buses.TRIPS
    ]
    same = route(name="二号线", trips=other, stops=stop(1, lat=36.8113))
    assert inconsistent([(1, route()), (2, same)]) == []
    moved = route(name="二号线", trips=other, stops=stop(1, lat=36.812, name="世纪花园东"))
    found = inconsistent([(1, route()), (2, moved)])
    assert [(p.route, p.path) for p in found] == [(2, "stops.1.name"), (2, "stops.1.lon")]
    assert "111 米" in found[1].message


def test_is_a_trip_that_two_lines_claim_told() -> None:
    found = inconsistent([(1, route()), (2, route(name="二号线"))])
    assert [(p.route, p.path) for p in found] == [(2, f"trips.{n}.id") for n in range(3)]


# The line on the map


def test_how_far_is_a_place_from_the_line() -> None:
    line = Polyline([(118.0, 36.8), (118.1, 36.8)])
    assert line.distance_m(118.05, 36.801) == pytest.approx(111.2, abs=0.2)
    beyond = distance_m(118.1, 36.8, 118.12, 36.8)
    assert line.distance_m(118.12, 36.8) == pytest.approx(beyond, rel=1e-3)


def test_may_a_bus_come_back_on_its_own_way() -> None:
    there, end = (118.0, 36.8), (118.05, 36.8)
    line = Polyline([there, end, there])
    first, last = (118.01, 36.8), (118.04, 36.8)
    assert line.out_of_order([there, first, last, end, last, first, there], 50) is None
    assert line.out_of_order([last, first, last], 50) == 2  # it comes back only once
    once = Polyline([there, end])
    assert once.out_of_order([there, last, first], 50) == 2


@settings(max_examples=100, deadline=None)
@given(
    turns=st.lists(
        st.tuples(st.floats(117.9, 118.2), st.floats(36.7, 36.9)), min_size=2, max_size=8
    ),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=8),
)
def test_is_a_bus_on_its_way_never_out_of_order(
    turns: list[tuple[float, float]], shares: list[float]
) -> None:
    pieces = len(turns) - 1
    places = []
    for share in sorted(shares):
        piece = min(int(share * pieces), pieces - 1)
        part = share * pieces - piece
        (a, b), (c, d) = turns[piece], turns[piece + 1]
        places.append((a + (c - a) * part, b + (d - b) * part))
    line = Polyline(turns)
    assert line.out_of_order(places, 50) is None
    assert all(line.distance_m(*place) < 1 for place in places)
