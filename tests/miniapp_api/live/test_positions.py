"""Are only the right positions taken, and every other told why not?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geo.crs import convert
from geo.opening import SHANGHAI
from geo.vehicle_rules import TO_CONVINCE
from tests.miniapp_api.live.company import PATH, Company, refused
from tests.server.live.lines import BUS, NORTH, WEST


def test_a_position_is_taken_and_known(company: Company, counted: Callable[[str], float]) -> None:
    reply = company.report(bearing=90, speed=8.3)
    assert reply.status_code == 200
    assert reply.get_json() == {"result": "accepted", "ignored": None, "detail": "已采用。"}
    (known,) = company.known()
    assert (known.vehicle, known.operator, known.route, known.trip) == ("鲁C12345", BUS, 101, "m1")
    assert (known.lon, known.lat, known.bearing, known.speed) == (WEST, NORTH, 90.0, 8.3)
    assert counted("accepted") == 1
    board = company.app.extensions["live_board"]
    assert len(board.vehicles(101, datetime.now(SHANGHAI)).vehicles) == 1


def test_a_position_may_come_in_other_coordinates(company: Company) -> None:
    lon, lat = convert(WEST, NORTH, "wgs84", "gcj02")
    assert company.report(lon=lon, lat=lat, crs="gcj02").status_code == 200
    (known,) = company.known()
    assert (known.lon, known.lat) == (pytest.approx(WEST), pytest.approx(NORTH))


def test_positions_by_rule_ignored_say_why(
    company: Company, counted: Callable[[str], float]
) -> None:
    moment = datetime.now(SHANGHAI)
    assert company.report().get_json()["result"] == "accepted"
    twice = (moment - timedelta(seconds=5)).isoformat()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"at": twice}, "out_of_order"),
        ({"at": (moment - timedelta(seconds=100)).isoformat()}, "stale"),
        ({"at": (moment + timedelta(seconds=10)).isoformat(), "lat": NORTH + 0.05}, "implausible"),
        ({"at": (moment + timedelta(seconds=10)).isoformat(), "lat": NORTH + 0.05}, "duplicate"),
    ]
    for body, why in cases:
        reply = company.report(**body)
        assert (reply.status_code, reply.get_json()["ignored"]) == (200, why)
        assert reply.get_json()["result"] == "ignored"
        assert "没有采用" in reply.get_json()["detail"]
        assert counted(why) == 1
    assert [known.lat for known in company.known()] == [NORTH]


def test_a_thousand_kilometres_an_hour_convince_only_by_insisting(company: Company) -> None:
    """278 m a second: one wrong fix is left out, a device that was moved is believed."""
    company.report(-30)
    results = [
        company.report(n - 30, lat=NORTH + 0.05).get_json()["result"]
        for n in range(1, TO_CONVINCE + 1)
    ]
    assert results == [*["ignored"] * (TO_CONVINCE - 1), "accepted"]


def test_a_position_from_the_future_is_refused(
    company: Company, counted: Callable[[str], float]
) -> None:
    problem = refused(company.report(62), 422, "时钟")
    assert [error.loc for error in problem.errors or []] == ["at"]
    assert company.report(30).status_code == 200
    assert counted("future") == 1


@pytest.mark.parametrize(("lon", "lat"), [(36.8, 89.0), (116.4, 39.9), (0, 0)])
def test_a_position_outside_the_city_is_refused(
    company: Company, counted: Callable[[str], float], lon: float, lat: float
) -> None:
    refused(company.report(lon=lon, lat=lat), 422, "不在本市")
    assert counted("outside") == 1
    assert company.known() == ()


def test_another_operators_route_is_refused(
    company: Company, counted: Callable[[str], float]
) -> None:
    refused(company.report(route=102), 403, "不属于")
    assert counted("other_operator") == 1
    company.token = company.tours
    refused(company.report(), 403)
    assert company.report(route=102).status_code == 200
    company.token = company.chosen
    refused(company.report(), 403)
    assert company.report(route=102).status_code == 200


def test_what_the_timetable_does_not_have_is_refused(
    company: Company, counted: Callable[[str], float]
) -> None:
    refused(company.report(route=103), 422, "没有这条线路")
    refused(company.report(trip="m9"), 422, "没有这个班次")
    assert company.report(trip=None).status_code == 200
    assert (counted("unknown_route"), counted("unknown_trip")) == (1, 1)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"lon": "118"}, "lon"),
        ({"lon": 181}, "lon"),
        ({"lat": None}, "lat"),
        ({"lat": -91}, "lat"),
        ({"lat": [36]}, "lat"),
        ({"route": "101"}, "route"),
        ({"route": 101.5}, "route"),
        ({"route": 0}, "route"),
        ({"route": 2**53}, "route"),
        ({"route": True}, "route"),
        ({"trip": ""}, "trip"),
        ({"trip": "../x"}, "trip"),
        ({"trip": "a" * 65}, "trip"),
        ({"at": "昨天"}, "at"),
        ({"at": "2026-11-24T12:00:00"}, "at"),
        ({"at": 1_795_000_000}, "at"),
        ({"at": None}, "at"),
        ({"bearing": 361}, "bearing"),
        ({"speed": -1}, "speed"),
        ({"speed": 101}, "speed"),
        ({"crs": "mars"}, "crs"),
        ({"driver": "王师傅"}, "driver"),
    ],
)
def test_each_wrong_field_is_named(
    company: Company, counted: Callable[[str], float], body: dict[str, Any], where: str
) -> None:
    problem = refused(company.report(**body), 422)
    assert [error.loc for error in problem.errors or []] == [where]
    assert counted("invalid") == 1
    assert "王师傅" not in problem.model_dump_json()


def test_a_missing_field_is_named(company: Company) -> None:
    problem = refused(company.send("POST", PATH, {}), 422)
    assert {error.loc for error in problem.errors or []} == {"route", "lon", "lat", "at"}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"route": 101,}', 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 2000, 400),
        ('{"route": 101, "trip": "\ud800"}'.encode("utf-8", "surrogatepass"), 400),
        (b"[]", 422),
        (b'"x"', 422),
        (b"null", 422),
        (b'{"route": 101, "lon": NaN, "lat": 36.8, "at": "2026-11-24T12:00:00Z"}', 422),
        (b'{"route": 101, "lon": 1e999, "lat": 36.8, "at": "2026-11-24T12:00:00Z"}', 422),
        (b'{"route": 101, "lon": -Infinity, "lat": 36.8, "at": "2026-11-24T12:00:00Z"}', 422),
        (b" " * 4097, 413),
        (b'{"trip": "' + b"a" * 100_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_not_one_is_refused(
    company: Company, counted: Callable[[str], float], data: bytes, status: int
) -> None:
    reply = company.send("POST", PATH, data=data, content_type="application/json")
    refused(reply, status)
    assert counted("invalid") == 1


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_refused(company: Company, content_type: str) -> None:
    refused(company.send("POST", PATH, data=b"{}", content_type=content_type), 415, "json")


@pytest.mark.parametrize("vehicle", ["a" * 33, "%20", "a%00b", "-x", "_x", "%3Cscript%3E", "🚌"])
def test_a_vehicle_has_a_plain_name(company: Company, vehicle: str) -> None:
    reply = company.report(path=f"/internal/v1/vehicles/{vehicle}/position")
    refused(reply, 422, "vehicle")


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.dictionaries(
        st.sampled_from(["route", "trip", "lon", "lat", "at", "bearing", "speed", "crs", "x"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=20)
        | st.datetimes(timezones=st.just(SHANGHAI)).map(datetime.isoformat)
        | st.lists(st.integers(), max_size=2),
    )
)
def test_whatever_is_sent_is_answered(company: Company, body: dict[str, Any]) -> None:
    try:
        data = orjson.dumps(body)
    except TypeError:  # an integer beyond 64 bits, a lone surrogate
        data = repr(body).encode("utf-8", "surrogatepass")
    reply = company.send("POST", PATH, data=data, content_type="application/json")
    assert reply.status_code in (200, 400, 403, 413, 422)


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_time_are_answered(company: Company, at: str) -> None:
    body = {"route": 101, "lon": WEST, "lat": NORTH, "at": at}
    assert company.send("POST", PATH, body).status_code in (200, 422)
