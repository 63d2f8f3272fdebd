"""School lines and notices of the small town; the year 2026 has its holidays."""

from sqlalchemy import insert

from config.settings import ROOT
from geo.calendar import parse_calendar_csv
from server.db import db
from server.models import CalendarDayRow
from tests.miniapp_api.lines import line, notice
from tests.server.material import add, set_state
from tests.server.pages import NASTY, retire

LINE, EXAMPLE, HOSTILE, CLOSED = 31, 32, 33, 34
"""Listing ids: the lines follow the places and telephone lines of ``fill``."""

SUSPENDED = "2026-11-27"
"""The Friday on which line ``LINE`` doesn't run."""


def fill_lines() -> None:
    """31–34 lines, 35 a suspension of the first on one Friday."""
    days, _ = parse_calendar_csv((ROOT / "config/starter/calendar.csv").read_text("utf-8"))
    rows = [{"date": day.date, "kind": day.kind, "name": day.name} for day in days]
    db.session.execute(insert(CalendarDayRow), rows)
    add(line("八中一号线", "b1", fare="1 元", phone="0533-2280000"))
    example = line("八中二号线", "b2", example=True)
    example["stops"] = [stop | {"example": True} for stop in example["stops"]]
    add(example)
    hostile = line(f"线 {NASTY}", "b3", introduction="<b>粗</b>", fare="<i>免费</i>")
    hostile["stops"][0] |= {"name": f"站 {NASTY}", "note": "<u>西门</u>"}
    hostile["school"] |= {"code": "b9", "name": f"校 {NASTY}"}
    add(hostile)
    add(line("停办线", "b4"))
    day = SUSPENDED
    add(
        notice(
            "道路施工停运",
            day,
            "2026-11-28",
            routes=[LINE],
            announced_at=f"{day[:8]}20T00:00:00+08:00",
        )
    )


def retire_all() -> None:
    """Two places, as everywhere, and the last line."""
    retire()
    set_state(CLOSED, "retired", reason="学校迁走")
