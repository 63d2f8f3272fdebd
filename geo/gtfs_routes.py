"""From the tables of a GTFS feed to one document a route; see :mod:`geo.gtfs_import`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from geo.gtfs_extra import Extra, supplemented
from geo.gtfs_ids import EXAMPLE
from geo.gtfs_report import Report, quoted
from geo.gtfs_tables import RawRoute, RawTrip
from geo.gtfs_trips import MAX_TRIPS, Call, Headway, runs, timed
from geo.sphere import distance_m
from geo.transit import Agency, BusRoute, Direction, School, Service, Stop, Trip

_MAX_STOPS = 200
_MAX_SERVICES = 20
_NEAR_M = 50.0
"""A trip that ends no more than this nearer the school than it begins goes round."""

Line = tuple[tuple[float, float], ...]


class Feed(NamedTuple):
    """The tables that routes are made of, each by the feed's own ids."""

    agencies: Mapping[str, Agency]
    stops: Mapping[str, Stop]
    services: Mapping[str, Service]
    trips: Mapping[str, Sequence[RawTrip]]
    """By route_id."""
    calls: dict[str, list[Call]]
    """Taken out as they are used, since this is by far the largest."""
    headways: Mapping[str, Sequence[Headway]]
    shapes: Mapping[str, Line]


@dataclass
class Builder:
    """Makes the documents of a feed's routes.

    ``extra`` is what one of our own feeds tells beside its tables; ``ids`` makes an id ours.
    """

    feed: Feed
    report: Report
    school: School | None
    extra: Extra | None
    ids: Callable[[str], str]
    guessed: set[str] = field(default_factory=set)
    """The route_ids whose school is a guess."""

    def route(self, id_: str, raw: RawRoute) -> BusRoute | None:
        """One route's document; None, and the reasons reported, where there can't be one."""
        row, trips = raw.row, self.feed.trips.get(id_, ())
        if not trips:
            self.report.left_out.add(row.file, row.line, "", f"线路{quoted(id_)}没有班次，未导入")
            return None
        calls = {trip.id: self._timed(trip) for trip in trips}
        self._refuse_excess(id_, raw, trips)
        known = {trip: whole for trip, whole in calls.items() if whole}
        if row.bad or self.report.problems or len(known) < len(trips):
            return None
        former = self.extra.documents.get(id_) if self.extra else None
        school = former.school if former else self._school(id_, raw, trips, known)
        directions: dict[str, Direction] = {
            trip.id: _direction(trip, None if former else school, self._ends(known[trip.id]))
            for trip in trips
        }
        runs_ = [
            run for trip in trips for run in self._trips(trip, known[trip.id], directions[trip.id])
        ]
        called = dict.fromkeys(call.stop for trip in trips for call in known[trip.id])
        stops = [self.feed.stops[stop] for stop in called]
        shapes = self._shapes(id_, trips, directions)
        document = self._document(raw, school, stops, runs_, shapes)
        return document and (supplemented(document, id_, self.extra) if self.extra else document)

    def _timed(self, trip: RawTrip) -> list[Call] | None:
        return timed(trip, self.feed.calls.pop(trip.id), self.feed.stops, self.report)

    def _refuse_excess(self, id_: str, raw: RawRoute, trips: Sequence[RawTrip]) -> None:
        """Before frequencies are written out: a day may have 86,400 departures."""
        count = 0
        for trip in trips:
            headways = self.feed.headways.get(trip.id)
            count += sum(len(h.departures()) for h in headways) if headways else 1
        if count > MAX_TRIPS:
            message = f"线路{quoted(id_)}有 {count} 个班次，最多 {MAX_TRIPS} 个"
            raw.row.problem("route_id", message)

    def _ends(self, calls: Sequence[Call]) -> tuple[Stop, Stop]:
        return self.feed.stops[calls[0].stop], self.feed.stops[calls[-1].stop]

    def _school(
        self,
        id_: str,
        raw: RawRoute,
        trips: Sequence[RawTrip],
        calls: Mapping[str, Sequence[Call]],
    ) -> School:
        """The one given, else where most outbound trips end."""
        if self.school is not None:
            return self.school
        outbound = [trip for trip in trips if trip.outbound is not False] or trips
        terminals = Counter(calls[trip.id][-1].stop for trip in outbound)
        stop = self.feed.stops[terminals.most_common(1)[0][0]]
        self.guessed.add(id_)
        message = f"没有指定学校，暂把终点站“{stop.name}”当作学校，请核对"
        self.report.notes.add(raw.row.file, raw.row.line, "route_id", message)
        return School(code=stop.id, name=stop.name, lon=stop.lon, lat=stop.lat)

    def _trips(
        self, trip: RawTrip, calls: Sequence[Call], direction: Direction
    ) -> list[tuple[RawTrip, Trip]]:
        name = trip.row.text("trip_short_name")
        columns = {"name": "trip_short_name", "id": "trip_id"}
        made = []
        for run, stop_times in runs(
            trip.id, calls, self.feed.headways.get(trip.id, ()), self.feed.stops
        ):
            document = trip.row.built(
                Trip,
                columns,
                id=self.ids(run),
                direction=direction,
                service=self.ids(trip.service),
                name=name.removesuffix(EXAMPLE),
                stop_times=stop_times,
                example=name.endswith(EXAMPLE),
            )
            if document is None:
                break
            made.append((trip, document))
        return made

    def _shapes(
        self, id_: str, trips: Sequence[RawTrip], directions: Mapping[str, Direction]
    ) -> dict[Direction, Line]:
        """Each direction's most used shape; the others are told."""
        used: dict[Direction, Counter[str]] = {}
        for trip in trips:
            if not trip.shape:
                continue
            if trip.shape not in self.feed.shapes:
                trip.row.problem("shape_id", f"shapes.txt 里没有{quoted(trip.shape)}")
            used.setdefault(directions[trip.id], Counter())[trip.shape] += 1
        chosen: dict[Direction, Line] = {}
        for direction, counted in used.items():
            best, *others = (shape for shape, _ in counted.most_common())
            if line := self.feed.shapes.get(best, ()):
                chosen[direction] = line
            for shape in others:
                message = f"线路{quoted(id_)}同一方向只留一条线形，{quoted(shape)}未导入"
                self.report.left_out.add("shapes.txt", 0, "shape_id", message)
        return chosen

    def _document(
        self,
        raw: RawRoute,
        school: School,
        stops: Sequence[Stop],
        runs_: Sequence[tuple[RawTrip, Trip]],
        shapes: Mapping[Direction, Line],
    ) -> BusRoute | None:
        row, id_ = raw.row, raw.row.text("route_id")
        services = dict.fromkeys(trip.service for trip, _ in runs_)
        for what, count, most in (
            ("站点", len(stops), _MAX_STOPS),
            ("服务日历", len(services), _MAX_SERVICES),
        ):
            if count > most:
                row.problem("route_id", f"线路{quoted(id_)}有 {count} 个{what}，最多 {most} 个")
        for what, ids in (
            ("班次", [trip.id for _, trip in runs_]),
            ("站点", [stop.id for stop in stops]),
            ("服务日历", [self.ids(service) for service in services]),
        ):
            if len(set(ids)) < len(ids):
                again = Counter(ids).most_common(1)[0][0]
                row.problem("route_id", f"线路{quoted(id_)}有两个{what}的编号都成了{again}")
        long, short = row.text("route_long_name"), row.text("route_short_name")
        name = (long or short).removesuffix(EXAMPLE)
        if row.bad:
            return None
        return row.built(
            BusRoute,
            {"name": "route_long_name", "introduction": "route_desc"},
            name=name,
            short_name=short if long else "",
            school=school,
            agency=self.feed.agencies[raw.agency],
            introduction=row.text("route_desc"),
            stops=tuple(stops),
            services=tuple(self.feed.services[service] for service in services),
            trips=tuple(trip for _, trip in runs_),
            shapes=shapes,
            example=(long or short).endswith(EXAMPLE),
        )


def _direction(trip: RawTrip, school: School | None, ends: tuple[Stop, Stop]) -> Direction:
    """Towards the school, if the ends tell; else as the feed says. None: the feed is ours."""
    if school is not None:
        start, end = (distance_m(s.lon, s.lat, school.lon, school.lat) for s in ends)
        if abs(start - end) > _NEAR_M:
            return "to_school" if end < start else "to_home"
    return "to_home" if trip.outbound is False else "to_school"
