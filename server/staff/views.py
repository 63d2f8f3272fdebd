"""The console, put together: one resource a file."""

from server.staff import (
    account_page,
    accounts_page,
    audit_page,
    bulk_pages,
    editing_doors,
    editing_page,
    entrance,
    history_page,
    join_page,
    listing_acts,
    listing_page,
    listings_page,
    overview_page,
    photo_page,
    roles_page,
    second_step_page,
    tools,
)
from server.staff.blueprint import staff

__all__ = [
    "account_page",
    "accounts_page",
    "audit_page",
    "bulk_pages",
    "editing_doors",
    "editing_page",
    "entrance",
    "history_page",
    "join_page",
    "listing_acts",
    "listing_page",
    "listings_page",
    "overview_page",
    "photo_page",
    "roles_page",
    "second_step_page",
    "staff",
    "tools",
]
