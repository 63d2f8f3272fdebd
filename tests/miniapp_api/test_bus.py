"""Does the bus run, when does it call, which way home, and what is told of a change?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2
from sqlalchemy import insert

from config.settings import ROOT
from geo.calendar import parse_calendar_csv
from geo.crs import convert
from geo.gtfs_import import import_gtfs
from geo.transit import BusRoute
from server.db import db
from server.models import CalendarDayRow
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.lines import line, notice
from tests.server.material import add, hotline, set_state

FRIDAY = "at=2026-11-27T16:00:00%2B08:00"
HOME = "crs=wgs84&lat=36.8467&lon=118.0081"
JOURNEY = f"/bus/journeys?school=b8&{HOME}"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two lines in force, one retired, one merged; a suspension in December, another told late."""
    world = make_world(tmp_path_factory.mktemp("lines"))
    with world.app.app_context():
        days, _ = parse_calendar_csv((ROOT / "config/starter/calendar.csv").read_text("utf-8"))
        db.session.execute(insert(CalendarDayRow), [dict(day) for day in days])
        ids = world.ids
        ids["热线"] = add(hotline("热线", "12355"))
        for key, name in (("b1", "一号线"), ("b2", "二号线"), ("b3", "旧线"), ("b4", "老线")):
            ids[name] = add(line(name, key))
        second = {"routes": [ids["一号线"]], "trips": ["b1.e2"], "replacement": "请乘第一班"}
        told = {"announced_at": "2026-11-25T00:00:00+08:00", "phone": "0533-7654321"}
        ids["停运"] = add(notice("停运", "2026-12-01", "2026-12-03", **second, **told))
        db.session.commit()
    world.publish()
    with world.app.app_context():
        set_state(world.ids["旧线"], "retired", "合同到期")
        set_state(world.ids["老线"], "merged", "并线", into=world.ids["一号线"])
    world.publish()
    yield world
    dismantle(world)


def at(moment: str) -> str:
    return f"at={moment}%2B08:00"


def today(world: World, day: str) -> Any:
    return world.get(f"/bus/routes?{at(day + 'T12:00:00')}")["items"][0]["today"]


@pytest.mark.parametrize(
    ("day", "runs", "word"),
    [
        ("2026-11-27", "yes", "周五"),
        ("2026-11-28", "no", "周末"),
        ("2026-10-01", "no", "国庆"),
        ("2026-10-10", "yes", "调休"),
        ("2027-01-04", "not_announced", "2027"),
    ],
)
def test_does_it_run_and_why_not(lines: World, day: str, runs: str, word: str) -> None:
    told = today(lines, day)
    assert (told["date"], told["runs"]) == (day, runs)
    assert word in told["reason"]
    assert told["rule"]


def test_are_fourteen_days_told(lines: World) -> None:
    days = lines.get(f"/bus/routes/{lines.ids['一号线']}?{FRIDAY}")["days"]
    assert len(days) == 14
    assert [day["runs"] for day in days[:4]] == ["yes", "no", "no", "yes"]


@pytest.mark.parametrize(
    ("moment", "day", "service_date"),
    [
        ("2026-11-26T23:59:00", "明天", "2026-11-27"),
        ("2026-11-27T20:00:00", "周一", "2026-11-30"),
        ("2026-09-30T20:00:00", "10月8日", "2026-10-08"),
        ("2026-10-09T20:00:00", "明天", "2026-10-10"),
    ],
)
def test_which_day_is_the_next_departure(
    lines: World, moment: str, day: str, service_date: str
) -> None:
    (next_,) = lines.get(f"/bus/departures?stop_id=b1.1&limit=1&{at(moment)}")["items"]
    assert (next_["day"], next_["service_date"], next_["clock"]) == (day, service_date, "6:50")
    assert next_["text"].startswith(day)


def test_is_nothing_promised_in_a_year_without_a_calendar(lines: World) -> None:
    board = lines.get(f"/bus/departures?stop_id=b1.1&{at('2026-12-31T20:00:00')}")
    assert (board["items"], board["next_served"]) == ([], None)
    assert board["outlook"]["code"] == "not_announced"


def test_are_both_runs_home_told(lines: World) -> None:
    items = lines.get(f"/bus/departures?stop_id=b1.gate&limit=2&{FRIDAY}")["items"]
    assert [(one["clock"], one["trip_name"]) for one in items] == [
        ("17:30", "第一班"),
        ("18:10", "第二班"),
    ]


def test_is_a_suspended_run_shown_with_what_to_do(lines: World) -> None:
    moment = at("2026-12-01T17:40:00")
    board = lines.get(f"/bus/departures?stop_id=b1.gate&limit=1&{moment}")
    (gone,) = board["items"]
    assert (gone["clock"], gone["state"], gone["replacement"]) == (
        "18:10",
        "suspended",
        "请乘第一班",
    )
    assert gone["phone"]
    assert board["next_served"]["service_date"] == "2026-12-02"
    assert [one["id"] for one in board["notices"]] == [lines.ids["停运"]]
    detail = lines.get(f"/bus/routes/{lines.ids['一号线']}?{moment}")
    assert {run["trip"]: run["effect"]["state"] for run in detail["runs"]} == {
        "b1.m": "scheduled",
        "b1.e1": "scheduled",
        "b1.e2": "suspended",
    }
    ways = lines.get(f"{JOURNEY}&direction=to_home&{moment}")
    served = lines.get(f"/bus/lines-for-home?{HOME}&{moment}")
    for told in (ways, served):
        assert [one["id"] for one in told["notices"]] == [lines.ids["停运"]]
    assert "b1.e2" in [one["trip"] for one in ways["unavailable"]]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-11-24", []),
        ("2026-11-26", ["停运"]),
        ("2026-12-02", ["停运"]),
        ("2026-12-03", []),
    ],
)
def test_which_notices_are_told(lines: World, day: str, told: list[str]) -> None:
    moment = at(f"{day}T12:00:00")
    assert [one["name"] for one in lines.get(f"/bus/notices?{moment}")["items"]] == told
    detail = lines.get(f"/bus/routes/{lines.ids['一号线']}?{moment}")
    assert [one["name"] for one in detail["notices"]] == told
    reply = lines.client.get(f"/api/v1/bus/gtfs-rt/alerts.pb?{moment}")
    feed = gtfs_realtime_pb2.FeedMessage.FromString(reply.get_data())
    assert [entity.alert.header_text.translation[0].text for entity in feed.entity] == told
    now = datetime.fromisoformat(f"{day}T12:00:00+08:00").astimezone(UTC)
    assert feed.header.timestamp == int(now.timestamp())


@pytest.mark.parametrize("direction", ["to_school", "to_home"])
def test_is_each_leg_of_a_way_told(lines: World, direction: str) -> None:
    items = lines.get(f"{JOURNEY}&direction={direction}&{at('2026-11-27T05:00:00')}")["items"]
    assert items
    for way in items:
        legs = way["first_walk"], way["ride"], way["last_walk"]
        assert all(leg["minutes"] > 0 for leg in legs)
        assert way["walking_metres"] == legs[0]["metres"] + legs[2]["metres"]
        assert way["leaves"] <= legs[1]["board"] < legs[1]["alight"] <= way["arrives"]
    assert [way["arrives"] for way in items] == sorted(way["arrives"] for way in items)


def test_which_ways_are_in_time_for_school(lines: World) -> None:
    evening, morning = at("2026-11-26T20:00:00"), "arrive_by=2026-11-27T07:30:00%2B08:00"
    told = lines.get(f"{JOURNEY}&direction=to_school&{evening}&{morning}")
    assert {way["ride"]["trip"] for way in told["items"]} == {"b1.m", "b2.m"}
    for way in told["items"]:
        assert "2026-11-27T06:" in way["leaves"]
        assert way["arrives"] <= "2026-11-27T07:30"
        assert way["ride"]["at_stop_by"] <= way["ride"]["board"]
    too_early = morning.replace("07:30", "07:10")
    told = lines.get(f"{JOURNEY}&direction=to_school&{evening}&{too_early}")
    assert (told["items"], told["text"]) == ([], "明天 7:10 前没有赶得上的班次")
    assert told["hotlines"]


def test_how_far_one_walks_where_nobody_says(tmp_path: Path) -> None:
    world = make_world(tmp_path / "short", max_walk=200)
    (term,) = line()["services"]
    with world.app.app_context():
        add(line(services=[term | {"rule": "plain"}]))
        db.session.commit()
    world.publish()
    near = f"crs=wgs84&lat=36.849&lon=118.008&{FRIDAY}"  # 360 m on foot
    for path in (
        f"/bus/journeys?school=b8&direction=to_home&{near}",
        f"/bus/lines-for-home?{near}",
    ):
        told = world.get(path)
        assert (told["items"], "200 米" in told["text"]) == ([], True)
        assert world.get(f"{path}&max_walk=400")["items"]
    dismantle(world)


def test_is_the_nearest_stop_named_where_none_is_in_reach(lines: World) -> None:
    far = "crs=wgs84&lat=36.87&lon=118.008"
    for path in (f"/bus/journeys?school=b8&direction=to_home&{far}", f"/bus/lines-for-home?{far}"):
        told = lines.get(f"{path}&{FRIDAY}")
        assert told["items"] == []
        assert told["nearest"]["stop"]["name"] == "世纪花园"
        assert told["nearest"]["metres"] > 800
        assert str(told["nearest"]["metres"]) in told["text"]
        assert told["hotlines"]


def test_which_lines_serve_a_home(lines: World) -> None:
    told = lines.get(f"/bus/lines-for-home?{HOME}")
    assert {item["route_name"] for item in told["items"]} == {"一号线", "二号线"}
    clocks = {stop["direction"]: stop["clocks"] for stop in told["items"][0]["stops"]}
    assert clocks == {"to_school": ["6:50"], "to_home": ["17:51", "18:31"]}


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_are_all_positions_in_the_coordinates_asked_for(lines: World, crs: Any) -> None:
    lon, lat = (round(degrees, 6) for degrees in convert(118.008, 36.8465, "wgs84", crs))
    home = f"crs={crs}&lat={lat}&lon={lon}&{FRIDAY}"
    detail = lines.get(f"/bus/routes/{lines.ids['一号线']}?{home.partition('&')[0]}&{FRIDAY}")
    way = lines.get(f"/bus/journeys?school=b8&direction=to_home&{home}")
    served = lines.get(f"/bus/lines-for-home?{home}")
    placed = [
        detail["stops"][0],
        detail["runs"][0]["calls"][0],
        lines.get(f"/bus/stops?{home}")["items"][0]["stop"],
        lines.get(f"/bus/departures?stop_id=b1.1&crs={crs}&{FRIDAY}")["stop"],
        way["nearest"]["stop"],
        served["nearest"]["stop"],
        served["items"][0]["stops"][0],
    ]
    for one in placed:
        assert (one["lon"], one["lat"]) == (lon, lat)
    assert detail["polyline"][0]["points"][0] == {"longitude": lon, "latitude": lat}


@pytest.mark.parametrize(
    "path",
    [
        "/bus/departures?stop_id=nowhere",
        "/bus/routes/999999",
        f"/bus/journeys?school=none&direction=to_home&{HOME}",
    ],
)
def test_is_what_is_unknown_a_404_with_the_hotlines(lines: World, path: str) -> None:
    problem = lines.get(path, 404)
    assert "没有" in problem["detail"]
    assert [one["number"] for one in problem["hotlines"]] == ["12355"]


def test_what_became_of_a_line(lines: World) -> None:
    assert "合同到期" in lines.get(f"/bus/routes/{lines.ids['旧线']}", 410)["detail"]
    reply = lines.client.get(f"/api/v1/bus/routes/{lines.ids['老线']}?crs=wgs84")
    assert reply.status_code == 301
    assert reply.headers["Location"] == f"/api/v1/bus/routes/{lines.ids['一号线']}?crs=wgs84"
    assert {one["name"] for one in lines.get("/bus/routes")["items"]} == {"一号线", "二号线"}


def test_does_the_gtfs_import_as_the_same_documents(lines: World, tmp_path: Path) -> None:
    feed = tmp_path / "gtfs.zip"
    feed.write_bytes(lines.client.get("/api/v1/bus/gtfs.zip").get_data())
    done = import_gtfs(feed)
    assert (done.problems, done.own) == ([], True)
    assert dict(done.routes) == {
        f"r{lines.ids[name]}": BusRoute.model_validate(line(name, key))
        for key, name in (("b1", "一号线"), ("b2", "二号线"))
    }
