"""What a school line and a notice say: documents in the terms of GTFS.

A route carries its own stops, services and trips, so that it can be edited, reviewed and
published as one listing. Stops of the same ``id`` on several routes are the same stop.
Source of the terms: GTFS Schedule Reference (agency, route, trip, stop, stop_time, calendar,
calendar_dates, shape, timepoint).
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from geo.listing_base import Dialable, Document, Line, ListingDocument, Name, Text

TransitId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""A GTFS id: stable, and the same wherever the same thing is meant."""

Clock = Annotated[str, StringConstraints(pattern=r"^[0-4][0-9]:[0-5][0-9](:[0-5][0-9])?$")]
"""Time of the service day; 25:10 is ten past one in the following night."""

Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]

Direction = Literal["to_school", "to_home"]

Shape = Annotated[tuple[tuple[Longitude, Latitude], ...], Field(max_length=5000)]
"""The way driven, (lon, lat) points in order."""


def seconds(clock: str) -> int:
    """Seconds since the service day's midnight (noon minus 12 hours, as GTFS has it)."""
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + (rest[0] if rest else 0)


class Stop(Document):
    """Where a bus calls; WGS-84 degrees. ``example`` marks a position made up to show the map."""

    id: TransitId
    name: Name
    lon: Longitude
    lat: Latitude
    code: Line = ""
    note: Line = ""
    """In words: which side of the road, which gate."""
    example: bool = False


class StopTime(Document):
    """A call of a trip; ``timepoint`` is True for a time that is kept, False for an estimate."""

    stop: TransitId
    arrival: Clock
    departure: Clock | None = None
    """None: the bus leaves as it arrives."""
    timepoint: bool = True


class Trip(Document):
    """One run, on every day of its service."""

    id: TransitId
    direction: Direction
    service: TransitId
    name: Line = ""
    """As families call it: 第一班."""
    grades: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(max_length=12)] = ()
    """School years that finish in time for it; empty: all."""
    stop_times: Annotated[tuple[StopTime, ...], Field(min_length=2, max_length=200)]
    example: bool = False


class ServiceException(Document):
    """A date on which a service runs, or doesn't, against its rule."""

    date: date
    runs: bool
    reason: Line = ""


class Service(Document):
    """The days on which trips run.

    ``weekdays`` are seven digits, Monday first. With ``rule`` ``school`` public holidays and
    school holidays are off and make-up working days are school days, by the city's calendar;
    with ``plain`` only the weekdays and exceptions count, as in GTFS.
    """

    id: TransitId
    weekdays: Annotated[str, StringConstraints(pattern="^[01]{7}$")]
    start: date
    end: date
    rule: Literal["school", "plain"] = "school"
    exceptions: Annotated[tuple[ServiceException, ...], Field(max_length=800)] = ()


class School(Document):
    """The school that a line serves; the position is its gate, WGS-84 degrees."""

    code: TransitId
    name: Name
    lon: Longitude
    lat: Latitude
    example: bool = False


class Agency(Document):
    """Who runs the line."""

    name: Name
    phone: Dialable | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]{3,300}$")] | None = None


class BusRoute(ListingDocument):
    """A school line. ``example`` says that its timetable is made up to show how one looks."""

    type: Literal["bus_route"] = "bus_route"
    short_name: Line = ""
    school: School
    agency: Agency
    fare: Line = ""
    phone: Dialable | None = None
    introduction: Text = ""
    stops: Annotated[tuple[Stop, ...], Field(max_length=200)] = ()
    services: Annotated[tuple[Service, ...], Field(max_length=20)] = ()
    trips: Annotated[tuple[Trip, ...], Field(max_length=400)] = ()
    shapes: dict[
        Direction, Annotated[tuple[tuple[Longitude, Latitude], ...], Field(max_length=5000)]
    ] = Field(default_factory=dict)
    """In each direction; none: straight from stop to stop."""
    example: bool = False


class Notice(ListingDocument):
    """A suspension or change of some routes, trips or stops, for a time.

    It is told from ``announced_at`` on and in force from ``start`` to ``end`` (None: until
    further notice). Empty ``trips`` and ``stops`` mean the whole of each route.
    """

    type: Literal["notice"] = "notice"
    effect: Literal["suspension", "detour", "time_change", "other"]
    text: Text
    routes: Annotated[tuple[int, ...], Field(max_length=200)] = ()
    """Listing ids; empty: all routes."""
    trips: Annotated[tuple[TransitId, ...], Field(max_length=400)] = ()
    stops: Annotated[tuple[TransitId, ...], Field(max_length=200)] = ()
    announced_at: datetime
    start: datetime
    end: datetime | None = None
    delay_minutes: Annotated[int, Field(ge=-120, le=240)] | None = None
    """For a time change: by how much every time is later (negative: earlier)."""
    replacement: Line = ""
    """What families can do instead; a suspension has this or a phone number."""
    phone: Dialable | None = None

    def touches(self, route: int) -> bool:
        """Whether it is about the route with that listing id, or about all."""
        return not self.routes or route in self.routes

    @model_validator(mode="after")
    def _in_order(self) -> "Notice":
        if any(
            at is not None and at.tzinfo is None for at in (self.announced_at, self.start, self.end)
        ):
            raise ValueError("公告的时间须注明时区")
        if self.end is not None and self.end <= self.start:
            raise ValueError("公告的结束时间不晚于开始时间")
        return self
