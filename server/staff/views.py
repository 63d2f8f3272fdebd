"""The console, put together: one resource a file."""

from server.staff import (
    account_page,
    accounts_page,
    audit_page,
    duplicates_page,
    entrance,
    imports_page,
    join_page,
    overview_page,
    roles_page,
    second_step_page,
)
from server.staff.blueprint import staff

__all__ = [
    "account_page",
    "accounts_page",
    "audit_page",
    "duplicates_page",
    "entrance",
    "imports_page",
    "join_page",
    "overview_page",
    "roles_page",
    "second_step_page",
    "staff",
]
