"""The whole service with a line that is under way at this moment, and a program before it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app import create_app
from config.settings import Settings
from geo.opening import SHANGHAI
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.server.live.lines import BUS, NORTH, STEP, TOURS, WEST, line
from tests.server.material import add, hotline, set_state

SINCE = 7
"""Minutes since the runs left. The second of three stops, s1, was due a minute ago."""

UNDER_WAY = ("seen", "told", "silent")


@dataclass
class Service:
    """One worker's app, and what a bus company's program knows: its token, line and day."""

    world: World
    token: str
    left: datetime
    client: FlaskClient

    @property
    def route(self) -> int:
        return self.world.ids["line"]

    @property
    def day(self) -> str:
        return self.left.date().isoformat()

    def another_worker(self) -> World:
        """A process of its own would know as much: what is on the disk or in Redis."""
        worker = World(create_app(self.world.settings), self.world.settings, self.world.ids)
        worker.take_over()
        return worker

    def send(self, method: str, path: str, body: Any = None, token: str = "") -> TestResponse:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.open(f"/internal/v1{path}", method=method, headers=headers, json=body)

    def report(self, stops: float = 0.5, seconds: float = 0, **more: Any) -> TestResponse:
        """A position so many stops along the line, so many seconds from now."""
        at = datetime.now(SHANGHAI) + timedelta(seconds=seconds)
        body = {"route": self.route, "trip": "seen", "lat": NORTH, "lon": WEST + stops * STEP}
        vehicle = more.pop("vehicle", "鲁C12345")
        body |= {"at": at.isoformat()} | more
        return self.send("POST", f"/vehicles/{vehicle}/position", body)

    def say(self, trip: str, **body: Any) -> TestResponse:
        return self.send("PUT", f"/runs/{trip}/{self.day}?route={self.route}", body)

    def board(self, world: World | None = None) -> Any:
        """What is told at the second stop."""
        return (world or self.world).get("/bus/departures?stop_id=s1&limit=10")


@dataclass(frozen=True)
class Published:
    """An instance's folder with two editions, its listings' ids, and when the runs left."""

    folder: Path
    ids: dict[str, int]
    left: datetime


def published(folder: Path) -> Published:
    """Publish the lines; to be copied, for it takes seconds."""
    world = make_world(folder)
    left = datetime.now(SHANGHAI).replace(second=0, microsecond=0) - timedelta(minutes=SINCE)
    with world.app.app_context():
        world.ids["hotline"] = add(hotline())
        world.ids["line"] = add(_document(BUS, left, [*UNDER_WAY, "later"]))
        world.ids["other"] = add(_document(TOURS, left, ["other"]))
        world.ids["retired"] = add(_document(BUS, left, ["retired"]))
        world.ids["merged"] = add(_document(BUS, left, ["merged"]))
    world.publish()
    with world.app.app_context():
        set_state(world.ids["retired"], "retired", "合同到期")
        set_state(world.ids["merged"], "merged", "并线", into=world.ids["line"])
    world.publish()
    dismantle(world)
    return Published(folder, world.ids, left)


@contextmanager
def serving(of: Published, folder: Path, redis_url: str | None = None) -> Iterator[Service]:
    """The app on a copy, with files or Redis for what is live; the token by the command line."""
    shutil.copytree(of.folder, folder)
    settings = Settings(
        _env_file=None,
        instance=folder,
        database_url=f"sqlite:///{folder / 'map.db'}",
        redis_url=SecretStr(redis_url) if redis_url else None,
    )
    world = World(create_app(settings), settings, of.ids)
    world.take_over()
    done = world.app.test_cli_runner().invoke(args=["operator", "add", BUS])
    token = re.search(r"tongyou_\S+", done.output)
    assert token is not None, done.output
    yield Service(world, token.group(), of.left, world.client)
    dismantle(world)


def _document(agency: str, left: datetime, trips: list[str]) -> dict[str, Any]:
    """A line whose runs left at that moment, but for one that leaves much later."""
    document = line(agency).model_dump(mode="json")
    (pattern,) = document["trips"]
    document["trips"] = [
        pattern | {"id": trip, "stop_times": _times(left, 40 if trip == "later" else 0)}
        for trip in trips
    ]
    return document


def _times(left: datetime, later: int) -> list[dict[str, Any]]:
    first = left.hour * 60 + left.minute + later
    minutes = [first + 6 * n for n in range(3)]
    return [
        {"stop": f"s{n}", "arrival": f"{minute // 60:02}:{minute % 60:02}"}
        for n, minute in enumerate(minutes)
    ]
