"""Does the former edition stay whole, whatever stops or races a publisher?"""

import multiprocessing
import os
import resource
import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from config.settings import Settings
from geo.atlas import Atlas
from geo.city import City
from server import edition_cache, editions, publishing
from server.db import db
from server.edition_cache import CannotStore, EditionCache
from tests.conftest import make_app
from tests.server.material import add, revise, site

DANGEROUS = {
    "os.rename",
    "tempfile.mkdtemp",
    "subprocess.Popen",
    "os.rmdir",
    "shutil.rmtree",
}
"""Audit events of a publisher between which the disk looks different."""

# Each publisher is a process of its own, forked from one that has nothing but its modules loaded.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


@pytest.fixture
def _baking_is_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition_cache, "sys", sys)


def _publish(settings: Settings, deadly: int, numbers: Any, python: str) -> None:
    edition_cache.sys = SimpleNamespace(executable=python)  # type: ignore[assignment]
    seen = 0

    def count(event: str, _arguments: object) -> None:
        nonlocal seen
        if event in DANGEROUS:
            seen += 1
            if seen == deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    app = make_app(settings)
    with app.app_context():
        numbers.put(publishing.publish(settings, app.extensions["city"], force=True).number)


def publisher(settings: Settings, numbers: Any, deadly: int = 0) -> Any:
    """A process that publishes and tells the number, killed at its ``deadly``-th dangerous step."""
    python = edition_cache.sys.executable
    process = _processes.Process(target=_publish, args=(settings, deadly, numbers, python))
    process.start()
    return process


def newest() -> int:
    with db.engine.connect() as connection:
        found = editions.newest(connection)
        assert found is not None
        packed = editions.packed(connection, found[0])
    assert packed is not None
    packed.unpack()
    return found[0]


@pytest.mark.slow
def test_kill_at_any_moment_leaves_a_whole_edition(
    app: Flask, settings: Settings, city: City
) -> None:
    id_ = add(site("甲馆"))
    publishing.publish(settings, city)
    cache = EditionCache(settings.editions, settings.editions_kept)
    numbers = _processes.SimpleQueue()
    killed = 0
    # The odd moments on one database, the even ones on the other: each takes a second.
    for deadly in range(1 + (db.engine.dialect.name == "postgresql"), 40, 2):
        revise(id_, site(f"甲馆{deadly}"))
        db.session.remove()
        before = newest()
        child = publisher(settings, numbers, deadly)
        child.join(60)
        current = cache.current()
        assert current is not None
        pointed = Atlas.load(cache.baked(current)).number
        assert before <= pointed <= newest() <= before + 1
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        killed += 1
    assert killed >= 3
    assert publishing.publish(settings, city, force=True).number == newest()
    assert not [p for p in cache.root.glob(".tmp-*") if p.is_dir()]


@pytest.mark.usefixtures("_baking_is_in_earnest")
def test_publishers_at_once_make_one_edition_each(
    app: Flask, settings: Settings, city: City
) -> None:
    add(site("甲馆"))
    numbers = _processes.SimpleQueue()
    children = [publisher(settings, numbers) for _ in range(3)]
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert sorted(numbers.get() for _ in children) == [1, 2, 3]
    assert [line.number for line in publishing.history()] == [3, 2, 1]
    current = EditionCache(settings.editions, 5).current()
    assert current is not None
    assert current.name.startswith("3-")


@pytest.mark.usefixtures("_baking_is_in_earnest")
def test_a_full_disk_is_told_and_changes_nothing(
    app: Flask, settings: Settings, city: City
) -> None:
    id_ = add(site("甲馆"))
    publishing.publish(settings, city)
    revise(id_, site("甲馆新"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        with pytest.raises(CannotStore, match="没有成功：File too large"):
            publishing.publish(settings, city)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    cache = EditionCache(settings.editions, 5)
    assert not list(cache.root.glob(".tmp-*"))
    assert newest() == 1
    current = cache.current()
    assert current is not None
    assert Atlas.load(cache.baked(current)).number == 1
    assert publishing.publish(settings, city).number == 2
