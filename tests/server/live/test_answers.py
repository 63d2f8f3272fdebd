"""It is 7:04 and the bus was due at 6:56: is it gone, late or cancelled?"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from geo.calendar import Calendar
from geo.opening import SHANGHAI
from geo.run_state import Said
from geo.timetable import Timetable
from geo.transit import BusRoute, Notice
from geo.vehicle_rules import Position
from server.live import repeated as module
from server.live.answers import TOLD_AFTER, DepartureNow, RunStates, StopBoard
from server.live.board import LiveBoard
from server.live.book import TimetableBook
from server.live.file_store import FileStore
from server.live.store import DAYS_AHEAD, Change
from tests.server.live.lines import BUS, NORTH, STEP, WEST, line

DAY = date(2048, 11, 24)
LEAVES = datetime(2048, 11, 24, 6, 50, tzinfo=SHANGHAI)
NIGHT = datetime(2048, 11, 24, 23, 50, tzinfo=SHANGHAI)
"""Of a Tuesday that is far from over: what was said of past days is forgotten."""
DUE = 6
"""Minutes from the departure to the stop where the family stands, the second of three."""

TIMETABLE = Timetable.of([(101, line(BUS))], (), Calendar(()))


@pytest.fixture(autouse=True)
def _nothing_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REPEATED_S", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def clock(minutes: float) -> datetime:
    return LEAVES + timedelta(minutes=minutes)


def states(store: FileStore, minutes: float, timetable: Timetable = TIMETABLE) -> RunStates:
    board = LiveBoard(store, lambda: TimetableBook(timetable, edition=1))
    return RunStates(timetable, clock(minutes), board)


def later(store: FileStore, minutes: float, timetable: Timetable = TIMETABLE) -> RunStates:
    """What is known an hour before the departure for a question about so many minutes after it."""
    board = LiveBoard(store, lambda: TimetableBook(timetable, edition=1))
    return RunStates(timetable, clock(minutes), board.other_moment(clock(-60)))


def stop(store: FileStore, minutes: float, limit: int = 3) -> StopBoard:
    """What is told at the stop so many minutes after the departure."""
    return states(store, minutes).stop_board("s1", limit)


def report(store: FileStore, stops: float, minutes: float, **more: object) -> None:
    """A bus so many stops along the line, so many minutes after the departure."""
    at = clock(minutes).timestamp()
    fields = {"operator": BUS, "vehicle": "v1", "route": 101, "trip": "m1", "lat": NORTH}
    fields |= {"lon": WEST + stops * STEP, "at": at, "received_at": at}
    assert store.put(Position(**fields | more), within_city=True) == "accepted"  # type: ignore[arg-type]


def say(store: FileStore, state: str, day: date = DAY, **more: object) -> None:
    said = Said(state, BUS, clock(0), **more)  # type: ignore[arg-type]
    store.change_run(101, "m1", day, Change(BUS, clock(0), said))


def served(board: StopBoard) -> date:
    assert board.next_served is not None
    return board.next_served.service_date


def days(board: StopBoard) -> list[int]:
    """The days of the departures, counted from today."""
    return [(one.service_date - DAY).days for one in board.departures]


def first(board: StopBoard) -> DepartureNow:
    return board.departures[0]


def test_of_a_bus_that_nobody_spoke_of_it_is_said_so(store: FileStore) -> None:
    before = stop(store, -30)
    assert (first(before).run_state.state, days(before)) == ("scheduled", [0, 1, 2])
    under_way = stop(store, 3)
    assert (first(under_way).run_state.state, first(under_way).minutes) == ("not_confirmed", 3)
    overdue = stop(store, DUE + 8)
    one = first(overdue)
    assert (days(overdue), one.minutes, one.run_state.state) == ([0, 1, 2, 3], -8, "not_confirmed")
    assert (one.called, one.live_expected, overdue.left) == (None, None, ())
    assert one.expected == one.scheduled == clock(DUE)
    # It may be gone: nobody should wait for it.
    assert served(overdue) == DAY + timedelta(days=1)


def test_what_nobody_spoke_of_is_not_told_for_ever(store: FileStore) -> None:
    shown = TOLD_AFTER.total_seconds() / 60
    assert days(stop(store, DUE + shown - 1)) == [0, 1, 2, 3]
    assert days(stop(store, DUE + shown)) == [1, 2, 3]


def test_a_late_bus_is_waited_for(store: FileStore) -> None:
    report(store, 0.5, DUE + 8)
    board = stop(store, DUE + 8.5)
    one = first(board)
    assert (one.run_state.state, one.run_state.minutes, one.called) == ("late", 11, False)
    assert one.scheduled == one.expected == clock(DUE)
    assert one.live_expected == clock(DUE + 11)
    assert (days(board), served(board), board.left) == ([0, 1, 2, 3], DAY, ())


def test_a_bus_that_stands_still_is_expected_from_now_on(store: FileStore) -> None:
    report(store, 0.97, 1)
    one = first(stop(store, 2.2))
    assert one.run_state.minutes == -5
    assert one.live_expected == clock(2)


def test_a_bus_on_its_way_is_told_of_however_late(store: FileStore) -> None:
    report(store, 0.5, 130)
    assert days(stop(store, 130)) == [0, 1, 2, 3]


def test_a_bus_that_has_left_is_not_waited_for(store: FileStore) -> None:
    report(store, 1.5, DUE + 5)
    board = stop(store, DUE + 5)
    (gone,) = board.left
    assert (gone.service_date, gone.called, gone.live_expected) == (DAY, True, None)
    assert days(board) == [1, 2, 3]
    assert served(board) == DAY + timedelta(days=1)
    report(store, 1.6, DUE + 5.5)
    shown = TOLD_AFTER.total_seconds() / 60
    report(store, 2.0, DUE + 6 + shown)
    assert stop(store, DUE + 6 + shown).left == ()


def test_a_bus_that_left_early_is_gone_too(store: FileStore) -> None:
    report(store, 1.5, DUE - 2)
    board = stop(store, DUE - 2, limit=1)
    assert [one.called for one in board.left] == [True]
    assert days(board) == [1]


def test_a_bus_on_its_way_to_its_run_has_called_nowhere(store: FileStore) -> None:
    report(store, 1.5, -5)
    board = stop(store, -5)
    assert (days(board), board.left) == ([0, 1, 2], ())
    report(store, 1.5, -25, vehicle="v2")
    assert stop(store, -25).left == ()


def test_a_bus_at_the_stop_has_not_left(store: FileStore) -> None:
    report(store, 1.0, DUE + 3)
    assert first(stop(store, DUE + 3)).called is False


def test_a_cancelled_run_is_told_with_what_to_do(store: FileStore) -> None:
    say(store, "cancelled", phone="0533-1234567")
    board = stop(store, DUE + 8)
    one = first(board)
    assert (one.service_date, one.run_state.state) == (DAY, "cancelled")
    assert (one.run_state.phone, one.run_state.said_by) == ("0533-1234567", BUS)
    assert "0533-1234567" in one.run_state.text
    assert served(board) == DAY + timedelta(days=1)
    assert served(stop(store, -30)) == DAY + timedelta(days=1)


def test_a_run_said_to_be_late_is_told_until_it_should_have_come(store: FileStore) -> None:
    say(store, "late", minutes=240)
    board = stop(store, DUE + 200)
    assert (days(board)[0], served(board)) == (0, DAY)
    assert first(board).live_expected == clock(DUE + 240)
    assert served(stop(store, DUE + 241)) == DAY + timedelta(days=1)


def test_what_is_said_of_other_days_is_told_there(store: FileStore) -> None:
    for ahead in range(3):
        day = DAY + timedelta(days=ahead)
        say(store, "cancelled", day, replacement="请家长接送")
    board = stop(store, -30, limit=1)
    assert first(board).run_state.state == "cancelled"
    assert served(board) == DAY + timedelta(days=3)
    runs = states(store, -30)
    tomorrow = TIMETABLE.runs_of(101, DAY + timedelta(days=1), clock(-30))
    assert [runs.run(run).run_state.state for run in tomorrow] == ["cancelled"]
    beyond = DAY + timedelta(days=DAYS_AHEAD + 1)
    assert states(store, -30).of(101, "m1", beyond).state == "scheduled"


def test_at_another_moment_operators_words_count_but_not_positions(store: FileStore) -> None:
    silent = later(store, DUE + 1).of(101, "m1", DAY)
    assert (silent.state, silent.source) == ("scheduled", "timetable")
    report(store, 0.5, DUE + 8)
    seen = first(later(store, DUE - 1).stop_board("s1", 2))
    assert (seen.run_state.state, seen.called, seen.live_expected) == ("scheduled", None, None)
    say(store, "cancelled", phone="12345")
    told = later(store, DUE - 1)
    board = told.stop_board("s1", 2)
    assert (first(board).run_state.state, first(board).run_state.said_by) == ("cancelled", BUS)
    assert (served(board), board.left) == (DAY + timedelta(days=1), ())
    assert not told.degraded
    # Once its time is over, a cancelled run is not waited for at another moment.
    assert days(later(store, DUE + 1).stop_board("s1", 2)) == [1, 2]
    (day,) = TIMETABLE.route_days(101, clock(-30), 1)
    assert later(store, -30).day(101, day).code == "cancelled"


def test_at_another_moment_a_late_bus_is_told_of_until_it_comes(store: FileStore) -> None:
    say(store, "late", minutes=12)
    board = later(store, DUE + 11).stop_board("s1", 2)
    one = first(board)
    assert (days(board), one.run_state.state) == ([0, 1, 2], "late")
    assert (one.live_expected, served(board)) == (clock(DUE + 12), DAY)
    assert days(later(store, DUE + 12).stop_board("s1", 2)) == [1, 2]


def test_what_was_said_long_before_is_in_no_doubt_at_another_moment(store: FileStore) -> None:
    say(store, "normal", DAY + timedelta(days=1))
    at = 24 * 60 + 1
    assert states(store, at).of(101, "m1", DAY + timedelta(days=1)).state == "not_confirmed"
    assert later(store, at).of(101, "m1", DAY + timedelta(days=1)).state == "normal"


def test_days_of_which_nobody_may_speak_are_not_asked_about(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    away = FileStore(tmp_path)
    for days_on, degraded in ((-3, False), (-1, True), (DAYS_AHEAD, True), (DAYS_AHEAD + 1, False)):
        asked = later(away, -30)
        state = asked.of(101, "m1", DAY + timedelta(days=days_on)).state
        assert (state, asked.degraded) == ("not_confirmed" if degraded else "scheduled", degraded)


def test_a_notice_cancels_without_live_news(store: FileStore) -> None:
    told = {"announced_at": clock(-600), "start": clock(-600), "end": clock(600)}
    suspension = {"name": "停运", "effect": "suspension", "text": "", "phone": "12345"}
    notice = Notice.model_validate(suspension | told)
    timetable = Timetable.of([(101, line(BUS))], [(900, notice)], Calendar(()))
    for asked in (states(store, 0, timetable), later(store, 0, timetable)):
        state = asked.of(101, "m1", DAY)
        assert (state.state, state.source, state.phone) == ("cancelled", "notice", "12345")


def test_while_the_store_is_away_nothing_is_called_scheduled(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    asked = states(FileStore(tmp_path), -30)
    board = asked.stop_board("s1", 2)
    assert asked.degraded
    assert {one.run_state.state for one in board.departures} == {"not_confirmed"}
    assert "暂时查不到" in first(board).run_state.text
    assert served(board) == DAY


def test_a_stop_that_is_left_out_is_neither_called_at_nor_expected(store: FileStore) -> None:
    told = {"announced_at": clock(-600), "start": clock(-600), "end": clock(600)}
    detour = {"name": "绕行", "effect": "detour", "text": "", "phone": "12345", "stops": ["s1"]}
    notice = Notice.model_validate(detour | told)
    timetable = Timetable.of([(101, line(BUS))], [(900, notice)], Calendar(()))
    report(store, 0.5, 3)
    board = states(store, 3, timetable).stop_board("s1", 2)
    one = first(board)
    assert (one.state, one.called, one.live_expected) == ("skipped", None, None)
    assert board.left == ()


def test_overdue_buses_take_nothing_of_the_limit(store: FileStore) -> None:
    board = stop(store, DUE + 8, limit=1)
    assert [one.minutes < 0 for one in board.departures] == [True, False]


def test_the_next_to_count_on_is_the_first_that_is_expected(store: FileStore) -> None:
    say(store, "late", minutes=40)
    both = Timetable.of([(101, _both())], (), Calendar(()))
    told = states(store, 0, both).stop_board("s1", 3).next_served
    assert told is not None
    assert told.trip == "m2"


def test_a_day_on_which_every_run_is_cancelled_is_none(store: FileStore) -> None:
    (day,) = TIMETABLE.route_days(101, clock(-30), 1)
    assert states(store, -30).day(101, day) == day
    say(store, "cancelled", phone="12345")
    told = states(store, -30).day(101, day)
    assert (told.runs, told.code, told.reason) == ("no", "cancelled", f"{BUS}：当天班次全部取消")
    assert states(store, -30, Timetable.of([(101, _both())], (), Calendar(()))).day(101, day) == day


def _both() -> BusRoute:
    """A line with a second run a quarter of an hour after the first."""
    one, other = line(BUS), line(BUS, start="07:05", trip="m2")
    return one.model_copy(update={"trips": (*one.trips, *other.trips)})


def night(store: FileStore, minutes: float) -> list[tuple[int, str]]:
    """The runs that are told so many minutes after a departure at 23:50, by day and state."""
    timetable = Timetable.of([(101, line(BUS, start="23:50"))], (), Calendar(()))
    board = LiveBoard(store, lambda: TimetableBook(timetable, edition=1))
    runs = RunStates(timetable, NIGHT + timedelta(minutes=minutes), board).runs(101)
    return [((run.service_date - DAY).days, run.run_state.state) for run in runs]


def test_a_run_of_last_night_is_told_until_it_is_over(store: FileStore) -> None:
    assert night(store, 9) == [(0, "not_confirmed")]
    assert night(store, 11) == [(0, "not_confirmed"), (1, "scheduled")]
    assert night(store, 13) == [(1, "scheduled")]
    say(store, "late", minutes=40)
    assert night(store, 15) == [(0, "late"), (1, "scheduled")]
    assert night(store, 53) == [(1, "scheduled")]
    at = (NIGHT + timedelta(minutes=60)).timestamp()
    report(store, 1.5, 60, at=at, received_at=at)
    assert night(store, 60) == [(0, "late"), (1, "scheduled")]
    say(store, "cancelled", phone="12345")
    assert night(store, 11) == [(1, "scheduled")]


def test_a_bus_last_seen_at_its_last_stops_has_likely_arrived(store: FileStore) -> None:
    board = LiveBoard(store, lambda: TimetableBook(TIMETABLE, edition=1))
    report(store, 1.5, DUE + 3)
    RunStates(TIMETABLE, clock(DUE + 3), board).of(101, "m1", DAY)
    texts = [RunStates(TIMETABLE, clock(n), board).of(101, "m1", DAY).text for n in (DUE + 8, 30)]
    assert ["应已到终点" in text for text in texts] == [False, True]


def test_an_unknown_stop_is_none(store: FileStore) -> None:
    with pytest.raises(LookupError):
        states(store, 0).stop_board("nowhere", 1)
