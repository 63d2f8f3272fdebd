"""The small tables of a foreign GTFS feed: agencies, stops, routes, trips, calendars, shapes.

Each reader gives what it understood and reports the rest with file and line.
Source: GTFS Schedule Reference.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from geo.crs import Crs, convert
from geo.gtfs_archive import Archive
from geo.gtfs_ids import EXAMPLE_PLACE
from geo.gtfs_report import Report, quoted
from geo.gtfs_rows import Row, rows
from geo.sphere import Box
from geo.transit import Agency, Service, ServiceException, Stop

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BUS = 3
_BUSES = range(700, 800)
"""Extended route types of buses, 712 being school buses."""
_DECIMALS = 9
"""What a conversion of positions is accurate to."""
_PLACES = {1: "车站（站房）", 2: "出入口", 3: "通道节点", 4: "候车区"}
"""``location_type`` of what isn't a stop."""
_MAX_SHAPE = 5000


_UNREADABLE = Agency(name="—")
"""In the place of an agency with problems, so that its routes are not blamed for them."""


class RawRoute(NamedTuple):
    """A row of routes.txt."""

    row: Row
    agency: str


class RawTrip(NamedTuple):
    """A row of trips.txt; ``outbound`` is None where the feed doesn't say."""

    row: Row
    id: str
    route: str
    service: str
    outbound: bool | None
    shape: str


class Tables:
    """Reads tables; ``crs`` is what the feed's positions are in, ``ids`` makes its ids ours.

    Stops outside ``bounds`` (None: anywhere) are taken and noted.
    """

    def __init__(
        self,
        archive: Archive,
        report: Report,
        crs: Crs,
        ids: Callable[[str], str],
        bounds: Box | None,
    ) -> None:
        self._archive = archive
        self._report = report
        self._crs = crs
        self._ids = ids
        self._bounds = bounds

    def feed_info(self) -> None:
        """Note the period and the version that the feed states of itself."""
        required = ("feed_publisher_name", "feed_publisher_url", "feed_lang")
        known = ("feed_start_date", "feed_end_date", "feed_version")
        for row in rows(self._archive, "feed_info.txt", required, known, self._report):
            stated = [f"{name} 为 {quoted(row.text(name))}" for name in known if row.text(name)]
            if stated:
                self._report.notes.add(row.file, row.line, "", "，".join(stated))

    def agencies(self) -> dict[str, Agency]:
        """By agency_id, which may be empty if there is one agency only."""
        found: dict[str, Agency] = {}
        required = ("agency_name", "agency_url", "agency_timezone")
        known = ("agency_id", "agency_phone", "agency_lang")
        for row in rows(self._archive, "agency.txt", required, known, self._report):
            zone, id_ = row.text("agency_timezone"), row.text("agency_id")
            if zone not in ("Asia/Shanghai", "Asia/Chongqing", "PRC"):
                row.problem("agency_timezone", f"时区{quoted(zone)}不对，应为 Asia/Shanghai")
            if id_ in found:
                row.problem("agency_id", f"编号{quoted(id_)}重复")
            optional = {
                name: self._optional(row, column, name)
                for name, column in (("phone", "agency_phone"), ("url", "agency_url"))
            }
            name = row.text("agency_name")
            agency = row.built(Agency, {"name": "agency_name"}, name=name, **optional)
            found.setdefault(id_, agency or _UNREADABLE)
        return found

    def _optional(self, row: Row, column: str, field: str) -> str | None:
        """A value that is left out, and told, rather than keeping the feed out."""
        value = row.text(column)
        if not value:
            return None
        try:
            Agency.model_validate({"name": "-", field: value})
        except ValueError:
            message = f"{quoted(value)}不能照搬（电话须能直接拨打，网址须为 http），未导入"
            self._report.left_out.add(row.file, row.line, column, message)
            return None
        return value

    def stops(self) -> tuple[dict[str, Stop], dict[str, str]]:
        """Stops by stop_id; and of the other places, by stop_id, what they are.

        What a stop with problems is, is empty.
        """
        found: dict[str, Stop] = {}
        others: dict[str, str] = {}
        known = ("stop_name", "stop_lat", "stop_lon", "stop_code", "stop_desc", "location_type")
        for row in rows(self._archive, "stops.txt", ("stop_id",), known, self._report):
            id_ = row.id("stop_id")
            if id_ in found or id_ in others:
                row.problem("stop_id", f"编号{quoted(id_)}重复")
            kind = row.whole("location_type", default=0, most=4)
            if row.bad:
                others.setdefault(id_, "")
            elif kind:
                others[id_] = _PLACES[kind]
                message = f"{quoted(id_)}是{_PLACES[kind]}，不是站点，未导入"
                self._report.left_out.add(row.file, row.line, "location_type", message)
            elif stop := self._stop(row, id_):
                found[id_] = stop
            else:
                others[id_] = ""
        return found, others

    def _stop(self, row: Row, id_: str) -> Stop | None:
        lat, lon = row.decimal("stop_lat", -90, 90), row.decimal("stop_lon", -180, 180)
        if row.bad:
            return None
        if lon == 0 and lat == 0:
            row.problem("stop_lat", "经纬度都是 0，不是真实位置")
            return None
        lon, lat = self._position(lon, lat)
        if self._bounds is not None and not self._bounds.contains(lon, lat):
            where = f"{quoted(row.text('stop_name'))}（经度 {lon:.4f}、纬度 {lat:.4f}）"
            message = f"{where}不在本市范围内，发布前须改正"
            self._report.notes.add(row.file, row.line, "stop_lat", message)
        note = row.text("stop_desc")
        columns = {"name": "stop_name", "code": "stop_code", "note": "stop_desc", "id": "stop_id"}
        return row.built(
            Stop,
            columns,
            id=self._ids(id_),
            name=row.text("stop_name"),
            lon=lon,
            lat=lat,
            code=row.text("stop_code"),
            note=note.removesuffix(EXAMPLE_PLACE),
            example=note.endswith(EXAMPLE_PLACE),
        )

    def _position(self, lon: float, lat: float) -> tuple[float, float]:
        if self._crs == "wgs84":
            return lon, lat
        lon, lat = convert(lon, lat, self._crs, "wgs84")
        return round(lon, _DECIMALS), round(lat, _DECIMALS)

    def routes(self, agencies: Mapping[str, Agency]) -> tuple[dict[str, RawRoute], set[str]]:
        """Bus routes by route_id, and the ids of the others."""
        found: dict[str, RawRoute] = {}
        others: set[str] = set()
        required = ("route_id", "route_type")
        names = ("route_short_name", "route_long_name", "route_desc")
        known = ("agency_id", *names, "route_color", "route_text_color")
        for row in rows(self._archive, "routes.txt", required, known, self._report):
            id_, kind = row.id("route_id"), row.whole("route_type", most=1999)
            if id_ in found or id_ in others:
                row.problem("route_id", f"编号{quoted(id_)}重复")
            elif not row.bad and kind != _BUS and kind not in _BUSES:
                others.add(id_)
                message = f"线路{quoted(id_)}不是公交（route_type {kind}），未导入"
                self._report.left_out.add(row.file, row.line, "route_type", message)
                continue
            if not (row.text("route_short_name") or row.text("route_long_name")):
                row.problem("route_long_name", "route_short_name 和 route_long_name 至少要有一个")
            agency = row.text("agency_id")
            if not agency and len(agencies) == 1:
                agency = next(iter(agencies))
            elif agency not in agencies:
                row.problem("agency_id", f"agency.txt 里没有{quoted(agency)}")
            found.setdefault(id_, RawRoute(row, agency))
        return found, others

    def trips(
        self, routes: Mapping[str, RawRoute], others: set[str], services: Mapping[str, Service]
    ) -> tuple[dict[str, RawTrip], set[str]]:
        """Trips of bus routes by trip_id, and the ids of the other routes' trips."""
        found: dict[str, RawTrip] = {}
        skipped: set[str] = set()
        required = ("route_id", "service_id", "trip_id")
        known = ("trip_short_name", "direction_id", "shape_id")
        for row in rows(self._archive, "trips.txt", required, known, self._report):
            id_, route, service = (row.id(name) for name in ("trip_id", "route_id", "service_id"))
            if id_ in found or id_ in skipped:
                row.problem("trip_id", f"编号{quoted(id_)}重复")
                continue
            if route in others:
                skipped.add(id_)
                continue
            if route and route not in routes:
                row.problem("route_id", f"routes.txt 里没有{quoted(route)}")
            if service and service not in services:
                row.problem("service_id", f"日历里没有{quoted(service)}")
            blank = not row.text("direction_id")
            inbound = row.whole("direction_id", default=0, most=1)
            outbound = None if blank else not inbound
            found[id_] = RawTrip(row, id_, route, service, outbound, row.text("shape_id"))
        return found, skipped

    def services(self) -> dict[str, Service]:
        """By service_id; of rule ``plain``, for a foreign feed knows no other."""
        periods: dict[str, tuple[Row, str, date, date]] = {}
        required = ("service_id", *WEEKDAYS, "start_date", "end_date")
        for row in rows(self._archive, "calendar.txt", required, (), self._report):
            id_ = row.id("service_id")
            weekdays = "".join(str(row.whole(name, most=1)) for name in WEEKDAYS)
            start, end = row.day("start_date"), row.day("end_date")
            if id_ in periods:
                row.problem("service_id", f"编号{quoted(id_)}重复")
            elif end < start and not row.bad:
                row.problem("end_date", f"日历的结束日期 {end} 早于开始日期 {start}")
            periods.setdefault(id_, (row, weekdays, start, end))
        dates = self._dates()
        found = {}
        for id_ in dict.fromkeys((*periods, *dates)):
            first, exceptions = dates.get(id_, (None, {}))
            if id_ in periods:
                row, weekdays, start, end = periods[id_]
            elif first is not None:
                row, weekdays, start, end = first, "0" * 7, min(exceptions), max(exceptions)
            found[id_] = (row, weekdays, start, end, exceptions)
        return {id_: s for id_, given in found.items() if (s := self._service(id_, *given))}

    def _dates(self) -> dict[str, tuple[Row, dict[date, bool]]]:
        found: dict[str, tuple[Row, dict[date, bool]]] = {}
        required = ("service_id", "date", "exception_type")
        for row in rows(self._archive, "calendar_dates.txt", required, (), self._report):
            id_, day, kind = row.id("service_id"), row.day("date"), row.text("exception_type")
            if kind not in ("1", "2"):
                row.problem("exception_type", f"{quoted(kind)}不对，应为 1（加开）或 2（停开）")
            if row.bad:
                continue
            _, exceptions = found.setdefault(id_, (row, {}))
            if day in exceptions:
                row.problem("date", f"{quoted(id_)}在 {day} 有两行")
            exceptions[day] = kind == "1"
        return found

    def _service(
        self, id_: str, row: Row, weekdays: str, start: date, end: date, dates: dict[date, bool]
    ) -> Service | None:
        exceptions = tuple(ServiceException(date=d, runs=r) for d, r in sorted(dates.items()))
        return row.built(
            Service,
            {"exceptions": "calendar_dates"},
            id=self._ids(id_),
            weekdays=weekdays,
            start=start,
            end=max(start, end),
            rule="plain",
            exceptions=exceptions,
        )

    def shapes(self, wanted: set[str]) -> dict[str, tuple[tuple[float, float], ...]]:
        """Those wanted, by shape_id: (lon, lat) points in order; none where we can't take it."""
        points: dict[str, list[tuple[int, float, float]]] = {}
        required = ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence")
        known = ("shape_dist_traveled",)
        for row in rows(self._archive, "shapes.txt", required, known, self._report):
            id_ = row.id("shape_id")
            lat, lon = row.decimal("shape_pt_lat", -90, 90), row.decimal("shape_pt_lon", -180, 180)
            place = row.whole("shape_pt_sequence")
            if id_ in wanted and not row.bad:
                points.setdefault(id_, []).append((place, lon, lat))
        found: dict[str, Any] = {}
        for id_, line in points.items():
            if 2 <= len(line) <= _MAX_SHAPE:
                line.sort()
                found[id_] = tuple(self._position(lon, lat) for _, lon, lat in line)
            else:
                found[id_] = ()
                message = f"线形{quoted(id_)}有 {len(line)} 个点，应为 2 到 {_MAX_SHAPE} 个，未导入"
                self._report.left_out.add("shapes.txt", 0, "shape_id", message)
        return found
