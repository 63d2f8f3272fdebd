"""The ledger, put together: one resource a file."""

from server.progress import (
    api_reports,
    api_totals,
    exports_page,
    home_page,
    item_page,
    items_page,
    matters_page,
    navigation,
    report_doors,
    report_page,
    tokens_page,
)
from server.progress.api import ledger_api
from server.progress.blueprint import progress

__all__ = [
    "api_reports",
    "api_totals",
    "exports_page",
    "home_page",
    "item_page",
    "items_page",
    "ledger_api",
    "matters_page",
    "navigation",
    "progress",
    "report_doors",
    "report_page",
    "tokens_page",
]
