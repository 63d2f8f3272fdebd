"""The ways of all school lines as one GeoJSON FeatureCollection (RFC 7946 but for the system)."""

from typing import Any

import orjson

from geo.atlas import Atlas
from geo.crs import Crs


def line_shapes(atlas: Atlas, crs: Crs) -> dict[str, Any]:
    """One LineString for each line and direction; positions in ``crs``."""
    records = (orjson.loads(atlas.route_record(row, crs)) for row in range(len(atlas.route_ids)))
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(record, way)
            for record in records
            for way in record["polyline"]
            if len(way["points"]) > 1
        ],
    }


def _feature(record: dict[str, Any], way: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": f"{record['id']}.{way['direction']}",
        "properties": {
            "route": record["id"],
            "name": record["name"],
            "direction": way["direction"],
            "example": record["example"],
        },
        "geometry": {
            "type": "LineString",
            "coordinates": [[p["longitude"], p["latitude"]] for p in way["points"]],
        },
    }
