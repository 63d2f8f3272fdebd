"""The ledger, put together: one resource a file."""

from server.progress import (
    home_page,
    item_page,
    items_page,
    matters_page,
    navigation,
    report_doors,
    report_page,
)
from server.progress.blueprint import progress

__all__ = [
    "home_page",
    "item_page",
    "items_page",
    "matters_page",
    "navigation",
    "progress",
    "report_doors",
    "report_page",
]
