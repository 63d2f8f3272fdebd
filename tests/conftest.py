"""What tests share: settings in a folder of their own, an app on each kind of database."""

import itertools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, event

from config.settings import Settings
from geo.city import City, load_city
from server import cli, edition_cache, passwords, pictures
from server import db as database
from tests import builders, services, tables, warm

pytest_plugins = ["tests.turns", "tests.visiting"]

# How long an example takes is a question of the machine and of what else it does.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")

_numbers = itertools.count(1)


def make_app(settings: Settings) -> Flask:
    """An app with a database and commands, and no door: all that ``server`` needs."""
    app = Flask("tests")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.extensions["settings"] = settings
    app.extensions["city"] = load_city(settings.city)
    database.init(app)
    cli.register(app)
    return app


@pytest.fixture(scope="session", autouse=True)
def _no_machine_stops() -> Iterator[None]:
    """Only processes are killed here: nobody waits for the disk."""

    def hurry(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Engine, "connect", hurry)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _file: None)
        yield
    event.remove(Engine, "connect", hurry)


@pytest.fixture(scope="session", autouse=True)
def _rules_are_compiled_once() -> Iterator[None]:
    with builders.compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _hashing_costs_little() -> Iterator[None]:
    """The algorithm stays, its price does not: hundreds of people are hired and sign in here."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cheap)
        yield


@pytest.fixture(scope="session", autouse=True)
def _processes_are_warm() -> Iterator[None]:
    """Every ``Service``, and what must be so, starts them in earnest."""
    with (
        warm.python("geo.bake") as baker,
        warm.python("server.pictures") as painter,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(edition_cache, "sys", SimpleNamespace(executable=baker))
        patch.setattr(pictures, "sys", SimpleNamespace(executable=painter))
        yield


@pytest.fixture(scope="session")
def postgresql(testrun_uid: str) -> Iterator[str]:
    with services.postgresql(testrun_uid) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_tables(postgresql: str) -> Iterator[str]:
    """The name of a database with all tables and no rows, to be copied."""
    name = f"tables-{os.getpid()}"
    with services.fresh_database(postgresql, name) as url:
        tables.make(url)
        yield name


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "tongyou.db"
    tables.make(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.RedisServer]:
    server = services.RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database of its own: with tables if the test asks for ``app``, else empty."""
    with_tables = "app" in request.fixturenames
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        template = services.EMPTY_DATABASE
        if with_tables:
            template = request.getfixturevalue("postgresql_tables")
        name = f"test-{os.getpid()}-{next(_numbers)}"
        with services.fresh_database(server, name, template) as url:
            yield url
    elif with_tables:
        yield tables.copied(request.getfixturevalue("sqlite_tables"), tmp_path)
    else:
        yield f"sqlite:///{tmp_path / 'tongyou.db'}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        instance=tmp_path / "instance",
        database_url=database_url,
        edition_check=0.05,
        database_check=0.2,
        second_step="off",
    )


@pytest.fixture
def city(settings: Settings) -> City:
    return load_city(settings.city)


@pytest.fixture
def bare_app(settings: Settings) -> Iterator[Flask]:
    """On a database without tables, if the test does not ask for ``app`` too."""
    app = make_app(settings)
    with app.app_context():
        yield app
        database.db.session.remove()
        database.db.engine.dispose()


@pytest.fixture
def app(bare_app: Flask) -> Flask:
    """On a database with tables and no rows."""
    return bare_app
