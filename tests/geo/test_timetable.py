"""Which bus comes next, on which day, and what if it doesn't?"""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.bus_answers import Board
from geo.service_days import runs_on
from geo.sphere import distance_m
from geo.timetable import HORIZON_DAYS, Timetable
from geo.timetable_columns import timetable_arrays
from geo.transit import BusRoute, Notice, seconds
from tests.geo import buses
from tests.geo.buses import at, notice, route, service, timetable, trip

CALENDAR = buses.calendar()
SMALL = timetable()


def lines(board: Board) -> list[str]:
    return [f"{d.text} {d.trip}" for d in board.departures]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-10-09 07:06", ["今天 17:30 home1", "今天 18:10 home2", "明天 7:05 up1"]),
        ("2026-10-09 17:30", ["今天 17:30 home1", "今天 18:10 home2", "明天 7:05 up1"]),
        ("2026-10-09 17:31", ["今天 18:10 home2", "明天 7:05 up1", "明天 17:30 home1"]),
        # The tenth is a make-up Saturday, the eleventh an ordinary Sunday.
        ("2026-10-10 18:11", ["周一 7:05 up1", "周一 17:30 home1", "周一 18:10 home2"]),
        ("2026-10-16 20:00", ["周一 7:05 up1", "周一 17:30 home1", "周一 18:10 home2"]),
        ("2026-09-30 20:00", ["10月8日 7:05 up1", "10月8日 17:30 home1", "10月8日 18:10 home2"]),
        ("2026-08-29 12:00", ["周二 7:05 up1", "周二 17:30 home1", "周二 18:10 home2"]),
    ],
)
def test_what_comes_next_at_the_gate(now: str, expected: list[str]) -> None:
    board = SMALL.departures("gate", at(now), limit=3)
    assert lines(board) == expected
    assert board.outlook is None


def test_are_times_that_are_estimates_told_as_such() -> None:
    first = SMALL.departures("park", at("2026-10-09 06:00"), limit=1).departures[0]
    assert (first.text, first.exact, first.minutes) == ("今天约 6:54", False, 54)
    assert (first.headsign, first.direction) == ("张店八中", "to_school")


def test_whom_is_each_way_home_for() -> None:
    board = SMALL.departures("gate", at("2026-10-09 12:00"), limit=2)
    assert [d.grades for d in board.departures] == [(7,), (8, 9)]
    assert {d.headsign for d in board.departures} == {"祥瑞园西门"}


def test_is_an_arrival_at_the_last_stop_told_as_the_end() -> None:
    board = SMALL.departures("west", at("2026-10-09 06:00"), limit=3)
    assert [(d.clock, d.ends_here) for d in board.departures] == [
        ("6:50", False),
        ("17:45", True),
        ("18:25", True),
    ]


def test_does_a_run_after_midnight_belong_to_the_day_before() -> None:
    night = trip("night", "to_home", ["gate 23:50", "park 24:00", "west 25:10"])
    some = timetable(route(trips=[night]))
    friday = some.departures("west", at("2026-10-16 12:00"), limit=1).departures[0]
    assert (friday.text, friday.service_date) == ("明天 1:10", date(2026, 10, 16))
    saturday = some.departures("west", at("2026-10-17 01:00"), limit=2).departures
    assert [d.text for d in saturday] == ["今天 1:10", "周二 1:10"]
    assert saturday[0].service_date == date(2026, 10, 16)
    assert (
        some.departures("park", at("2026-10-16 23:59"), limit=1).departures[0].text == "明天 0:00"
    )


def test_is_the_year_that_nobody_knows_reported() -> None:
    board = SMALL.departures("gate", at("2026-12-31 18:00"), limit=3)
    assert [d.trip for d in board.departures] == ["home2"]
    assert board.outlook is not None
    assert board.outlook.code == "not_announced"
    assert board.outlook.complete_until == date(2026, 12, 31)
    assert "2027 年的节假日安排尚未公布" in board.outlook.reason


@pytest.mark.parametrize("ahead", range(0, 75, 3))
def test_from_which_day_on_is_nothing_certain(ahead: int) -> None:
    day = date(2026, 11, 5) + timedelta(ahead)
    board = SMALL.departures("gate", at(f"{day} 12:00"), limit=1000)
    assert board.outlook is not None
    if day + timedelta(HORIZON_DAYS) < date(2027, 1, 1):
        assert board.outlook.code == "horizon"
    else:
        assert board.outlook.code == "not_announced"
        assert board.outlook.complete_until == max(date(2026, 12, 31), day - timedelta(1))
    assert all(d.service_date <= board.outlook.complete_until for d in board.departures)


def test_is_an_extra_run_in_the_unknown_year_told_with_the_doubt_before_it() -> None:
    extra = service(exceptions=[{"date": "2027-01-05", "runs": True}])
    some = timetable(route(services=[extra]))
    board = some.departures("gate", at("2027-01-01 08:00"), limit=2)
    assert [d.text for d in board.departures] == ["周二 7:05", "周二 17:30"]
    assert board.outlook is not None
    assert board.outlook.code == "not_announced"


def test_is_the_end_of_term_told() -> None:
    term = timetable(route(services=[service(end="2026-10-16")]))
    board = term.departures("gate", at("2026-10-16 18:00"), limit=3)
    assert [d.trip for d in board.departures] == ["home2"]
    assert board.outlook is not None
    assert (board.outlook.code, board.outlook.complete_until) == ("ended", date(2026, 10, 16))
    after = term.departures("gate", at("2026-12-16 18:00"))
    assert after.departures == ()
    assert after.outlook is not None
    assert "已于2026年10月16日结束" in after.outlook.reason


def test_how_far_ahead_is_looked() -> None:
    late = timetable(route(services=[service(start="2026-12-01", end="2026-12-31")]))
    board = late.departures("gate", at("2026-10-01 08:00"))
    assert board.departures == ()
    assert board.outlook is not None
    assert board.outlook.code == "horizon"
    assert board.outlook.complete_until == date(2026, 10, 1) + timedelta(HORIZON_DAYS)
    assert late.departures("gate", at("2026-10-02 08:00"), limit=1).departures[0].clock == "7:05"


# Notices


def test_is_a_suspended_run_shown_with_what_to_do_instead() -> None:
    some = timetable(notices=[notice()])
    board = some.departures("gate", at("2026-10-09 12:00"), limit=2)
    assert [(d.trip, d.state) for d in board.departures] == [
        ("home1", "suspended"),
        ("home2", "suspended"),
    ]
    first = board.departures[0]
    assert (first.state_text, first.replacement) == ("停运；请改乘 90 路", "请改乘 90 路")
    assert (first.phone, first.notices) == ("0533-2287777", (101,))
    assert board.next_served is not None
    assert board.next_served.text == "明天 7:05"


def test_is_a_notice_unknown_before_it_is_told_and_over_when_it_ends() -> None:
    some = timetable(notices=[notice()])
    before = some.departures("gate", at("2026-10-08 11:00"), limit=5)
    assert {d.state for d in before.departures} == {"scheduled"}
    told = some.departures("gate", at("2026-10-08 12:00"), limit=5)
    assert [d.state for d in told.departures].count("suspended") == 3
    assert [id_ for id_, _ in some.notices_for(1, at("2026-10-08 12:00"))] == [101]
    assert some.notices_for(1, at("2026-10-10 00:00")) == []
    assert some.notices_for(1, at("2026-10-08 11:00")) == []


def test_does_a_change_of_time_move_the_departure() -> None:
    later = notice(effect="time_change", delay_minutes=20, trips=["home1"], replacement="")
    some = timetable(notices=[later])
    board = some.departures("gate", at("2026-10-09 17:40"), limit=2)
    assert [(d.trip, d.clock, d.state, d.minutes) for d in board.departures] == [
        ("home1", "17:50", "changed", 10),
        ("home2", "18:10", "scheduled", 30),
    ]
    assert board.departures[0].scheduled == at("2026-10-09 17:30")
    assert board.departures[0].state_text == "推迟 20 分钟"


def test_does_an_earlier_time_come_first_even_from_the_day_after() -> None:
    early = trip("early", "to_school", ["west 00:30", "gate 00:50"])
    late = trip("late", "to_home", ["gate 23:40", "west 23:55"])
    sooner = notice(
        effect="time_change",
        delay_minutes=-60,
        trips=["early"],
        start="2026-10-14T00:00:00+08:00",
        end="2026-10-15T00:00:00+08:00",
    )
    some = timetable(route(trips=[early, late]), notices=[sooner])
    board = some.departures("west", at("2026-10-13 20:00"), limit=1)
    assert lines(board) == ["今天 23:30 early"]


def test_is_a_stop_that_a_detour_leaves_out_shown_as_left_out() -> None:
    some = timetable(notices=[notice(effect="detour", stops=["park"], replacement="")])
    park = some.departures("park", at("2026-10-09 17:00"), limit=1).departures[0]
    west = some.departures("west", at("2026-10-09 17:00"), limit=1).departures[0]
    assert (park.state, park.state_text, park.served) == ("skipped", "绕行，本站不停靠", False)
    assert (west.state, west.notices) == ("scheduled", ())


def test_does_a_notice_without_routes_touch_all() -> None:
    some = timetable(notices=[notice(routes=[])])
    assert some.route_day(1, date(2026, 10, 9), at("2026-10-09 08:00")).code == "suspension"


def test_does_the_latest_change_of_time_count_and_suspension_outweigh_it() -> None:
    first = notice(effect="time_change", delay_minutes=20)
    second = first.model_copy(
        update={"delay_minutes": 5, "announced_at": at("2026-10-08 18:00"), "name": "更正"}
    )
    asked = at("2026-10-09 06:00")
    some = timetable(notices=[second, first])
    assert some.departures("gate", asked, limit=1).departures[0].clock == "7:10"
    three = timetable(notices=[second, first, notice()])
    told = three.departures("gate", asked, limit=1).departures[0]
    assert (told.state, told.clock, set(told.notices)) == ("suspended", "7:05", {101, 102, 103})


def test_is_a_run_that_has_begun_before_the_suspension_finished() -> None:
    midway = {"start": "2026-10-09T17:35:00+08:00"}
    for stops, state in (([], "scheduled"), (["park"], "suspended")):
        some = timetable(notices=[notice(stops=stops, **midway)])
        first, second = some.departures("park", at("2026-10-09 17:00"), limit=2).departures
        assert (first.trip, first.state) == ("home1", state)
        assert (second.trip, second.state) == ("home2", "suspended")


def test_does_a_run_of_two_nights_ago_still_come() -> None:
    long = trip("long", "to_home", ["gate 23:50", "west 49:10"])
    some = timetable(route(trips=[long]))
    board = some.departures("west", at("2026-10-18 00:30"), limit=1)
    assert (board.departures[0].text, board.departures[0].service_date.day) == ("今天 1:10", 16)


# Routes day by day


def test_does_it_run_today_and_if_not_why() -> None:
    days = SMALL.route_days(1, at("2026-09-29 08:00"))
    assert [(d.date.day, d.runs, d.code) for d in days] == [
        (29, "yes", "weekday"),
        (30, "yes", "weekday"),
        *((n, "no", "holiday") for n in range(1, 8)),
        (8, "yes", "weekday"),
        (9, "yes", "weekday"),
        (10, "yes", "makeup_workday"),
        (11, "no", "weekend"),
        (12, "yes", "weekday"),
    ]


def test_is_a_day_on_which_all_runs_are_suspended_a_day_off() -> None:
    some = timetable(notices=[notice()])
    day = some.route_day(1, date(2026, 10, 9), at("2026-10-08 20:00"))
    assert (day.runs, day.code, day.notices) == ("no", "suspension", (101,))
    assert "因道路施工停运" in day.reason
    assert "请改乘 90 路" in day.reason
    one = timetable(notices=[notice(trips=["home1"])])
    assert one.route_day(1, date(2026, 10, 9), at("2026-10-08 20:00")).runs == "yes"


def test_what_does_a_list_of_routes_show() -> None:
    told = SMALL.route_overview(1, at("2026-10-01 08:00"))
    assert (told.today.runs, told.today.reason) == ("no", "国庆节假期不运行")
    assert (told.stops, told.school_name, len(told.days)) == (3, "张店八中", 14)
    there, back = told.directions
    assert (there.first, there.last, there.date) == ("6:50", "6:50", date(2026, 10, 8))
    assert (back.first, back.last, back.from_stop) == ("17:30", "18:10", "八中南门")


def test_which_runs_does_a_day_have() -> None:
    some = timetable(notices=[notice(trips=["home1"])])
    runs = some.runs_of(1, date(2026, 10, 9), at("2026-10-09 08:00"))
    assert [(run.trip, run.effect.state) for run in runs] == [
        ("up1", "scheduled"),
        ("home1", "suspended"),
        ("home2", "scheduled"),
    ]
    assert [call.stop for call in runs[0].calls] == ["west", "park", "gate"]
    assert runs[0].calls[-1].arrival == at("2026-10-09 07:05")
    assert some.runs_of(1, date(2026, 10, 11), at("2026-10-09 08:00")) == []


# Stops


def test_are_stops_of_one_id_one_stop() -> None:
    both = timetable(route(), route(name="张店八中二号线"))
    assert both.stop("park").routes == (1, 2)
    near = both.stops_near(118.08, 36.8105, 500)
    assert [(n.stop.id, round(n.distance_m)) for n in near] == [
        ("park", round(distance_m(118.08, 36.8105, 118.08, 36.811)))
    ]
    nearest = both.nearest_stop(117.0, 36.0)
    assert nearest is not None
    assert nearest.stop.id == "gate"


@pytest.mark.parametrize("stop", ["nowhere", "gate\0", "门", "g" * 100, ""])
def test_is_a_stop_that_is_not_there_refused(stop: str) -> None:
    with pytest.raises(LookupError):
        SMALL.departures(stop, at("2026-10-09 08:00"))


def test_is_a_moment_without_a_zone_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        SMALL.departures("gate", datetime(2026, 10, 9))  # noqa: DTZ001
    with pytest.raises(LookupError):
        SMALL.route_overview(7, at("2026-10-09 08:00"))


def test_is_an_edition_without_lines_an_empty_timetable(tmp_path: Path) -> None:
    for name, array in timetable_arrays([], []).items():
        np.save(tmp_path / f"{name}.npy", array)
    arrays = {
        path.stem: np.load(path, mmap_mode="r").view(np.ndarray) for path in tmp_path.glob("*.npy")
    }
    empty = Timetable(arrays, CALENDAR)
    assert empty.nearest_stop(118, 36) is None
    assert empty.stops_near(118, 36, 5000) == []
    with pytest.raises(LookupError):
        empty.stop("gate")


def test_does_a_trip_with_an_unknown_stop_keep_the_edition_from_being_baked() -> None:
    with pytest.raises(ValueError, match="up9"):
        timetable(route(trips=[trip("up9", "to_school", ["moon 07:00", "gate 07:10"])]))


# All of it against a plain answer


clocks = st.integers(0, 49 * 60 + 59).map(lambda m: f"{m // 60:02}:{m % 60:02}")
exceptions = st.dictionaries(
    st.dates(date(2025, 9, 1), date(2026, 8, 31)), st.booleans(), max_size=4
)
some_services = st.builds(
    lambda weekdays, rule, off, length: service(
        weekdays=weekdays,
        rule=rule,
        start="2025-09-01",
        end=date(2025, 9, 1) + timedelta(length),
        exceptions=[{"date": day, "runs": runs} for day, runs in off.items()],
    ),
    st.sampled_from(["1111100", "1111110", "0000100", "0011011"]),
    st.sampled_from(["school", "plain"]),
    exceptions,
    st.integers(0, 330),
)


@st.composite
def some_routes(draw: st.DrawFn) -> BusRoute:
    trips = []
    prefix = draw(st.sampled_from("ab"))
    for number in range(draw(st.integers(1, 3))):
        times = sorted(draw(st.lists(clocks, min_size=2, max_size=3)))
        stops = draw(st.permutations(["gate", "park", "west"]))
        calls = [f"{stop} {clock}" for stop, clock in zip(stops, times, strict=False)]
        trips.append(trip(f"{prefix}{number}", "to_home", calls))
    return route(trips=trips, services=[draw(some_services)])


moments = st.datetimes(datetime(2025, 8, 25), datetime(2026, 7, 31)).map(  # noqa: DTZ001
    lambda naive: at(naive.isoformat())
)
some_notices = st.builds(
    lambda effect, told, start, hours, trips, stops, routes, delay: notice(
        effect=effect,
        announced_at=told,
        start=start,
        end=None if hours is None else start + timedelta(hours=hours),
        trips=trips,
        stops=stops,
        routes=routes,
        delay_minutes=delay if effect == "time_change" else None,
    ),
    st.sampled_from(["suspension", "detour", "time_change", "other"]),
    moments,
    moments,
    st.one_of(st.none(), st.integers(1, 2000)),
    st.lists(st.sampled_from(["a0", "a1", "b0"]), max_size=1),
    st.lists(st.sampled_from(["gate", "park"]), max_size=1),
    st.lists(st.sampled_from([1, 2]), max_size=2, unique=True),
    st.integers(-120, 240),
)


def changed(
    notices: list[Notice],
    id_: int,
    trip_id: str,
    stop: str,
    now: datetime,
    first: datetime,
    calls: datetime,
) -> tuple[str, int]:
    """State and minutes of delay of a call, read off the notices one by one."""
    state, delay, told = "scheduled", 0, None
    ranks = ["scheduled", "detour", "changed", "skipped", "suspended"]
    for some in notices:
        when = calls if some.stops else first
        over = some.end is not None and when >= some.end
        if some.announced_at > now or when < some.start or over:
            continue
        if (some.routes and id_ not in some.routes) or (some.trips and trip_id not in some.trips):
            continue
        if some.stops and stop not in some.stops:
            continue
        new = {"suspension": "suspended", "time_change": "changed", "other": "scheduled"}.get(
            some.effect, "skipped" if some.stops else "detour"
        )
        if new == "changed" and (told is None or some.announced_at >= told):
            delay, told = some.delay_minutes or 0, some.announced_at
        state = max(state, new, key=ranks.index)
    return state, 0 if state == "suspended" else delay


def plainly(
    routes: list[BusRoute], notices: list[Notice], stop: str, now: datetime
) -> list[tuple[datetime, int, str, date, str]]:
    """Every call within the horizon, found by looking at every day, trip and stop."""
    found = []
    minute = now.replace(second=0, microsecond=0)
    for ahead in range(-3, HORIZON_DAYS + 1):
        day = now.date() + timedelta(ahead)
        midnight = at(day.isoformat())
        for id_, line in enumerate(routes, start=1):
            if runs_on(line.services[0], day, CALENDAR).runs != "yes":
                continue
            for number, run in enumerate(line.trips):
                first = midnight + timedelta(seconds=seconds(run.stop_times[0].arrival))
                for call in run.stop_times:
                    if call.stop != stop:
                        continue
                    calls = midnight + timedelta(seconds=seconds(call.arrival))
                    state, delay = changed(notices, id_, run.id, stop, minute, first, calls)
                    expected = calls + timedelta(minutes=delay)
                    if expected >= minute:
                        found.append((expected, id_, number, run.id, day, state))
    return [(e, id_, trip_id, day, state) for e, id_, _, trip_id, day, state in sorted(found)]


@settings(max_examples=150, deadline=None)
@given(
    routes=st.lists(some_routes(), min_size=1, max_size=2),
    notices=st.lists(some_notices, max_size=3),
    now=moments,
    limit=st.integers(1, 12),
)
def test_are_the_departures_those_of_a_plain_search(
    routes: list[BusRoute], notices: list[Notice], now: datetime, limit: int
) -> None:
    some = timetable(*routes, notices=notices, days=CALENDAR)
    for stop in ("gate", "park"):
        expected = plainly(routes, notices, stop, now)
        board = some.departures(stop, now, limit)
        told = [(d.expected, d.route, d.trip, d.service_date, d.state) for d in board.departures]
        assert told == expected[:limit]
        assert (board.outlook is None) == (len(expected) >= limit)
        served = [e for e in expected if e[4] not in ("suspended", "skipped")]
        first = board.next_served
        assert (first and first.expected) == (served[0][0] if served else None)


def test_is_the_next_bus_right_all_through_a_school_year() -> None:
    """From September to July, at steps of 205 minutes, which meet every time of the day."""
    line = route(services=[service(start="2025-09-01", end="2026-07-10")])
    some = timetable(line, days=CALENDAR)
    expected = []
    for ahead in range(330):
        day = date(2025, 9, 1) + timedelta(ahead)
        term = day <= date(2026, 7, 10)
        winter = buses.WINTER[0] <= day <= buses.WINTER[1]
        school = day.weekday() < 5 or CALENDAR.makeup(day) is not None
        if term and school and not winter and CALENDAR.holiday(day) is None:
            expected += [at(f"{day} {clock}") for clock in ("07:05", "17:30", "18:10")]
    now = at("2025-08-31 00:10")
    while now < at("2026-07-11 00:00"):
        coming = next((moment for moment in expected if moment >= now), None)
        board = some.departures("gate", now, limit=1)
        assert (board.departures[0].expected if board.departures else None) == coming
        now += timedelta(hours=3, minutes=25)
