"""Which bus comes next, on which day, and what if it doesn't?"""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from geo.sphere import distance_m
from geo.timetable import HORIZON_DAYS, Timetable
from geo.timetable_columns import timetable_arrays
from tests.geo import buses
from tests.geo.buses import at, lines, notice, route, service, timetable, trip

CALENDAR = buses.calendar()
SMALL = timetable()


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


def test_when_is_one_at_the_stop_for_an_estimate() -> None:
    """Five minutes before it; before a time that is kept not at all."""
    now = at("2026-10-09 05:00")
    for stop, clock, in_time in (("park", "6:54", "6:49"), ("west", "6:50", "6:50")):
        (first,) = SMALL.departures(stop, now, limit=1).departures
        assert (first.clock, first.at_stop_by_clock) == (clock, in_time)
        assert first.at_stop_by == at(f"2026-10-09 0{in_time}")
    calls = SMALL.runs_of(1, date(2026, 10, 9), now)[0].calls
    assert [call.departure - call.at_stop_by for call in calls] == [
        timedelta(),
        timedelta(minutes=5),
        timedelta(),
    ]


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


def test_when_was_the_suspension_of_a_run_announced() -> None:
    """What was said of it earlier is older news."""
    first = notice(announced_at="2026-10-08T08:00:00+08:00")
    second = notice(announced_at="2026-10-09T05:30:00+08:00")
    later = notice(effect="time_change", delay_minutes=5, announced_at="2026-10-09T05:40:00+08:00")
    some = timetable(notices=[first, second, later])
    day = date(2026, 10, 9)

    def announced(now: str) -> datetime | None:
        return some.planned(1, "up1", day, at(now)).suspended_at

    assert announced("2026-10-08 07:00") is None
    assert announced("2026-10-08 09:00") == at("2026-10-08 08:00")
    assert announced("2026-10-09 06:00") == at("2026-10-09 05:30")
    assert SMALL.planned(1, "up1", day, at("2026-10-09 06:00")).suspended_at is None
