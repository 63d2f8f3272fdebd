"""Is the starting data whole, and is a damaged file named by file, line and field?"""

import shutil
from datetime import date
from pathlib import Path

import pytest

from config.settings import HERE
from geo.city import City, load_city
from geo.listing import Hotline, Site
from geo.transit import BusRoute
from server.starter import DamagedStarter, load_starter

TODAY = date(2026, 11, 23)


@pytest.fixture
def zibo() -> City:
    return load_city(HERE / "zibo.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HERE / "starter", tmp_path / "starter"))


def test_the_starting_data_is_whole_and_unverified(zibo: City) -> None:
    data = load_starter(HERE / "starter", zibo, TODAY)
    sites = [d for d in data.documents if isinstance(d, Site)]
    assert [s.kind for s in sites].count("practice_base") == 100
    assert [s.kind for s in sites].count("reading_space") == 10
    assert not any(d.verified for d in data.documents)
    assert all(d.facts[""].source for d in data.documents)


def test_a_hotline_without_a_number_is_a_draft(zibo: City) -> None:
    data = load_starter(HERE / "starter", zibo, TODAY)
    mute = {n for n, d in enumerate(data.documents) if isinstance(d, Hotline) and d.number is None}
    assert data.drafts == mute


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",118.032191,", ",东经118,", r"sites.csv 第 2 行 lon：不合规则（应为数）"),
        (",118.032191,", ",10.5,", r"sites.csv 第 2 行 lat：位置不在淄博市范围内"),
        (",zhangdian,", ",zhangdain,", r"sites.csv 第 2 行 district：没有这个代码：zhangdain"),
        ("name,kind", "kind,name", r"sites.csv 第 1 行 表头："),
        (",118.032191,", ",", r"sites.csv 第 2 行 列数：应有 8 列，这里有 7 列"),
    ],
)
def test_a_damaged_site_is_named(folder: Path, zibo: City, old: str, new: str, told: str) -> None:
    path = folder / "sites.csv"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(DamagedStarter, match=told):
        load_starter(folder, zibo, TODAY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[hotlines]]\nname = "甲"\n\n[[hotlines]]\nname = "乙"\nnumber = "x"\n',
            "第 4 行 number",
        ),
        ("[[hotlines]]\nname = 甲\n", "不是 TOML"),
        ('[[hotline]]\nname = "甲"\n', "hotline：只应有"),
    ],
)
def test_a_damaged_hotline_is_named(folder: Path, zibo: City, text: str, told: str) -> None:
    (folder / "hotlines.toml").write_text(text, "utf-8")
    with pytest.raises(DamagedStarter, match=told):
        load_starter(folder, zibo, TODAY)


def test_a_damaged_calendar_and_a_wrong_encoding_are_named(folder: Path, zibo: City) -> None:
    (folder / "calendar.csv").write_text("date,kind,name\n2026-13-01,holiday,节\n", "utf-8")
    with pytest.raises(DamagedStarter, match=r"calendar.csv 第 2 行"):
        load_starter(folder, zibo, TODAY)
    (folder / "calendar.csv").write_bytes("date,kind,name\n2026-01-01,holiday,元旦\n".encode("gbk"))
    with pytest.raises(DamagedStarter, match=r"calendar.csv 第 2 行 编码：不是 UTF-8"):
        load_starter(folder, zibo, TODAY)
    (folder / "calendar.csv").unlink()
    with pytest.raises(DamagedStarter, match=r"calendar.csv .*读不出"):
        load_starter(folder, zibo, TODAY)


def test_is_a_damaged_bus_line_named_in_chinese(folder: Path, zibo: City) -> None:
    path = folder / "bus_routes.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[agency]\n", "[agency]\nnonsense = 1\n", 1), "utf-8")
    told = r"bus_routes.toml 第 0 行 线路.nonsense：不合规则（没有这一项）"
    with pytest.raises(DamagedStarter, match=told):
        load_starter(folder, zibo, TODAY)


def test_are_there_seven_lines_and_what_is_made_up_marked(zibo: City) -> None:
    data = load_starter(HERE / "starter", zibo, TODAY)
    routes = [d for d in data.documents if isinstance(d, BusRoute)]
    assert len(routes) == 7
    assert len(data.documents) == 110 + 10 + 7
    assert [route.name for route in routes if not route.example] == ["张店八中一号线"]
    assert all(trip.example == route.example for route in routes for trip in route.trips)
    assert all(stop.example for route in routes for stop in route.stops)
    assert all(route.school.example and not route.verified for route in routes)
    # Reported by name, so that these are not made up: the lines of 高新区一中.
    for route in routes[1:4]:
        assert "示例" in route.name
        assert all("示例" in s.name for s in route.stops if not s.id.endswith(".gate"))
    exact = [t for r in routes[1:] for trip in r.trips for t in trip.stop_times if t.timepoint]
    assert exact == []


def test_is_the_printed_timetable_entered_as_printed(zibo: City) -> None:
    data = load_starter(HERE / "starter", zibo, TODAY)
    (route,) = (d for d in data.documents if d.name == "张店八中一号线")
    assert isinstance(route, BusRoute)
    names = {stop.id: stop.name for stop in route.stops}
    printed = [
        [(names[t.stop], t.arrival) for t in trip.stop_times if t.timepoint] for trip in route.trips
    ]
    assert printed == [
        [
            ("龙凤苑小区–世纪花园西门", "06:50"),
            ("世纪花园北门", "06:52"),
            ("世纪花园", "06:54"),
            ("世纪花园南门", "06:56"),
            ("祥瑞园西门", "07:00"),
        ],
        [("张店八中南门", "17:30")],
        [("张店八中南门", "18:10")],
    ]
    assert [trip.direction for trip in route.trips] == ["to_school", "to_home", "to_home"]
