"""Do the bundle and the feed of changes give an offline client just what the map shows?"""

import base64
import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from geo.calendar import Calendar, CalendarDay
from geo.opening import SHANGHAI, Hours
from server import publishing
from server.db import db
from server.models import CalendarDayRow
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.lines import line as school_line
from tests.miniapp_api.lines import notice
from tests.server.material import add, hotline, revise, set_state, site

State = dict[str, dict[int, Any]]
"""What a client keeps, each kind by the ids."""

NOTHING: State = {"sites": {}, "hotlines": {}, "bus_routes": {}, "notices": {}, "tombstones": {}}


def bundled(world: World) -> State:
    whole = world.get("/bundle")
    return {kind: {one["id"]: one for one in whole[kind]} for kind in NOTHING}


def changes(world: World, since: int) -> list[Any]:
    page = world.get(f"/changes?since={since}&limit=3")
    found: list[Any] = page["items"]
    while page["next"]:
        page = world.get(f"/changes?since={since}&limit=3&cursor={page['next']}")
        found += page["items"]
    assert len(found) == page["total"]
    return found


def applied(state: State, feed: list[Any]) -> State:
    """The state after the changes, by the rules of ``docs/api.md``."""
    new = {kind: dict(ones) for kind, ones in state.items()}
    for change in feed:
        for ones in new.values():
            ones.pop(change["id"], None)
        if change["change"] == "upsert":
            new[f"{change['type']}s"][change["id"]] = change[change["type"]]
        else:
            keep = ("id", "type", "reason", "retired_on", "merged_into", "changed_in")
            new["tombstones"][change["id"]] = {key: change[key] for key in keep}
    return new


def nameless(state: State) -> State:
    """Without the names on tombstones, which the feed does not repeat."""
    stones = state["tombstones"]
    plain = {
        id_: {key: value for key, value in stone.items() if key != "name"}
        for id_, stone in stones.items()
    }
    return state | {"tombstones": plain}


def rollback(world: World, number: int) -> None:
    with world.app.app_context():
        publishing.rollback(world.settings, number)
    world.take_over()


def test_changes_replayed_on_any_edition_give_the_present_one(tmp_path: Path) -> None:
    world = make_world(tmp_path / "instance", editions_kept=20)
    with world.app.app_context():
        one, two, three = (add(site(name)) for name in ("甲馆", "乙馆", "丙馆"))
        line = add(hotline("热线", "12355"))
        bus = add(school_line("专线"))
        stop = add(notice("停运", "2026-11-24", None, routes=[bus]))
    states = [nameless(NOTHING)]

    def published() -> None:
        world.publish()
        states.append(nameless(bundled(world)))

    published()
    with world.app.app_context():
        revise(one, site("甲馆新", free=True))
        revise(bus, school_line("专线", fare="2 元"))
        add(site("丁馆", kind="reading_space", theme="reading"))
    published()
    with world.app.app_context():
        set_state(two, "retired", "搬迁")
        set_state(line, "retired", "停止服务")
        set_state(stop, "retired", "提前恢复")
    published()
    with world.app.app_context():
        set_state(three, "merged", "并入甲馆", into=one)
        set_state(line, "active")
    published()
    with world.app.app_context():
        set_state(two, "active")
        revise(line, hotline("热线", "12355", opening_hours="24/7"))
        set_state(bus, "retired", "停办")
    published()
    rollback(world, 2)
    states.append(nameless(bundled(world)))
    published()

    number = world.get("/edition")["number"]
    assert number == len(states) - 1 == 7
    for since, state in enumerate(states):
        assert applied(state, changes(world, since)) == states[-1], since
        assert applied(states[-1], changes(world, since)) == states[-1], "not twice"
    assert changes(world, number) == []
    assert states[3] != states[4] != states[5] != states[6]
    dismantle(world)


def test_a_client_learns_that_its_calendar_or_its_words_are_old(tmp_path: Path) -> None:
    """By the recipe of ``docs/api.md``: apply the changes, compare the digests."""
    world = make_world(tmp_path / "instance")
    with world.app.app_context():
        add(site("甲馆", opening_hours="Mo-Su 09:00-17:00; PH off"))
    world.publish()
    held = world.get("/bundle")
    digests = "calendar_sha", "city_sha"

    def outdated() -> list[str]:
        told = world.get(f"/changes?since={held['edition']}")
        edition, now = world.get("/edition"), world.get("/bundle")
        assert all(told[name] == edition[name] == now[name] for name in digests)
        return [name for name in digests if told[name] != held[name]]

    assert outdated() == []
    with world.app.app_context():
        day = {"date": date(2026, 10, 1), "kind": "holiday", "name": "国庆节"}
        db.session.execute(insert(CalendarDayRow), [day])
        db.session.commit()
    world.publish()
    assert changes(world, held["edition"]) == []
    assert outdated() == ["calendar_sha"]
    held = world.get("/bundle")
    assert [day["name"] for day in held["calendar"]] == ["国庆节"]
    city = world.app.extensions["city"]
    terms = (*city.themes, city.themes[0].model_copy(update={"code": "space", "title": "航天"}))
    world.app.extensions["city"] = city.model_copy(update={"themes": terms})
    world.publish()
    assert outdated() == ["city_sha"]
    dismantle(world)


@pytest.mark.parametrize("path", ["/edition", "/bundle"])
def test_the_time_of_publication_is_told_as_every_other(world: World, path: str) -> None:
    at = world.get(path)["published_at"]
    assert datetime.fromisoformat(at).isoformat(timespec="seconds") == at
    assert at.endswith("+08:00")


def test_an_edition_that_is_still_to_come_is_refused(world: World) -> None:
    for since in (3, 999_999_999):
        (error,) = world.get(f"/changes?since={since}", 422)["errors"]
        assert error == {"loc": "since", "msg": "还没有这一期；现为第 2 期"}


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_the_bundle_is_the_sum_of_all_changes(world: World, crs: str) -> None:
    feed = world.get(f"/changes?since=0&limit=100&crs={crs}")
    whole = world.get(f"/bundle?crs={crs}")
    assert applied(NOTHING, feed["items"]) == nameless(
        {kind: {one["id"]: one for one in whole[kind]} for kind in NOTHING}
    )
    listed = {item["id"]: item for item in world.get(f"/sites?limit=100&crs={crs}")["items"]}
    assert {one["id"]: (one["lat"], one["lon"]) for one in whole["sites"]} == {
        id_: (item["lat"], item["lon"]) for id_, item in listed.items()
    }


def test_a_bundle_holds_no_position_but_the_places(world: World) -> None:
    whole = world.get("/bundle")
    del whole["sites"], whole["bus_routes"]
    assert [word for word in ("lat", "lon", "centre", "bounds") if f"'{word}'" in str(whole)] == []
    assert {stone["name"]: stone["reason"] for stone in whole["tombstones"]} == {
        "旧书房": "场地租期届满",
        "老馆": "迁入新址",
        "旧热线": "停止服务",
    }


def test_a_bundle_can_be_checked(world: World) -> None:
    for crs in ("wgs84", "gcj02", "bd09"):
        reply = world.client.get(f"/api/v1/bundle?crs={crs}")
        digest = base64.b64encode(hashlib.sha256(reply.get_data()).digest()).decode()
        assert reply.headers["Unencoded-Digest"] == f"sha-256=:{digest}:"
        for coding in ("br", "zstd", "gzip"):
            coded = world.client.get(
                f"/api/v1/bundle?crs={crs}", headers={"Accept-Encoding": coding}
            )
            assert coded.headers["Content-Encoding"] == coding
            assert coded.headers["Unencoded-Digest"] == reply.headers["Unencoded-Digest"]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_the_starting_bundle_is_small(starter_world: World, coding: str) -> None:
    reply = starter_world.client.get("/api/v1/bundle", headers={"Accept-Encoding": coding})
    assert len(starter_world.get("/bundle")["sites"]) == 110
    assert len(reply.get_data()) <= 150_000


def test_a_bundle_answers_whether_a_place_is_open(world: World) -> None:
    """The hours and the calendar are in it: a client can work it out as the server does."""
    whole = world.get("/bundle")
    calendar = Calendar(CalendarDay.model_validate(day) for day in whole["calendar"])
    at = datetime(2026, 10, 10, 16, 45, tzinfo=SHANGHAI)
    told = {
        item["id"]: item["open"]["text"]
        for item in world.get("/sites?limit=100&at=2026-10-10T16:45%2B08:00")["items"]
    }
    for one in whole["sites"]:
        closures = [
            (date.fromisoformat(c["start"]), date.fromisoformat(c["end"]), c["reason"])
            for c in one["closures"]
        ]
        hours = Hours(one["opening_hours"], calendar, closures)
        assert hours.state(at).text == told[one["id"]]
