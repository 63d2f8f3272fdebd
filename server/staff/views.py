"""The console, put together: one resource a file."""

from server.staff import (
    bulk_pages,
    entrance,
    listings_page,
    overview_page,
)
from server.staff.blueprint import staff

__all__ = [
    "bulk_pages",
    "entrance",
    "listings_page",
    "overview_page",
    "staff",
]
