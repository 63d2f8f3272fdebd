"""The console, put together: one resource a file."""

from server.staff import entrance, overview_page, photo_page, tools
from server.staff.blueprint import staff

__all__ = ["entrance", "overview_page", "photo_page", "staff", "tools"]
