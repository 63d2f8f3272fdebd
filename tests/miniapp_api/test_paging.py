"""Does a walk through the pages show everything once, and end?"""

import base64
import struct
from typing import Any

import pytest

from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.server.material import add, site

LISTS = [
    "/sites?at=2026-11-24T04:00:00Z",
    "/sites?lat=36.8&lon=118.05&radius=50000",
    "/sites?q=书房",
    "/sites?q=书房&sort=name",
    "/sites?open=now&at=2026-11-24T04:00:00Z",
    "/sites?bbox=117,35,119,38&sort=name&crs=bd09",
    "/reading-spaces?age=3",
    "/sites.geojson?district=zhangdian",
    "/changes?since=0",
    "/changes?since=1&crs=wgs84",
]


def entries(page: Any) -> list[Any]:
    return page["features"] if "features" in page else page["items"]  # type: ignore[no-any-return]


def walk(world: World, path: str, limit: int) -> list[Any]:
    found: list[Any] = []
    cursor = ""
    for _ in range(200):
        page = world.get(f"{path}&limit={limit}{cursor}")
        assert 0 < len(entries(page)) <= limit
        found += entries(page)
        total = page["numberMatched"] if "features" in page else page["total"]
        if page["next"] is None:
            assert len(found) == total
            return found
        cursor = f"&cursor={page['next']}"
    raise AssertionError("no end")


@pytest.mark.parametrize("path", LISTS)
def test_a_walk_shows_everything_once_and_in_order(world: World, path: str) -> None:
    whole = entries(world.get(f"{path}&limit=100"))
    ids = [entry["id"] for entry in whole]
    assert len(set(ids)) == len(ids) > 1
    for limit in (1, 2, 7, len(ids) - 1, len(ids), 100):
        assert [entry["id"] for entry in walk(world, path, limit)] == ids, limit


def test_the_pages_of_a_walk_may_differ_in_length(world: World) -> None:
    first = world.get("/sites?limit=5")
    second = world.get(f"/sites?limit=9&cursor={first['next']}")
    whole = world.get("/sites?limit=14")
    assert first["items"] + second["items"] == whole["items"]
    assert second["next"] == whole["next"]


def test_a_walk_keeps_the_moment_of_its_first_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = 1_795_492_800.0  # 2026-11-24 12:00 in Shanghai
    monkeypatch.setattr("time.time", lambda: noon)
    first = world.get("/sites?open=now&limit=2")
    assert first["total"] == 3
    monkeypatch.setattr("time.time", lambda: noon + 12 * 3600)
    second = world.get(f"/sites?open=now&limit=2&cursor={first['next']}")
    assert (second["total"], len(second["items"])) == (3, 1)


def refused(world: World, path: str) -> str:
    problem = world.get(path, 422)
    (error,) = problem["errors"]
    assert error["loc"] == "cursor"
    return str(error["msg"])


@pytest.mark.parametrize(
    "other",
    [
        "/sites?limit=5&theme=history",
        "/sites?limit=5&crs=wgs84",
        "/sites?limit=5&sort=name",
        "/sites?limit=5&at=2026-11-24T04:00:00Z",
        "/reading-spaces?limit=5",
        "/sites.geojson?limit=5&crs=gcj02",
        "/changes?since=0&limit=5",
    ],
)
def test_a_cursor_is_of_one_query_only(world: World, other: str) -> None:
    cursor = world.get("/sites?limit=5")["next"]
    assert "另一个查询" in refused(world, f"{other}&cursor={cursor}")


def test_a_cursor_that_was_made_up_is_refused(world: World) -> None:
    cursor = world.get("/sites?limit=5")["next"]
    edition, offset, minute, digest = struct.unpack(">IIQ8s", base64.urlsafe_b64decode(cursor))
    for parts in (
        (edition, offset, 2**63, digest),
        (edition, offset, 10**10, digest),
        (edition, 2**32 - 1, minute, digest),
        (edition, offset, minute, b"\0" * 8),
        (edition + 1, offset, minute, digest),
    ):
        made_up = base64.urlsafe_b64encode(struct.pack(">IIQ8s", *parts)).decode()
        assert refused(world, f"/sites?limit=5&open=now&cursor={made_up}")
        assert refused(world, f"/sites?limit=5&cursor={made_up}")
    for broken in (cursor[:-1], cursor + "A", "A" * 32, cursor.swapcase()):
        assert refused(world, f"/sites?limit=5&cursor={broken}")


def test_a_walk_across_a_publication_is_told_to_start_again(tmp_path: Any) -> None:
    world = make_world(tmp_path / "instance")
    with world.app.app_context():
        for n in range(5):
            add(site(f"馆{n}"))
    world.publish()
    cursors = {
        path: world.get(f"{path}limit=2")["next"] for path in ("/sites?", "/changes?since=0&")
    }
    with world.app.app_context():
        add(site("新馆"))
    world.publish()
    for path, cursor in cursors.items():
        told = refused(world, f"{path}limit=2&cursor={cursor}")
        assert told == "属于第 1 期，现为第 2 期，请从头查询"
    assert len(walk(world, "/sites?sort=name", 2)) == 6
    dismantle(world)
