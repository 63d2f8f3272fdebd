"""Does a file import only from its own room or from floors below?"""

from pathlib import Path

import pytest

from config.settings import ROOT
from tests.floors import House

MAY_TOUCH_THE_ENVIRONMENT = {
    "server.serving",  # tells prometheus_client and OpenBLAS what they read from nowhere else
    "server.metrics",  # asks whether prometheus_client was told
}


@pytest.fixture(scope="module")
def house() -> House:
    return House(ROOT)


def build(root: Path, files: dict[str, str]) -> House:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return House(root)


def test_is_every_module_seen(house: House) -> None:
    assert {"app", "config.settings", "geo.atlas", "server.db", "server.models"} <= set(
        house.modules
    )
    assert any(one.module == "app" and one.target == "server.db" for one in house.imports)


def test_does_nothing_import_upwards(house: House) -> None:
    assert house.upward() == []


def test_is_geo_free_of_servers_databases_and_networks(house: House) -> None:
    assert house.foreign_to_geo() == []


def test_are_there_no_circles(house: House) -> None:
    assert house.circle() == []


def test_does_the_environment_enter_through_the_settings_alone(house: House) -> None:
    # config.settings itself needs no os.environ: pydantic-settings reads it.
    assert house.readers_of_the_environment() - {"config.settings"} <= MAY_TOUCH_THE_ENVIRONMENT


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("config/settings.py", "from geo.crs import Crs"),
        ("geo/atlas.py", "import config.settings"),
        ("geo/atlas.py", "def load():\n    from server import db"),
        ("server/db.py", "from server.staff.views import page"),
        ("server/db.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app"),
        ("server/staff/views.py", "from server.webmap import views"),
        ("server/webmap/views.py", "from miniapp_api.sites import sites"),
        ("miniapp_api/sites.py", "from server.webmap.views import page"),
        ("miniapp_api/sites.py", "import serve"),
        ("server/db.py", "from . import models"),
    ],
)
def test_is_an_import_upwards_found(tmp_path: Path, where: str, text: str) -> None:
    tree = {
        "app.py": "from server import db\nfrom miniapp_api.sites import sites",
        "serve.py": "from app import create_app",
        "config/settings.py": "",
        "geo/crs.py": "",
        "geo/atlas.py": "from geo.crs import Crs",
        "server/db.py": "from config.settings import Settings",
        "server/models.py": "",
        "server/staff/views.py": "from server import db",
        "server/webmap/views.py": "from geo.atlas import Atlas",
        "miniapp_api/sites.py": "from server.db import db",
    }
    assert build(tmp_path / "right", tree).upward() == []
    found = build(tmp_path / "wrong", tree | {where: text}).upward()
    assert len(found) == 1
    assert found[0].startswith(where.removesuffix(".py").replace("/", "."))


@pytest.mark.parametrize(
    "text",
    [
        "import flask",
        "from sqlalchemy.orm import Session",
        "import socket",
        "import urllib.request",
        "from urllib import request",
        "def ask():\n    import requests",
    ],
)
def test_is_a_network_in_geo_found(tmp_path: Path, text: str) -> None:
    assert build(tmp_path, {"geo/atlas.py": "import urllib.parse"}).foreign_to_geo() == []
    assert len(build(tmp_path, {"geo/atlas.py": text}).foreign_to_geo()) == 1


def test_is_a_circle_found(tmp_path: Path) -> None:
    late = {"geo/a.py": "import geo.b", "geo/b.py": "def f():\n    import geo.c", "geo/c.py": ""}
    assert build(tmp_path / "late", late | {"geo/c.py": "import geo.a"}).circle() == []
    found = build(
        tmp_path / "circle",
        {"geo/a.py": "import geo.b", "geo/b.py": "from geo import c", "geo/c.py": "import geo.a"},
    ).circle()
    assert found == ["geo.a", "geo.b", "geo.c", "geo.a"]


@pytest.mark.parametrize(
    "text",
    ["import os\nX = os.environ['X']", "import os\nos.getenv('X')", "from os import environ"],
)
def test_is_a_reader_of_the_environment_found(tmp_path: Path, text: str) -> None:
    files = {"server/db.py": text, "server/wsgi_door.py": "def call(environ):\n    environ['PATH']"}
    assert build(tmp_path, files).readers_of_the_environment() == {"server.db"}
