"""The ledger, put together: one resource a file."""

from server.progress import (
    home_page,
    navigation,
    printed_page,
    scans_page,
)
from server.progress.blueprint import progress

__all__ = [
    "home_page",
    "navigation",
    "printed_page",
    "progress",
    "scans_page",
]
