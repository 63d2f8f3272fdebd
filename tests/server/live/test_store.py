"""Do live data hold, in files as in Redis?"""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from geo.vehicle_rules import FRESH_S
from server.live import LiveStore, make_store
from server.live.file_store import FileStore
from server.live.redis_store import RedisStore
from server.live.store import HISTORY, MOST_ON_ROUTE
from tests.server.live.material import NOW, TODAY, change, position, put, vehicles


def test_the_settings_choose(tmp_path: Path) -> None:
    assert isinstance(make_store(Settings(_env_file=None, instance=tmp_path)), FileStore)
    url = SecretStr("redis://127.0.0.1:1/0")
    chosen = make_store(Settings(_env_file=None, instance=tmp_path, redis_url=url))
    assert isinstance(chosen, RedisStore)
    assert list(tmp_path.iterdir()) == []


def test_the_latest_position_of_each_vehicle_is_kept(store: LiveStore) -> None:
    latest = position(at=2, lon=118.0501, bearing=90.0, speed=8.3)
    assert put(store, position(), position(at=1), latest, position("B")) == ["accepted"] * 4
    snapshot = store.vehicles(101, NOW + 2)
    assert set(snapshot.positions) == {latest, position("B")}
    assert snapshot.sighted == {"m1": pytest.approx(NOW + 2, abs=2)}
    assert not snapshot.degraded
    assert vehicles(store, 102) == set()
    assert set(store.all_vehicles(NOW + 2).positions) == {latest, position("B")}


def test_nothing_older_than_90_seconds_is_told(store: LiveStore) -> None:
    put(store, position("A"), position("B", at=30))
    assert vehicles(store, at=FRESH_S - 1) == {"A", "B"}
    assert vehicles(store, at=FRESH_S) == {"B"}
    assert vehicles(store, at=30 + FRESH_S) == set()
    assert store.all_vehicles(NOW + 30 + FRESH_S).positions == ()
    # What has been forgotten holds no new position back.
    assert put(store, position("A", at=FRESH_S, lat=36.6)) == ["accepted"]


def test_the_rules_hold_from_one_report_to_the_next(store: LiveStore) -> None:
    far = [position(at=n, lat=36.9) for n in (3, 4, 5)]
    reports = [position(), position(), position(at=-1), *far, position(at=6, lat=36.9)]
    assert put(store, *reports) == [
        "accepted",
        "duplicate",
        "out_of_order",
        "implausible",
        "implausible",
        "accepted",
        "accepted",
    ]
    assert store.put(position(at=7), within_city=False) == "outside"
    (known,) = store.vehicles(101, NOW + 7).positions
    assert known == position(at=6, lat=36.9)


def test_a_bus_that_changes_its_route_is_in_one_place(store: LiveStore) -> None:
    put(store, position(), position(at=1, route=102, trip=None))
    assert (vehicles(store, 101), vehicles(store, 102)) == (set(), {"鲁C12345"})
    assert put(store, position(at=0.5)) == ["out_of_order"]
    put(store, position(at=2))
    assert (vehicles(store, 101), vehicles(store, 102)) == ({"鲁C12345"}, set())


def test_operators_do_not_touch_each_others_vehicles(store: LiveStore) -> None:
    other = position(operator="旅游公司", at=5)
    assert put(store, position(), other, position(at=1)) == ["accepted"] * 3
    assert len(store.vehicles(101, NOW + 5).positions) == 2


def test_a_program_gone_wild_is_stopped(store: LiveStore) -> None:
    for n in range(MOST_ON_ROUTE):
        assert put(store, position(f"v{n}")) == ["accepted"]
    assert put(store, position("one-more")) == ["too_many"]
    assert put(store, position("v0", at=1)) == ["accepted"]
    assert put(store, position("one-more", at=FRESH_S + 1)) == ["accepted"]
    assert len(store.vehicles(101, NOW).positions) <= MOST_ON_ROUTE


def test_what_is_said_of_a_run_is_kept_with_its_history(store: LiveStore) -> None:
    assert store.runs(101, TODAY).runs == {}
    changes = [change("late"), change("cancelled", minute=5), change(None, minute=9)]
    for one in changes:
        store.change_run(101, "m1", TODAY, one)
        assert store.runs(101, TODAY).runs["m1"].said == one.said
    store.change_run(101, "m2", TODAY, change("normal"))
    records = store.runs(101, TODAY)
    assert set(records.runs) == {"m1", "m2"}
    assert records.runs["m1"].history == tuple(changes)
    assert not records.degraded
    assert store.runs(102, TODAY).runs == {}
    assert store.runs(101, TODAY + timedelta(days=1)).runs == {}


def test_the_same_said_again_is_said_anew_but_no_change(store: LiveStore) -> None:
    for minute in range(3):
        store.change_run(101, "m1", TODAY, change("late", minute=minute))
    record = store.runs(101, TODAY).runs["m1"]
    assert record.history == (change("late", minute=2),)


def test_the_history_has_an_end(store: LiveStore) -> None:
    for minute in range(HISTORY + 5):
        state = "late" if minute % 2 else "normal"
        store.change_run(101, "m1", TODAY, change(state, minute=minute))
    history = store.runs(101, TODAY).runs["m1"].history
    assert len(history) == HISTORY
    assert history[-1].at.minute == HISTORY + 4


def test_it_is_known_of_which_routes_there_is_anything_to_tell(store: LiveStore) -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert store.routes_spoken_of(TODAY) == store.routes_seen(NOW) == frozenset()
    store.change_run(101, "m1", TODAY, change())
    store.change_run(7, "m1", TODAY, change("cancelled"))
    assert store.routes_spoken_of(TODAY) == {7, 101}
    assert store.routes_spoken_of(tomorrow) == frozenset()
    put(store, position(), position("B", route=102))
    # A vehicle that fell silent is still told of: when it was heard of last.
    assert store.routes_seen(NOW + FRESH_S * 2) == {101, 102}
    assert set(store.vehicles(101, NOW + FRESH_S * 2).sighted) == {"m1"}


def test_old_days_are_forgotten(store: LiveStore, settings_of_store: Settings) -> None:
    old, kept = TODAY - timedelta(days=3), TODAY - timedelta(days=1)
    for day in (old, kept, TODAY):
        store.change_run(101, "m1", day, change())
    assert "m1" in store.runs(101, kept).runs
    assert store.runs(101, old).runs == {}
