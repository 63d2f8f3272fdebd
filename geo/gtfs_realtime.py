"""Notices and positions as GTFS-Realtime messages, referring to the ids of our GTFS feed.

The protobuf classes are loaded when a message is first made: a worker that makes none does
without their memory. A position's longitude and latitude are single precision by the format, which
is within a metre. Source: GTFS Realtime Reference 2.0.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from geo.gtfs_ids import FIRST_SEQUENCE, Routes, StopIds, inner_id, route_id
from geo.transit import BusRoute, Notice

if TYPE_CHECKING:
    from google.transit.gtfs_realtime_pb2 import Alert, EntitySelector, FeedMessage

VERSION = "2.0"
LANGUAGE = "zh-CN"


class VehicleNow(NamedTuple):
    """Where a bus was last seen.

    ``vehicle`` is its operator's own name for it. ``route`` is a listing's id, ``trip`` the trip's
    own id on it, None while the bus is on none; ``service_day`` is the day whose timetable it
    drives by. ``lon``/``lat`` are WGS-84 degrees, ``bearing`` degrees clockwise from north,
    ``speed`` metres a second; ``at`` is aware. ``stop_sequence`` is the place in the trip, from 0,
    of the stop that it makes for, or at which it has ``stopped``; None where that is not known.
    """

    operator: str
    vehicle: str
    route: int
    trip: str | None
    lon: float
    lat: float
    at: datetime
    bearing: float | None = None
    speed: float | None = None
    service_day: date | None = None
    stop_sequence: int | None = None
    stopped: bool = False


def alerts(
    notices: Sequence[tuple[int, Notice]], routes: Routes, at: datetime, edition: int
) -> bytes:
    """The notices that are told at that moment and not over, as a full dataset.

    Args:
        notices: with the ids of their listings.
        routes: all of the feed's, in which the notices' trips and stops are looked up.
        at: aware.
        edition: the version of the GTFS feed referred to.
    """
    message = _message(at, edition)
    stop_ids = StopIds(routes)
    for listing_id, notice in sorted(notices, key=lambda pair: pair[0]):
        if notice.announced_at > at or (notice.end is not None and notice.end <= at):
            continue
        selectors = list(_selectors(notice, routes, stop_ids))
        if not selectors:
            continue  # an alert must inform something; all it names is gone
        entity = message.entity.add(id=f"notice-{listing_id}")
        _fill(entity.alert, notice)
        entity.alert.informed_entity.extend(selectors)
    body: bytes = message.SerializeToString(deterministic=True)
    return body


def vehicle_positions(positions: Sequence[VehicleNow], at: datetime, edition: int) -> bytes:
    """The positions as a full dataset, in the order of operators and vehicles; see :func:`alerts`.

    A vehicle's id begins with its operator's name, for two operators may have a bus No. 1 each.
    """
    from google.transit.gtfs_realtime_pb2 import VehiclePosition

    message = _message(at, edition)
    for now in sorted(positions, key=lambda one: (one.operator, one.vehicle)):
        id_ = f"{now.operator}/{now.vehicle}"
        vehicle = message.entity.add(id=id_).vehicle
        vehicle.vehicle.id, vehicle.vehicle.label = id_, now.vehicle
        vehicle.trip.route_id = route_id(now.route)
        if now.trip is not None:
            vehicle.trip.trip_id = inner_id(now.route, now.trip)
            if now.service_day is not None:
                vehicle.trip.start_date = f"{now.service_day:%Y%m%d}"
        vehicle.position.longitude = now.lon
        vehicle.position.latitude = now.lat
        if now.bearing is not None:
            vehicle.position.bearing = now.bearing
        if now.speed is not None:
            vehicle.position.speed = now.speed
        if now.stop_sequence is not None:
            vehicle.current_stop_sequence = now.stop_sequence + FIRST_SEQUENCE
            vehicle.current_status = (
                VehiclePosition.STOPPED_AT if now.stopped else VehiclePosition.IN_TRANSIT_TO
            )
        vehicle.timestamp = _seconds(now.at)
    body: bytes = message.SerializeToString(deterministic=True)
    return body


def _message(at: datetime, edition: int) -> "FeedMessage":
    from google.transit.gtfs_realtime_pb2 import FeedHeader, FeedMessage

    message = FeedMessage()
    message.header.gtfs_realtime_version = VERSION
    message.header.incrementality = FeedHeader.FULL_DATASET
    message.header.timestamp = _seconds(at)
    message.header.feed_version = str(edition)
    return message


def _seconds(at: datetime) -> int:
    """POSIX time, which the format has unsigned."""
    return max(0, int(at.timestamp()))


def _fill(alert: "Alert", notice: Notice) -> None:
    """Everything but what it informs of."""
    from google.transit.gtfs_realtime_pb2 import Alert

    period = alert.active_period.add()
    period.start = _seconds(notice.start)
    if notice.end is not None:
        period.end = _seconds(notice.end)
    alert.cause = Alert.UNKNOWN_CAUSE  # a notice doesn't say it in so many words
    delayed = notice.delay_minutes is not None and notice.delay_minutes > 0
    alert.effect = {
        "suspension": Alert.NO_SERVICE,
        "detour": Alert.DETOUR,
        "time_change": Alert.SIGNIFICANT_DELAYS if delayed else Alert.MODIFIED_SERVICE,
        "other": Alert.OTHER_EFFECT,
    }[notice.effect]
    told = [notice.text]
    if notice.replacement:
        told.append(f"替代方式：{notice.replacement}")
    if notice.phone:
        told.append(f"咨询电话：{notice.phone}")
    alert.header_text.translation.add(text=notice.name, language=LANGUAGE)
    alert.description_text.translation.add(
        text="\n".join(filter(None, told)) or notice.name, language=LANGUAGE
    )


def _selectors(notice: Notice, routes: Routes, stop_ids: StopIds) -> Iterator["EntitySelector"]:
    """What is touched: whole routes, or the trips and stops named, as far as they exist."""
    named = set(notice.routes)
    for listing_id, route in sorted(routes, key=lambda pair: pair[0]):
        if named and listing_id not in named:
            continue
        if notice.trips:
            yield from _of_trips(notice, listing_id, route, stop_ids)
        elif notice.stops:
            for stop in notice.stops:
                yield from _selector(listing_id, None, stop_ids.of(listing_id, stop))
        else:
            yield from _selector(listing_id)


def _of_trips(
    notice: Notice, listing_id: int, route: BusRoute, stop_ids: StopIds
) -> Iterator["EntitySelector"]:
    """The trips named, or where stops are named as well their calls at these."""
    for trip in route.trips:
        if trip.id not in notice.trips:
            continue
        if not notice.stops:
            yield from _selector(listing_id, trip.id)
        for stop in dict.fromkeys(call.stop for call in trip.stop_times):
            if stop in notice.stops:
                yield from _selector(listing_id, trip.id, stop_ids.of(listing_id, stop))


def _selector(
    listing_id: int, trip: str | None = None, stop: str | None = ""
) -> Iterator["EntitySelector"]:
    """One selector, whose fields all apply; none for a stop that isn't there (None)."""
    from google.transit.gtfs_realtime_pb2 import EntitySelector

    if stop is None:
        return
    selector = EntitySelector(route_id=route_id(listing_id))
    if trip is not None:
        selector.trip.trip_id = inner_id(listing_id, trip)
        selector.trip.route_id = route_id(listing_id)
    if stop:
        selector.stop_id = stop
    yield selector
