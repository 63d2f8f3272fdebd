"""From an operator's program to a family's phone, through the whole service."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2
from sqlalchemy import event
from werkzeug.test import Client

from geo.crs import convert
from server.db import db
from tests.miniapp_api.live.service import Service
from tests.server.live.lines import BUS, NORTH, STEP, WEST


def by_trip(items: list[Any]) -> dict[str, Any]:
    """The next call of each run."""
    return {one["trip"]: one for one in reversed(items)}


def vehicles(service: Service, **headers: str) -> Any:
    path = f"/api/v1/bus/routes/{service.route}/vehicles"
    return service.world.client.get(path, headers=headers)


def test_from_the_operators_program_to_the_phone(service: Service) -> None:
    other = service.another_worker()
    silent = by_trip(service.board(other)["items"])
    assert {trip: one["run_state"]["state"] for trip, one in silent.items()} == {
        "seen": "not_confirmed",
        "told": "not_confirmed",
        "silent": "not_confirmed",
        "later": "scheduled",
        "other": "not_confirmed",
    }
    assert -3 <= silent["silent"]["minutes"] < 0

    assert service.report(bearing=90, speed=8.5).get_json()["result"] == "accepted"
    told = other.get(f"/bus/routes/{service.route}/vehicles")
    (vehicle,) = told["items"]
    assert (told["degraded"], told["edition"], told["crs"]) == (False, 2, "gcj02")
    assert (vehicle["vehicle"], vehicle["operator"], vehicle["trip"]) == ("鲁C12345", BUS, "seen")
    assert (vehicle["next_stop"], vehicle["stop_sequence"]) == ("s1", 1)
    assert (vehicle["service_date"], vehicle["off_route"]) == (service.day, False)
    assert 4 * 60 <= vehicle["delay_seconds"] < 6 * 60
    here = convert(WEST + STEP / 2, NORTH, "wgs84", "gcj02")
    assert (vehicle["lon"], vehicle["lat"]) == pytest.approx(here, abs=2e-6)
    (plain,) = other.get(f"/bus/routes/{service.route}/vehicles?crs=wgs84")["items"]
    assert (plain["lon"], plain["lat"]) == (WEST + STEP / 2, NORTH)

    reply = other.client.get("/api/v1/bus/gtfs-rt/vehicles.pb")
    (entity,) = gtfs_realtime_pb2.FeedMessage.FromString(reply.get_data()).entity
    assert entity.vehicle.trip.trip_id == f"r{service.route}/seen"
    assert entity.vehicle.trip.start_date == service.day.replace("-", "")
    assert entity.vehicle.vehicle.label == "鲁C12345"
    assert entity.vehicle.position.longitude == pytest.approx(WEST + STEP / 2, abs=1e-5)
    assert entity.vehicle.current_stop_sequence == 2

    assert service.say("told", state="cancelled").status_code == 422  # what instead?
    assert service.say("told", state="cancelled", phone="0533-1234567").status_code == 200
    board = service.board(other)
    calls = by_trip(board["items"])
    assert calls["seen"]["run_state"]["state"] == "late"
    assert calls["seen"]["called"] is False
    assert calls["seen"]["expected"] == calls["seen"]["scheduled"] < calls["seen"]["live_expected"]
    cancelled = calls["told"]["run_state"]
    assert (cancelled["state"], cancelled["said_by"]) == ("cancelled", BUS)
    assert (cancelled["phone"], cancelled["source"]) == ("0533-1234567", "operator")
    assert cancelled["said_at"].startswith(service.day[:4])
    assert calls["silent"]["run_state"]["state"] == "not_confirmed"
    assert board["next_served"]["trip"] == "seen"
    detail = other.get(f"/bus/routes/{service.route}")
    runs = {run["trip"]: run["run_state"]["state"] for run in detail["runs"]}
    if detail["runs"][-1]["service_date"] == service.day:  # else midnight has just gone by
        assert (runs["seen"], runs["told"], runs["silent"]) == (
            "late",
            "cancelled",
            "not_confirmed",
        )

    path = f"/runs/told/{service.day}?route={service.route}"
    assert service.send("DELETE", path).status_code == 204
    again = by_trip(service.board(other)["items"])
    assert again["told"]["run_state"]["state"] == "not_confirmed"


def test_a_bus_that_has_passed_is_told_as_left(service: Service) -> None:
    service.report(stops=1.5)
    board = service.board()
    assert [(one["trip"], one["called"]) for one in board["left"]] == [("seen", True)]
    assert "seen" not in [one["trip"] for one in board["items"] if one["minutes"] < 0]


def test_a_poller_costs_no_query(plain: Service) -> None:
    asked, here = [], threading.current_thread()
    with plain.world.app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        if threading.current_thread() is here:  # aside, that a token is in use is noted once
            asked.append(arguments[2])

    plain.report()
    assert asked  # whose token it is
    asked.clear()
    for n in range(1, 20):
        assert plain.report(seconds=n / 10).status_code == 200
        assert len(vehicles(plain).get_json()["items"]) == 1
        plain.board()
        plain.world.client.get("/api/v1/bus/gtfs-rt/vehicles.pb")
        plain.world.get(f"/bus/routes/{plain.route}")
        plain.world.get("/bus/journeys?school=school&direction=to_school&lat=36.8&lon=118.006")
    assert asked == []


def test_an_answer_is_unchanged_only_if_it_says_the_same(plain: Service) -> None:
    nothing = vehicles(plain)
    tag = nothing.headers["ETag"]
    assert nothing.headers["Cache-Control"] == "public, max-age=1"
    same = vehicles(plain, **{"If-None-Match": tag})
    assert (same.status_code, same.get_data(), same.headers["ETag"]) == (304, b"", tag)
    plain.report()
    news = vehicles(plain, **{"If-None-Match": tag})
    assert (news.status_code, len(news.get_json()["items"])) == (200, 1)
    assert news.headers["ETag"] != tag
    board = plain.world.client.get("/api/v1/bus/departures?stop_id=s1")
    plain.say("told", state="late", minutes=9)
    path, match = "/api/v1/bus/departures?stop_id=s1", {"If-None-Match": board.headers["ETag"]}
    assert plain.world.client.get(path, headers=match).status_code == 200


def test_the_layer_in_front_and_flask_tell_the_same_news(plain: Service) -> None:
    plain.report()
    plain.say("told", state="cancelled", phone="12345")
    front = plain.world.app.wsgi_app
    path = "/api/v1/bus/departures?stop_id=s1"
    replies = [Client(one).get(path) for one in (front, front._app)]  # type: ignore[attr-defined]
    assert replies[0].get_data() == replies[1].get_data()
    assert b"cancelled" in replies[0].get_data()


@pytest.mark.parametrize("path", ["/bus/routes/{}/vehicles", "/bus/gtfs-rt/vehicles.pb"])
def test_head_tells_the_headers_and_nothing_else_is_taken(plain: Service, path: str) -> None:
    path = "/api/v1" + path.format(plain.route)
    client = plain.world.client
    head = client.head(path)
    assert (head.status_code, head.get_data()) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0
    assert client.post(path).status_code == 405
    for query in ("at=2026-11-24T07:00:00", "limit=1", "crs=mars", "crs=wgs84&crs=bd09"):
        assert client.get(f"{path}?{query}").status_code == 422


def test_a_feed_that_cannot_be_filled_is_not_an_empty_one(plain: Service) -> None:
    def asked() -> Any:
        return plain.world.client.get("/api/v1/bus/gtfs-rt/vehicles.pb")

    assert asked().status_code == 200
    positions = plain.world.settings.instance / "live" / "positions"
    positions.parent.mkdir(exist_ok=True)
    positions.write_text("no folder")
    away = asked()
    assert (away.status_code, away.content_type) == (503, "application/problem+json")
    assert (int(away.headers["Retry-After"]), away.headers["Cache-Control"]) == (5, "no-store")
    assert "车辆位置暂时查不到" in away.get_json()["detail"]
    assert plain.world.app.extensions["live_board"].store.health() == "down"
    positions.unlink()
    assert (asked().status_code, plain.report().status_code) == (200, 200)
    assert plain.world.app.extensions["live_board"].store.health() == "up"


def test_what_became_of_the_line_is_told_as_of_the_line_itself(plain: Service) -> None:
    ids = plain.world.ids
    problem = plain.world.get("/bus/routes/999999/vehicles", 404)
    assert problem["hotlines"]
    assert "合同到期" in plain.world.get(f"/bus/routes/{ids['retired']}/vehicles", 410)["detail"]
    moved = plain.world.client.get(f"/api/v1/bus/routes/{ids['merged']}/vehicles?crs=wgs84")
    assert moved.status_code == 301
    to = f"/api/v1/bus/routes/{ids['line']}/vehicles?crs=wgs84"
    assert moved.headers["Location"] == to
    assert moved.headers["Cache-Control"] == "no-store"
    assert plain.report(route=ids["retired"], trip=None).status_code == 422


def test_another_moment_is_told_with_operators_words_but_without_positions(plain: Service) -> None:
    plain.report()
    ahead = plain.left + timedelta(minutes=40)  # when the run leaves that is still to come
    paths = [
        f"/api/v1/bus/{path}&at={written(ahead - timedelta(minutes=5))}"
        for path in (
            "departures?stop_id=s0",
            "journeys?school=school&direction=to_school&lat=36.8&lon=118.006&limit=1",
            f"routes/{plain.route}?crs=gcj02",
        )
    ]
    before = [plain.world.client.get(path) for path in paths]
    assert all(b'"source":"vehicle"' not in one.get_data() for one in before)
    assert by_trip(before[0].get_json()["items"])["later"]["run_state"]["state"] == "scheduled"
    for reply, path in zip(before, paths, strict=True):
        again = plain.world.client.get(path, headers={"If-None-Match": reply.headers["ETag"]})
        assert again.status_code == 304

    assert plain.say("later", state="cancelled", phone="12345").status_code == 200
    after = [
        plain.world.client.get(path, headers={"If-None-Match": reply.headers["ETag"]})
        for reply, path in zip(before, paths, strict=True)
    ]
    assert [reply.status_code for reply in after] == [200, 200, 200]
    board, ways, line = [reply.get_json() for reply in after]
    assert by_trip(board["items"])["later"]["run_state"]["state"] == "cancelled"
    assert ways["items"][0]["ride"]["trip"] != "later"
    assert [one["trip"] for one in ways["unavailable"]] == ["later"]
    if line["runs"][-1]["service_date"] == plain.day:  # else midnight has just gone by
        assert by_trip(line["runs"])["later"]["run_state"]["phone"] == "12345"
    assert after[0].headers["Cache-Control"] == "public, max-age=10"
    assert after[1].headers["Cache-Control"] == "private, max-age=10"


def written(at: datetime) -> str:
    return at.isoformat().replace("+", "%2B")
