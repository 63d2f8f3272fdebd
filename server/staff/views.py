"""The console, put together: one resource a file."""

from server.staff import (
    editing_doors,
    editing_page,
    entrance,
    history_page,
    listing_acts,
    listing_page,
    overview_page,
)
from server.staff.blueprint import staff

__all__ = [
    "editing_doors",
    "editing_page",
    "entrance",
    "history_page",
    "listing_acts",
    "listing_page",
    "overview_page",
    "staff",
]
