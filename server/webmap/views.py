"""The public map as pages that need neither JavaScript nor the database, put together."""

from server.webmap import (
    about_pages,
    bus_pages,
    discovery,
    hotline_pages,
    place_pages,
    promises_pages,
)
from server.webmap.blueprint import webmap

__all__ = [
    "about_pages",
    "bus_pages",
    "discovery",
    "hotline_pages",
    "place_pages",
    "promises_pages",
    "webmap",
]
