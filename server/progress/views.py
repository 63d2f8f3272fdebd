"""The ledger, put together: one resource a file."""

from server.progress import (
    api_reports,
    api_totals,
    home_page,
    navigation,
)
from server.progress.api import ledger_api
from server.progress.blueprint import progress

__all__ = [
    "api_reports",
    "api_totals",
    "home_page",
    "ledger_api",
    "navigation",
    "progress",
]
