"""The console, put together: one resource a file."""

from server.staff import entrance, notices, overview_page
from server.staff.blueprint import staff

__all__ = ["entrance", "notices", "overview_page", "staff"]
