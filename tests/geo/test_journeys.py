"""Does the way from the school gate to the front door, and back, add up?"""

from datetime import datetime, timedelta
from functools import partial
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import home_lines
from geo import journeys as door_to_door
from geo.journey_answers import Journey
from geo.service_days import runs_on
from geo.sphere import distance_m, walking_minutes
from geo.timetable import HORIZON_DAYS
from geo.transit import BusRoute, Direction, seconds
from tests.geo import buses
from tests.geo.buses import at, notice, route, service, timetable, trip

CALENDAR = buses.calendar()
SMALL = timetable()
HOME = (118.0805, 36.8135)
"""280 metres north of the stop 世纪花园, as the crow flies; 900 from 祥瑞园西门."""
FAR = (118.5, 36.0)
journeys = partial(door_to_door.journeys, max_walk_m=800.0)
journeys_by = partial(door_to_door.journeys_by, max_walk_m=800.0)
lines_for_home = partial(home_lines.lines_for_home, max_walk_m=800.0)


def told(options: tuple[Journey, ...]) -> list[tuple[str, str]]:
    return [(o.ride.trip, o.text) for o in options]


def test_which_runs_bring_a_child_home() -> None:
    found = journeys(SMALL, "bazhong", HOME, "to_home", at("2026-10-09 17:00"))
    assert told(found.options) == [
        ("home1", "今天 17:30 在八中南门上车，约 17:47 到家"),
        ("home2", "今天 18:10 在八中南门上车，约 18:27 到家"),
        ("home1", "明天 17:30 在八中南门上车，约 17:47 到家"),
    ]
    first = found.options[0]
    assert (first.first_walk.from_name, first.first_walk.to_name) == ("学校", "八中南门")
    assert (first.last_walk.from_name, first.last_walk.to_name) == ("世纪花园", "家")
    assert (first.ride.board_exact, first.ride.alight_exact, first.ride.calls) == (True, False, 1)
    assert first.ride.grades == (7,)
    assert (found.within_reach, found.outlook) == (True, None)


def test_do_the_legs_of_a_way_meet() -> None:
    for direction in ("to_home", "to_school"):
        for way in journeys(SMALL, "bazhong", HOME, direction, at("2026-10-09 05:00")).options:
            walks = (way.first_walk, way.last_walk)
            assert way.first_walk.ends == way.ride.at_stop_by
            waits = way.ride.board - way.first_walk.ends
            assert waits == timedelta(minutes=way.waiting_minutes)
            assert way.waiting_minutes == (0 if way.ride.board_exact else 5)
            assert way.last_walk.starts == way.ride.alight
            assert (way.leaves, way.arrives) == (way.first_walk.starts, way.last_walk.ends)
            assert way.arrives - way.leaves == timedelta(minutes=way.minutes)
            assert way.minutes == way.waiting_minutes + way.ride.minutes + way.walking_minutes
            assert way.walking_minutes == sum(walk.minutes for walk in walks)
            assert abs(way.walking_metres - sum(walk.metres for walk in walks)) <= 1


def test_how_long_is_the_walk() -> None:
    way = journeys(SMALL, "bazhong", HOME, "to_school", at("2026-10-09 05:00")).options[0]
    straight = distance_m(*HOME, 118.08, 36.811)
    assert way.first_walk.metres == round(straight * 1.3)
    assert way.first_walk.minutes == walking_minutes(straight)
    gate = distance_m(118.06, 36.811, 118.06, 36.81)
    assert way.last_walk.minutes == walking_minutes(gate)
    assert way.text == "今天约 6:54 在世纪花园上车（最晚 6:49 到站），7:08 到校"


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-10-09 06:48", "今天"),  # six minutes' walk
        ("2026-10-09 06:49", "明天"),  # the make-up Saturday
        ("2026-10-10 12:00", "周一"),
        ("2026-09-30 12:00", "10月8日"),
    ],
)
def test_is_a_bus_offered_that_one_can_still_walk_to(now: str, day: str) -> None:
    found = journeys(SMALL, "bazhong", HOME, "to_school", at(now), limit=1)
    assert [o.day for o in found.options] == [day]


def test_is_a_stop_further_on_taken_if_the_nearest_is_missed() -> None:
    middle = (118.085, 36.811)  # 450 m from either stop
    line = route(trips=[trip("up1", "to_school", ["west 06:50", "park 06:54", "gate 07:05"])])
    found = journeys(timetable(line), "bazhong", middle, "to_school", at("2026-10-09 06:43"))
    assert [o.ride.board_stop for o in found.options[:1]] == ["park"]


def test_is_a_home_out_of_reach_told_the_nearest_stop() -> None:
    found = journeys(SMALL, "bazhong", FAR, "to_home", at("2026-10-09 17:00"))
    assert found.options == ()
    assert not found.within_reach
    assert found.nearest is not None
    assert found.nearest.stop.id == "west"
    assert found.nearest.metres == round(distance_m(*FAR, 118.09, 36.811) * 1.3)
    for words in ("800 米", "张店八中", "祥瑞园西门", "八中一号线", str(found.nearest.metres)):
        assert words in found.text


def test_does_a_longer_walk_reach_more() -> None:
    away = (118.08, 36.8165)  # 612 m from the stop, 795 m on foot
    for metres, reach in ((794, False), (797, True)):
        found = journeys(
            SMALL, "bazhong", away, "to_home", at("2026-10-09 17:00"), max_walk_m=metres
        )
        assert found.within_reach is reach


def test_is_a_school_without_runs_that_way_told_so() -> None:
    one_way = timetable(route(trips=buses.TRIPS[:1]))
    found = journeys(one_way, "bazhong", HOME, "to_home", at("2026-10-09 17:00"))
    assert (found.nearest, found.text) == (None, "张店八中还没有放学方向的班次")
    with pytest.raises(LookupError):
        journeys(SMALL, "nowhere", HOME, "to_home", at("2026-10-09 17:00"))


def test_is_a_suspended_run_left_out_and_told() -> None:
    some = timetable(notices=[notice(trips=["home1"])])
    found = journeys(some, "bazhong", HOME, "to_home", at("2026-10-09 17:00"), limit=2)
    assert [(o.day, o.ride.trip) for o in found.options] == [("今天", "home2"), ("明天", "home1")]
    (gone,) = found.unavailable
    assert (gone.trip, gone.text, gone.reason) == ("home1", "今天 17:30", "停运；请改乘 90 路")
    assert gone.phone == "0533-2287777"


def test_is_a_line_that_is_suspended_for_good_told_to_be() -> None:
    some = timetable(notices=[notice(end=None)])
    found = journeys(some, "bazhong", HOME, "to_home", at("2026-10-09 17:00"))
    assert found.options == ()
    assert len(found.unavailable) == 3
    assert found.text.startswith("停运；请改乘 90 路。")


def test_is_another_stop_taken_where_a_detour_leaves_one_out() -> None:
    some = timetable(notices=[notice(effect="detour", stops=["park"], replacement="")])
    asked = at("2026-10-09 17:00")
    found = journeys(some, "bazhong", HOME, "to_home", asked, max_walk_m=1500)
    assert found.options[0].ride.alight_stop == "west"


def test_does_a_change_of_time_change_the_way() -> None:
    later = notice(effect="time_change", delay_minutes=20, replacement="")
    found = journeys(timetable(notices=[later]), "bazhong", HOME, "to_home", at("2026-10-09 17:40"))
    first = found.options[0]
    assert (first.ride.board_clock, first.ride.alight_clock) == ("17:50", "18:01")
    assert (first.ride.state, first.ride.delay_minutes) == ("changed", 20)


def test_is_a_year_that_nobody_knows_reported() -> None:
    found = journeys(SMALL, "bazhong", HOME, "to_home", at("2026-12-31 20:00"))
    assert found.options == ()
    assert found.outlook is not None
    assert found.outlook.code == "not_announced"
    assert "尚未公布" in found.text


# In time for


@pytest.mark.parametrize(
    ("by", "trips"),
    [
        ("2026-10-09 07:08", ["up1"]),  # 7:05 at the stop, three minutes to the gate
        ("2026-10-09 07:07", []),
        ("2026-10-10 07:30", ["up1"]),  # the make-up Saturday
        ("2026-10-11 07:30", []),
        ("2026-10-09 23:59", ["up1"]),
    ],
)
def test_which_bus_is_in_time_for_school(by: str, trips: list[str]) -> None:
    found = journeys_by(SMALL, "bazhong", HOME, "to_school", at("2026-10-08 20:00"), at(by))
    assert [o.ride.trip for o in found.options] == trips
    assert all(o.arrives <= at(by) for o in found.options)
    assert all(o.arrives.date() == at(by).date() for o in found.options)
    assert found.outlook is None


@pytest.mark.parametrize(
    ("by", "trips"),
    [
        ("2026-10-10 00:30", ["home2"]),  # which arrives at 18:27 the evening before
        ("2026-10-10 03:59", ["home2"]),
        ("2026-10-10 04:00", []),
    ],
)
def test_does_the_evening_count_for_who_must_be_home_after_midnight(
    by: str, trips: list[str]
) -> None:
    start = at("2026-10-09 17:40")
    found = journeys_by(SMALL, "bazhong", HOME, "to_home", start, at(by))
    assert [o.ride.trip for o in found.options] == trips
    late = journeys_by(SMALL, "bazhong", HOME, "to_home", at("2026-10-09 23:00"), at(by))
    assert (late.options, "没有" in late.text) == ((), True)


def test_is_the_last_bus_that_is_in_time_told_first() -> None:
    found = journeys_by(
        SMALL, "bazhong", HOME, "to_home", at("2026-10-09 05:00"), at("2026-10-09 19:00")
    )
    assert [o.ride.trip for o in found.options] == ["home2", "home1"]


@pytest.mark.parametrize(
    ("now", "by", "words"),
    [
        ("2026-10-09 07:00", "2026-10-09 06:00", "今天 6:00 已经过去"),
        ("2026-10-09 06:49", "2026-10-09 07:30", "今天 7:30 前没有赶得上的班次"),
        ("2026-10-09 06:49", "2026-10-11 07:30", "周日 7:30 前没有班次：周日（周末）不运行"),
        ("2026-09-30 12:00", "2026-10-01 07:30", "明天 7:30 前没有班次：国庆节假期不运行"),
    ],
)
def test_is_it_told_why_nothing_is_in_time(now: str, by: str, words: str) -> None:
    found = journeys_by(SMALL, "bazhong", HOME, "to_school", at(now), at(by))
    assert (found.options, found.text) == ((), words)


def test_is_an_unknown_year_told_to_who_asks_to_be_in_time() -> None:
    new_year = at("2027-01-05 07:30")
    found = journeys_by(SMALL, "bazhong", HOME, "to_school", at("2026-12-30 12:00"), new_year)
    assert found.options == ()
    assert found.outlook is not None
    assert "尚未公布" in found.text
    old_year = at("2026-12-31 23:59")
    found = journeys_by(SMALL, "bazhong", HOME, "to_school", at("2026-12-30 12:00"), old_year)
    assert [o.day for o in found.options] == ["明天"]
    assert found.outlook is None


def test_is_a_suspended_run_told_to_who_asks_to_be_in_time() -> None:
    some = timetable(notices=[notice(trips=["up1"])])
    by = at("2026-10-09 07:30")
    found = journeys_by(some, "bazhong", HOME, "to_school", at("2026-10-09 05:00"), by)
    assert found.options == ()
    assert [gone.trip for gone in found.unavailable] == ["up1"]
    assert found.text.startswith("停运；请改乘 90 路。")


# An estimate may be early


@pytest.mark.parametrize(
    ("now", "leaves", "waits"),
    [
        ("2026-10-09 05:00", "06:43", 5),
        ("2026-10-09 06:45", "06:45", 3),  # late, but the bus can be met
        ("2026-10-09 06:48", "06:48", 0),
    ],
)
def test_when_does_one_leave_for_a_bus_that_may_be_early(now: str, leaves: str, waits: int) -> None:
    found = journeys(SMALL, "bazhong", HOME, "to_school", at(now), limit=1)
    (way,) = found.options
    assert (way.ride.board_exact, way.ride.at_stop_by_clock) == (False, "6:49")
    assert (way.leaves, way.waiting_minutes) == (at(f"2026-10-09 {leaves}"), waits)


def test_which_lines_serve_a_home() -> None:
    other = route(name="实验中学二号线", short_name="", school=buses.SCHOOL | {"code": "shiyan"})
    both = timetable(route(), other)
    found = lines_for_home(both, HOME)
    assert [(line.route, line.school_code) for line in found.lines] == [
        (1, "bazhong"),
        (2, "shiyan"),
    ]
    there, back = found.lines[0].stops
    assert (there.direction, there.stop, there.clocks) == ("to_school", "park", ("6:54",))
    assert (back.direction, back.clocks) == ("to_home", ("17:41", "18:21"))
    assert "2 条" in found.text


def test_does_a_home_beside_the_school_need_no_bus() -> None:
    found = lines_for_home(SMALL, (118.06, 36.811), max_walk_m=400)
    assert found.lines == ()
    assert found.nearest is not None
    assert found.nearest.stop.id == "gate"


def test_is_a_home_that_no_line_serves_told_the_nearest() -> None:
    found = lines_for_home(SMALL, FAR)
    assert found.lines == ()
    for words in ("没有助学专线", "祥瑞园西门", "八中一号线"):
        assert words in found.text
    assert lines_for_home(timetable(route(trips=[], stops=[])), FAR).nearest is None


# Against a plain search of all trips and stops

SPREAD = [
    {"id": f"s{number}", "name": f"{number} 站", "lon": 118.06 + 0.0035 * number, "lat": 36.81}
    for number in range(6)
]


@st.composite
def some_routes(draw: st.DrawFn) -> BusRoute:
    trips = []
    for number in range(draw(st.integers(1, 3))):
        direction: Direction = draw(st.sampled_from(["to_home", "to_school"]))
        minutes = sorted(draw(st.lists(st.integers(0, 2 * 1440), min_size=2, max_size=5)))
        ends = draw(st.permutations(range(1, 6)))[: len(minutes) - 1]
        order = [0, *ends] if direction == "to_home" else [*ends, 0]
        calls = [
            f"s{stop} {minute // 60:02}:{minute % 60:02}"
            for stop, minute in zip(order, minutes, strict=True)
        ]
        trips.append(trip(f"t{number}", direction, calls))
    some = service(weekdays=draw(st.sampled_from(["1111100", "0100010"])), start="2025-09-01")
    return route(trips=trips, stops=SPREAD, services=[some])


def walk(lon: float, lat: float, stop: int) -> tuple[float, int]:
    """Walked metres and minutes: 1.3 times the straight line, at 4 km/h."""
    metres = distance_m(lon, lat, SPREAD[stop]["lon"], SPREAD[stop]["lat"]) * 1.3  # type: ignore[arg-type]
    return metres, max(1, ceil(metres / (4000 / 60)))


def plainly(
    routes: list[BusRoute], home: tuple[float, float], direction: str, now: datetime, reach: float
) -> list[tuple[datetime, int]]:
    """(arrival at the door, minutes walked) of the best way with each run, best first."""
    best = []
    gate = walk(buses.SCHOOL["lon"], buses.SCHOOL["lat"], 0)[1]  # type: ignore[arg-type]
    for ahead in range(-3, HORIZON_DAYS + 1):
        day = now.date() + timedelta(ahead)
        for line in routes:
            if runs_on(line.services[0], day, CALENDAR).runs != "yes":
                continue
            for run in (run for run in line.trips if run.direction == direction):
                times = {
                    int(call.stop[1:]): at(str(day)) + timedelta(seconds=seconds(call.arrival))
                    for call in run.stop_times
                }
                ways = []
                for stop in set(times) - {0}:
                    metres, minutes = walk(*home, stop)
                    first, last = (gate, minutes) if direction == "to_home" else (minutes, gate)
                    on, off = (0, stop) if direction == "to_home" else (stop, 0)
                    in_time = times[on] >= now + timedelta(minutes=first)
                    if metres <= reach and in_time:
                        ways.append((times[off] + timedelta(minutes=last), first + last))
                best += [min(ways)] if ways else []
    return sorted(best)


@settings(max_examples=150, deadline=None)
@given(
    routes=st.lists(some_routes(), min_size=1, max_size=3),
    lon=st.floats(118.055, 118.085),
    lat=st.floats(36.806, 36.814),
    direction=st.sampled_from(["to_home", "to_school"]),
    now=st.datetimes(datetime(2025, 9, 1), datetime(2026, 7, 1)),  # noqa: DTZ001
    reach=st.integers(200, 1500),
)
def test_are_the_best_ways_those_of_a_plain_search(
    routes: list[BusRoute], lon: float, lat: float, direction: Direction, now: datetime, reach: int
) -> None:
    start = at(now.isoformat()).replace(second=0, microsecond=0)
    some = timetable(*routes, days=CALENDAR)
    found = journeys(some, "bazhong", (lon, lat), direction, start, max_walk_m=reach)
    expected = plainly(routes, (lon, lat), direction, start, reach)
    assert [(o.arrives, o.walking_minutes) for o in found.options] == expected[:3]
    stops = {
        int(call.stop[1:])
        for line in routes
        for run in line.trips
        if run.direction == direction
        for call in run.stop_times
    } - {0}
    near = [stop for stop in stops if walk(lon, lat, stop)[0] <= reach]
    assert found.within_reach is bool(near)
    if found.nearest is not None:
        assert found.nearest.metres == round(min(walk(lon, lat, stop)[0] for stop in stops))


@settings(max_examples=150, deadline=None)
@given(
    routes=st.lists(some_routes(), min_size=1, max_size=3),
    direction=st.sampled_from(["to_home", "to_school"]),
    now=st.datetimes(datetime(2025, 9, 1), datetime(2026, 7, 1)),  # noqa: DTZ001
    ahead=st.integers(-60, 4 * 1440),
)
def test_are_the_ways_in_time_those_of_a_plain_search(
    routes: list[BusRoute], direction: Direction, now: datetime, ahead: int
) -> None:
    start = at(now.isoformat()).replace(second=0, microsecond=0)
    by = start + timedelta(minutes=ahead)
    some = timetable(*routes, days=CALENDAR)
    found = journeys_by(some, "bazhong", (118.072, 36.81), direction, start, by, limit=30)
    day = (by - timedelta(hours=4)).date()
    in_time = [
        (arrives, walking)
        for arrives, walking in plainly(routes, (118.072, 36.81), direction, start, 800)
        if arrives <= by and arrives.date() >= day
    ]
    assert sorted((o.arrives, o.walking_minutes) for o in found.options) == in_time
    leaving = [o.leaves for o in found.options]
    assert leaving == sorted(leaving, reverse=True)


@settings(max_examples=60, deadline=None)
@given(
    routes=st.lists(some_routes(), min_size=1, max_size=3),
    lon=st.floats(118.055, 118.085),
    reach=st.integers(200, 1500),
)
def test_are_the_lines_for_a_home_those_of_a_plain_search(
    routes: list[BusRoute], lon: float, reach: int
) -> None:
    found = lines_for_home(timetable(*routes, days=CALENDAR), (lon, 36.81), max_walk_m=reach)
    expected = set()
    for id_, line in enumerate(routes, start=1):
        for run in line.trips:
            for call in run.stop_times:
                if call.stop != "s0" and walk(lon, 36.81, int(call.stop[1:]))[0] <= reach:
                    expected.add((id_, run.direction))
    assert {(line.route, s.direction) for line in found.lines for s in line.stops} == expected
