"""A small map whose users are signed in as WeChat Cloud Hosting would say who they are."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.lines import line
from tests.server.material import add, hotline, set_state, site

_numbers = itertools.count(1)


@dataclass(frozen=True)
class User:
    """Somebody with the mini-program."""

    world: World
    openid: str
    token: str = ""

    def call(self, method: str, path: str, status: int, **more: Any) -> Any:
        """The JSON of an answer below ``/api/v1``; None if it has none."""
        reply = self.reply(method, path, **more)
        assert reply.status_code == status, (method, path, reply.status_code, reply.text[:300])
        assert reply.headers["Cache-Control"] == "no-store"
        return reply.get_json(force=True) if reply.data else None

    def reply(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.world.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def favourites(self, query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.call("GET", f"/me/favourites{query}", 200)["items"]
        return items


def sign_in(world: World, openid: str) -> User:
    """One more sign-in of somebody."""
    reply = world.client.post("/api/v1/session", json={}, headers={"X-WX-OPENID": openid})
    assert reply.status_code == 200, reply.text
    return User(world, openid, reply.get_json()["token"])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = make_world(tmp_path_factory.mktemp("town") / "instance", wechat_cloud=True)
    with world.app.app_context():
        world.ids = {
            "馆": add(site("馆", opening_hours="24/7")),
            "旧馆": add(site("旧馆")),
            "并馆": add(site("并馆")),
            "专线": add(line("专线")),
            "热线": add(hotline("热线")),
            "内部": add(hotline("内部", "0533-1111111", internal=True)),
        }
    world.publish()
    yield world
    dismantle(world)


@pytest.fixture
def user(town: World) -> Callable[[], User]:
    """Makes somebody new."""
    return lambda: sign_in(town, f"o6_bmjrPTlm6_2sgVt7hMZ{next(_numbers):06}")


def close(world: World) -> None:
    """One place is no more, another is part of a third; a new one waits to be published."""
    with world.app.app_context():
        set_state(world.ids["旧馆"], "retired", "场地租期届满")
        set_state(world.ids["并馆"], "merged", "迁入新址", into=world.ids["馆"])
    world.publish()
    with world.app.app_context():
        world.ids["草稿"] = add(site("还没有发布"))
