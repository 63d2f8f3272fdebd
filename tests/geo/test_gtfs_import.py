"""Is another agency's feed understood, and is everything else told with file and line?"""

from datetime import date
from pathlib import Path

import pytest

from geo.crs import convert
from geo.gtfs_export import export_gtfs
from geo.gtfs_import import Imported, import_gtfs
from geo.gtfs_report import MAX_TOLD
from geo.sphere import Box
from geo.transit import BusRoute, School, Service
from tests.geo.gtfs_material import (
    CALENDAR,
    FEED,
    SMALL,
    another_city,
    changed,
    line,
    unzipped,
    zipped,
)

SCHOOL = School(code="wfsy", name="潍坊实验小学", lon=119.161, lat=36.70)


def only(found: Imported) -> BusRoute:
    assert found.problems == []
    ((_, document),) = found.routes
    return document


def told(found: Imported) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_a_small_feed_becomes_a_document() -> None:
    route = only(import_gtfs(zipped(SMALL), school=SCHOOL))
    assert (route.name, route.short_name, route.agency.name) == (
        "火车站—实验小学",
        "10路",
        "潍坊公交",
    )
    assert route.school == SCHOOL
    assert not route.verified
    assert [stop.name for stop in route.stops] == ["火车站", "人民广场", "实验小学"]
    assert route.services == (
        Service(
            id="wd",
            weekdays="1111100",
            start=date(2026, 9, 1),
            end=date(2027, 1, 31),
            rule="plain",
        ),
    )
    out, back = route.trips
    assert (out.direction, back.direction) == ("to_school", "to_home")
    assert [call.arrival for call in back.stop_times] == ["25:10", "25:30"]


def test_blank_times_are_reckoned_by_distance_and_marked() -> None:
    calls = only(import_gtfs(zipped(SMALL), school=SCHOOL)).trips[0].stop_times
    assert [(call.arrival, call.timepoint) for call in calls] == [
        ("07:05", True),
        ("07:15", False),  # a third of the way
        ("07:35", True),
    ]
    measured = SMALL["stop_times.txt"].splitlines()
    shaped = [measured[0] + ",shape_dist_traveled", *(row + "," for row in measured[1:])]
    for place, distance in ((1, "0"), (2, "900"), (3, "1000")):
        shaped[place] += distance
    found = import_gtfs(zipped(SMALL | {"stop_times.txt": "\n".join(shaped)}), school=SCHOOL)
    assert only(found).trips[0].stop_times[1].arrival == "07:32"


@pytest.mark.parametrize(
    ("folder", "encoding", "note"),
    [
        ("", "utf-8-sig", ""),
        ("feed/2026/", "utf-8", ""),
        ("", "gb18030", "按 GB18030（GBK）读取"),
    ],
)
def test_marks_folders_and_gbk_are_read(folder: str, encoding: str, note: str) -> None:
    found = import_gtfs(zipped(SMALL, folder, encoding), school=SCHOOL)
    assert only(found) == only(import_gtfs(zipped(SMALL), school=SCHOOL))
    assert bool(found.notes) == bool(note)
    assert all(note in problem.message for problem in found.notes)


def test_rows_out_of_order_and_line_ends_of_windows_are_read() -> None:
    header, *rows = SMALL["stop_times.txt"].splitlines()
    text = "\r\n".join([header, *reversed(rows), "", " "])
    found = import_gtfs(zipped(SMALL | {"stop_times.txt": text}), school=SCHOOL)
    assert only(found) == only(import_gtfs(zipped(SMALL), school=SCHOOL))


def test_positions_of_another_system_are_converted() -> None:
    route = only(import_gtfs(zipped(SMALL), crs="gcj02", school=SCHOOL))
    assert (route.stops[0].lon, route.stops[0].lat) == pytest.approx(
        convert(119.10, 36.70, "gcj02", "wgs84")
    )


def test_stops_outside_the_city_are_noted_with_their_lines() -> None:
    found = import_gtfs(zipped(SMALL), school=SCHOOL, bounds=Box(119.09, 36.6, 119.13, 36.8))
    assert only(found) == only(import_gtfs(zipped(SMALL), school=SCHOOL))
    assert [str(note) for note in found.notes] == [
        "stops.txt 第 4 行 stop_lat：“实验小学”（经度 119.1600、纬度 36.7000）不在本市范围内，"
        "发布前须改正"
    ]


def test_without_a_school_the_terminal_is_taken_and_noted() -> None:
    found = import_gtfs(zipped(SMALL))
    assert only(found).school == School(code="s3", name="实验小学", lon=119.16, lat=36.70)
    assert found.guessed == {"10"}
    assert [str(note) for note in found.notes] == [
        "routes.txt 第 2 行 route_id：没有指定学校，暂把终点站“实验小学”当作学校，请核对"
    ]


def test_the_school_decides_the_direction_not_the_feeds_numbers() -> None:
    swapped = SMALL["trips.txt"].replace("t1,0", "t1,1").replace("t2,1", "t2,0")
    found = import_gtfs(zipped(SMALL | {"trips.txt": swapped}), school=SCHOOL)
    assert [trip.direction for trip in only(found).trips] == ["to_school", "to_home"]


def test_frequencies_are_written_out_as_trips() -> None:
    often = "trip_id,start_time,end_time,headway_secs,exact_times\nt1,06:00:00,07:00:00,1200,"
    found = import_gtfs(zipped(SMALL | {"frequencies.txt": often + "1\n"}), school=SCHOOL)
    runs = only(found).trips[:3]
    assert [run.id for run in runs] == ["t1.1", "t1.2", "t1.3"]
    assert [run.stop_times[0].arrival for run in runs] == ["06:00", "06:20", "06:40"]
    assert [call.timepoint for call in runs[0].stop_times] == [True, False, True]
    loose = only(import_gtfs(zipped(SMALL | {"frequencies.txt": often + "\n"}), school=SCHOOL))
    assert not any(call.timepoint for run in loose.trips[:3] for call in run.stop_times)


def test_a_feed_of_another_citys_agency_is_taken_but_for_what_it_says() -> None:
    found = import_gtfs(zipped(another_city(), "gtfs/"))
    assert found.problems == []
    assert len(found.routes) == 25
    key, route = found.routes[3]
    assert (key, route.name, len(route.stops)) == ("线3", "第3条线路", 20)
    assert [stop.name for stop in route.stops[:2]] == ["站060", "站061"]
    assert len(route.trips) == 8
    assert {trip.direction for trip in route.trips} == {"to_school", "to_home"}
    (service,) = route.services
    assert (service.weekdays, service.rule, len(service.exceptions)) == ("0000000", "plain", 30)
    assert (service.start, service.end) == (date(2026, 9, 1), date(2026, 9, 30))
    left_out = "\n".join(map(str, found.left_out))
    for said in (
        "fare_attributes.txt：票价没有对应的内容",
        "readme.doc：不是 GTFS 的文件",
        "stops.txt 第 2 行 location_type：“hall”是车站（站房），不是站点",
        "stops.txt 第 1 行 zone_id：没有对应的内容",
        "trips.txt 第 1 行 trip_headsign：没有对应的内容",
        "routes.txt 第 27 行 route_type：线路“metro”不是公交（route_type 1），未导入",
        "agency.txt 第 2 行 agency_phone：“(0536) 123”不能照搬",
    ):
        assert said in left_out
    again = import_gtfs(zipped(another_city(), encoding="gb18030"))
    assert again.routes == found.routes


BAD = [
    ("stops.txt", "36.70,119.10", "北纬,119.10", "stops.txt 第 2 行 stop_lat：“北纬”不对"),
    ("stops.txt", "36.70,119.10", "nan,119.10", "stops.txt 第 2 行 stop_lat：“nan”不对"),
    ("stops.txt", "36.70,119.10", "36.70,219.10", "stops.txt 第 2 行 stop_lon：“219.10”不对"),
    ("stops.txt", "36.70,119.10", "0,0", "stops.txt 第 2 行 stop_lat：经纬度都是 0"),
    ("stops.txt", "s2,人民广场", "s1,人民广场", "stops.txt 第 3 行 stop_id：编号“s1”重复"),
    ("stops.txt", "人民广场", "", "stops.txt 第 3 行 stop_name：不能为空"),
    ("stops.txt", "人民广场", "人" * 61, "stops.txt 第 3 行 stop_name：文字太长"),
    ("stops.txt", "stop_lat,stop_lon", "stop_lat,lon", "stops.txt 第 2 行 stop_lon：“”不对"),
    ("stops.txt", "119.10\n", "119.10,1\n", "stops.txt 第 2 行：应有 4 列，这里有 5 列"),
    ("stops.txt", "人民广场", '"人民"广场', "stops.txt 第 3 行：从这一行起不是有效的 CSV"),
    ("stops.txt", "人民广场", '"人民广场', "stops.txt 第 3 行：从这一行起不是有效的 CSV"),
    ("routes.txt", "10路,火车站—实验小学", ",", "routes.txt 第 2 行 route_long_name"),
    ("routes.txt", "10,1,", "10,9,", "routes.txt 第 2 行 agency_id：agency.txt 里没有“9”"),
    ("routes.txt", ",3\n", ",bus\n", "routes.txt 第 2 行 route_type：“bus”不对"),
    ("trips.txt", "10,wd,t1", "11,wd,t1", "trips.txt 第 2 行 route_id：routes.txt 里没有“11”"),
    ("trips.txt", "10,wd,t1", "10,we,t1", "trips.txt 第 2 行 service_id：日历里没有“we”"),
    ("trips.txt", "t2,1", "t1,1", "trips.txt 第 3 行 trip_id：编号“t1”重复"),
    ("trips.txt", "t2,1", "t2,2", "trips.txt 第 3 行 direction_id：“2”不对"),
    ("trips.txt", "10,wd,t1,0", "10,,t1,0", "trips.txt 第 2 行 service_id：不能为空"),
    ("stop_times.txt", "7:05:00,s1,1", "7:05:00,s9,1", "第 2 行 stop_id：stops.txt 里没有“s9”"),
    ("stop_times.txt", "t2,25:30", "t9,25:30", "第 6 行 trip_id：trips.txt 里没有“t9”"),
    ("stop_times.txt", "7:05:00,7:05:00", "7:05,7:05", "第 2 行 arrival_time：时间“7:05”不对"),
    ("stop_times.txt", "7:05:00,7:05:00", "7:65:00,", "第 2 行 arrival_time：时间“7:65:00”不对"),
    ("stop_times.txt", "7:05:00,7:05:00", "50:00:00,", "第 2 行 arrival_time：时间“50:00:00”"),
    ("stop_times.txt", "7:05:00,7:05:00", ",", "第 2 行 arrival_time：首站和末站必须有时间"),
    ("stop_times.txt", "7:05:00,7:05:00", "7:06:00,7:05:00", "第 2 行 departure_time：早于同一站"),
    ("stop_times.txt", "7:35:00,7:35:00", "7:01:00,", "第 4 行 arrival_time：早于前一站的时间"),
    ("stop_times.txt", "s2,2", "s2,1", "第 3 行 stop_sequence：与第 2 行的次序相同"),
    ("stop_times.txt", "s2,2", "s2,-2", "第 3 行 stop_sequence：“-2”不对"),
    ("stop_times.txt", "t2,25:10:00,25:10:00,s3,1\n", "", "trips.txt 第 3 行 trip_id：班次“t2”停"),
    ("stop_times.txt", "s2,2", ",2", "第 3 行 stop_id：不能为空；按需响应"),
    ("calendar.txt", "20260901", "2026-09-01", "calendar.txt 第 2 行 start_date：日期“2026-09-01”"),
    ("calendar.txt", "20260901", "20260931", "calendar.txt 第 2 行 start_date：日期“20260931”"),
    ("calendar.txt", "20270131", "20260131", "第 2 行 end_date：日历的结束日期 2026-01-31 早于"),
    ("calendar.txt", "wd,1,1", "wd,1,x", "calendar.txt 第 2 行 tuesday：“x”不对"),
    ("calendar.txt", ",monday", ",mon", "calendar.txt 第 1 行 monday：缺少这一列"),
    ("calendar.txt", "sunday", "monday", "calendar.txt 第 1 行 monday：这一列出现两次"),
    ("agency.txt", "Asia/Shanghai", "Asia/Tokyo", "agency.txt 第 2 行 agency_timezone：时区"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), BAD)
def test_what_is_wrong_is_told_with_file_and_line(
    file: str, old: str, new: str, message: str
) -> None:
    found = import_gtfs(changed(file, old, new), school=SCHOOL)
    assert any(message in problem for problem in told(found)), told(found)
    assert all(problem.file for problem in found.problems)


@pytest.mark.parametrize("file", SMALL)
def test_a_missing_or_empty_file_is_told(file: str) -> None:
    without = {name: text for name, text in SMALL.items() if name != file}
    assert any(f"{file}：缺少这个文件" in problem for problem in told(import_gtfs(zipped(without))))
    empty = told(import_gtfs(zipped(SMALL | {file: "\n"})))
    assert f"{file}：是空的，连表头也没有" in empty


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("t9,06:00:00,07:00:00,600", "第 2 行 trip_id：trips.txt 里没有“t9”"),
        ("t1,06:00:00,07:00:00,0", "第 2 行 headway_secs：应大于 0"),
        ("t1,07:00:00,06:00:00,600", "第 2 行 end_time：不晚于 start_time"),
        ("t1,,07:00:00,600", "第 2 行 start_time：不能为空"),
        ("t1,05:00:00,49:00:00,1", "routes.txt 第 2 行 route_id：线路“10”有 158401 个班次"),
        ("t1,06:00:00,07:00:00,600\nt1,06:30:00,08:00:00,600", "第 3 行 start_time：与第 2 行"),
        ("t1,49:50:00,49:55:00,60", "第 2 行 end_time：按间隔推算的时间超过 49:59:59"),
    ],
)
def test_frequencies_that_cannot_be_are_told(row: str, message: str) -> None:
    text = "trip_id,start_time,end_time,headway_secs\n" + row
    found = import_gtfs(zipped(SMALL | {"frequencies.txt": text}), school=SCHOOL)
    assert any(message in problem for problem in told(found)), told(found)


def test_a_route_of_too_many_stops_is_told_by_its_line() -> None:
    stops, times = SMALL["stops.txt"], SMALL["stop_times.txt"]
    for n in range(110):
        stops += f"x{n},站{n},36.7,119.{n + 100}\ny{n},站{n},36.7,119.{n + 100}\n"
        times += f"t1,,,x{n},{n + 100}\nt2,,,y{n},{n + 100}\n"
    times += "t1,8:35:00,8:35:00,s3,999\nt2,26:35:00,26:35:00,s3,999\n"
    files = SMALL | {"stops.txt": stops, "stop_times.txt": times}
    assert told(import_gtfs(zipped(files), school=SCHOOL)) == [
        "routes.txt 第 2 行 route_id：线路“10”有 223 个站点，最多 200 个"
    ]


def test_problems_are_listed_up_to_a_limit() -> None:
    times = SMALL["stop_times.txt"] + "t9,8:00:00,8:00:00,s1,1\n" * 5000
    problems = import_gtfs(zipped(SMALL | {"stop_times.txt": times})).problems
    assert len(problems) == MAX_TOLD + 1
    assert problems[-1].message == f"另有 {5000 - MAX_TOLD} 处未列出"


def test_ids_that_ours_cannot_be_are_rewritten_the_same_way_each_time() -> None:
    files = {name: text.replace("s1", "一 号") for name, text in SMALL.items()}
    one, two = (only(import_gtfs(zipped(files), school=SCHOOL)) for _ in range(2))
    assert one == two
    assert one.stops[0].id == one.trips[0].stop_times[0].stop
    assert one.stops[0].id.isascii()


def test_shapes_are_kept_one_a_direction_and_unknown_ones_told() -> None:
    trips = "route_id,service_id,trip_id,direction_id,shape_id\n10,wd,t1,0,go\n10,wd,t2,1,{}\n"
    shapes = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n"
    shapes += "go,36.7,119.16,2\ngo,36.7,119.10,1\nlone,36.7,119.1,1\n"
    files = SMALL | {"shapes.txt": shapes, "trips.txt": trips.format("")}
    route = only(import_gtfs(zipped(files), school=SCHOOL))
    assert route.shapes == {"to_school": ((119.10, 36.7), (119.16, 36.7))}
    found = import_gtfs(zipped(files | {"trips.txt": trips.format("lone")}), school=SCHOOL)
    assert "线形“lone”有 1 个点" in str(found.left_out)
    found = import_gtfs(zipped(files | {"trips.txt": trips.format("no")}), school=SCHOOL)
    assert told(found) == ["trips.txt 第 3 行 shape_id：shapes.txt 里没有“no”"]


# Our own feeds.


def test_edited_tables_count_and_the_rest_is_kept() -> None:
    files = unzipped(export_gtfs([(12, line(fare="每月 60 元"))], CALENDAR, FEED))
    times = files["stop_times.txt"].replace(b"06:50:00", b"06:45:00")
    found = import_gtfs(zipped(files | {"stop_times.txt": times}))
    assert found.own
    assert "改动（stop_times.txt），以各表为准" in str(found.notes[0])
    route, former = only(found), line(fare="每月 60 元")
    assert route.trips[0].stop_times[0].arrival == "06:45"
    assert route.trips[0].grades == (1, 2)
    assert route.model_copy(update={"trips": former.trips}) == former


def test_a_damaged_extra_file_is_told() -> None:
    files = unzipped(export_gtfs([(12, line())], CALENDAR, FEED))
    for body, message in (
        (b"{", "tongyou.json：不是有效的 JSON"),
        (b"[]", "tongyou.json format：应为 1"),
        (b"[" * 100_000, "tongyou.json：不是有效的 JSON"),
        (files["tongyou.json"].replace(b"06:50", b"6.50"), "trips.0.stop_times.0.arrival：格式"),
    ):
        found = import_gtfs(zipped(files | {"tongyou.json": body}))
        assert any(message in problem for problem in told(found)), told(found)


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "feed.zip").write_bytes(zipped(SMALL))
    assert import_gtfs(tmp_path / "feed.zip") == import_gtfs(zipped(SMALL))
