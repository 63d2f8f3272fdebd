"""Are buses and runs shown as what is known of them says?"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from geo.opening import SHANGHAI
from geo.run_state import Said, planned
from geo.transit import Notice
from geo.vehicle_rules import Position
from server.live import passed as passed_module
from server.live import repeated as module
from server.live.board import LiveBoard, LiveVehicle
from server.live.file_store import FileStore
from server.live.passed import Passed, PassedStops
from server.live.store import Change
from tests.server.live.lines import BUS, NORTH, STEP, WEST, book
from tests.server.live.material import state_of

DAY = date(2026, 11, 24)
LEAVES = datetime(2026, 11, 24, 6, 50, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _nothing_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REPEATED_S", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


@pytest.fixture
def board(store: FileStore) -> LiveBoard:
    return LiveBoard(store, book)


def clock(minutes: float) -> datetime:
    """That many minutes after the departure."""
    return LEAVES + timedelta(minutes=minutes)


def report(store: FileStore, stops: float, minutes: float, **more: object) -> None:
    """A bus so many stops along the line, so many minutes after the departure."""
    at = clock(minutes).timestamp()
    fields = {"operator": BUS, "vehicle": "v1", "route": 101, "trip": "m1", "lat": NORTH}
    fields |= {"lon": WEST + stops * STEP, "at": at, "received_at": at}
    assert store.put(Position(**fields | more), within_city=True) == "accepted"  # type: ignore[arg-type]


def one_vehicle(board: LiveBoard, minutes: float) -> LiveVehicle:
    (vehicle,) = board.vehicles(101, clock(minutes)).vehicles
    return vehicle


def test_a_bus_half_way_between_two_stops(store: FileStore, board: LiveBoard) -> None:
    report(store, 0.5, 5, bearing=90.0, speed=8.0)
    vehicle = one_vehicle(board, 5.5)
    assert (vehicle.next_stop, vehicle.next_stop_name, vehicle.stop_sequence) == ("s1", "第1站", 1)
    assert (vehicle.status, vehicle.off_route) == ("in_transit_to", False)
    assert vehicle.delay_seconds == pytest.approx(120, abs=2)
    assert vehicle.expected_at is not None
    assert abs(vehicle.expected_at - clock(8)) < timedelta(seconds=3)
    assert (vehicle.service_date, vehicle.direction) == (DAY, "to_school")
    assert (vehicle.at, vehicle.bearing, vehicle.speed) == (clock(5), 90.0, 8.0)
    assert board.vehicles(102, clock(5.5)).vehicles == ()
    assert board.all_vehicles(clock(5.5)).vehicles == (vehicle,)
    assert board.vehicles(101, clock(6.5)).vehicles == ()


@pytest.mark.parametrize("more", [{"trip": None}, {"lat": NORTH + 0.02}, {"trip": "gone"}])
def test_where_nothing_can_be_told_nothing_is(
    store: FileStore, board: LiveBoard, more: dict[str, object]
) -> None:
    report(store, 0.5, 5, **more)
    vehicle = one_vehicle(board, 5)
    told = (vehicle.next_stop, vehicle.delay_seconds, vehicle.expected_at, vehicle.status)
    assert told == (None, None, None, None)
    assert vehicle.off_route == ("lat" in more)


def test_a_trip_at_another_time_of_the_day_is_not_this_run(
    store: FileStore, board: LiveBoard
) -> None:
    report(store, 0.5, 400)
    assert one_vehicle(board, 400).service_date is None


def test_a_run_after_midnight_belongs_to_the_day_before(store: FileStore) -> None:
    board = LiveBoard(store, lambda: book(start="24:10"))
    midnight = (LEAVES + timedelta(days=1)).replace(hour=0, minute=0)
    minutes = (midnight - LEAVES).total_seconds() / 60 + 13
    report(store, 0.5, minutes)
    vehicle = one_vehicle(board, minutes)
    assert vehicle.service_date == DAY
    assert vehicle.delay_seconds == pytest.approx(0, abs=2)
    assert state_of(board, DAY, clock(minutes)).source == "vehicle"
    assert state_of(board, DAY + timedelta(days=1), clock(minutes)).state == "scheduled"


def test_how_a_run_stands_through_its_day(store: FileStore, board: LiveBoard) -> None:
    def state(minutes: float) -> str:
        return state_of(board, DAY, clock(minutes)).state

    assert state(-60) == "scheduled"
    assert state(0) == "not_confirmed"
    report(store, 0, 1)
    assert state(1) == "normal"
    report(store, 0.5, 9)
    assert state(9) == "late"
    assert state(12) == "not_confirmed"
    assert "06:59" in state_of(board, DAY, clock(12)).text
    said = Said("cancelled", BUS, clock(13), replacement="另派一辆车")
    store.change_run(101, "m1", DAY, Change(BUS, clock(13), said))
    assert state(14) == "cancelled"
    told = board.news(101, DAY, clock(14))
    assert told.records["m1"].history == (Change(BUS, clock(13), said),)
    store.change_run(101, "m1", DAY, Change(BUS, clock(20), None))
    assert state(21) == "not_confirmed"
    assert state_of(board, DAY + timedelta(days=1), clock(21)).state == "scheduled"


def test_of_two_buses_on_a_run_the_one_heard_last_counts(
    store: FileStore, board: LiveBoard
) -> None:
    report(store, 0.5, 9)
    report(store, 0.5, 10, vehicle="v2")
    state = state_of(board, DAY, clock(10))
    assert (state.state, state.minutes) == ("late", 7)


def test_a_change_of_time_moves_what_is_late(store: FileStore) -> None:
    announced = clock(-600)
    notice = Notice.model_validate(
        {
            "name": "推迟",
            "effect": "time_change",
            "text": "",
            "delay_minutes": 10,
            "announced_at": announced,
            "start": announced,
            "end": clock(600),
            "phone": "12345",
        }
    )
    board = LiveBoard(store, lambda: book((900, notice)))
    state = state_of(board, DAY, clock(5))
    assert (state.state, state.text) == ("scheduled", "计划 07:00 发车")
    report(store, 0.5, 13)
    assert one_vehicle(board, 13).delay_seconds == pytest.approx(0, abs=2)


def test_an_answer_is_repeated_for_a_second(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPEATED_S", 1.0)
    board = LiveBoard(store, book)
    assert board.vehicles(101, clock(5)).vehicles == ()
    report(store, 0.5, 5)
    assert board.vehicles(101, clock(5) + timedelta(seconds=0.9)).vehicles == ()
    assert len(board.vehicles(101, clock(5) + timedelta(seconds=1)).vehicles) == 1


def test_while_the_store_is_away_runs_are_not_confirmed(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    board = LiveBoard(FileStore(tmp_path), book)
    assert board.news(101, DAY, clock(-60)).degraded
    assert state_of(board, DAY, clock(-60)).state == "not_confirmed"
    assert not board.vehicles(101, clock(0)).degraded


def called(board: LiveBoard, sequence: int, minutes: float) -> bool | None:
    """Whether the bus has left a stop behind, as known so many minutes after the departure."""
    (run,) = board._book().runs(101, DAY, clock(minutes))
    return board.news(101, DAY, clock(minutes)).has_called("m1", sequence, planned(run))


def test_a_stop_that_a_bus_has_left_stays_left_when_the_bus_falls_silent(
    store: FileStore, board: LiveBoard
) -> None:
    report(store, 1.5, 8)
    assert [called(board, n, 8) for n in range(3)] == [True, True, False]
    assert [called(board, n, 10) for n in range(3)] == [True, True, None]
    assert state_of(board, DAY, clock(10)).state == "not_confirmed"
    assert "06:58" in state_of(board, DAY, clock(10)).text
    assert called(LiveBoard(store, book), 1, 10) is None  # who never saw it can't tell


def test_a_stop_that_a_bus_has_left_stays_left_when_the_bus_leaves_its_route(
    store: FileStore, board: LiveBoard
) -> None:
    report(store, 1.5, 8)
    assert called(board, 1, 8)
    report(store, 1.55, 8.5, lat=NORTH + 0.0049)
    assert one_vehicle(board, 8.5).off_route
    assert [called(board, n, 8.5) for n in range(3)] == [True, True, None]


def test_of_two_buses_on_a_run_the_foremost_has_called(store: FileStore, board: LiveBoard) -> None:
    report(store, 1.5, 8)
    report(store, 0.3, 8.1, vehicle="v2")
    assert [called(board, n, 8.2) for n in range(3)] == [True, True, False]


def test_a_bus_that_comes_through_before_its_time_has_called_nowhere(
    store: FileStore, board: LiveBoard
) -> None:
    report(store, 1.5, -3)
    assert not called(board, 0, -3)
    assert not called(board, 0, 1)


def test_what_was_passed_is_forgotten_with_the_edition_and_the_day() -> None:
    passed = PassedStops()
    for day in range(3):
        seen_at = clock(day * 1440)
        passed.see(1, 101, seen_at.date(), "m1", Passed(2, seen_at))
    days = [DAY + timedelta(days=n) for n in range(3)]
    assert [len(passed.on(1, 101, day)) for day in days] == [0, 1, 1]
    passed.see(1, 101, days[2], "m1", Passed(1, clock(2 * 1440 + 1)))
    assert passed.on(1, 101, days[2])["m1"].sequence == 2
    assert passed.on(2, 101, days[2]) == {}


def test_routes_remembered_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passed_module, "KEPT", 3)
    passed = PassedStops()
    for route in range(5):
        passed.see(1, route, DAY, "m1", Passed(1, LEAVES))
    assert [route for route in range(5) if passed.on(1, route, DAY)] == [2, 3, 4]


def test_no_position_grows_too_old_while_an_answer_is_repeated(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPEATED_S", 1.0)
    board = LiveBoard(store, book)
    report(store, 0.5, 5)

    def shown(seconds: float) -> list[int]:
        now = clock(5) + timedelta(seconds=seconds)
        return [
            len(found.vehicles) for found in (board.vehicles(101, now), board.all_vehicles(now))
        ]

    assert shown(88.5) == [1, 1]
    assert shown(89.2) == [0, 0]  # the repeated answer, which may be given until 90.2


def test_what_the_book_knows() -> None:
    lines = book()
    assert (lines.agency(101), lines.agency(103)) == (BUS, None)
    assert lines.has_trip(101, "m1")
    assert not lines.has_trip(101, "m2")
    assert not lines.has_trip(103, "m1")
    assert [run.trip for run in lines.runs(101, DAY, LEAVES)] == ["m1"]
    assert lines.runs(103, DAY, LEAVES) == ()
    assert lines.runs(101, date(2100, 1, 1), LEAVES) == []
    assert lines.way(101, "to_school") == ()


def test_a_way_is_followed(store: FileStore) -> None:
    detour = [(WEST, NORTH), (WEST, NORTH + STEP), (WEST + 2 * STEP, NORTH + STEP)]
    detour += [(WEST + 2 * STEP, NORTH)]
    lines = book()
    lines.way = lambda route, direction: detour
    report(store, 0.5, 3, lat=NORTH + STEP)
    assert not one_vehicle(LiveBoard(store, lambda: lines), 3).off_route
    assert one_vehicle(LiveBoard(store, book), 3).off_route


def test_vehicles_are_told_in_the_same_order_each_time(store: FileStore, board: LiveBoard) -> None:
    report(store, 0.5, 5)
    report(store, 1.5, 5, vehicle="v2", operator="别家")
    told = board.vehicles(101, clock(5)).vehicles
    names = [(vehicle.operator, vehicle.vehicle) for vehicle in told]
    assert names == [("别家", "v2"), (BUS, "v1")]
