"""A small city, published through the real server on SQLite, and the whole app before it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from app import create_app
from config.settings import ROOT, Settings
from geo.calendar import parse_calendar_csv
from geo.city import City
from server import publishing
from server import starter as starting
from server.db import db
from server.models import CalendarDayRow
from tests.miniapp_api.lines import line, notice
from tests.server.material import add, hotline, revise, set_state, site
from tests.server.pages import FILLED_AT

WEEKDAYS = "Mo-Fr 09:00-17:00; PH off"


@dataclass
class World:
    """An app that serves an edition; ``ids`` are the listings' by the names used in tests."""

    app: Flask
    settings: Settings
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        """A client of its own, before everything."""
        return self.app.test_client()

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """The JSON of an answer below ``/api/v1``."""
        reply = self.client.get(f"/api/v1{path}", headers=headers)
        assert reply.status_code == status, (path, reply.status_code, reply.text[:300])
        return reply.get_json(force=True)

    def names(self, path: str) -> list[str]:
        """The names in a list, in its order."""
        return [item["name"] for item in self.get(path)["items"]]

    def publish(self) -> int:
        """Publish, and serve the edition at once."""
        with self.app.app_context():
            done = publishing.publish(self.settings, self.app.extensions["city"], at=FILLED_AT)
        self.take_over()
        return done.number

    def take_over(self) -> None:
        """Serve what is in force now, not at the watcher's next turn."""
        keeper = self.app.extensions["atlas_keeper"]
        keeper._guarded(keeper._follow_pointer)


def make_world(folder: Path, **settings: Any) -> World:
    """An app on a database with tables and no rows; nobody watches for editions."""
    options = Settings(
        _env_file=None, instance=folder, database_url=f"sqlite:///{folder / 'map.db'}", **settings
    )
    folder.mkdir(parents=True, exist_ok=True)
    world = World(create_app(options), options)
    with world.app.app_context():
        db.create_all()
    return world


def dismantle(world: World) -> None:
    """Give back what the database holds."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty_world(tmp_path: Path) -> Iterator[World]:
    """Nothing is published."""
    world = make_world(tmp_path / "instance")
    yield world
    dismantle(world)


@pytest.fixture(scope="session")
def starter_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The starting data set; for reading only."""
    world = make_world(tmp_path_factory.mktemp("starter"))
    with world.app.app_context():
        data = starting.load_starter(
            world.settings.starter, world.app.extensions["city"], date(2026, 11, 23)
        )
        starting.fill(db.session, data)
        db.session.commit()
    world.publish()
    yield world
    dismantle(world)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Places of every sort in two editions; for reading only."""
    world = make_world(tmp_path_factory.mktemp("world"))
    with world.app.app_context():
        days, _ = parse_calendar_csv((ROOT / "config/starter/calendar.csv").read_text("utf-8"))
        db.session.execute(insert(CalendarDayRow), [dict(day) for day in days])
        world.ids = {name: add(document) for name, document in _listings().items()}
        world.ids["专线"] = add(line("专线"))
        touched = {"routes": [world.ids["专线"]], "trips": ["b1.e2"]}
        world.ids["停运"] = add(notice("停运", "2026-11-24", "2026-11-26", **touched))
        db.session.commit()
    world.publish()
    with world.app.app_context():
        revise(world.ids["科技馆"], _listings()["科技馆"] | {"phone": "0533-1234567"})
        set_state(world.ids["旧书房"], "retired", "场地租期届满")
        set_state(world.ids["老馆"], "merged", "迁入新址", into=world.ids["博物馆"])
        set_state(world.ids["旧热线"], "retired", "停止服务")
    world.publish()
    yield world
    dismantle(world)


def _listings() -> dict[str, dict[str, Any]]:
    """By name. The numbered reading spaces are only there to fill pages."""
    reading = {"kind": "reading_space", "theme": "reading"}
    places = [
        site(
            "博物馆",
            theme="history",
            address="商场西街153号",
            opening_hours=WEEKDAYS,
            free=True,
            ages={"min": 6, "max": 18},
            facilities=["nursing_room", "stroller"],
            facts={"phone": {"source": "馆方", "confirmed_on": "2026-03-01"}},
            phone="0533-7654321",
            verified=True,
            aliases=["市博物馆"],
            lon=118.05,
            lat=36.80,
        ),
        site(
            "科技馆",
            opening_hours="Tu-Su 10:00-16:00",
            closures=[{"start": "2026-11-03", "end": "2026-11-10", "reason": "布展"}],
            free=False,
            ages={"min": 7, "max": 12},
            facilities=["nursing_room"],
            lon=118.06,
            lat=36.81,
        ),
        site("人民公园", theme="nature", opening_hours="24/7", free=True, lon=118.04, lat=36.81),
        site("桃花溪", theme="nature", district="boshan", lon=117.85, lat=36.49),
        site("高新书房", district="gaoxin", lon=118.09, lat=36.85, **reading),
        site("幼儿书房", ages={"min": 0, "max": 5}, lon=118.07, lat=36.79, **reading),
        site("旧书房", lon=118.051, lat=36.801, **reading),
        site("老馆", theme="history", lon=118.052, lat=36.802),
        *(
            site(f"书房{n:02}", lon=118.0 + n % 7 * 0.013, lat=36.7 + n * 0.006, **reading)
            for n in range(33)
        ),
        hotline("报警", "110", opening_hours="24/7"),
        hotline("青少年服务台", "12355", opening_hours=WEEKDAYS, audience="儿童、青少年和家长"),
        hotline("心理援助", "0533-2345678"),
        hotline("旧热线", "12300"),
        hotline("内部", "0533-1111111", internal=True),
    ]
    return {document["name"]: document for document in places}


@pytest.fixture(scope="session")
def starter_city(starter_world: World) -> City:
    """The vocabularies of the starting data set."""
    city: City = starter_world.app.extensions["city"]
    return city
