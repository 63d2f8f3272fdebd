"""What the public is told of a school line and of a notice: the answers' own models.

Encoded once per edition by ``geo.bake``; what depends on the time is in ``geo.bus_answers``.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from geo.crs import Crs, convert
from geo.listing_base import ListingDocument, Provenance
from geo.public import Public, UpdatedOn, told_update
from geo.transit import Agency, BusRoute, Direction, Notice, Service, Trip


class Point(Public):
    """A position in the form that the mini-program's map takes."""

    latitude: float
    longitude: float


class PlacedStop(Public):
    """A stop in the coordinate system that the answer names."""

    id: str
    name: str
    lat: float
    lon: float
    code: str
    note: str
    example: bool = Field(description="位置为示例，并非实际站点位置")


class PlacedSchool(Public):
    """A school's gate in the coordinate system that the answer names."""

    code: str
    name: str
    lat: float
    lon: float
    example: bool


class Polyline(Public):
    """A direction's way, as the mini-program's map draws it."""

    direction: Direction
    points: list[Point]


class Told(Public):
    """Where what a listing says comes from, and how fresh it is."""

    id: int
    name: str
    verified: bool
    updated_on: UpdatedOn
    source: str
    confirmed_on: date | None
    facts: dict[str, Provenance]
    changed_in: int


class RouteRecord(Told):
    """A school line, as an edition fixes it."""

    short_name: str
    school: PlacedSchool
    agency: Agency
    fare: str
    phone: str | None
    introduction: str
    stops: list[PlacedStop]
    services: list[Service]
    trips: list[Trip]
    polyline: list[Polyline]
    example: bool = Field(description="时刻为示例，不可据以乘车")


class NoticeRecord(Told):
    """A suspension or change, as an edition fixes it."""

    effect: Literal["suspension", "detour", "time_change", "other"]
    text: str
    routes: list[int]
    trips: list[str]
    stops: list[str]
    announced_at: datetime
    start: datetime
    end: datetime | None
    delay_minutes: int | None
    replacement: str
    phone: str | None


def route_record(
    id_: int, route: BusRoute, updated_on: date, changed_in: int, crs: Crs
) -> RouteRecord:
    """The public form of a school line, its positions in ``crs``."""
    lon, lat = _degrees(route.school.lon, route.school.lat, crs)
    return RouteRecord(
        **_told(id_, route, told_update(route, updated_on), changed_in),
        short_name=route.short_name,
        school=PlacedSchool(
            code=route.school.code,
            name=route.school.name,
            lat=lat,
            lon=lon,
            example=route.school.example,
        ),
        agency=route.agency,
        fare=route.fare,
        phone=route.phone or route.agency.phone,
        introduction=route.introduction,
        stops=[_stop(route, place, crs) for place in range(len(route.stops))],
        services=list(route.services),
        trips=list(route.trips),
        polyline=[
            Polyline(direction=direction, points=_points(route, direction, crs))
            for direction in ("to_school", "to_home")
            if any(trip.direction == direction for trip in route.trips)
        ],
        example=route.example,
    )


def notice_record(id_: int, notice: Notice, updated_on: date, changed_in: int) -> NoticeRecord:
    """The public form of a notice."""
    return NoticeRecord(
        **_told(id_, notice, told_update(notice, updated_on), changed_in),
        effect=notice.effect,
        text=notice.text,
        routes=list(notice.routes),
        trips=list(notice.trips),
        stops=list(notice.stops),
        announced_at=notice.announced_at,
        start=notice.start,
        end=notice.end,
        delay_minutes=notice.delay_minutes,
        replacement=notice.replacement,
        phone=notice.phone,
    )


def _told(
    id_: int, document: ListingDocument, updated_on: date | None, changed_in: int
) -> dict[str, object]:
    rest = document.facts.get("")
    return {
        "id": id_,
        "name": document.name,
        "verified": document.verified,
        "updated_on": updated_on,
        "source": rest.source if rest else "",
        "confirmed_on": rest.confirmed_on if rest else None,
        "facts": {field: fact for field, fact in document.facts.items() if field},
        "changed_in": changed_in,
    }


def _stop(route: BusRoute, place: int, crs: Crs) -> PlacedStop:
    stop = route.stops[place]
    lon, lat = _degrees(stop.lon, stop.lat, crs)
    return PlacedStop(
        id=stop.id,
        name=stop.name,
        lat=lat,
        lon=lon,
        code=stop.code,
        note=stop.note,
        example=stop.example,
    )


def _points(route: BusRoute, direction: Direction, crs: Crs) -> list[Point]:
    """The shape, or where there is none straight lines along the longest trip's stops."""
    way = route.shapes.get(direction, ())
    if not way:
        place = {stop.id: (stop.lon, stop.lat) for stop in route.stops}
        trips = [trip.stop_times for trip in route.trips if trip.direction == direction]
        way = tuple(place[time.stop] for time in max(trips, key=len) if time.stop in place)
    degrees = (_degrees(lon, lat, crs) for lon, lat in way)
    return [Point(latitude=lat, longitude=lon) for lon, lat in degrees]


def _degrees(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    x, y = convert(lon, lat, "wgs84", crs)
    return round(x, 6), round(y, 6)
