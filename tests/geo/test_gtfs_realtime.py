"""Do notices and positions come back from GTFS-Realtime as they were?"""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from google.transit.gtfs_realtime_pb2 import Alert, FeedHeader, FeedMessage

from geo.gtfs_export import export_gtfs
from geo.gtfs_realtime import VehicleNow, alerts, vehicle_positions
from geo.transit import Notice
from tests.geo.gtfs_material import CALENDAR, FEED, line, table

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
ROUTES = [(1, line()), (2, line(name="二号线"))]


def notice(**given: Any) -> Notice:
    rest: dict[str, Any] = {
        "name": "一号线停运",
        "effect": "suspension",
        "text": "因道路施工停运。",
        "routes": (1,),
        "announced_at": NOW - timedelta(days=1),
        "start": NOW,
        "end": NOW + timedelta(days=2),
        "replacement": "可乘 20 路",
        "phone": "0533-1234567",
    }
    return Notice.model_validate(rest | given)


def read(body: bytes) -> FeedMessage:
    message = FeedMessage()
    message.ParseFromString(body)
    assert message.IsInitialized()
    return message


def informed(*notices: Notice) -> list[tuple[str, str, str]]:
    """(route, trip, stop) of every selector, sorted."""
    message = read(alerts(list(enumerate(notices, 1)), ROUTES, NOW, 7))
    return sorted(
        (one.route_id, one.trip.trip_id, one.stop_id)
        for entity in message.entity
        for one in entity.alert.informed_entity
    )


def test_the_header_says_what_it_is_and_which_edition_it_refers_to() -> None:
    for body in (alerts([], ROUTES, NOW, 7), vehicle_positions([], NOW, 7)):
        header = read(body).header
        assert header.gtfs_realtime_version == "2.0"
        assert header.incrementality == FeedHeader.FULL_DATASET
        assert (header.timestamp, header.feed_version) == (int(NOW.timestamp()), "7")


def test_a_notice_keeps_its_words_its_time_and_its_kind() -> None:
    (entity,) = read(alerts([(9, notice())], ROUTES, NOW, 7)).entity
    assert entity.id == "notice-9"
    alert = entity.alert
    assert [(t.text, t.language) for t in alert.header_text.translation] == [
        ("一号线停运", "zh-CN")
    ]
    (description,) = alert.description_text.translation
    assert description.text == "因道路施工停运。\n替代方式：可乘 20 路\n咨询电话：0533-1234567"
    (period,) = alert.active_period
    assert (period.start, period.end) == (NOW.timestamp(), NOW.timestamp() + 2 * 86_400)
    assert (alert.cause, alert.effect) == (Alert.UNKNOWN_CAUSE, Alert.NO_SERVICE)


@pytest.mark.parametrize(
    ("given", "effect"),
    [
        ({"effect": "detour"}, Alert.DETOUR),
        ({"effect": "time_change", "delay_minutes": 10}, Alert.SIGNIFICANT_DELAYS),
        ({"effect": "time_change", "delay_minutes": -10}, Alert.MODIFIED_SERVICE),
        ({"effect": "other"}, Alert.OTHER_EFFECT),
    ],
)
def test_each_kind_of_notice_has_its_effect(given: dict[str, Any], effect: int) -> None:
    (entity,) = read(alerts([(9, notice(**given))], ROUTES, NOW, 7)).entity
    assert entity.alert.effect == effect


def test_only_what_is_announced_and_not_over_is_told() -> None:
    assert informed(notice(announced_at=NOW + timedelta(seconds=1))) == []
    over = notice(start=NOW - timedelta(days=2), end=NOW)
    assert informed(over) == []
    later = notice(start=NOW + timedelta(days=5), end=None)
    assert informed(later) == [("r1", "", "")]
    (entity,) = read(alerts([(1, later)], ROUTES, NOW, 7)).entity
    assert not entity.alert.active_period[0].HasField("end")


@pytest.mark.parametrize(
    ("given", "selectors"),
    [
        ({"routes": ()}, [("r1", "", ""), ("r2", "", "")]),
        ({"trips": ("m",)}, [("r1", "r1/m", "")]),
        ({"stops": ("b", "gone")}, [("r1", "", "b")]),
        ({"trips": ("m", "e"), "stops": ("b",)}, [("r1", "r1/m", "b")]),
        ({"routes": (99,)}, []),
        ({"trips": ("gone",)}, []),
    ],
)
def test_a_notice_informs_of_the_routes_trips_and_stops_it_names(
    given: dict[str, Any], selectors: list[tuple[str, str, str]]
) -> None:
    assert informed(notice(**given)) == selectors


def test_ids_are_those_of_the_feed() -> None:
    feed = export_gtfs(ROUTES, CALENDAR, FEED)
    for name, field, place in (
        ("routes.txt", "route_id", 0),
        ("trips.txt", "trip_id", 1),
        ("stops.txt", "stop_id", 2),
    ):
        known = {row[field] for row in table(feed, name)} | {""}
        found = informed(notice(trips=("m", "e"), stops=("a", "gate"), routes=()))
        assert {one[place] for one in found} <= known


def test_vehicles_come_back_where_they_were() -> None:
    bus = VehicleNow("公交", "C1", 1, "m", 118.0478, 36.8067, NOW, 90.0, 8.5, date(2026, 9, 7))
    idle = VehicleNow("公交", "C0", 2, None, 118.0, 36.8, NOW)
    first, second = read(vehicle_positions([bus, idle], NOW, 7)).entity
    assert (first.vehicle.vehicle.id, first.vehicle.trip.route_id) == ("公交/C0", "r2")
    assert first.vehicle.vehicle.label == "C0"
    assert not first.vehicle.trip.HasField("trip_id")
    assert not first.vehicle.position.HasField("speed")
    vehicle = second.vehicle
    assert (vehicle.trip.trip_id, vehicle.trip.start_date) == ("r1/m", "20260907")
    assert vehicle.position.longitude == pytest.approx(118.0478, abs=1e-5)
    assert vehicle.position.latitude == pytest.approx(36.8067, abs=1e-5)
    assert (vehicle.position.bearing, vehicle.position.speed) == (90.0, 8.5)
    assert vehicle.timestamp == int(NOW.timestamp())


def test_protobuf_is_not_loaded_before_it_is_needed() -> None:
    script = "import sys, geo.gtfs_realtime; print('google.protobuf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
