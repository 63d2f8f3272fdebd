"""Where the buses are now, for people's maps and for other programs."""

from dataclasses import replace
from datetime import datetime

import orjson
from pydantic import BaseModel, Field

from geo.atlas import Atlas
from geo.crs import Crs, convert
from geo.gtfs_realtime import VehicleNow, vehicle_positions
from geo.opening import SHANGHAI
from geo.public import Public
from miniapp_api.bus import Degraded
from miniapp_api.gone import gone
from miniapp_api.media_types import PROTOBUF
from miniapp_api.query import Empty, InCrs
from miniapp_api.reads import Answer, LiveRead, PublicBlueprint
from server.live.board import LiveBoard, LiveVehicle
from server.problem import PROBLEM_JSON, problem_body

AWAY_S = 5
"""Seconds after which to ask again while live data are away."""

bus_vehicles = PublicBlueprint("bus_vehicles", __name__, tag="助学专线")


class VehiclesQuery(InCrs):
    """In which coordinate system."""


class VehiclesFeedQuery(Empty):
    """No parameters."""


class Vehicles(Public):
    """The vehicles of a line that were heard of within the last 90 seconds."""

    items: list[LiveVehicle] = Field(
        description="不足 90 秒的位置；next_stop、expected_at、delay_seconds 无从知道时为 null"
    )
    degraded: Degraded
    edition: int
    crs: str


@bus_vehicles.read(
    "/bus/routes/<listing:id>/vehicles",
    VehiclesQuery,
    Vehicles,
    summary="一条线路上的车",
    responses=[301, 404, 410, 422, 503],
    kind=LiveRead,
)
def bus_route_vehicles(
    atlas: Atlas, query: VehiclesQuery, now: float, board: LiveBoard, id: int
) -> Answer:
    """车在哪里、下一站是哪里、几时到、晚点多少秒；只有 90 秒以内的位置。"""
    if atlas.route_row(id) is None:
        return gone(atlas, query, now, id, "bus_route", "没有这条线路。", below="/vehicles")
    found = board.vehicles(id, datetime.fromtimestamp(now, SHANGHAI))
    answer = {
        "items": [_placed(vehicle, query.crs) for vehicle in found.vehicles],
        "degraded": found.degraded,
        "edition": atlas.number,
        "crs": query.crs,
    }
    return Answer(orjson.dumps(answer))


@bus_vehicles.read(
    "/bus/gtfs-rt/vehicles.pb",
    VehiclesFeedQuery,
    BaseModel,
    content_type=PROTOBUF,
    codings=(),
    summary="GTFS-Realtime 车辆位置",
    responses=[422, 503],
    kind=LiveRead,
)
def bus_vehicle_positions(
    atlas: Atlas, query: VehiclesFeedQuery, now: float, board: LiveBoard
) -> Answer:
    """全部线路上不足 90 秒的车辆位置（Vehicle Positions，WGS-84）；查不到实时数据时答 503。"""
    at = datetime.fromtimestamp(now, SHANGHAI)
    found = board.all_vehicles(at)
    if found.degraded and not found.vehicles:
        # An empty feed would say that no bus is on its way.
        body = problem_body(503, "车辆位置暂时查不到，请稍后再试。")
        return Answer(body, PROBLEM_JSON, 503, (("Retry-After", str(AWAY_S)),))
    vehicles = [_for_feed(vehicle) for vehicle in found.vehicles]
    return Answer(vehicle_positions(vehicles, at, atlas.number), PROTOBUF)


def _placed(vehicle: LiveVehicle, crs: Crs) -> LiveVehicle:
    lon, lat = convert(vehicle.lon, vehicle.lat, "wgs84", crs)
    return replace(vehicle, lon=round(lon, 6), lat=round(lat, 6))


def _for_feed(vehicle: LiveVehicle) -> VehicleNow:
    return VehicleNow(
        operator=vehicle.operator,
        vehicle=vehicle.vehicle,
        route=vehicle.route,
        trip=vehicle.trip,
        lon=vehicle.lon,
        lat=vehicle.lat,
        at=vehicle.at,
        bearing=vehicle.bearing,
        speed=vehicle.speed,
        service_day=vehicle.service_date,
        stop_sequence=vehicle.stop_sequence,
        stopped=vehicle.status == "stopped_at",
    )
