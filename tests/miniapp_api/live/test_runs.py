"""Who may say how runs stand, and what must be said?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import Settings
from geo.opening import SHANGHAI
from server.db import db
from server.operators import revoke_token
from tests.miniapp_api.live.company import CANCELLED, PATH, RUN, TODAY, Company, opened, refused
from tests.server.live.lines import BUS
from tests.server.live.material import state_of


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer wrong", "Bearer 令牌"]
)
def test_without_a_token_nothing_is_taken(
    company: Company, counted: Callable[[str], float], header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header.encode().decode("latin-1")}
    for method, path in [("POST", PATH), ("PUT", RUN), ("DELETE", RUN)]:
        reply = company.client.open(path, method=method, headers=headers, data=b"x" * 9999)
        refused(reply, 401, "令牌")
        assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="tongyou"')
    assert counted("unauthorized") == 1


def test_a_revoked_token_is_refused(company: Company) -> None:
    with company.app.app_context():
        revoke_token(1)
        db.session.commit()
    refused(company.report(), 401, "吊销")


def test_reading_methods_are_not_allowed(company: Company) -> None:
    for path in (PATH, RUN):
        reply = company.send("GET", path)
        assert reply.status_code == 405


def test_while_the_store_is_away_the_sender_is_told_to_come_back(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        instance=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'map.db'}",
        redis_url=SecretStr("redis://127.0.0.1:1/0"),
    )
    for company in opened(settings):
        for reply in (
            company.report(),
            company.send("PUT", RUN, CANCELLED),
            company.send("DELETE", RUN),
        ):
            refused(reply, 503, "稍后再试")
            assert int(reply.headers["Retry-After"]) > 0
        board = company.app.extensions["live_board"]
        assert board.vehicles(101, datetime.now(SHANGHAI)).degraded


def test_while_the_database_is_away_an_unknown_token_waits(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, instance=tmp_path, database_url=f"sqlite:///{tmp_path / 'map.db'}"
    )
    for company in opened(settings):
        with company.app.app_context():
            db.drop_all()
        reply = company.report()
        refused(reply, 503, "核对令牌")
        assert int(reply.headers["Retry-After"]) > 0


def test_what_is_said_of_a_run_is_kept(company: Company, counted: Callable[..., float]) -> None:
    reply = company.send("PUT", RUN, CANCELLED)
    assert reply.status_code == 200
    told = reply.get_json()
    assert (told["state"], told["said_by"], told["trip"]) == ("cancelled", BUS, "m1")
    assert told["date"] == TODAY.isoformat()
    said = company.said()["m1"].said
    assert (said.state, said.replacement, said.phone) == (
        "cancelled",
        *list(CANCELLED.values())[1:],
    )
    late = {"state": "late", "minutes": 12, "note": "雨天"}
    assert company.send("PUT", RUN, late).status_code == 200
    board = company.app.extensions["live_board"]
    state = state_of(board, TODAY, datetime.now(SHANGHAI))
    assert (state.state, state.minutes, state.text) == ("late", 12, "晚点约 12 分钟（雨天）")
    assert company.send("DELETE", RUN).status_code == 204
    assert company.said()["m1"].said is None
    assert len(company.said()["m1"].history) == 3
    refused(company.send("DELETE", RUN), 404, "没有可以撤回")
    runs = "tongyou_run_states_total"
    assert (counted("accepted", runs), counted("withdrawn", runs)) == (2, 1)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"state": "cancelled"}, "replacement"),
        ({"state": "cancelled", "replacement": "  "}, "replacement"),
        ({"state": "cancelled", "note": "家长自理"}, "replacement"),
        ({"state": "replaced", "phone": "0533-1234567"}, "replacement"),
        ({"state": "late"}, "minutes"),
        ({"state": "late", "minutes": 0}, "minutes"),
        ({"state": "late", "minutes": 241}, "minutes"),
        ({"state": "late", "minutes": 1.5}, "minutes"),
        ({"state": "normal", "minutes": 5}, "minutes"),
        ({"state": "lost"}, "state"),
        ({"state": "cancelled", "phone": "call me"}, "phone"),
        ({"state": "normal", "note": "a\nb"}, "note"),
        ({"state": "normal", "note": "长" * 201}, "note"),
        ({"state": "normal", "said_by": "别人"}, "said_by"),
        ({}, "state"),
    ],
)
def test_a_statement_says_what_families_need(
    company: Company, body: dict[str, Any], where: str
) -> None:
    problem = refused(company.send("PUT", RUN, body), 422)
    assert [error.loc.split(".")[0] for error in problem.errors or []] == [where]
    assert company.said() == {}


def path_of(trip: str = "m1", day: object = TODAY, query: str = "?route=101") -> str:
    return f"/internal/v1/runs/{trip}/{day}{query}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (path_of(trip="m9"), 404),
        (path_of(query="?route=103"), 422),
        (path_of(query="?route=102"), 403),
        (path_of(query=""), 422),
        (path_of(query="?route=x"), 422),
        (path_of(query="?route=101&route=101"), 422),
        (path_of(query="?route=101&state=normal"), 422),
        (path_of(day="today"), 422),
        (path_of(day="2026-02-30"), 422),
        (path_of(day="20261124"), 422),
        (path_of(day="２０２６-11-24"), 422),
        (path_of(day=TODAY - timedelta(days=2)), 422),
        (path_of(day=TODAY + timedelta(days=15)), 422),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_run_that_is_not_is_refused(
    company: Company, method: str, path: str, status: int
) -> None:
    refused(company.send(method, path, {"state": "normal"}), status)


@pytest.mark.parametrize("days", [-1, 0, 14])
def test_days_near_by_may_be_spoken_of(company: Company, days: int) -> None:
    path = path_of(day=TODAY + timedelta(days=days))
    assert company.send("PUT", path, {"state": "normal"}).status_code == 200
