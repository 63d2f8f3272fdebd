"""Do live data hold, whoever writes them at once and whatever dies?"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from pydantic import SecretStr

from config.settings import ROOT, Settings
from geo.vehicle_rules import FRESH_S
from server.live import LiveStore, StoreAway, make_store
from server.live import redis_store as redis_module
from server.live.file_store import FileStore
from server.live.redis_store import RedisStore
from tests.server.live.material import NOW, TODAY, change, position, put, vehicles
from tests.services import RedisServer


def _report(settings: Settings, vehicle: str, count: int, results: "multiprocessing.Queue") -> None:  # type: ignore[type-arg]
    store = make_store(settings)
    found = [store.put(position(vehicle, at=n / 100), within_city=True) for n in range(count)]
    for n in range(5):
        store.change_run(101, f"{vehicle}-{n}", TODAY, change())
    results.put(found)


def test_processes_that_write_at_once_lose_nothing(settings_of_store: Settings) -> None:
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    names = ["A", "B", "C", "D"]
    writers = [
        context.Process(target=_report, args=(settings_of_store, name, 50, results))
        for name in names
    ]
    for writer in writers:
        writer.start()
    found = [result for _ in writers for result in results.get(timeout=30)]
    for writer in writers:
        writer.join()
    assert found == ["accepted"] * 200
    store = make_store(settings_of_store)
    assert {p.at for p in store.vehicles(101, NOW).positions} == {NOW + 0.49}
    assert vehicles(store) == set(names)
    assert set(store.runs(101, TODAY).runs) == {f"{name}-{n}" for name in names for n in range(5)}


def test_one_vehicle_reported_through_two_processes_is_judged_once(
    settings_of_store: Settings,
) -> None:
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    writers = [
        context.Process(target=_report, args=(settings_of_store, "A", 50, results))
        for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    found = [result for _ in writers for result in results.get(timeout=30)]
    for writer in writers:
        writer.join()
    assert set(found) <= {"accepted", "duplicate", "out_of_order"}
    assert found.count("accepted") <= 50
    assert {p.at for p in make_store(settings_of_store).vehicles(101, NOW).positions} == {
        NOW + 0.49
    }


KILLED = """
import itertools, sys, time
from dataclasses import replace
from config.settings import Settings
from server.live import make_store
from tests.server.live.material import TODAY, change, position
settings = Settings(_env_file=None, instance=sys.argv[1], redis_url=sys.argv[2] or None)
store = make_store(settings)
for n in itertools.count():
    at = time.time()
    store.put(position(f"v{n % 30}", at=0, received_at=at) if n < 30 else
              replace(position(f"v{n % 30}", route=101 + n % 3), at=at, received_at=at),
              within_city=True)
    store.change_run(101, f"t{n % 30}", TODAY, change(minute=n % 60))
    if n == 40:
        print("writing", flush=True)
"""


def test_a_writer_killed_in_the_middle_leaves_everything_readable(
    settings_of_store: Settings,
) -> None:
    url = settings_of_store.redis_url
    secret = url.get_secret_value() if url else ""
    for n in range(3):
        command = [sys.executable, "-c", KILLED, str(settings_of_store.instance), secret]
        writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        time.sleep(0.02 * n)
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
        store = make_store(settings_of_store)
        now = time.time()
        found = store.all_vehicles(now)
        assert not found.degraded
        # The one that was about to change its route may be nowhere, and none is twice. Files of
        # positions are written over in place: of a half written one the next reports make up.
        half_written = any(not store.vehicles(101 + route, now).positions for route in range(3))
        whole = 29 <= sum(one.vehicle != "new" for one in found.positions) <= 30
        assert whole or half_written
        assert len({one.key for one in found.positions}) == len(found.positions)
        assert len(store.runs(101, TODAY).runs) == 30
        after = replace(position("new"), at=now, received_at=now)
        assert put(store, after) == ["accepted"]
        store.change_run(101, "t0", TODAY, change(None))


def test_redis_may_go_away_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_module, "PAUSE", 0.2)
    server = RedisServer()
    store = RedisStore(SecretStr(server.url))
    assert store.vehicles(101, NOW).degraded  # never seen it
    server.start()
    time.sleep(0.25)
    try:
        put(store, position("A"))
        store.change_run(101, "m1", TODAY, change("cancelled"))
        assert vehicles(store) == {"A"}
        assert store.runs(101, TODAY).runs["m1"].said
        assert store.health() == "up"
        server.stop()
        snapshot = store.vehicles(101, NOW)
        assert (snapshot.degraded, {p.vehicle for p in snapshot.positions}) == (True, {"A"})
        assert store.vehicles(101, NOW + FRESH_S).positions == ()
        assert store.vehicles(102, NOW).positions == ()
        assert store.all_vehicles(NOW).degraded
        records = store.runs(101, TODAY)
        assert records.degraded
        assert records.runs["m1"].said
        assert store.runs(102, TODAY) == replace(records, runs={})
        assert store.routes_spoken_of(TODAY) is None  # any may be
        assert store.routes_seen(NOW) is None
        with pytest.raises(StoreAway):
            put(store, position("B"))
        with pytest.raises(StoreAway):
            store.change_run(101, "m1", TODAY, change())
        assert store.health() == "down"
        server.start()
        time.sleep(0.25)
        assert put(store, position("B")) == ["accepted"]
        snapshot = store.vehicles(101, NOW)
        assert (snapshot.degraded, {p.vehicle for p in snapshot.positions}) == (False, {"B"})
        assert store.health() == "up"
    finally:
        server.stop()


def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_module, "TIMEOUT", 0.1)
    monkeypatch.setattr(redis_module, "PAUSE", 60.0)
    server = RedisServer()
    server.start()
    assert server._process is not None
    try:
        store = RedisStore(SecretStr(server.url))
        put(store, position("A"))
        asked = []
        pipeline = store._client.pipeline

        def counting(**options: Any) -> Any:
            asked.append(options)
            return pipeline(**options)

        monkeypatch.setattr(store._client, "pipeline", counting)
        os.kill(server._process.pid, signal.SIGSTOP)
        for _ in range(20):
            assert store.vehicles(101, NOW).degraded
            with pytest.raises(StoreAway):
                put(store, position("A", at=1))
        assert len(asked) == 1
    finally:
        os.kill(server._process.pid, signal.SIGCONT)
        server.stop()


def test_damaged_content_counts_as_none(
    store: LiveStore, settings_of_store: Settings, redis_server: RedisServer
) -> None:
    put(store, position("A"))
    store.change_run(101, "m1", TODAY, change())
    if settings_of_store.redis_url is None:
        folder = settings_of_store.instance / "live"
        (folder / "vehicles").write_bytes(b"")
        (folder / "positions/101").write_bytes((folder / "positions/101").read_bytes()[:-9])
        (folder / f"runs/{TODAY}/101.json").write_bytes(b'{"m1": 3}')
    else:
        with redis_client.Redis.from_url(redis_server.url) as client:
            client.set("tongyou:live:vehicle:公交公司/A", b'{"latest": 3}')
            client.hset(f"tongyou:live:runs:{TODAY}:101", "m1", "{")
    fresh = make_store(settings_of_store)
    for one in (store, fresh):
        assert one.vehicles(101, NOW).positions == ()
        assert one.runs(101, TODAY).runs == {}
    assert put(store, position("A", at=1)) == ["accepted"]
    store.change_run(101, "m1", TODAY, change())
    assert vehicles(fresh) == {"A"}


def test_a_full_disk_refuses_writes_and_spares_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path)
    put(store, position("A"))
    store.change_run(101, "m1", TODAY, change())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "pwrite", full)
        broken.setattr(os, "fsync", full)
        with pytest.raises(StoreAway):
            put(store, position("A", at=1))
        with pytest.raises(StoreAway):
            store.change_run(101, "m1", TODAY, change(None))
        assert store.health() == "down"
        assert store.vehicles(101, NOW).positions == (position("A"),)
    assert put(store, position("A", at=1)) == ["accepted"]
    assert store.runs(101, TODAY).runs["m1"].said


def test_a_folder_that_cannot_be_read_degrades(tmp_path: Path) -> None:
    (tmp_path / "positions").write_text("")
    store = FileStore(tmp_path)
    assert store.vehicles(101, NOW).degraded
    assert store.all_vehicles(NOW).degraded
    assert store.routes_seen(NOW) is None
    assert store.health() == "down"
    with pytest.raises(StoreAway):
        put(store, position())


def test_a_writer_that_stands_still_holds_up_nobody_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.json_files.PATIENCE", 0.05)
    store, other = FileStore(tmp_path), FileStore(tmp_path)
    put(store, position("A"))
    with other._position_lock.held():
        with pytest.raises(StoreAway):
            put(store, position("A", at=1))
        assert vehicles(store) == {"A"}
    assert put(store, position("A", at=1)) == ["accepted"]


def test_a_file_replaced_within_a_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    writer, reader = FileStore(tmp_path), FileStore(tmp_path)
    for n in range(200):
        put(writer, position("A", at=n / 10))
        (seen,) = reader.vehicles(101, NOW).positions
        assert seen.at == NOW + n / 10
