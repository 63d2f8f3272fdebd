"""An agency's own GTFS feed as documents of ours.

What is understood becomes one :class:`~geo.transit.BusRoute` a bus route; every problem is told
with file and line; what our documents have no place for is told as left out. Nothing that is in a
file raises.

Decisions:

- A foreign feed knows no school. It is given, or taken to be the place where most outbound trips
  end, and noted for staff to correct.
- A trip goes ``to_school`` if it ends nearer the school than it begins; only where that doesn't
  tell them apart ``direction_id`` does (0: to school).
- Services are ``plain``: a feed has its holidays written out.
- Trips of frequencies.txt are written out; those without exact times, and times that were blank,
  are no timepoints.
- Each direction keeps the shape that most of its trips have.
- Our own feeds are restored from ``tongyou.json`` (:mod:`geo.gtfs_extra`).

Source: GTFS Schedule Reference.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from geo import gtfs_extra
from geo.crs import Crs
from geo.gtfs_archive import Archive
from geo.gtfs_extra import Extra
from geo.gtfs_report import Problem, Refused, Report, quoted
from geo.gtfs_routes import Builder, Feed
from geo.gtfs_rows import our_id, own_id
from geo.gtfs_tables import RawTrip, Tables
from geo.gtfs_trips import read_calls, read_headways
from geo.sphere import Box
from geo.transit import BusRoute, School, Stop

REQUIRED = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")
OPTIONAL = ("calendar.txt", "calendar_dates.txt", "frequencies.txt", "shapes.txt", "feed_info.txt")
NOT_TAKEN = {
    "fare_attributes.txt": "票价",
    "fare_rules.txt": "票价",
    "fare_products.txt": "票价",
    "fare_media.txt": "票价",
    "fare_leg_rules.txt": "票价",
    "fare_leg_join_rules.txt": "票价",
    "fare_transfer_rules.txt": "票价",
    "rider_categories.txt": "票价",
    "timeframes.txt": "票价",
    "areas.txt": "票价分区",
    "stop_areas.txt": "票价分区",
    "networks.txt": "线网",
    "route_networks.txt": "线网",
    "transfers.txt": "换乘",
    "pathways.txt": "站内通道",
    "levels.txt": "站内楼层",
    "location_groups.txt": "按需响应",
    "location_group_stops.txt": "按需响应",
    "locations.geojson": "按需响应",
    "booking_rules.txt": "预约",
    "translations.txt": "译名",
    "attributions.txt": "署名",
}
"""Files of the reference that our documents have no place for, and what they hold."""


@dataclass(frozen=True)
class Imported:
    """What a feed holds; nothing is to be imported while there are ``problems``.

    ``routes`` are documents with their route_id, which is the same whenever the feed is imported
    again. ``left_out`` was not taken, ``notes`` were assumed. ``guessed`` are the route_ids whose
    school was not given. ``own`` says that the feed is one of ours, so that ``r12`` was listing 12.
    """

    routes: list[tuple[str, BusRoute]]
    problems: list[Problem]
    left_out: list[Problem]
    notes: list[Problem]
    guessed: frozenset[str] = frozenset()
    own: bool = False


def import_gtfs(
    data: bytes | Path,
    *,
    crs: Crs = "wgs84",
    school: School | None = None,
    bounds: Box | None = None,
) -> Imported:
    """Read a feed.

    Args:
        data: the zip file.
        crs: what the feed's positions are in; GTFS demands WGS-84, not every feed obeys.
        school: the one that all of the feed's routes serve.
        bounds: the city's; stops outside are noted with file and line.

    Raises:
        OSError: ``data`` is a path that can't be read.
    """
    report = Report()
    reader = None
    try:
        reader = _Reader(Archive(data, report), report, crs, school, bounds)
        reader.read()
    except Refused as refusal:
        report.problems.add(*refusal.problem)
    told = report.problems.all(), report.left_out.all(), report.notes.all()
    if reader is None:
        return Imported([], *told)
    return Imported(reader.found, *told, frozenset(reader.guessed), reader.own)


@dataclass
class _Reader:
    archive: Archive
    report: Report
    crs: Crs
    school: School | None
    bounds: Box | None
    own: bool = False
    found: list[tuple[str, BusRoute]] = field(default_factory=list)
    guessed: set[str] = field(default_factory=set)

    def read(self) -> None:
        extra = gtfs_extra.read(self.archive, self.report)
        self.own = extra is not None
        if extra is not None and not extra.changed:
            self.found = list(extra.documents.items())
            return
        if extra is not None:
            changed = "、".join(sorted(quoted(name)[1:-1] for name in extra.changed))
            message = f"导出后各表有改动（{changed}），以各表为准；表里没有的内容仍取自这个文件"
            self.report.notes.add(gtfs_extra.FILE, 0, "", message)
        self._files()
        if not self.report.problems:
            self._tables(extra)

    def _files(self) -> None:
        files, problems = self.archive.files, self.report.problems
        for name in REQUIRED:
            if name not in files:
                problems.add(name, 0, "", "缺少这个文件")
        if not files & {"calendar.txt", "calendar_dates.txt"}:
            problems.add("calendar.txt", 0, "", "缺少这个文件，也没有 calendar_dates.txt")
        for name in sorted(files - {*REQUIRED, *OPTIONAL, gtfs_extra.FILE}):
            what = f"{NOT_TAKEN[name]}没有对应的内容" if name in NOT_TAKEN else "不是 GTFS 的文件"
            self.report.left_out.add(quoted(name)[1:-1], 0, "", f"{what}，未读取")

    def _tables(self, extra: Extra | None) -> None:
        ids = own_id if extra is not None else our_id
        tables = Tables(self.archive, self.report, self.crs, ids, self.bounds)
        tables.feed_info()
        agencies, services = tables.agencies(), tables.services()
        stops, other_stops = tables.stops()
        routes, other_routes = tables.routes(agencies)
        trips, skipped = tables.trips(routes, other_routes, services)
        calls = read_calls(self.archive, self.report, trips, skipped, stops, other_stops)
        headways = read_headways(self.archive, self.report, trips, skipped)
        shapes = tables.shapes({trip.shape for trip in trips.values()})
        by_route: dict[str, list[RawTrip]] = defaultdict(list)
        for trip in trips.values():
            by_route[trip.route].append(trip)
        feed = Feed(agencies, stops, services, by_route, calls, headways, shapes)
        builder = Builder(feed, self.report, self.school, extra, ids)
        for id_, route in routes.items():
            if document := builder.route(id_, route):
                self.found.append((id_, document))
        self.guessed = builder.guessed
        if not self.report.problems:
            self._unused(stops)

    def _unused(self, stops: dict[str, Stop]) -> None:
        used = {stop.id for _, document in self.found for stop in document.stops}
        unused = [id_ for id_, stop in stops.items() if stop.id not in used]
        if unused:
            message = f"有 {len(unused)} 个站点没有导入的班次停靠，未导入，如{quoted(unused[0])}"
            self.report.left_out.add("stops.txt", 0, "", message)
