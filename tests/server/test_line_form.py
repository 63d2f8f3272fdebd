"""Does the form of a line say what its document says, and does it lose nothing that was typed?"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from geo.transit import BusRoute, Service, ServiceException, StopTime, Trip
from server.line_document import parse, title_of
from server.line_form import Grid, GridRow, LineForm, TripHead, fields_of
from server.line_times import common_rows, placed, read_cell, shifted, write_cell
from server.starter_buses import bus_routes
from tests.geo.gtfs_material import line

STARTER = Path(__file__).parents[2] / "config/starter/bus_routes.toml"
STARTING = bus_routes(tomllib.loads(STARTER.read_text("utf-8")), date(2026, 11, 24))


def sent(form: LineForm) -> MultiDict[str, str]:
    """The form as a browser sends it: what isn't ticked isn't sent."""
    fields = MultiDict(fields_of(form))
    for name in [name for name in fields if name.endswith("example") and not fields[name]]:
        fields.pop(name)
    return fields


def again(document: dict[str, Any], **changed: str) -> LineForm:
    fields = sent(LineForm.of(document).with_room())
    for name, value in changed.items():
        fields[name] = value
    return LineForm.read(fields)


def dumped(route: BusRoute) -> dict[str, Any]:
    return route.model_dump(mode="json")


NIGHT = Trip(
    id="n",
    direction="to_home",
    service="wk",
    stop_times=(
        StopTime(stop="gate", arrival="24:50"),
        StopTime(stop="b", arrival="25:10:30", timepoint=False),
        StopTime(stop="gate", arrival="25:20"),
        StopTime(stop="a", arrival="25:30", departure="25:30"),
    ),
)
MANY = line(
    trips=(line().trips[1], NIGHT, line().trips[0]),
    services=(
        Service(
            id="wk",
            weekdays="0000011",
            start=date(2026, 9, 1),
            end=date(2027, 1, 20),
            rule="plain",
            exceptions=(
                ServiceException(date=date(2026, 10, 8), runs=False, reason="运动会 下午"),
                ServiceException(date=date(2026, 10, 10), runs=True),
            ),
        ),
    ),
    facts={"": {"source": "来函"}, "fare": {"source": "公示", "confirmed_on": "2026-09-01"}},
)


@pytest.mark.parametrize("route", [*STARTING, line(), MANY], ids=lambda route: route.name)
def test_does_a_form_that_nobody_touched_change_nothing(route: BusRoute) -> None:
    document = dumped(route)
    parsed = parse(again(document), document)
    assert parsed.errors == {}
    assert parsed.document == document


def test_is_a_form_filled_in_from_nothing_a_document() -> None:
    document = dumped(line(shapes={}))
    parsed = parse(LineForm.read(sent(LineForm.of(document))))
    assert parsed.document is not None
    trips = sorted(document["trips"], key=lambda trip: trip["direction"], reverse=True)
    assert parsed.document == document | {"trips": trips}


@pytest.mark.parametrize(
    ("name", "value", "told_at"),
    [
        ("name", "", "name"),
        ("school_lon", "东", "school_lon"),
        ("school_lat", "", "school_lat"),
        ("school_code", "张店八中", "school_code"),
        ("agency_phone", "打我", "agency_phone"),
        ("confirmed_on", "昨天", "source"),
        ("stop.1.lat", "x", "stop.1.lat"),
        ("stop.0.lon", "1e999", "stop.0.lon"),
        ("stop.0.lon", "nan", "stop.0.lon"),
        ("t.to_school.1.0", "六点", "t.to_school.1.0"),
        ("t.to_school.1.0", "6:60", "t.to_school.1.0"),
        ("t.to_school.1.0", "50:00", "t.to_school.1.0"),
        ("t.to_home.0.0", "17:30/", "t.to_home.0.0"),
        ("row.to_school.1.stop", "gone", "row.to_school.1.stop"),
        ("trip.to_home.0.grades", "七", "trip.to_home.0.grades"),
        ("trip.to_home.0.grades", "13", "trip.to_home.0.grades"),
        ("service.0.start", "", "service.0.start"),
        ("service.0.exceptions", "国庆停开", "service.0.exceptions"),
        ("service.0.exceptions", "2026-13-08 停开", "service.0.exceptions"),
        ("introduction", "长" * 3000, "introduction"),
        ("stop.0.name", "名\u202e", "stop.0.name"),
    ],
)
def test_is_a_mistake_told_where_it_is_typed(name: str, value: str, told_at: str) -> None:
    document = dumped(line())
    form = again(document, **{name: value})
    parsed = parse(form, document)
    assert parsed.document is None
    assert list(parsed.errors) == [told_at]
    assert all(message and message.isascii() is False for message in parsed.errors[told_at])
    typed = dict(fields_of(form))
    assert typed[name] == value


def test_is_a_problem_of_the_timetable_told_in_its_cell() -> None:
    document = dumped(MANY)
    parsed = parse(again(document), document)
    where = parsed.field_of
    assert where(["trips", "1", "stop_times", "2", "arrival"]) == "t.to_home.2.1"
    assert where(["trips", "2", "stop_times", "0"]) == "t.to_school.0.0"
    assert where(["trips", "0", "service"]) == "trip.to_home.0.service"
    assert where(["services", "0", "weekdays"]) == "service.0.days"
    assert where(["stops", "2"]) == "stop.2.name"
    assert where(["school"]) == "school_lon"
    assert where(["shapes", "to_school"]) == "straight"
    assert where(["services"]) == "services"
    assert title_of("t.to_home.2.1") == "放学第 3 站第 2 班"


def test_are_emptied_rows_and_columns_gone() -> None:
    document = dumped(line())
    form = again(
        document, **{"stop.1.drop": "1", "row.to_school.1.stop": "", "t.to_school.1.0": ""}
    )
    parsed = parse(form, document)
    assert parsed.document is not None
    assert [stop["id"] for stop in parsed.document["stops"]] == ["a", "gate"]
    assert [time["stop"] for time in parsed.document["trips"][0]["stop_times"]] == ["a", "gate"]
    without = parse(again(document, **{"trip.to_home.0.drop": "1"}), document)
    assert without.document is not None
    assert [trip["id"] for trip in without.document["trips"]] == ["m"]


@pytest.mark.parametrize(
    ("row", "place", "order"),
    [(2, "1", ["gate", "a", "b"]), (0, "2", ["b", "a", "gate"]), (0, "3", ["b", "gate", "a"])],
)
def test_does_a_row_go_where_its_number_puts_it(row: int, place: str, order: list[str]) -> None:
    fields = sent(LineForm.of(dumped(line())))
    for number in range(3):
        fields[f"row.to_school.{number}.place"] = str(number + 1)
    fields[f"row.to_school.{row}.place"] = place
    grid = LineForm.read(fields).grids["to_school"]
    assert [row.stop for row in grid.rows] == order


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("7:05", ("07:05", None, True)),
        ("约07:15", ("07:15", None, False)),
        ("～ 7：15", ("07:15", None, False)),
        ("0715", ("07:15", None, True)),
        ("25:10", ("25:10", None, True)),
        ("17:30/17:32", ("17:30", "17:32", True)),
        ("约17:30:20/17:32", ("17:30:20", "17:32", False)),
        ("", None),
        ("7", None),
        ("24:60", None),
        ("07:00 08:00", None),
    ],
)
def test_what_is_read_in_a_cell(text: str, time: tuple[str, str | None, bool] | None) -> None:
    assert read_cell(text) == time


@given(
    st.integers(0, 49 * 3600 + 3599),
    st.booleans(),
    st.integers(-3000, 3000),
)
def test_does_a_shift_there_and_back_change_nothing(at: int, kept: bool, minutes: int) -> None:
    clock = f"{at // 3600:02}:{at // 60 % 60:02}" + (f":{at % 60:02}" if at % 60 else "")
    text = write_cell(StopTime(stop="a", arrival=clock, timepoint=kept))
    moved = shifted(text, minutes)
    inside = 0 <= at + minutes * 60 < 50 * 3600
    assert bool(moved) is inside
    if inside:
        assert shifted(moved, -minutes) == text


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=6))
def test_does_every_trip_find_its_stops_in_order(trips: list[list[str]]) -> None:
    rows = common_rows(trips)
    for trip in trips:
        assert [rows[n] for n in placed(trip, rows)] == trip
    if len(trips) == 1:
        assert rows == trips[0]


def test_is_a_trip_copied_with_an_offset() -> None:
    grid = Grid(
        [TripHead("m", "早班", "7", "wk"), TripHead("x")],
        [GridRow("a", ["约06:50", ""]), GridRow("b", ["17:30/17:32", ""]), GridRow("c", ["", ""])],
    )
    grid.copy_trip(0, 40)
    assert [row.cells for row in grid.rows] == [
        ["约06:50", "约07:30"],
        ["17:30/17:32", "18:10/18:12"],
        ["", ""],
    ]
    assert (grid.trips[1].id, grid.trips[1].service, grid.trips[1].grades) == ("x", "wk", "7")
    grid.copy_trip(9, 1)
    grid.copy_trip(0, -500)
    assert [row.cells[2] for row in grid.rows] == ["", "09:10/09:12", ""]
    assert len({trip.id for trip in grid.trips}) == 3


def test_does_a_block_of_a_spreadsheet_fill_the_grid() -> None:
    grid = Grid([TripHead("m", service="wk")], [GridRow("a", [""]), GridRow("b", [""])])
    grid.paste(1, 0, "6:50\t7:30:00\r\n约6:58\t\r\n乱写\t7:50\r\n")
    assert [row.cells for row in grid.rows] == [
        ["", ""],
        ["06:50", "07:30"],
        ["约06:58", ""],
        ["乱写", "07:50"],
    ]
    assert [trip.service for trip in grid.trips] == ["wk", "wk"]
    grid.paste(0, 0, "\t" * 5000)
    assert len(grid.trips) <= 400


def test_is_a_hostile_form_read_without_harm() -> None:
    fields = MultiDict(
        {
            "stop.99999.name": "甲",
            "stop.-1.name": "乙",
            "stop.0.__class__": "丙",
            "trip.nowhere.0.name": "丁",
            "t.to_school.0.0": "07:00",
            "row.to_school.0.place": "9" * 5000,
        }
    )
    form = LineForm.read(fields)
    assert form.stops == []
    assert parse(form).document is None
