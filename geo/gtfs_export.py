"""Our school lines as a GTFS feed: a zip file that any journey planner reads.

Positions are WGS-84, as GTFS has them, texts Chinese, times those of Asia/Shanghai. What GTFS has
no place for (school, grades, rule and reasons of service days, sources) stands in ``tongyou.json``
(:mod:`geo.gtfs_extra`); other readers pass it over. The same input gives the same bytes.
Source: GTFS Schedule Reference.

The documents are taken as published, that is, checked. What would break the feed nevertheless is
left out of its tables: a trip of an unknown service or stop, the second of two equal ids.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from geo import gtfs_extra
from geo.calendar import Calendar
from geo.gtfs_calendar import GtfsDays, gtfs_days
from geo.gtfs_ids import (
    EXAMPLE,
    EXAMPLE_PLACE,
    FIRST_SEQUENCE,
    Routes,
    StopIds,
    inner_id,
    route_id,
    shape_id,
)
from geo.transit import Agency, BusRoute, Direction, Trip, seconds

TIMEZONE = "Asia/Shanghai"
DIRECTIONS: Mapping[Direction, str] = {"to_school": "0", "to_home": "1"}
"""``direction_id``: outbound is the way to school."""

_BUS = "3"
"""``route_type``; the extended 712 (school bus) is no part of the reference."""
_COLOUR, _TEXT_COLOUR = "F5B700", "000000"
_NO = "1"
"""``pickup_type`` and ``drop_off_type`` where nobody can board or alight."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The zip format's earliest date, in place of the time of export."""

Cells = Iterable[tuple[str | float | int, ...]]


class FeedInfo(NamedTuple):
    """Who publishes the feed.

    ``publisher_url`` also stands in for the address of an agency that has none, since GTFS
    demands one. ``version`` is the edition's number. ``contact`` is an e-mail address or a URL.
    """

    publisher_name: str
    publisher_url: str
    version: str
    lang: str = "zh-CN"
    contact: str = ""


def export_gtfs(routes: Routes, calendar: Calendar, feed: FeedInfo) -> bytes:
    """The feed of these routes, given with the ids of their listings, as a zip file.

    ``calendar`` tells the school days; see :mod:`geo.gtfs_calendar` for years not announced.
    """
    tables = _Export(routes, calendar, feed).tables()
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in tables.items()}
    tables[gtfs_extra.FILE] = gtfs_extra.dump(routes, digests)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in tables.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, body)
    return out.getvalue()


class _Export:
    def __init__(self, routes: Routes, calendar: Calendar, feed: FeedInfo) -> None:
        self._feed = feed
        self._routes = sorted(routes, key=lambda pair: pair[0])
        self._stops = StopIds(self._routes)
        self._agencies = _agencies(route for _, route in self._routes)
        self._days = _service_days(self._routes, calendar)

    def tables(self) -> dict[str, bytes]:
        """Every table by its file name; optional ones only with rows in them."""
        trips = list(self._running())
        tables = {
            "agency.txt": _table(
                "agency_id,agency_name,agency_url,agency_timezone,agency_lang,agency_phone",
                self._agency_rows(),
            ),
            "stops.txt": _table(
                "stop_id,stop_code,stop_name,stop_desc,stop_lat,stop_lon,location_type",
                self._stop_rows(),
            ),
            "routes.txt": _table(
                "route_id,agency_id,route_short_name,route_long_name,route_desc,route_type,"
                "route_color,route_text_color",
                self._route_rows(),
            ),
            "trips.txt": _table(
                "route_id,service_id,trip_id,trip_headsign,trip_short_name,direction_id,shape_id",
                (_trip_row(*trip) for trip in trips),
            ),
            "stop_times.txt": _table(
                "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,"
                "drop_off_type,timepoint",
                (row for listing, _, trip in trips for row in self._stop_times(listing, trip)),
            ),
            "calendar.txt": _table(
                "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
                "start_date,end_date",
                self._calendar_rows(),
            ),
            "calendar_dates.txt": _table(
                "service_id,date,exception_type",
                (
                    (id_, _day(day), 1 if runs else 2)
                    for id_, days in self._days.items()
                    for day, runs in days.dates
                ),
            ),
            "shapes.txt": _table(
                "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence", self._shape_rows()
            ),
            "feed_info.txt": _table(
                "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,"
                "feed_version,feed_contact_email,feed_contact_url",
                [self._feed_row()],
            ),
        }
        optional = ("calendar_dates.txt", "shapes.txt")
        return {n: t for n, t in tables.items() if n not in optional or t.count(b"\r\n") > 1}

    def _running(self) -> Iterator[tuple[int, BusRoute, Trip]]:
        """The trips whose service and stops are there, each id once."""
        for listing_id, route in self._routes:
            seen = set()
            for trip in route.trips:
                known = inner_id(listing_id, trip.service) in self._days and all(
                    self._stops.of(listing_id, call.stop) for call in trip.stop_times
                )
                if known and trip.id not in seen:
                    seen.add(trip.id)
                    yield listing_id, route, trip

    def _agency_rows(self) -> Cells:
        feed = self._feed
        for name, agency in self._agencies.items() or [(feed.publisher_name, None)]:
            url = agency.url if agency else None
            phone = agency.phone if agency else None
            address = url or feed.publisher_url
            yield _agency_id(name), name, address, TIMEZONE, feed.lang, phone or ""

    def _stop_rows(self) -> Cells:
        for id_, stop in self._stops.stops.items():
            note = stop.note + (EXAMPLE_PLACE if stop.example else "")
            yield id_, stop.code, stop.name, note, stop.lat, stop.lon, 0

    def _route_rows(self) -> Cells:
        for listing_id, route in self._routes:
            agency = _agency_id(route.agency.name)
            short = "" if route.short_name == route.name else route.short_name
            name = route.name + (EXAMPLE if route.example else "")
            about = " ".join(route.introduction.split())
            ids = route_id(listing_id), agency
            yield *ids, short, name, about, _BUS, _COLOUR, _TEXT_COLOUR

    def _stop_times(self, listing_id: int, trip: Trip) -> Cells:
        id_, last = inner_id(listing_id, trip.id), len(trip.stop_times) - 1
        for place, call in enumerate(trip.stop_times):
            stop = self._stops.of(listing_id, call.stop) or ""
            arrival, departure = _time(call.arrival), _time(call.departure or call.arrival)
            pickup, drop_off = _NO if place == last else "0", _NO if place == 0 else "0"
            calls = id_, arrival, departure, stop, place + FIRST_SEQUENCE
            yield *calls, pickup, drop_off, int(call.timepoint)

    def _calendar_rows(self) -> Cells:
        for id_, days in self._days.items():
            if days.start and days.end:
                yield id_, *days.weekdays, _day(days.start), _day(days.end)

    def _shape_rows(self) -> Cells:
        for listing_id, route in self._routes:
            for direction in sorted(route.shapes):
                if not _drawn(route, direction):
                    continue
                for place, (lon, lat) in enumerate(route.shapes[direction], start=1):
                    yield shape_id(listing_id, direction), lat, lon, place

    def _feed_row(self) -> tuple[str, ...]:
        feed = self._feed
        spans = [span for days in self._days.values() if (span := days.span())]
        first = _day(min(start for start, _ in spans)) if spans else ""
        last = _day(max(end for _, end in spans)) if spans else ""
        email, url = (feed.contact, "") if "@" in feed.contact else ("", feed.contact)
        about = feed.publisher_name, feed.publisher_url, feed.lang
        return *about, first, last, feed.version, email, url


def _trip_row(listing_id: int, route: BusRoute, trip: Trip) -> tuple[str, ...]:
    names = {stop.id: stop.name for stop in route.stops}
    to_school = trip.direction == "to_school"
    headsign = route.school.name if to_school else names[trip.stop_times[-1].stop]
    name = trip.name + (EXAMPLE if trip.example else "")
    shape = shape_id(listing_id, trip.direction) if _drawn(route, trip.direction) else ""
    ids = [inner_id(listing_id, own) for own in (trip.service, trip.id)]
    return route_id(listing_id), *ids, headsign, name, DIRECTIONS[trip.direction], shape


def _drawn(route: BusRoute, direction: Direction) -> bool:
    """Whether the direction has a shape that GTFS takes: a line has two points."""
    return len(route.shapes.get(direction, ())) > 1


def _agencies(routes: Iterable[BusRoute]) -> dict[str, Agency]:
    """By name; of what routes say differently the first that says something counts."""
    found: dict[str, Agency] = {}
    for route in routes:
        new, known = route.agency, found.get(route.agency.name, route.agency)
        found[new.name] = Agency(
            name=new.name, phone=known.phone or new.phone, url=known.url or new.url
        )
    return dict(sorted(found.items()))


def _agency_id(name: str) -> str:
    return "a" + hashlib.sha256(name.encode()).hexdigest()[:10]


def _service_days(routes: Routes, calendar: Calendar) -> dict[str, GtfsDays]:
    """By service_id; those that GTFS can say nothing of are left out."""
    found: dict[str, GtfsDays] = {}
    for listing_id, route in routes:
        for service in route.services:
            id_ = inner_id(listing_id, service.id)
            days = gtfs_days(service, calendar)
            if id_ not in found and (days.start or days.dates):
                found[id_] = days
    return found


def _table(header: str, rows: Cells) -> bytes:
    out = io.StringIO()
    out.write(header + "\r\n")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _time(clock: str) -> str:
    total = seconds(clock)
    return f"{total // 3600:02}:{total // 60 % 60:02}:{total % 60:02}"
