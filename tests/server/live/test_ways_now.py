"""Which ways from door to door does a family have now, by what is known of the buses?"""

from collections.abc import Callable
from datetime import datetime, timedelta

from geo.calendar import Calendar
from geo.journey_answers import Journeys
from geo.journeys import journeys, journeys_by
from geo.timetable import Timetable
from server.live.file_store import FileStore
from server.live.store import DAYS_AHEAD
from server.live.ways import JourneysNow, ways_now
from tests.server.live.lines import BUS, NORTH, STEP, WEST, line
from tests.server.live.test_answers import (  # noqa: F401  (fixtures)
    DAY,
    LEAVES,
    TIMETABLE,
    _nothing_repeated,
    clock,
    later,
    report,
    say,
    states,
    store,
)

HOME = (WEST, NORTH)
"""At the first stop."""
NEXT_DOOR = (WEST + STEP, NORTH)
"""At the second."""


def by_timetable(home: tuple[float, float]) -> Callable[[datetime, int], Journeys]:
    def ask(at: datetime, limit: int) -> Journeys:
        return journeys(TIMETABLE, "school", home, "to_school", at, 800, limit)

    return ask


def ways(
    store: FileStore,  # noqa: F811
    minutes: float,
    home: tuple[float, float] = HOME,
    limit: int = 2,
) -> JourneysNow:
    return ways_now(states(store, minutes), by_timetable(home), [101], limit)


def days(told: JourneysNow) -> list[int]:
    return [(one.ride.service_date - DAY).days for one in told.options]


def test_a_way_with_a_cancelled_run_is_not_proposed(store: FileStore) -> None:  # noqa: F811
    plain = ways(store, -30)
    assert days(plain) == [0, 1]
    assert {one.ride.run_state.state for one in plain.options} == {"scheduled"}
    assert plain.text == plain.options[0].text
    say(store, "cancelled", replacement="请家长接送")
    told = ways(store, -30)
    assert days(told) == [1, 2]
    (gone,) = told.unavailable
    assert (gone.service_date, gone.scheduled, gone.replacement) == (DAY, LEAVES, "请家长接送")
    assert gone.text == "今天 6:50"
    assert told.text == told.options[0].text
    for ahead in range(1, DAYS_AHEAD + 1):
        say(store, "cancelled", DAY + timedelta(days=ahead), phone="12345")
    assert days(ways(store, -30, limit=1)) == [DAYS_AHEAD + 1]


def test_a_ride_says_when_its_late_bus_is_expected(store: FileStore) -> None:  # noqa: F811
    say(store, "late", minutes=12)
    told = ways(store, -30, limit=1)
    ride = told.options[0].ride
    assert (ride.board, ride.live_expected, ride.run_state.minutes) == (LEAVES, clock(12), 12)
    assert told.text == f"{told.options[0].text}；晚点约 12 分钟"


def test_a_bus_that_has_passed_the_stop_is_no_way(store: FileStore) -> None:  # noqa: F811
    report(store, 1.5, 2)
    assert days(ways(store, 2, NEXT_DOOR, 1)) == [1]


def test_a_late_bus_that_can_still_be_met_is_a_way(store: FileStore) -> None:  # noqa: F811
    assert days(ways(store, 9, NEXT_DOOR, 1)) == [1]
    report(store, 0.5, 9)
    told = ways(store, 9, NEXT_DOOR, 1)
    assert days(told) == [0]
    assert told.options[0].ride.live_expected == clock(12)


def test_a_bus_known_to_be_too_late_is_no_way_in_time(store: FileStore) -> None:  # noqa: F811
    by = clock(20)

    def ask(at: datetime, limit: int) -> Journeys:
        return journeys_by(TIMETABLE, "school", HOME, "to_school", at, by, 800, limit)

    assert days(ways_now(states(store, -30), ask, [101], 1, by)) == [0]
    say(store, "late", minutes=40)
    told = ways_now(states(store, -30), ask, [101], 1, by)
    assert told.options == ()
    assert [one.service_date for one in told.unavailable] == [DAY]
    assert "晚点约 40 分钟" in told.text


def test_a_run_cancelled_before_is_no_way_at_a_later_moment(store: FileStore) -> None:  # noqa: F811
    say(store, "cancelled", replacement="请家长接送")
    told = ways_now(later(store, -10), by_timetable(HOME), [101], 1)
    assert days(told) == [1]
    assert [(one.service_date, one.replacement) for one in told.unavailable] == [
        (DAY, "请家长接送")
    ]
    say(store, "late", minutes=12)
    told = ways_now(later(store, 9), by_timetable(HOME), [101], 1)
    assert (days(told), told.options[0].ride.live_expected) == ([0], clock(12))


def test_the_first_to_arrive_comes_first(store: FileStore) -> None:  # noqa: F811
    one, other = line(BUS), line(BUS, start="07:05", trip="m2")
    both = one.model_copy(update={"trips": (*one.trips, *other.trips)})
    timetable = Timetable.of([(101, both)], (), Calendar(()))

    def ask(at: datetime, limit: int) -> Journeys:
        return journeys(timetable, "school", HOME, "to_school", at, 800, limit)

    say(store, "late", minutes=40)
    told = ways_now(states(store, -30, timetable), ask, [101], 2)
    assert [one.ride.trip for one in told.options] == ["m2", "m1"]
