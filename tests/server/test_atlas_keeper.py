"""Does a process always serve the newest edition that it can get at, and never fall over?"""

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from pydantic import SecretStr

from config.settings import Settings
from geo import bake
from geo.city import City
from geo.edition import PackedEdition
from server import edition_cache, editions, publishing
from server.atlas_keeper import AtlasKeeper, NoEdition
from server.db import db, now
from server.edition_cache import EditionCache
from tests.conftest import make_app
from tests.server.material import add, site
from tests.services import RedisServer

Start = Callable[..., AtlasKeeper]


@pytest.fixture
def start(app: Flask, settings: Settings) -> Iterator[Start]:
    keepers = []

    def begin(**changes: object) -> AtlasKeeper:
        own = settings.model_copy(update=changes)
        own.__dict__.pop("database", None)  # a cached property
        keeper = AtlasKeeper(own, make_app(own))
        keepers.append(keeper)
        keeper.start()
        return keeper

    yield begin
    for keeper in keepers:
        keeper.stop()


def keeper_cache(settings: Settings) -> EditionCache:
    return EditionCache(settings.editions, settings.editions_kept)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def serves(keeper: AtlasKeeper, number: int) -> bool:
    return bool(keeper.status()["edition"] == number)


def test_the_format_of_baked_folders_is_the_bakers() -> None:
    assert edition_cache.BAKED_FORMAT == bake.FORMAT


def test_without_an_edition_it_says_so_and_waits_for_one(
    start: Start, settings: Settings, city: City
) -> None:
    keeper = start()
    with pytest.raises(NoEdition):
        _ = keeper.atlas
    add(site())
    publishing.publish(settings, city)
    until(lambda: serves(keeper, 1))


def test_it_takes_over_an_edition_published_on_this_machine(
    start: Start, settings: Settings, city: City
) -> None:
    add(site())
    publishing.publish(settings, city)
    keeper = start(database_check=600)
    assert keeper.atlas.number == 1
    publishing.publish(settings, city, force=True)
    until(lambda: serves(keeper, 2))


def test_it_takes_over_an_edition_published_on_another_machine(
    start: Start, settings: Settings, city: City
) -> None:
    other = settings.model_copy(update={"instance": settings.instance.with_name("other")})
    add(site())
    publishing.publish(other, city)
    keepers = [start(), start()]
    assert [keeper.atlas.number for keeper in keepers] == [1, 1]
    publishing.publish(other, city, force=True)
    until(lambda: all(serves(keeper, 2) for keeper in keepers))


def test_a_message_wakes_it_at_once_and_redis_may_go_and_come(
    start: Start, settings: Settings, city: City, redis_server: RedisServer
) -> None:
    other = settings.model_copy(
        update={
            "instance": settings.instance.with_name("other"),
            "redis_url": SecretStr(redis_server.url),
        }
    )
    add(site())
    publishing.publish(other, city)
    keeper = start(redis_url=SecretStr(redis_server.url), database_check=600)
    until(lambda: keeper.status()["redis"] == "up")
    publishing.publish(other, city, force=True)
    until(lambda: serves(keeper, 2))
    redis_server.stop()
    try:
        until(lambda: keeper.status()["redis"] == "down")
        publishing.publish(other, city, force=True)
    finally:
        redis_server.start()
    until(lambda: serves(keeper, 3))  # the message was missed, the reconnection made up for it


def test_it_serves_from_the_disk_while_the_database_is_away(
    start: Start, settings: Settings, city: City
) -> None:
    add(site())
    publishing.publish(settings, city)
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    keeper = start(database_url=nowhere)
    assert keeper.atlas.number == 1
    until(lambda: keeper.status()["database"] == "down")
    time.sleep(0.5)
    assert keeper.status()["database_outages"] == 1


def test_a_damaged_baked_folder_is_baked_anew(start: Start, settings: Settings, city: City) -> None:
    add(site())
    publishing.publish(settings, city)
    cache = EditionCache(settings.editions, 5)
    current = cache.current()
    assert current is not None
    (cache.baked(current) / "meta.json").write_bytes(b"{")
    assert start().atlas.number == 1


def test_a_damaged_cached_edition_is_passed_over_then_restored(
    start: Start, settings: Settings, city: City
) -> None:
    add(site())
    publishing.publish(settings, city)
    publishing.publish(settings, city, force=True)
    cache = EditionCache(settings.editions, 5)
    current = cache.current()
    assert current is not None
    (current / "edition.zst").write_bytes(b"rot")
    (cache.baked(current) / "manifest.json").unlink()
    away = start(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert away.atlas.number == 1
    keeper = start()
    until(lambda: serves(keeper, 2))
    assert (current / "edition.zst").stat().st_size > 3


def test_a_damaged_edition_in_the_database_leaves_the_former_in_force(
    start: Start, settings: Settings, city: City
) -> None:
    add(site())
    publishing.publish(settings, city)
    keeper = start()
    sha256 = "0" * 64
    line = editions.EditionLine(2, now(), None, "", sha256, 3, None)
    with db.engine.begin() as connection:
        editions.add(connection, PackedEdition(number=2, sha256=sha256, body=b"rot"), line)
    until(lambda: keeper.status()["last_error"] is not None)
    assert keeper.status()["last_error"] == "DamagedEdition"
    assert keeper.atlas.number == 1
    assert [folder.name[:2] for folder in keeper_cache(settings).published()] == ["1-"]
    with pytest.raises(NoEdition):
        _ = start(instance=settings.instance.with_name("empty")).atlas
