"""Is a bus where it is said to be, and as late?"""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.vehicle_progress import AT_STOP_M, OFF_ROUTE_M, Course, StopCall, progress

LON, LAT, START = 118.05, 36.8, 1_795_000_000.0
NORTH_M = math.pi * 6_371_008.8 / 180
EAST_M = NORTH_M * math.cos(math.radians(LAT))


def at(east_m: float, north_m: float = 0.0) -> tuple[float, float]:
    """The position that many metres from the start."""
    return LON + east_m / EAST_M, LAT + north_m / NORTH_M


def call(east_m: float, arrival: float, departure: float | None = None) -> StopCall:
    return StopCall(*at(east_m), START + arrival, START + (departure or arrival))


STRAIGHT = Course([call(0, 0), call(1000, 120, 150), call(3000, 400)])
"""Three stops on a street to the east."""


@pytest.mark.parametrize(
    ("east", "seconds", "stop", "delay", "status"),
    [
        (0, -600, 0, 0, "stopped_at"),  # waits for its time
        (0, 45, 0, 45, "stopped_at"),  # should have left
        (-200, -60, 0, 0, "stopped_at"),  # on its way to the first stop
        (500, 60, 1, 0, "in_transit_to"),
        (500, 160, 1, 100, "in_transit_to"),
        (500, 30, 1, -30, "in_transit_to"),
        (1000, 130, 1, 0, "stopped_at"),  # while it may stand there
        (1000, 100, 1, -20, "stopped_at"),
        (1000, 190, 1, 40, "stopped_at"),
        (2000, 275, 2, 0, "in_transit_to"),
        (3000, 390, 2, -10, "stopped_at"),
        (3000, 2000, 2, None, "stopped_at"),  # for how long, nobody knows
    ],
)
def test_between_and_at_stops(
    east: float, seconds: float, stop: int, delay: int | None, status: str
) -> None:
    found = progress(STRAIGHT, *at(east), START + seconds)
    assert (found.next_stop, found.delay_seconds, found.status) == (stop, delay, status)
    assert not found.off_route


def test_off_its_route_nothing_is_guessed() -> None:
    found = progress(STRAIGHT, *at(500, OFF_ROUTE_M + 5), START + 60)
    assert (found.next_stop, found.delay_seconds, found.off_route) == (None, None, True)
    assert not progress(STRAIGHT, *at(500, OFF_ROUTE_M - 5), START + 60).off_route
    # Where only the stops are known, the streets between them may bulge: a quarter of 2 km.
    assert not progress(STRAIGHT, *at(2000, 490), START + 275).off_route
    assert progress(STRAIGHT, *at(2000, 510), START + 275).off_route


def test_along_the_way_driven_rather_than_straight() -> None:
    shape = [at(0), at(0, 2000), at(2000, 2000), at(2000)]
    course = Course([call(0, 0), call(2000, 600)], shape)
    assert course.along == pytest.approx([0, 6000], rel=1e-3)
    found = progress(course, *at(1000, 2000), START + 300)
    assert (found.next_stop, found.delay_seconds) == (1, pytest.approx(0, abs=2))
    assert progress(course, *at(1000, 0), START + 300).off_route


def there_and_back(minutes: float) -> Course:
    """Out along a street to a stop at its end and back to one beside the first."""
    shape = [at(0), at(3000), at(10)]
    calls = [call(0, 0), call(3000, minutes * 30), call(10, minutes * 60)]
    return Course(calls, shape)


def test_stops_are_found_on_the_right_leg() -> None:
    assert there_and_back(20).along == pytest.approx([0, 3000, 5990], abs=5)


def test_where_the_way_passes_twice_only_time_can_tell() -> None:
    quick, slow = there_and_back(20), there_and_back(240)
    assert progress(quick, *at(1500), START + 400).next_stop is None
    assert progress(quick, *at(1500), START + 400).off_route is False
    found = progress(slow, *at(1500), START + 3600)
    assert (found.next_stop, found.delay_seconds) == (1, pytest.approx(0, abs=5))
    back = progress(slow, *at(1500), START + 3 * 3600)
    assert (back.next_stop, back.delay_seconds) == (2, pytest.approx(0, abs=20))


def test_one_stop_is_no_course() -> None:
    with pytest.raises(ValueError, match="two stops"):
        Course([call(0, 0)])


def test_stops_at_one_place_and_points_that_repeat_do_no_harm() -> None:
    course = Course([call(0, 0), call(0, 60), call(900, 120)], [at(0), at(0), at(900), at(900)])
    assert progress(course, *at(450), START + 90).next_stop == 2
    assert progress(course, *at(0), START).next_stop == 0


COURSES = st.lists(
    st.tuples(st.integers(200, 3000), st.integers(30, 600), st.integers(0, 60)),
    min_size=1,
    max_size=8,
)
"""Metres and seconds to the next stop, seconds of waiting there."""


@given(
    legs=COURSES,
    leg=st.integers(0, 7),
    part=st.floats(0, 1),
    delay=st.integers(-300, 3000),
    aside=st.floats(-100, 100),
    dense=st.booleans(),
)
def test_a_bus_that_keeps_even_pace_is_found_where_and_as_late_as_it_is(
    legs: list[tuple[int, int, int]],
    leg: int,
    part: float,
    delay: int,
    aside: float,
    dense: bool,
) -> None:
    leg %= len(legs)
    calls, east, clock = [call(0, 0)], 0.0, 0.0
    places = [0.0]
    for metres, seconds, wait in legs:
        east, clock = east + metres, clock + seconds
        calls.append(call(east, clock, clock + wait))
        clock += wait
        places.append(east)
    shape = [at(x) for x in range(0, int(east) + 100, 97)] if dense else []
    course = Course(calls, shape)
    place = places[leg] + part * (places[leg + 1] - places[leg])
    before, after = calls[leg], calls[leg + 1]
    scheduled = before.departure + part * (after.arrival - before.departure)
    found = progress(course, *at(place, aside), scheduled + delay)
    assert not found.off_route
    near = [row for row, x in enumerate(places) if abs(x - place) <= AT_STOP_M + 3]
    assert found.next_stop == leg + 1 or found.next_stop in near
    if not near:
        assert found.delay_seconds == pytest.approx(delay, abs=5 + 0.02 * legs[leg][1])
    assert all(a <= b for a, b in pairwise(course.along))
