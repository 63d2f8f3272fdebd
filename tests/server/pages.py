"""The whole service on a small map, and its pages read as a browser would."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from app import create_app
from config.settings import Settings
from geo.opening import SHANGHAI
from server import publishing
from server.db import db
from tests.server.material import add, hotline, set_state, site

NASTY = """<script>alert('1')</script> "馆" & 🐼"""
HOTLINES = ("12355", "053312345", "110")


def fill() -> None:
    """1–26 places, 27–30 lines, then one merged (25) and one retired (26) place."""
    add(
        site(
            "淄博市博物馆",
            theme="history",
            address="商场西街153号",
            phone="0533-2164568",
            opening_hours="Tu-Su 09:00-17:00",
            free=True,
            ages={"min": 3, "max": 12},
            facilities=["stroller"],
            verified=True,
            introduction="第一段\n第二段",
            website="https://example.org/",
            aliases=["市博"],
            booking="须预约",
            facts={
                "": {"source": "馆方来函", "confirmed_on": "2026-11-02"},
                "opening_hours": {"source": "馆方公众号"},
            },
        )
    )
    add(
        site(
            NASTY,
            address="<img src=x onerror=alert(1)>",
            lon=118.06,
            introduction="<b>粗</b>",
            facts={"": {"source": "<i>来源</i>"}},
        )
    )
    add(site("收费馆", free=False, fee="10 元", opening_hours="24/7", lon=118.1))
    for number in range(4, 25):
        add(site(f"测试馆{number:02}", district="boshan", theme="nature", lat=36.5 + number / 1000))
    add(site("并入馆"))
    add(site("撤下馆", lon=118.06))
    add(hotline("青少年服务台", "12355"))
    add(hotline(f"热线 {NASTY}", "0533-12345", audience="<所有人>", opening_hours="24/7"))
    add(hotline("报警", "110", opening_hours="24/7"))
    add(hotline("内部电话", "0533-9999999", internal=True))


def retire() -> None:
    set_state(25, "merged", into=1)
    set_state(26, "retired", reason="场馆改造")


FILLED_AT = datetime(2026, 11, 24, 8, tzinfo=SHANGHAI)
"""As of this Tuesday's morning the fillings are published: their dates lie around it."""


@contextmanager
def served(settings: Settings, *fillings: Callable[[], None]) -> Iterator[Flask]:
    """The app with an edition published after each filling, loaded and watched.

    Many tests start from the same editions: what is made on SQLite by fillings that have a name of
    their own in a module is made once and copied.
    """
    if fillings and not settings.database_url and all(map(_is_named, fillings)):
        shutil.copytree(_made(fillings), settings.instance, copy_function=_linked)
        fillings = ()
    app = _app(settings, *fillings)
    keeper = app.extensions["atlas_keeper"]
    keeper.start()
    yield app
    keeper.stop()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _app(settings: Settings, *fillings: Callable[[], None]) -> Flask:
    app = create_app(settings)
    app.config["TESTING"] = False
    # Every test has an app of its own; their templates are compiled once.
    app.jinja_env.bytecode_cache = _templates()
    with app.app_context():
        db.create_all()
        for filling in fillings:
            filling()
            publishing.publish(settings, app.extensions["city"], at=FILLED_AT)
        db.session.remove()
    return app


@cache
def _templates() -> FileSystemBytecodeCache:
    folder = tempfile.mkdtemp(prefix="tongyou-templates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return FileSystemBytecodeCache(folder)


@cache
def _made(fillings: tuple[Callable[[], None], ...]) -> Path:
    """An instance folder with these editions; kept until the tests are over."""
    folder = Path(tempfile.mkdtemp(prefix="tongyou-made-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app = _app(settings_in(folder), *fillings)
    with app.app_context():
        db.engine.dispose()  # the last to leave writes the log into the database
    return folder / "instance"


def _linked(source: str, target: str) -> None:
    """Editions never change once they are there: a second name does. All else is copied."""
    if "/baked-" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _is_named(filling: Callable[[], None]) -> bool:
    """Neither a lambda nor a function within another, which could be another one every time."""
    return "<" not in filling.__qualname__


def settings_in(folder: Path, **changes: Any) -> Settings:
    """SQLite in a folder; a password alone opens the console, unless told otherwise."""
    given = {"database_url": "", "second_step": "off"} | changes
    return Settings(_env_file=None, instance=folder / "instance", **given)


class Page(HTMLParser):
    """A page taken apart: elements with their attributes, and the text that is shown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self.in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("td", "th"):
            self.shown.append(" ")
        self.in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, data: str) -> None:
        if not self.in_script:
            self.shown.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.shown).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def links(self) -> list[str]:
        return [a["href"] or "" for a in self.all("a") if "href" in a]

    @property
    def phones(self) -> list[str]:
        return [link.removeprefix("tel:") for link in self.links if link.startswith("tel:")]

    @property
    def ids(self) -> list[str]:
        return [a["id"] or "" for _, a in self.elements if "id" in a]
