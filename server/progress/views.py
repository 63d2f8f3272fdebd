"""The ledger, put together: one resource a file."""

from server.progress import (
    api_reports,
    api_scan,
    api_totals,
    exports_page,
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
    tokens_page,
    totals_page,
)
from server.progress.api import ledger_api
from server.progress.blueprint import progress

__all__ = [
    "api_reports",
    "api_scan",
    "api_totals",
    "exports_page",
    "home_page",
    "indicators_page",
    "item_page",
    "items_page",
    "ledger_api",
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
    "tokens_page",
    "totals_page",
]
