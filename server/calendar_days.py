"""The city's calendar as it stands in the database."""

from sqlalchemy import Connection, select

from geo.calendar import CalendarDay
from server.models import CalendarDayRow


def calendar_days(connection: Connection) -> list[CalendarDay]:
    """All special days, by date and kind."""
    day = CalendarDayRow
    rows = connection.execute(select(day.date, day.kind, day.name).order_by(day.date, day.kind))
    return [CalendarDay(date=row.date, kind=row.kind, name=row.name) for row in rows]
