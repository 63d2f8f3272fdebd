"""Does an agency's feed become drafts: once, all of it or nothing, and found again?"""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from geo.gtfs_export import export_gtfs
from server.db import db
from server.models import Listing, Revision
from tests.geo.gtfs_material import CALENDAR, FEED, SMALL, another_city, line, unzipped, zipped
from tests.server.material import add, revise, set_state
from tests.server.test_cli import run

TWO = SMALL | {
    "routes.txt": SMALL["routes.txt"] + "20,1,20路,火车站快线,3\n",
    "trips.txt": SMALL["trips.txt"] + "20,wd,q1,0\n",
    "stop_times.txt": SMALL["stop_times.txt"] + "q1,8:00:00,,s1,1\nq1,8:20:00,,s3,2\n",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feed.zip"
    path.write_bytes(zipped(TWO))
    return path


def revisions() -> list[Revision]:
    found = list(db.session.scalars(select(Revision).order_by(Revision.id)))
    db.session.remove()
    return found


def write(file: Path, name: str, old: str, new: str) -> None:
    assert old in TWO[name]
    file.write_bytes(zipped(TWO | {name: TWO[name].replace(old, new)}))


def test_each_route_becomes_a_draft(app: Flask, file: Path) -> None:
    code, told = run(app, "import", "gtfs", str(file))
    assert code == 0
    assert "已导入为草稿：新线路 2 条，有变化 0 条；没有变化 0 条。" in told
    assert "没有指定学校，暂把终点站“实验小学”当作学校" in told
    one, two = revisions()
    assert {(r.state, r.origin, r.based_on_id) for r in (one, two)} == {("draft", "import", None)}
    assert one.note == "GTFS 导入：feed.zip；学校是推测的，请核对"
    assert (one.document["name"], two.document["name"]) == ("火车站—实验小学", "火车站快线")
    listings = db.session.scalars(select(Listing).order_by(Listing.id)).all()
    assert [(x.type, x.external_key) for x in listings] == [
        ("bus_route", "潍坊公交/10"),
        ("bus_route", "潍坊公交/20"),
    ]


def test_the_same_feed_again_changes_nothing(app: Flask, file: Path) -> None:
    run(app, "import", "gtfs", str(file))
    assert "新线路 0 条，有变化 0 条；没有变化 2 条" in run(app, "import", "gtfs", str(file))[1]
    assert len(revisions()) == 2


def test_a_changed_route_gets_one_draft_based_on_its_newest(app: Flask, file: Path) -> None:
    run(app, "import", "gtfs", str(file))
    write(file, "stop_times.txt", "8:20:00", "8:25:00")
    assert "新线路 0 条，有变化 1 条；没有变化 1 条" in run(app, "import", "gtfs", str(file))[1]
    *_, former, new = revisions()
    assert (new.listing_id, new.based_on_id) == (former.listing_id, former.id)


def test_the_work_of_staff_is_not_undone_by_the_same_feed(app: Flask, file: Path) -> None:
    run(app, "import", "gtfs", str(file))
    first = revisions()[0]
    listing_id = first.listing_id
    school = {"code": "wfsy", "name": "潍坊实验小学", "lon": 119.161, "lat": 36.7, "example": False}
    revise(listing_id, first.document | {"school": school, "fare": "1 元"})
    assert "有变化 0 条；没有变化 2 条" in run(app, "import", "gtfs", str(file))[1]
    write(file, "stop_times.txt", "7:35:00", "7:40:00")
    assert "有变化 1 条；没有变化 1 条" in run(app, "import", "gtfs", str(file))[1]
    assert revisions()[-1].document["school"] == school


def test_a_school_given_is_every_routes(app: Flask, file: Path) -> None:
    school = ("--school", "wfsy", "潍坊实验小学", "119.161", "36.7")
    code, told = run(app, "import", "gtfs", str(file), *school)
    assert code == 0
    assert "没有指定学校" not in told
    assert {r.document["school"]["code"] for r in revisions()} == {"wfsy"}
    code, told = run(app, "import", "gtfs", str(file), "--school", "学校", "x", "1", "nan")
    assert (code, told.splitlines()[-1][:14]) == (1, "错误：--school 不对")


def test_with_a_mistake_nothing_is_imported(app: Flask, file: Path) -> None:
    write(file, "stop_times.txt", "8:20:00", "7:20:00")
    code, told = run(app, "import", "gtfs", str(file))
    assert code == 1
    assert "feed.zip 有 1 处错误，没有导入" in told
    assert "stop_times.txt 第 8 行 arrival_time：早于前一站的时间" in told
    assert db.session.scalar(select(func.count()).select_from(Listing)) == 0


def test_what_keeps_the_lines_from_being_published_is_told_at_once(app: Flask, file: Path) -> None:
    text = TWO["stop_times.txt"].replace("8:20:00", "8:01:00")
    ended = TWO["calendar.txt"].replace("20260901,20270131", "20200901,20210131")
    file.write_bytes(zipped(TWO | {"stop_times.txt": text, "calendar.txt": ended}))
    code, told = run(app, "import", "gtfs", str(file))
    assert (code, len(revisions())) == (0, 2)
    assert (
        "stops.txt 第 2 行 stop_lat：“火车站”（经度 119.1000、纬度 36.7000）不在本市范围内" in told
    )
    heading, *problems = told.partition("发布前须改正：\n")[2].partition("已导入")[0].splitlines()
    assert "运行日历已经过期（最后一天是2021年1月31日）" in heading
    assert any("火车站快线：" in told and "时速" in told for told in problems)
    assert not any("不在本市范围内" in told for told in problems)


def test_a_route_without_trips_is_told_and_left_out(app: Flask, file: Path) -> None:
    write(file, "trips.txt", "20,wd,q1,0\n", "")
    code, told = run(app, "import", "gtfs", str(file))
    assert code == 1
    assert "stop_times.txt 第 7 行 trip_id：trips.txt 里没有“q1”" in told
    times = TWO["stop_times.txt"].partition("q1")[0]
    trips = TWO["trips.txt"].replace("20,wd,q1,0\n", "")
    file.write_bytes(zipped(TWO | {"trips.txt": trips, "stop_times.txt": times}))
    code, told = run(app, "import", "gtfs", str(file))
    assert (code, len(revisions())) == (0, 1)
    assert "routes.txt 第 3 行：线路“20”没有班次，未导入" in told


def test_a_feed_of_another_citys_agency_becomes_drafts(app: Flask, file: Path) -> None:
    """500 stops, frequencies, calendar_dates only, in GBK."""
    file.write_bytes(zipped(another_city(), encoding="gbk"))
    code, told = run(app, "import", "gtfs", str(file))
    assert (code, len(revisions())) == (0, 25)
    assert "新线路 25 条" in told
    for said in ("按 GB18030（GBK）读取", "“metro”不是公交", "票价没有对应的内容", "另有"):
        assert said in told


def test_checking_imports_nothing(app: Flask, file: Path) -> None:
    code, told = run(app, "import", "gtfs", str(file), "--check")
    assert (code, revisions()) == (0, [])
    assert "检查通过：共 2 条线路，没有导入。" in told


def test_a_source_given_keeps_two_agencies_apart(app: Flask, file: Path) -> None:
    run(app, "import", "gtfs", str(file), "--origin", "甲市")
    assert "新线路 2 条" in run(app, "import", "gtfs", str(file), "--origin", "乙市")[1]
    write(file, "agency.txt", "潍坊公交", "潍坊公交集团")
    assert "有变化 2 条" in run(app, "import", "gtfs", str(file), "--origin", "甲市")[1]


def test_what_is_gone_or_retired_is_told_and_left_alone(app: Flask, file: Path) -> None:
    run(app, "import", "gtfs", str(file))
    set_state(revisions()[0].listing_id, "retired", "停运")
    file.write_bytes(zipped(SMALL))
    told = run(app, "import", "gtfs", str(file))[1]
    assert "已撤下的线路，没有改动：火车站—实验小学" in told
    assert "这份数据里不再有的线路，没有改动：潍坊公交/20" in told
    assert len(revisions()) == 2


def test_our_own_export_finds_its_listings_again(app: Flask, file: Path) -> None:
    id_ = add(line().model_dump(mode="json"))
    feed = export_gtfs([(id_, line())], CALENDAR, FEED)
    file.write_bytes(feed)
    assert "没有变化 1 条" in run(app, "import", "gtfs", str(file))[1]
    times = unzipped(feed)["stop_times.txt"].replace(b"06:50:00", b"06:45:00")
    file.write_bytes(zipped(unzipped(feed) | {"stop_times.txt": times}))
    assert "有变化 1 条" in run(app, "import", "gtfs", str(file))[1]
    assert [r.listing_id for r in revisions()] == [id_, id_]
    other = line(name="别处的线路", school=line().school.model_copy(update={"code": "x"}))
    file.write_bytes(export_gtfs([(id_, other)], CALENDAR, FEED))
    assert "新线路 1 条" in run(app, "import", "gtfs", str(file))[1]
