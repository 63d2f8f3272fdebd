"""Which positions are believed?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.vehicle_rules import (
    FASTEST,
    FRESH_S,
    SLIP_M,
    TO_CONVINCE,
    Position,
    Track,
    belongs_to,
    judge,
)

NOW = 1_795_000_000.0
DEGREE_M = 111_195.08
"""Of latitude, on the sphere of geo.sphere."""


def position(at: float = 0.0, north_m: float = 0.0, **more: object) -> Position:
    """Reported at NOW + ``at``, that many metres north of the city's centre."""
    fields = {
        "operator": "公交",
        "vehicle": "v1",
        "route": 1,
        "trip": None,
        "lon": 118.05,
        "lat": 36.8 + north_m / DEGREE_M,
        "at": NOW + at,
        "received_at": NOW + at,
    }
    return Position(**fields | more)  # type: ignore[arg-type]


def judged(track: Track | None, *positions: Position) -> tuple[list[str], Track | None]:
    results = []
    for one in positions:
        result, track = judge(track, one, within_city=True)
        results.append(result)
    return results, track


def test_first_and_following_positions_are_believed() -> None:
    results, track = judged(None, position(0), position(1, 12), position(2, 25))
    assert results == ["accepted"] * 3
    assert track == Track(position(2, 25))


@pytest.mark.parametrize(
    ("ahead", "result"), [(60, "accepted"), (60.5, "future"), (86_400, "future")]
)
def test_positions_from_the_future_are_refused(ahead: float, result: str) -> None:
    assert judged(None, position(at=ahead, received_at=NOW))[0] == [result]


@pytest.mark.parametrize(("age", "result"), [(89.9, "accepted"), (90, "stale"), (1e9, "stale")])
def test_old_positions_are_ignored(age: float, result: str) -> None:
    assert judged(None, position(at=-age, received_at=NOW))[0] == [result]


def test_a_clock_that_is_ahead_makes_no_position_younger() -> None:
    ahead = position(at=50, received_at=NOW)
    assert ahead.is_fresh(NOW + FRESH_S - 1)
    assert not ahead.is_fresh(NOW + FRESH_S)


def test_twice_and_out_of_order_are_ignored() -> None:
    results, track = judged(None, position(5), position(5), position(5, 30), position(3))
    assert results == ["accepted", "duplicate", "duplicate", "out_of_order"]
    assert track == Track(position(5))


def test_outside_the_city_is_refused_and_changes_nothing() -> None:
    track = Track(position(0))
    assert judge(track, position(1), within_city=False) == ("outside", track)


def test_a_thousand_kilometres_an_hour_are_not_believed() -> None:
    results, track = judged(None, position(0), position(10, 2778))
    assert results == ["accepted", "implausible"]
    assert track is not None
    assert track.latest == position(0)


def test_a_fix_that_slips_between_houses_is_believed() -> None:
    assert judged(None, position(0), position(1, 45))[0] == ["accepted"] * 2


def test_after_a_wrong_fix_the_way_goes_on() -> None:
    results, track = judged(None, position(0), position(1, 5000), position(2, 20))
    assert results == ["accepted", "implausible", "accepted"]
    assert track == Track(position(2, 20))


def test_positions_that_agree_with_each_other_are_believed_in_the_end() -> None:
    far = [position(n, 5000 + 10 * n) for n in range(1, 5)]
    results, track = judged(None, position(0), *far)
    doubted = ["implausible"] * (TO_CONVINCE - 1)
    assert results == ["accepted", *doubted, "accepted", "accepted"]
    assert track == Track(far[-1])


def test_wild_positions_never_convince() -> None:
    wild = [position(n, 5000 * n * (-1) ** n) for n in range(1, 9)]
    results, track = judged(None, position(0), *wild)
    assert results == ["accepted", *["implausible"] * 8]
    assert track is not None
    assert len(track.doubted) == 1


def test_doubted_positions_are_held_to_the_order_too() -> None:
    results, _ = judged(None, position(0), position(5, 9000), position(5, 9000), position(4, 9000))
    assert results == ["accepted", "implausible", "duplicate", "out_of_order"]


@given(
    st.lists(
        st.tuples(st.integers(-100, 100), st.floats(-20_000, 20_000), st.integers(-95, 70)),
        max_size=12,
    )
)
def test_what_is_believed_is_in_order_and_can_be_driven(
    reports: list[tuple[int, float, int]],
) -> None:
    track: Track | None = None
    for received, north, off in reports:
        new = replace(position(received + off, north), received_at=NOW + received)
        before = track
        result, track = judge(track, new, within_city=True)
        if result == "accepted":
            assert track == Track(new)
            counts = before is not None and before.latest.is_fresh(new.received_at)
            if before is not None and counts and len(before.doubted) < TO_CONVINCE - 1:
                assert new.at > before.latest.at
                metres = abs(new.lat - before.latest.lat) * DEGREE_M
                assert metres <= SLIP_M + FASTEST * (new.at - before.latest.at) + 1
        elif track is not None and before is not None:
            assert track.latest == before.latest
            assert len(track.doubted) < TO_CONVINCE


def test_whose_route_it_is() -> None:
    assert belongs_to(1, "公交", "公交", None)
    assert not belongs_to(1, "别家", "公交", None)
    assert belongs_to(1, "别家", "公交", frozenset({1}))
    assert not belongs_to(2, "公交", "公交", frozenset({1}))
