"""The ledger, put together: one resource a file."""

from server.progress import (
    home_page,
    indicators_page,
    item_page,
    items_page,
    matrix_page,
    matters_page,
    navigation,
    periods_page,
    printed_page,
    report_doors,
    report_page,
    review_page,
    scans_page,
    totals_page,
)
from server.progress.blueprint import progress

__all__ = [
    "home_page",
    "indicators_page",
    "item_page",
    "items_page",
    "matrix_page",
    "matters_page",
    "navigation",
    "periods_page",
    "printed_page",
    "progress",
    "report_doors",
    "report_page",
    "review_page",
    "scans_page",
    "totals_page",
]
