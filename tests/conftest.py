"""What tests share: settings in a folder of their own, an app on each kind of database."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config.settings import Settings
from geo.city import City, load_city
from server import cli
from server import db as database
from tests import services

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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with services.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.RedisServer]:
    server = services.RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tongyou.db'}"
        return
    server = request.getfixturevalue("postgresql")
    with services.fresh_database(server, f"test{next(_numbers)}") as url:
        yield url


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
    """On a database without tables."""
    app = make_app(settings)
    with app.app_context():
        yield app
        database.db.session.remove()
        database.db.engine.dispose()


@pytest.fixture
def app(bare_app: Flask) -> Flask:
    """On a database with tables and no rows."""
    database.db.create_all()
    return bare_app
