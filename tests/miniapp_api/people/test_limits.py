"""Is whoever calls too often told to wait, with Redis, without it, and while it is away?"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import structlog
from flask import Flask
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import create_app
from server.limits import by_address
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.people.conftest import User, sign_in
from tests.services import RedisServer

FEW = {"calls_per_token": 3, "calls_per_address": 8, "sign_ins_per_address": 4}


@contextmanager
def limited(folder: Path, **settings: Any) -> Iterator[World]:
    world = make_world(folder / "instance", wechat_cloud=True, **FEW, **settings)
    yield world
    dismantle(world)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with limited(tmp_path) as world:
        yield world


def until_refused(call: Callable[[], Any]) -> tuple[int, Any]:
    """How many calls were answered before one was refused, and that answer."""
    for answered in range(30):
        reply = call()
        if reply.status_code == 429:
            return answered, reply
    raise AssertionError("never refused")


def test_does_a_token_that_is_used_too_often_have_to_wait(world: World) -> None:
    one, other = sign_in(world, "o6_bmjrPTlm6_one"), sign_in(world, "o6_bmjrPTlm6_other")
    written = itertools.cycle(("Bearer ", "bearer ", "Bearer   "))

    def call() -> TestResponse:
        headers = {"Authorization": f"{next(written)}{one.token}"}
        return world.client.get("/api/v1/me", headers=headers)

    answered, refusal = until_refused(call)
    assert answered == FEW["calls_per_token"]
    assert refusal.mimetype == "application/problem+json"
    assert 1 <= int(refusal.headers["Retry-After"]) <= 60
    assert "频繁" in refusal.get_json(force=True)["detail"]
    other.call("GET", "/me", 200)


def test_do_guesses_of_tokens_count_against_the_address(world: World) -> None:
    guesses = iter(range(100))
    answered, _ = until_refused(
        lambda: User(world, "", f"guess{next(guesses)}").reply("GET", "/me")
    )
    assert answered == FEW["calls_per_address"]
    elsewhere = world.client.get("/api/v1/me", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 401


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("unix:", "unix:", True),
    ],
)
def test_do_the_addresses_of_one_network_count_together(one: str, other: str, same: bool) -> None:
    told = []
    for address in (one, other):
        with Flask("x").test_request_context(environ_base={"REMOTE_ADDR": address}):
            told.append(by_address())
    assert (told[0] == told[1]) is same


def test_are_sign_ins_counted_by_themselves(world: World) -> None:
    answered, _ = until_refused(lambda: world.client.post("/api/v1/session", json={}))
    assert answered == FEW["sign_ins_per_address"]


def test_are_the_maps_reads_never_counted(world: World) -> None:
    until_refused(lambda: world.client.get("/api/v1/me"))
    for path in ("/healthz", "/api/v1/openapi.json", "/api/v1/sites/1", "/api/v1/sites"):
        assert world.client.get(path).status_code != 429


def test_do_workers_count_together_in_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushdb()
    with limited(tmp_path, redis_url=SecretStr(redis_server.url)) as world:
        one = sign_in(world, "o6_bmjrPTlm6_one")
        worker = User(World(create_app(world.settings), world.settings), one.openid, one.token)
        one.call("GET", "/me", 200)
        worker.call("GET", "/me", 200)
        answered, _ = until_refused(lambda: one.reply("GET", "/me"))
        assert answered == 1
        assert worker.reply("GET", "/me").status_code == 429
        with redis.Redis.from_url(redis_server.url) as client:
            kept = [key.decode() for key in client.keys("*tongyou*")]
        assert kept != []
        assert not [key for key in kept if one.token in key]


def test_are_limits_kept_when_redis_goes_away(tmp_path: Path) -> None:
    server = RedisServer()
    server.start()
    try:
        with limited(tmp_path, redis_url=SecretStr(server.url)) as world:
            one = sign_in(world, "o6_bmjrPTlm6_one")
            one.call("GET", "/me", 200)
            server.stop()
            with structlog.testing.capture_logs() as logs:
                answered, refusal = until_refused(lambda: one.reply("GET", "/me"))
            assert [line["where"] for line in logs if line["event"] == "limits_counted"] == [
                "process"
            ]
            assert answered == FEW["calls_per_token"]
            assert int(refusal.headers["Retry-After"]) >= 1
    finally:
        server.stop()
