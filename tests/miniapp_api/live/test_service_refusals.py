"""What does the whole service refuse, count and survive?"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.live import redis_store
from tests.miniapp_api.live.service import Published, Service, serving
from tests.server.live.lines import BUS, NORTH, TOURS
from tests.services import RedisServer


def vehicles(service: Service) -> Any:
    return service.world.client.get(f"/api/v1/bus/routes/{service.route}/vehicles")


def test_what_is_refused_is_counted(plain: Service) -> None:
    def counted() -> dict[str, float]:
        text = plain.world.client.get("/metrics").get_data(as_text=True)
        found = re.findall(r'tongyou_positions_total\{result="(\w+)"\} (\S+)', text)
        return {result: float(n) for result, n in found}

    before = counted()
    sent: list[tuple[Callable[[], Any], int]] = [
        (lambda: plain.report(seconds=-20), 200),
        (lambda: plain.report(seconds=-20, stops=60, vehicle="v2"), 422),  # beside the city
        (lambda: plain.report(seconds=62), 422),
        (lambda: plain.report(seconds=-30), 200),
        (lambda: plain.report(seconds=-10, lat=NORTH + 0.05), 200),  # 5 km in 10 seconds
        (lambda: plain.report(route=plain.world.ids["other"], trip=None), 403),
        (lambda: plain.report(trip="nowhere"), 422),
        (lambda: plain.send("POST", "/vehicles/v/position", {"route": 1}), 422),
        (lambda: plain.send("POST", "/vehicles/v/position", {}, token="tongyou_wrong"), 401),
    ]
    for send, status in sent:
        reply = send()
        assert reply.status_code == status, reply.text
    twice = {"at": (plain.left + timedelta(minutes=7)).isoformat(), "vehicle": "v3"}
    assert plain.report(**twice).get_json()["result"] == "accepted"
    assert plain.report(**twice).get_json()["ignored"] == "duplicate"
    assert plain.report(seconds=-100).get_json()["ignored"] == "stale"
    after = counted()
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert {name: n for name, n in grown.items() if n} == {
        "accepted": 2,
        "outside": 1,
        "future": 1,
        "out_of_order": 1,
        "implausible": 1,
        "other_operator": 1,
        "unknown_trip": 1,
        "invalid": 1,
        "unauthorized": 1,
        "duplicate": 1,
        "stale": 1,
    }


def test_a_revoked_token_and_another_operators(plain: Service) -> None:
    runner = plain.world.app.test_cli_runner()
    done = runner.invoke(args=["operator", "add", TOURS, "--routes", str(plain.world.ids["other"])])
    tours = re.search(r"tongyou_\S+", done.output).group()  # type: ignore[union-attr]
    path = f"/runs/seen/{plain.day}?route={plain.route}"
    assert plain.send("PUT", path, {"state": "normal"}, tours).status_code == 403
    listed = runner.invoke(args=["operator", "list"]).output
    assert BUS in listed
    assert TOURS in listed
    assert tours not in listed
    assert runner.invoke(args=["operator", "revoke", "1"]).exit_code == 0
    again = runner.invoke(args=["operator", "revoke", "1"])
    assert (again.exit_code, "早已吊销" in again.output) == (1, True)
    assert (
        plain.another_worker()
        .app.test_client()
        .post(
            "/internal/v1/vehicles/v/position", headers={"Authorization": f"Bearer {plain.token}"}
        )
        .status_code
        == 401
    )


def test_without_an_edition_operators_are_told_to_wait(plain: Service) -> None:
    plain.world.app.extensions["atlas_keeper"]._atlas = None
    reply = plain.report()
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert int(reply.headers["Retry-After"]) > 0
    assert vehicles(plain).status_code == 503


def test_redis_may_go_and_come_back(
    lines: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_store, "PAUSE", 0.0)
    server = RedisServer()
    server.start()
    try:
        with serving(lines, tmp_path / "instance", server.url) as service:
            other = service.another_worker()
            service.report()
            service.say("told", state="cancelled", phone="12345")
            assert len(vehicles(service).get_json()["items"]) == 1
            server.stop()
            known = vehicles(service).get_json()
            assert (known["degraded"], len(known["items"])) == (True, 1)
            unknown = other.get(f"/bus/routes/{service.route}/vehicles")
            assert (unknown["degraded"], unknown["items"]) == (True, [])
            for path in (
                "/bus/departures?stop_id=s1",
                f"/bus/routes/{service.route}",
                "/bus/journeys?school=school&direction=to_school&lat=36.8&lon=118.006",
            ):
                assert other.get(path)["degraded"] is True
            states = [one["run_state"] for one in service.board(other)["items"]]
            assert {state["state"] for state in states} == {"not_confirmed"}
            feed = other.client.get("/api/v1/bus/gtfs-rt/vehicles.pb")
            assert (feed.status_code, feed.headers["Retry-After"]) == (503, "5")
            assert other.client.get("/readyz").get_json()["live"] == "down"
            assert other.client.get("/readyz").status_code == 200
            for reply in (service.report(seconds=1), service.say("told", state="normal")):
                assert reply.status_code == 503
                assert int(reply.headers["Retry-After"]) > 0
            server.start()
            assert service.report(seconds=2).status_code == 200
            told = other.get(f"/bus/routes/{service.route}/vehicles")
            assert (told["degraded"], len(told["items"])) == (False, 1)
            assert other.client.get("/readyz").get_json()["live"] == "up"
    finally:
        server.stop()
