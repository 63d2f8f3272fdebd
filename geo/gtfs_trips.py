"""Trips of a foreign GTFS feed: stop_times.txt in order, blank times filled, frequencies run out.

Source: GTFS Schedule Reference, stop_times.txt and frequencies.txt.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from geo.gtfs_archive import Archive
from geo.gtfs_report import Report, quoted
from geo.gtfs_rows import Row, rows
from geo.gtfs_tables import RawTrip
from geo.sphere import distance_m
from geo.transit import Stop, StopTime

MAX_TRIPS = 400
"""Of one route, as ``geo.transit.BusRoute`` has it."""
MAX_CALLS = 200
"""Of one trip."""
_LAST_SECOND = 50 * 3600 - 1
"""No clock of ours tells a later time."""


class Call(NamedTuple):
    """A row of stop_times.txt. Times are seconds of the service day, None where blank."""

    sequence: int
    line: int
    stop: str
    arrival: int | None
    departure: int | None
    timepoint: bool
    distance: float | None


class Headway(NamedTuple):
    """A row of frequencies.txt; seconds."""

    row: Row
    start: int
    end: int
    every: int
    exact: bool

    def departures(self) -> range:
        """When trips start; none starts at ``end`` itself."""
        return range(self.start, self.end, self.every)


def read_calls(
    archive: Archive,
    report: Report,
    trips: Mapping[str, RawTrip],
    skipped: set[str],
    stops: Mapping[str, Stop],
    others: Mapping[str, str],
) -> dict[str, list[Call]]:
    """The calls of each trip of a bus route, by trip_id, in the order of their sequence.

    Raises:
        Refused: the table can't be read.
    """
    found: dict[str, list[Call]] = {id_: [] for id_ in trips}
    ids = {id_: id_ for id_ in stops}
    required = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence")
    known = ("timepoint", "shape_dist_traveled")
    for row in rows(archive, "stop_times.txt", required, known, report):
        trip, stop = row.id("trip_id"), row.text("stop_id")
        if trip in skipped:
            continue
        if trip and trip not in trips:
            row.problem("trip_id", f"trips.txt 里没有{quoted(trip)}")
        if not stop:
            row.problem("stop_id", "不能为空；按需响应的区域（location_group_id 等）不能导入")
        elif stop in others:
            if others[stop]:
                row.problem("stop_id", f"{quoted(stop)}是{others[stop]}，不是站点，车不能停在那里")
        elif stop not in stops:
            row.problem("stop_id", f"stops.txt 里没有{quoted(stop)}")
        call = _call(row, ids.get(stop, ""))
        if trip in found:
            found[trip].append(call)
    for calls in found.values():
        calls.sort()
    return found


def _call(row: Row, stop: str) -> Call:
    arrival, departure = row.time("arrival_time"), row.time("departure_time")
    arrival = departure if arrival is None else arrival
    departure = arrival if departure is None else departure
    if arrival is not None and departure is not None and departure < arrival:
        row.problem("departure_time", "早于同一站的 arrival_time")
    exact = row.whole("timepoint", default=1, most=1) == 1
    sequence, distance = row.whole("stop_sequence"), row.distance("shape_dist_traveled")
    return Call(sequence, row.line, stop, arrival, departure, exact, distance)


def read_headways(
    archive: Archive, report: Report, trips: Mapping[str, RawTrip], skipped: set[str]
) -> dict[str, list[Headway]]:
    """The rows of frequencies.txt by trip_id, in the order of their times.

    Raises:
        Refused: the table can't be read.
    """
    found: dict[str, list[Headway]] = {}
    required = ("trip_id", "start_time", "end_time", "headway_secs")
    for row in rows(archive, "frequencies.txt", required, ("exact_times",), report):
        trip = row.id("trip_id")
        start, end = row.time("start_time"), row.time("end_time")
        every = row.whole("headway_secs", most=86_400)
        exact = row.whole("exact_times", default=0, most=1) == 1
        if trip in skipped:
            continue
        if trip and trip not in trips:
            row.problem("trip_id", f"trips.txt 里没有{quoted(trip)}")
        if start is None or end is None:
            row.problem("start_time" if start is None else "end_time", "不能为空")
        elif end <= start:
            row.problem("end_time", "不晚于 start_time")
        elif every == 0:
            row.problem("headway_secs", "应大于 0")
        elif not row.bad:
            found.setdefault(trip, []).append(Headway(row, start, end, every, exact))
    for headways in found.values():
        headways.sort(key=lambda one: one.start)
        for before, after in pairwise(headways):
            if after.start < before.end:
                after.row.problem("start_time", f"与第 {before.row.line} 行的时段重叠")
    return found


def timed(
    trip: RawTrip, calls: Sequence[Call], stops: Mapping[str, Stop], report: Report
) -> list[Call] | None:
    """The calls with every time known, times between given ones reckoned by distance.

    None, and the problems reported, where they can't be right.
    """
    file, problems = "stop_times.txt", report.problems
    if not 2 <= len(calls) <= MAX_CALLS:
        message = f"班次{quoted(trip.id)}停 {len(calls)} 站，应为 2 到 {MAX_CALLS} 站"
        trip.row.problem("trip_id", message)
        return None
    good, latest = True, -1
    for before, call in zip((None, *calls), calls, strict=False):
        if before is not None and before.sequence == call.sequence:
            message = f"与第 {before.line} 行的次序相同"
            problems.add(file, call.line, "stop_sequence", message)
            good = False
        if call.arrival is not None and call.departure is not None:
            if call.arrival < latest:
                message = f"早于前一站的时间：班次{quoted(trip.id)}的时间倒退"
                problems.add(file, call.line, "arrival_time", message)
                good = False
            latest = max(latest, call.departure)
    for end in (calls[0], calls[-1]):
        if end.arrival is None:
            problems.add(file, end.line, "arrival_time", "首站和末站必须有时间")
            good = False
    known = all(call.stop for call in calls)
    return _filled(calls, stops) if good and known else None


def _filled(calls: Sequence[Call], stops: Mapping[str, Stop]) -> list[Call]:
    given = [place for place, call in enumerate(calls) if call.arrival is not None]
    filled = list(calls)
    for first, last in pairwise(given):
        if last == first + 1:
            continue
        start, end = calls[first].departure or 0, calls[last].arrival or 0
        unit = 1 if start % 60 or end % 60 else 60
        shares = _shares(calls[first : last + 1], stops)
        for place, share in enumerate(shares, start=first + 1):
            at = start + round((end - start) * share / unit) * unit
            filled[place] = calls[place]._replace(arrival=at, departure=at, timepoint=False)
    return filled


def _shares(calls: Sequence[Call], stops: Mapping[str, Stop]) -> list[float]:
    """How much of the way from the first to the last each call between them lies at."""
    marks = [call.distance for call in calls]
    way = [mark for mark in marks if mark is not None]
    if len(way) < len(calls) or way != sorted(way) or way[0] == way[-1]:
        way = [0.0]
        for one, two in pairwise(calls):
            a, b = stops[one.stop], stops[two.stop]
            way.append(way[-1] + distance_m(a.lon, a.lat, b.lon, b.lat))
    if way[-1] == way[0]:
        way = [float(place) for place in range(len(calls))]
    return [(mark - way[0]) / (way[-1] - way[0]) for mark in way[1:-1]]


def runs(
    id_: str, calls: Sequence[Call], headways: Sequence[Headway], stops: Mapping[str, Stop]
) -> Iterator[tuple[str, tuple[StopTime, ...]]]:
    """The trips that a trip stands for, with their ids: itself, or one for each departure."""
    if not headways:
        yield id_, _stop_times(calls, 0, stops, exact=True)
        return
    first = calls[0].departure or 0
    last = calls[-1].departure or 0
    number = 0
    for headway in headways:
        for at in headway.departures():
            number += 1
            if last + at - first > _LAST_SECOND:
                headway.row.problem("end_time", "按间隔推算的时间超过 49:59:59")
                return
            yield f"{id_}.{number}", _stop_times(calls, at - first, stops, exact=headway.exact)


def _stop_times(
    calls: Sequence[Call], shift: int, stops: Mapping[str, Stop], *, exact: bool
) -> tuple[StopTime, ...]:
    return tuple(
        StopTime(
            stop=stops[call.stop].id,
            # A wait before the first departure may begin before midnight.
            arrival=clock(max(0, (call.arrival or 0) + shift)),
            departure=None
            if call.departure == call.arrival
            else clock((call.departure or 0) + shift),
            timepoint=call.timepoint and exact,
        )
        for call in calls
    )


def clock(total: int) -> str:
    """Seconds of the service day as a time of ours, seconds only where there are any."""
    text = f"{total // 3600:02}:{total // 60 % 60:02}"
    return f"{text}:{total % 60:02}" if total % 60 else text
