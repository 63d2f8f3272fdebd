"""The tables. Importing this package fills ``server.db.Base.metadata``."""

from server.models.accounts import StaffAccount
from server.models.listings import CalendarDayRow, EditionRow, Listing, Revision
from server.models.operators import OperatorToken

__all__ = ["CalendarDayRow", "EditionRow", "Listing", "OperatorToken", "Revision", "StaffAccount"]
