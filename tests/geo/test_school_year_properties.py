"""From the first day of a school year to the last: does no bus go missing, and does none appear?

The rules are written down here once more, from the calendar's own rows, so that nothing of
``geo.service_days`` is taken at its word.
"""

import csv
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.journeys import journeys
from geo.timetable import HORIZON_DAYS
from geo.transit import BusRoute, Service, seconds
from tests.geo import buses
from tests.geo.buses import at, route, service, timetable, trip

CALENDAR = buses.calendar()
FIRST, LAST = date(2025, 9, 1), date(2026, 7, 10)
YEAR = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
HOME = (118.0805, 36.8135)


def _dates(kind: str) -> set[date]:
    rows = csv.DictReader(buses.STARTER.read_text(encoding="utf-8").splitlines())
    return {date.fromisoformat(row["date"]) for row in rows if row["kind"] == kind}


HOLIDAYS, MADE_UP = _dates("holiday"), _dates("makeup_workday")


def plainly(some: Service, day: date) -> bool:
    """Whether it runs, in the words of the notice: off on holidays, a Wednesday's timetable on a
    make-up Saturday or Sunday."""
    if told := [one.runs for one in some.exceptions if one.date == day]:
        return told[0]
    if not some.start <= day <= some.end:
        return False
    if some.rule == "school":
        if day in HOLIDAYS or buses.WINTER[0] <= day <= buses.WINTER[1]:
            return False
        if day in MADE_UP:
            return some.weekdays[2] == "1"
    return some.weekdays[day.weekday()] == "1"


clocks = st.integers(0, 27 * 60).map(lambda m: f"{m // 60:02}:{m % 60:02}")


@st.composite
def some_services(draw: st.DrawFn) -> dict[str, object]:
    start = draw(st.sampled_from([FIRST, FIRST + timedelta(30)]))
    days = draw(st.dictionaries(st.sampled_from(YEAR), st.booleans(), max_size=4))
    return service(
        weekdays=draw(st.from_regex("[01]{7}", fullmatch=True)),
        rule=draw(st.sampled_from(["school", "school", "plain"])),
        start=start,
        end=draw(st.sampled_from([LAST, date(2026, 1, 31)])),
        exceptions=[{"date": day, "runs": runs} for day, runs in days.items()],
    )


@st.composite
def some_routes(draw: st.DrawFn) -> BusRoute:
    trips = []
    for number in range(draw(st.integers(1, 3))):
        early, late = sorted(draw(st.lists(clocks, min_size=2, max_size=2, unique=True)))
        trips.append(trip(f"t{number}", "to_home", [f"gate {early}", f"park {late}"]))
    return route(trips=trips, services=[draw(some_services())])


def test_does_the_year_hold_made_up_weekends() -> None:
    inside = sorted(day for day in MADE_UP if FIRST <= day <= LAST)
    assert {day.weekday() for day in inside} == {5, 6}
    assert any(buses.WINTER[1] < day < buses.WINTER[1] + timedelta(3) for day in inside)


def calls_of(lines: list[BusRoute]) -> list[tuple[datetime, int, str, date]]:
    """Every departure from the gate through the year, by time: route, trip and service day."""
    found = []
    for day in YEAR:
        for number, line in enumerate(lines, start=1):
            if plainly(line.services[0], day):
                for run in line.trips:
                    leaves = timedelta(seconds=seconds(run.stop_times[0].arrival))
                    found.append((at(str(day)) + leaves, number, run.id, day))
    return sorted(found)


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(some_routes(), min_size=1, max_size=2))
def test_is_every_departure_of_a_year_told_and_no_other(lines: list[BusRoute]) -> None:
    """Page by page from August to August, each board beginning where the one before ended."""
    expected = calls_of(lines)
    some = timetable(*lines, days=CALENDAR)
    now, told = at("2025-08-20 00:00"), []
    while now < at("2026-08-01 00:00"):
        board = some.departures("gate", now, limit=50).departures
        page = [(d.expected, d.route, d.trip, d.service_date) for d in board]
        if len(page) < 50:  # to the horizon
            now += timedelta(HORIZON_DAYS)
        else:  # a minute may go on where the page ends
            now = page[-1][0]
        told += [call for call in page if call[0] < now]
    assert sorted(told) == expected


@settings(max_examples=10, deadline=None)
@given(line=some_routes())
def test_is_every_way_home_of_a_year_told_and_no_other(line: BusRoute) -> None:
    """Asked at each midnight for the rides of the day."""
    some = timetable(line, days=CALENDAR)
    to_the_stop = timedelta(minutes=3)
    expected = calls_of([line])
    for ahead in range((LAST - FIRST).days + 10):
        now = at(str(FIRST)) + timedelta(ahead - 5)
        ways = journeys(some, "bazhong", HOME, "to_home", now, 800.0, limit=10).options
        rides = [(way.ride.board, way.ride.trip) for way in ways]
        tomorrow = now + timedelta(1)
        assert sorted(ride for ride in rides if ride[0] < tomorrow) == [
            (leaves, trip_id)
            for leaves, _, trip_id, _ in expected
            if now + to_the_stop <= leaves < tomorrow
        ]
