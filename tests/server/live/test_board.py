"""Are buses and runs shown as what is known of them says?"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from geo.opening import SHANGHAI
from geo.run_state import Said
from geo.transit import Notice
from geo.vehicle_rules import Position
from server.live import repeated as module
from server.live.board import LiveBoard, LiveVehicle
from server.live.file_store import FileStore
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
