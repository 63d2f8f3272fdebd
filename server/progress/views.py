"""The ledger, put together: one resource a file."""

from server.progress import (
    home_page,
    indicators_page,
    matrix_page,
    navigation,
    periods_page,
    review_page,
    totals_page,
)
from server.progress.blueprint import progress

__all__ = [
    "home_page",
    "indicators_page",
    "matrix_page",
    "navigation",
    "periods_page",
    "progress",
    "review_page",
    "totals_page",
]
