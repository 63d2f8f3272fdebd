"""Is the export a valid feed, the same each time, and the same documents when read back?"""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.gtfs_export import export_gtfs
from geo.gtfs_import import import_gtfs
from geo.listing_base import Provenance
from geo.service_days import runs_on
from geo.transit import (
    Agency,
    BusRoute,
    School,
    Service,
    ServiceException,
    Stop,
    StopTime,
    Trip,
)
from tests.geo.gtfs_material import CALENDAR, FEED, line, table, unzipped, zipped

REQUIRED = {
    "agency.txt": ("agency_name", "agency_url", "agency_timezone"),
    "stops.txt": ("stop_id", "stop_name", "stop_lat", "stop_lon"),
    "routes.txt": ("route_id", "route_long_name", "route_type"),
    "trips.txt": ("route_id", "service_id", "trip_id"),
    "stop_times.txt": (
        "trip_id",
        "arrival_time",
        "departure_time",
        "stop_id",
        "stop_sequence",
        "timepoint",
    ),
    "calendar.txt": (
        "service_id",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "start_date",
        "end_date",
    ),
    "calendar_dates.txt": ("service_id", "date", "exception_type"),
    "shapes.txt": ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
    "feed_info.txt": (
        "feed_publisher_name",
        "feed_publisher_url",
        "feed_lang",
        "feed_start_date",
        "feed_end_date",
        "feed_version",
        "feed_contact_email",
    ),
}
"""Fields that may not be blank: required by the GTFS reference, or by a condition that holds
here (a stop that is no generic node has a name and a position; a timepoint has its times; several
agencies have ids), or recommended by it."""

KEYS = {
    "agency.txt": ("agency_id",),
    "stops.txt": ("stop_id",),
    "routes.txt": ("route_id",),
    "trips.txt": ("trip_id",),
    "stop_times.txt": ("trip_id", "stop_sequence"),
    "calendar.txt": ("service_id",),
    "calendar_dates.txt": ("service_id", "date"),
    "shapes.txt": ("shape_id", "shape_pt_sequence"),
}
"""The primary key of each table."""

REFERENCES = (
    ("routes.txt", "agency_id", "agency.txt", "agency_id"),
    ("trips.txt", "route_id", "routes.txt", "route_id"),
    ("trips.txt", "shape_id", "shapes.txt", "shape_id"),
    ("stop_times.txt", "trip_id", "trips.txt", "trip_id"),
    ("stop_times.txt", "stop_id", "stops.txt", "stop_id"),
)

texts = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20)
names = texts.map(str.strip).filter(lambda s: s.strip() != "")
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,8}", fullmatch=True)
lons, lats = st.floats(-180, 180), st.floats(-90, 90)
days = st.dates(date(2025, 12, 1), date(2027, 2, 1))
clocks = st.from_regex(r"[0-4][0-9]:[0-5][0-9](:[0-5][0-9])?", fullmatch=True)


@st.composite
def lines(draw: st.DrawFn) -> BusRoute:
    """Any document that the models allow and whose trips know their stops and services."""
    stops = tuple(
        Stop(
            id=id_,
            name=draw(names),
            lon=draw(lons),
            lat=draw(lats),
            note=draw(texts),
            example=draw(st.booleans()),
        )
        for id_ in draw(st.lists(ids, min_size=1, max_size=4, unique=True))
    )
    services = tuple(
        Service(
            id=id_,
            weekdays=draw(st.from_regex("[01]{7}", fullmatch=True)),
            start=(start := draw(days)),
            end=start + timedelta(draw(st.integers(-3, 400))),
            rule=draw(st.sampled_from(("school", "plain"))),
            exceptions=tuple(
                ServiceException(date=draw(days), runs=draw(st.booleans()), reason=draw(texts))
                for _ in range(draw(st.integers(0, 2)))
            ),
        )
        for id_ in draw(st.lists(ids, min_size=1, max_size=2, unique=True))
    )
    trips = tuple(
        Trip(
            id=id_,
            direction=draw(st.sampled_from(("to_school", "to_home"))),
            service=draw(st.sampled_from(services)).id,
            name=draw(texts),
            grades=tuple(draw(st.lists(st.integers(1, 12), max_size=3))),
            stop_times=tuple(
                StopTime(
                    stop=draw(st.sampled_from(stops)).id,
                    arrival=draw(clocks),
                    departure=draw(st.none() | clocks),
                    timepoint=draw(st.booleans()),
                )
                for _ in range(draw(st.integers(2, 3)))
            ),
            example=draw(st.booleans()),
        )
        for id_ in draw(st.lists(ids, max_size=3, unique=True))
    )
    return BusRoute(
        name=draw(names),
        verified=draw(st.booleans()),
        facts={"trips": Provenance(source=draw(texts), confirmed_on=draw(st.none() | days))},
        short_name=draw(texts),
        school=School(code=draw(ids), name=draw(names), lon=draw(lons), lat=draw(lats)),
        agency=Agency(name=draw(names), url=draw(st.none() | st.just("http://a.cn/x"))),
        fare=draw(texts),
        introduction=draw(texts) + "\n" + draw(texts),
        stops=stops,
        services=services,
        trips=trips,
        shapes=draw(
            st.dictionaries(
                st.sampled_from(("to_school", "to_home")),
                st.lists(st.tuples(lons, lats), max_size=3).map(tuple),
            )
        ),
        example=draw(st.booleans()),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(lines(), max_size=3))
def test_read_back_the_documents_are_the_same_and_the_tables_keep_the_rules(
    documents: list[BusRoute],
) -> None:
    routes = [(10 + place, document) for place, document in enumerate(documents)]
    data = export_gtfs(routes, CALENDAR, FEED)
    found = import_gtfs(data)
    assert found.problems == []
    assert found.routes == [(f"r{id_}", document) for id_, document in routes]
    keep_the_rules(data)


def keep_the_rules(data: bytes) -> None:
    files = unzipped(data)
    for name, fields in REQUIRED.items():
        if name in ("calendar_dates.txt", "shapes.txt") and name not in files:
            continue
        optional = {"feed_start_date", "feed_end_date"}  # a feed without any day has neither
        for row in table(data, name):
            assert all(row[field] for field in fields if field not in optional), (name, row)
    for name, key in KEYS.items():
        rows = table(data, name) if name in files else []
        assert len({tuple(row[field] for field in key) for row in rows}) == len(rows), name
    for name, field, target, their in REFERENCES:
        known = {row[their] for row in table(data, target)} if target in files else set()
        assert {row[field] for row in table(data, name) if row[field]} <= known, (name, field)
    services = {row["service_id"] for row in table(data, "calendar.txt")}
    if "calendar_dates.txt" in files:
        services |= {row["service_id"] for row in table(data, "calendar_dates.txt")}
    assert {row["service_id"] for row in table(data, "trips.txt")} <= services


def test_every_required_field_of_the_reference_is_there() -> None:
    data = export_gtfs([(1, line())], CALENDAR, FEED)
    assert set(unzipped(data)) == {*REQUIRED, "tongyou.json"}
    for name, fields in REQUIRED.items():
        rows = table(data, name)
        assert rows, name
        assert all(row[field] for row in rows for field in fields), name
    for body in unzipped(data).values():
        assert not body.startswith(b"\xef\xbb\xbf")
        body.decode()


def test_the_same_input_gives_the_same_bytes() -> None:
    one, two = (1, line()), (2, line(name="二号线"))
    assert export_gtfs([one, two], CALENDAR, FEED) == export_gtfs([two, one], CALENDAR, FEED)


def test_holidays_and_makeup_days_are_written_out_and_unknown_years_cut_off() -> None:
    data = export_gtfs([(1, line())], CALENDAR, FEED)
    (row,) = table(data, "calendar.txt")
    assert (row["start_date"], row["end_date"]) == ("20260901", "20261231")
    dates = {row["date"]: row["exception_type"] for row in table(data, "calendar_dates.txt")}
    assert dates == {"20261001": "2", "20261002": "2", "20261010": "1"}
    (info,) = table(data, "feed_info.txt")
    assert (info["feed_start_date"], info["feed_end_date"]) == ("20260901", "20261231")


@settings(max_examples=60, deadline=None)
@given(lines())
def test_the_feed_claims_exactly_the_days_known_to_run(document: BusRoute) -> None:
    data = export_gtfs([(1, document)], CALENDAR, FEED)
    rows = {row["service_id"]: row for row in table(data, "calendar.txt")}
    files = unzipped(data)
    dates = table(data, "calendar_dates.txt") if "calendar_dates.txt" in files else []
    exceptions = {(row["service_id"], row["date"]): row["exception_type"] for row in dates}
    weekdays = REQUIRED["calendar.txt"][1:8]
    for service in document.services:
        row = rows.get(f"r1/{service.id}")
        for offset in range(500):
            day = date(2025, 11, 20) + timedelta(offset)
            text = f"{day:%Y%m%d}"
            claimed = bool(
                row
                and row["start_date"] <= text <= row["end_date"]
                and row[weekdays[day.weekday()]] == "1"
            )
            told = exceptions.get((f"r1/{service.id}", text))
            claimed = claimed if told is None else told == "1"
            assert claimed == (runs_on(service, day, CALENDAR).runs == "yes"), day


def test_what_is_made_up_says_so_in_the_tables_too() -> None:
    trips = tuple(trip.model_copy(update={"example": True}) for trip in line().trips)
    data = export_gtfs([(1, line(example=True, trips=trips))], CALENDAR, FEED)
    assert table(data, "routes.txt")[0]["route_long_name"] == "张店八中一号线（示例）"
    assert table(data, "stops.txt")[1]["stop_desc"] == "路东（位置为示例）"
    assert table(data, "trips.txt")[0]["trip_short_name"] == "早班（示例）"
    without = {name: body for name, body in unzipped(data).items() if name != "tongyou.json"}
    ((_, found),) = import_gtfs(zipped(without)).routes
    assert (found.name, found.example) == ("张店八中一号线", True)
    assert [stop.example for stop in found.stops] == [False, True, False]
    assert all(trip.example for trip in found.trips)


def test_a_stop_of_two_routes_is_one_unless_they_disagree() -> None:
    moved = line().stops[0].model_copy(update={"lat": 36.9})
    other = line(stops=(moved, *line().stops[1:]))
    data = export_gtfs([(1, line()), (2, other)], CALENDAR, FEED)
    assert [row["stop_id"] for row in table(data, "stops.txt")] == ["a", "b", "gate", "r2/a"]
    calls = [r["stop_id"] for r in table(data, "stop_times.txt") if r["trip_id"] == "r2/m"]
    assert calls == ["r2/a", "b", "gate"]


def test_boarding_ends_where_the_trip_does() -> None:
    rows = table(export_gtfs([(1, line())], CALENDAR, FEED), "stop_times.txt")
    assert [(r["pickup_type"], r["drop_off_type"]) for r in rows[:3]] == [
        ("0", "1"),
        ("0", "0"),
        ("1", "0"),
    ]
    assert [row["timepoint"] for row in rows[:3]] == ["1", "0", "1"]
    assert rows[3]["departure_time"] == "17:31:30"


def test_agencies_without_an_address_get_the_publishers() -> None:
    with_url = line(agency=Agency(name="高新公交", url="http://gx.example.cn"))
    data = export_gtfs([(1, line()), (2, line()), (3, with_url)], CALENDAR, FEED)
    urls = {row["agency_name"]: row["agency_url"] for row in table(data, "agency.txt")}
    assert urls == {"淄博公交": "https://example.cn/", "高新公交": "http://gx.example.cn"}


@pytest.mark.parametrize("broken", ["stop", "service"])
def test_a_trip_that_would_break_the_feed_is_left_out_of_its_tables_only(broken: str) -> None:
    trip = line().trips[0].model_copy(update={"id": "x"})
    call = StopTime(stop="gone", arrival="08:00")
    change = {"stop_times": (call, call)} if broken == "stop" else {"service": "gone"}
    document = line(trips=(*line().trips, trip.model_copy(update=change)))
    data = export_gtfs([(1, document)], CALENDAR, FEED)
    assert [row["trip_id"] for row in table(data, "trips.txt")] == ["r1/m", "r1/e"]
    assert import_gtfs(data).routes == [("r1", document)]
