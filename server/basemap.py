"""The map below the markers, by setting: tiles of a provider, or none and the outlines."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from config.settings import Settings
from geo.city import City
from geo.crs import Crs, convert

TIANDITU_HOSTS = "01234567"
TIANDITU_MAX_ZOOM = 18
_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
MIN_ZOOM = 8
"""The whole city fits on a phone's screen."""


def map_config(settings: Settings, city: City) -> dict[str, Any]:
    """What a page tells its map, JSON-able; positions are in ``crs``, the base map's own.

    ``tiles`` is None where the outlines are the map. Centre is (longitude, latitude), bounds are
    west, south, east, north, in degrees.
    """
    crs = base_crs(settings)
    west, south, east, north = city.bounds
    return {
        "crs": crs,
        "tiles": _tiles(settings),
        "approval": settings.map_approval,
        "centre": _rounded(convert(*city.centre, "wgs84", crs)),
        "bounds": [
            *_rounded(convert(west, south, "wgs84", crs)),
            *_rounded(convert(east, north, "wgs84", crs)),
        ],
    }


def base_crs(settings: Settings) -> Crs:
    """The coordinate system of the base map, which everything drawn on it follows."""
    return settings.tiles_crs if settings.basemap == "xyz" else "wgs84"


def tile_hosts(settings: Settings) -> list[str]:
    """The origins that tiles come from, for the Content-Security-Policy; none of our own."""
    tiles = _tiles(settings)
    if tiles is None:
        return []
    origins: dict[str, None] = {}
    for url in filter(None, (tiles["url"], tiles["labels_url"])):
        for subdomain in tiles["subdomains"] or [""]:
            parts = urlsplit(url.replace("{s}", subdomain))
            if parts.netloc:
                origins[f"{parts.scheme}://{parts.netloc}"] = None
    return list(origins)


def _tiles(settings: Settings) -> dict[str, Any] | None:
    if settings.basemap == "tianditu":
        # Keys of Tianditu are public in the page and bound to our host by its owner.
        key = settings.tianditu_key
        return {
            "url": _TIANDITU.format(layer="vec", key=key),
            "labels_url": _TIANDITU.format(layer="cva", key=key),
            "subdomains": list(TIANDITU_HOSTS),
            "min_zoom": MIN_ZOOM,
            "max_zoom": TIANDITU_MAX_ZOOM,
            "attribution": "天地图",
        }
    if settings.basemap == "xyz":
        return {
            "url": settings.tiles_url,
            "labels_url": settings.tiles_labels_url or None,
            "subdomains": settings.tiles_subdomains.split(",") if settings.tiles_subdomains else [],
            "min_zoom": MIN_ZOOM,
            "max_zoom": settings.tiles_max_zoom,
            "attribution": settings.tiles_attribution,
        }
    return None


def _rounded(position: Sequence[float]) -> list[float]:
    return [round(degrees, 6) for degrees in position]
