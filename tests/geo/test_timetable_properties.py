"""Are the departures, through a whole school year, those of a plain search of every day?"""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.service_days import runs_on
from geo.timetable import HORIZON_DAYS
from geo.transit import BusRoute, Notice, seconds
from tests.geo import buses
from tests.geo.buses import at, notice, route, service, timetable, trip

CALENDAR = buses.calendar()

clocks = st.integers(0, 49 * 60 + 59).map(lambda m: f"{m // 60:02}:{m % 60:02}")
exceptions = st.dictionaries(
    st.dates(date(2025, 9, 1), date(2026, 8, 31)), st.booleans(), max_size=4
)
some_services = st.builds(
    lambda weekdays, rule, off, length: service(
        weekdays=weekdays,
        rule=rule,
        start="2025-09-01",
        end=date(2025, 9, 1) + timedelta(length),
        exceptions=[{"date": day, "runs": runs} for day, runs in off.items()],
    ),
    st.sampled_from(["1111100", "1111110", "0000100", "0011011"]),
    st.sampled_from(["school", "plain"]),
    exceptions,
    st.integers(0, 330),
)


@st.composite
def some_routes(draw: st.DrawFn) -> BusRoute:
    trips = []
    prefix = draw(st.sampled_from("ab"))
    for number in range(draw(st.integers(1, 3))):
        times = sorted(draw(st.lists(clocks, min_size=2, max_size=3)))
        stops = draw(st.permutations(["gate", "park", "west"]))
        calls = [f"{stop} {clock}" for stop, clock in zip(stops, times, strict=False)]
        trips.append(trip(f"{prefix}{number}", "to_home", calls))
    return route(trips=trips, services=[draw(some_services)])


moments = st.datetimes(datetime(2025, 8, 25), datetime(2026, 7, 31)).map(  # noqa: DTZ001
    lambda naive: at(naive.isoformat(timespec="seconds"))
)
"""To the second: an answer is for its minute, and notices are told of to the second."""
some_notices = st.builds(
    lambda effect, told, start, hours, trips, stops, routes, delay: notice(
        effect=effect,
        announced_at=told,
        start=start,
        end=None if hours is None else start + timedelta(hours=hours),
        trips=trips,
        stops=stops,
        routes=routes,
        delay_minutes=delay if effect == "time_change" else None,
    ),
    st.sampled_from(["suspension", "detour", "time_change", "other"]),
    moments,
    moments,
    st.one_of(st.none(), st.integers(1, 2000)),
    st.lists(st.sampled_from(["a0", "a1", "b0"]), max_size=1),
    st.lists(st.sampled_from(["gate", "park"]), max_size=1),
    st.lists(st.sampled_from([1, 2]), max_size=2, unique=True),
    st.integers(-120, 240),
)


def changed(
    notices: list[Notice],
    id_: int,
    trip_id: str,
    stop: str,
    now: datetime,
    first: datetime,
    calls: datetime,
) -> tuple[str, int]:
    """State and minutes of delay of a call, read off the notices one by one."""
    state, delay, told = "scheduled", 0, None
    ranks = ["scheduled", "detour", "changed", "skipped", "suspended"]
    for some in notices:
        when = calls if some.stops else first
        over = some.end is not None and when >= some.end
        if some.announced_at > now or when < some.start or over:
            continue
        if (some.routes and id_ not in some.routes) or (some.trips and trip_id not in some.trips):
            continue
        if some.stops and stop not in some.stops:
            continue
        new = {"suspension": "suspended", "time_change": "changed", "other": "scheduled"}.get(
            some.effect, "skipped" if some.stops else "detour"
        )
        if new == "changed" and (told is None or some.announced_at >= told):
            delay, told = some.delay_minutes or 0, some.announced_at
        state = max(state, new, key=ranks.index)
    return state, 0 if state == "suspended" else delay


def plainly(
    routes: list[BusRoute],
    notices: list[Notice],
    stop: str,
    now: datetime,
    back: timedelta = timedelta(0),
) -> list[tuple[datetime, int, str, date, str]]:
    """Every call from ``back`` before now on, found by looking at every day, trip and stop."""
    found = []
    minute = now.replace(second=0, microsecond=0)
    for ahead in range(-3, HORIZON_DAYS + 1):
        day = now.date() + timedelta(ahead)
        midnight = at(day.isoformat())
        for id_, line in enumerate(routes, start=1):
            if runs_on(line.services[0], day, CALENDAR).runs != "yes":
                continue
            for number, run in enumerate(line.trips):
                first = midnight + timedelta(seconds=seconds(run.stop_times[0].arrival))
                for call in run.stop_times:
                    if call.stop != stop:
                        continue
                    calls = midnight + timedelta(seconds=seconds(call.arrival))
                    state, delay = changed(notices, id_, run.id, stop, minute, first, calls)
                    expected = calls + timedelta(minutes=delay)
                    if expected >= minute - back:
                        found.append((expected, id_, number, run.id, day, state))
    return [(e, id_, trip_id, day, state) for e, id_, _, trip_id, day, state in sorted(found)]


@settings(max_examples=150, deadline=None)
@given(
    routes=st.lists(some_routes(), min_size=1, max_size=2),
    notices=st.lists(some_notices, max_size=3),
    now=moments,
    limit=st.integers(1, 12),
)
def test_are_the_departures_those_of_a_plain_search(
    routes: list[BusRoute], notices: list[Notice], now: datetime, limit: int
) -> None:
    some = timetable(*routes, notices=notices, days=CALENDAR)
    for stop in ("gate", "park"):
        expected = plainly(routes, notices, stop, now)
        board = some.departures(stop, now, limit)
        told = [(d.expected, d.route, d.trip, d.service_date, d.state) for d in board.departures]
        assert told == expected[:limit]
        assert (board.outlook is None) == (len(expected) >= limit)
        served = [e for e in expected if e[4] not in ("suspended", "skipped")]
        first = board.next_served
        assert (first and first.expected) == (served[0][0] if served else None)


@settings(max_examples=100, deadline=None)
@given(
    routes=st.lists(some_routes(), min_size=1, max_size=2),
    notices=st.lists(some_notices, max_size=3),
    now=moments,
    back=st.integers(1, 1500).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_are_the_calls_that_were_due_those_of_a_plain_search(
    routes: list[BusRoute], notices: list[Notice], now: datetime, back: timedelta
) -> None:
    some = timetable(*routes, notices=notices, days=CALENDAR)
    minute = now.replace(second=0, microsecond=0)
    for stop in ("gate", "park"):
        expected = [e for e in plainly(routes, notices, stop, now, back) if e[0] < minute]
        recent = some.recent(stop, now, back)
        told = [(d.expected, d.route, d.trip, d.service_date, d.state) for d in recent]
        assert told == expected
        assert all(d.minutes < 0 for d in recent)
        for one in recent:
            trip = next(t for t in routes[one.route - 1].trips if t.id == one.trip)
            assert trip.stop_times[one.stop_sequence].stop == stop


def test_is_the_next_bus_right_all_through_a_school_year() -> None:
    """From September to July, at steps of 205 minutes, which meet every time of the day."""
    line = route(services=[service(start="2025-09-01", end="2026-07-10")])
    some = timetable(line, days=CALENDAR)
    expected = []
    for ahead in range(330):
        day = date(2025, 9, 1) + timedelta(ahead)
        term = day <= date(2026, 7, 10)
        winter = buses.WINTER[0] <= day <= buses.WINTER[1]
        school = day.weekday() < 5 or CALENDAR.makeup(day) is not None
        if term and school and not winter and CALENDAR.holiday(day) is None:
            expected += [at(f"{day} {clock}") for clock in ("07:05", "17:30", "18:10")]
    now = at("2025-08-31 00:10")
    while now < at("2026-07-11 00:00"):
        coming = next((moment for moment in expected if moment >= now), None)
        board = some.departures("gate", now, limit=1)
        assert (board.departures[0].expected if board.departures else None) == coming
        now += timedelta(hours=3, minutes=25)
