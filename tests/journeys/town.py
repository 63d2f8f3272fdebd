"""An instance to walk through: the starting data, and beside it places that are plainly tests.

Nothing is known of the starting data's hours and ages, so that what a parent finds by them must be
of our own making.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

from app import create_app
from config.settings import Settings
from geo.opening import SHANGHAI
from server import publishing
from server.cli import init
from server.db import db
from tests.miniapp_api.lines import line, notice
from tests.server.material import add, set_state, site
from tests.server.pages import NASTY

TODAY = date(2026, 11, 24)
"""A Tuesday; the stories are told as of its morning, whenever they are told."""
DAWN = datetime(2026, 11, 24, 8, tzinfo=SHANGHAI)
"""When the town is published."""
MORNING = quote("2026-11-24T10:00:00+08:00")
SUSPENDED = date(2026, 11, 27)

OPEN = "测试科学馆"
"""Open every day, free, for 4 to 12 years."""
CLOSED = "测试夜间科学馆"
"""Opens in the evening only."""
LINE = "测试专线"


@dataclass(frozen=True)
class Town:
    """The instance and the ids of what was put into it."""

    instance: Path
    open: int
    nasty: int
    retired: int
    line: int
    known: int
    """A place of the starting data."""


def found(instance: Path) -> Town:
    """Do what ``flask init`` and the staff do: start, add, publish, retire, publish."""
    settings = Settings(_env_file=None, instance=instance, database_url="")
    app = create_app(settings)
    with app.app_context():
        init.main([], "init", standalone_mode=False)
        ids = _fill()
        publishing.publish(settings, app.extensions["city"], at=DAWN)
        set_state(ids["retired"], "retired", reason="测试：场馆改造")
        publishing.publish(settings, app.extensions["city"], at=DAWN)
        db.session.remove()
        db.engine.dispose()
    return Town(instance, known=1, **ids)


def _fill() -> dict[str, int]:
    ages = {"min": 4, "max": 12}
    about = {"address": "测试路 1 号", "phone": "0533-2164568", "facilities": ["stroller"]}
    opened = site(OPEN, opening_hours="Mo-Su 09:00-17:00", free=True, ages=ages, **about)
    closed = site(CLOSED, opening_hours="Mo-Su 18:00-21:00", free=True, ages=ages, lon=118.06)
    hostile = site(NASTY, address="<img src=x onerror=alert(1)>", introduction="<b>粗</b>")
    add(closed)
    ids = {
        "open": add(opened),
        "nasty": add(hostile | {"lon": 118.07}),
        "retired": add(site("测试旧馆", lon=118.051)),
        "line": add(line(LINE, "t1")),
    }
    day = SUSPENDED.isoformat()
    over = SUSPENDED.replace(day=28).isoformat()
    told = f"{TODAY}T08:00:00+08:00"
    add(notice("测试停运", day, over, routes=[ids["line"]], announced_at=told))
    return ids
