"""Is a line or a notice that makes no sense as a document refused, and a good one kept whole?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.transit import BusRoute, Notice, seconds
from tests.geo import buses
from tests.geo.buses import notice, route, service, trip


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("00:00", 0), ("06:50", 24600), ("06:50:30", 24630), ("24:00", 86400), ("25:10", 90600)],
)
def test_how_many_seconds_into_the_service_day(clock: str, expected: int) -> None:
    assert seconds(clock) == expected


@given(st.integers(0, 49), st.integers(0, 59), st.integers(0, 59))
def test_is_every_clock_up_to_the_second_night_read(hour: int, minute: int, second: int) -> None:
    text = f"{hour:02}:{minute:02}:{second:02}"
    given_calls = ["gate 00:00", f"park {text}"]
    some = route(trips=[trip("t", "to_home", given_calls)])
    assert seconds(some.trips[0].stop_times[1].arrival) == hour * 3600 + minute * 60 + second


@pytest.mark.parametrize("clock", ["6:50", "50:00", "12:60", "12:00:60", "12", "", "1２:00"])
def test_is_a_clock_that_is_none_refused(clock: str) -> None:
    with pytest.raises(ValueError):
        route(trips=[trip("t", "to_home", ["gate 00:00", f"park {clock}"])])


def test_does_a_line_come_back_from_json_as_it_was() -> None:
    drawn = {"to_home": [[118.06, 36.81], [118.09, 36.811]]}
    some = route(
        shapes=drawn, services=[service(exceptions=[{"date": "2026-10-09", "runs": False}])]
    )
    assert BusRoute.model_validate_json(some.model_dump_json()) == some
    assert Notice.model_validate_json(notice().model_dump_json()) == notice()


@pytest.mark.parametrize(
    "changed",
    [
        {"trips": [trip("t", "to_home", ["gate 17:30"])]},
        {"trips": [trip("t", "sideways", ["gate 17:30", "park 17:40"])]},
        {"trips": [trip("班次", "to_home", ["gate 17:30", "park 17:40"])]},
        {"services": [service(weekdays="11111")]},
        {"stops": [buses.STOPS[0] | {"lat": 91}]},
        {"stops": [buses.STOPS[0] | {"lon": float("nan")}]},
        {"colour": "red"},
        {"agency": {"name": "公交", "url": "javascript:alert(1)"}},
    ],
)
def test_is_what_no_line_can_say_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        route(**changed)


def test_may_a_draft_still_be_wrong() -> None:
    # What can be mended in review is kept, and told before publishing.
    assert route(trips=[]).trips == ()
    assert route(services=[service(end="2026-01-01")]).services[0].end.year == 2026
    backward = trip("t", "to_home", ["gate 17:30", "moon 16:30"])
    assert route(trips=[backward]).trips[0].stop_times[1].stop == "moon"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"announced_at": "2026-10-08T12:00:00"}, "时区"),
        ({"end": "2026-10-08T12:00:00+08:00"}, "不晚于开始"),
        ({"effect": "holiday"}, "effect"),
        ({"delay_minutes": 241}, "delay_minutes"),
    ],
)
def test_is_a_notice_without_sense_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        notice(**changed)
