"""Does the former edition stay whole, whatever stops or races a publisher?"""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from config.settings import Settings
from geo.atlas import Atlas
from geo.city import City
from server import editions, publishing
from server.db import db
from server.edition_cache import CannotStore, EditionCache
from tests.server.material import add, revise, site

ROOT = Path(__file__).resolve().parents[2]

PUBLISHER = """
import os, signal, sys
from config.settings import Settings
from tests.conftest import make_app
from server import publishing

settings = Settings(_env_file=None)
app = make_app(settings)
deadly, seen = int(sys.argv[1]), 0

def count(event, arguments):
    global seen
    if event in ("os.rename", "tempfile.mkdtemp", "subprocess.Popen", "os.rmdir", "shutil.rmtree"):
        seen += 1
        if seen == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
with app.app_context():
    print(publishing.publish(settings, app.extensions["city"], force=True).number)
"""


def publisher(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "TONGYOU_INSTANCE": str(settings.instance),
        "TONGYOU_DATABASE_URL": settings.database_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, *arguments],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


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
    killed = 0
    for deadly in range(1, 40):
        revise(id_, site(f"甲馆{deadly}"))
        db.session.remove()
        before = newest()
        child = publisher(settings, str(deadly))
        child.communicate(timeout=60)
        current = cache.current()
        assert current is not None
        pointed = Atlas.load(cache.baked(current)).number
        assert before <= pointed <= newest() <= before + 1
        if child.returncode == 0:
            break
        assert child.returncode == -signal.SIGKILL
        killed += 1
    assert killed >= 5
    assert publishing.publish(settings, city, force=True).number == newest()
    assert not [p for p in cache.root.glob(".tmp-*") if p.is_dir()]


def test_publishers_at_once_make_one_edition_each(
    app: Flask, settings: Settings, city: City
) -> None:
    add(site("甲馆"))
    children = [publisher(settings, "0") for _ in range(3)]
    told = [child.communicate(timeout=120) for child in children]
    assert sorted(out.splitlines()[-1] for out, _ in told) == ["1", "2", "3"], told
    assert [line.number for line in publishing.history()] == [3, 2, 1]
    current = EditionCache(settings.editions, 5).current()
    assert current is not None
    assert current.name.startswith("3-")


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
