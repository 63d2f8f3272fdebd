"""What the tests of the map share: a small city, places made to order, editions baked."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from geo.atlas import Atlas
from geo.bake import bake
from geo.calendar import CalendarDay
from geo.city import City
from geo.edition import Edition, Entry, Tombstone, pack
from geo.listing import Hotline, Site

CITY = City.model_validate(
    {
        "code": "zibo",
        "name": "淄博市",
        "adcode": "370300",
        "centre": [118.05, 36.8],
        "bounds": [117.45, 35.85, 118.65, 37.4],
        "districts": [
            {"code": "zhangdian", "title": "张店区", "adcode": "370303", "centre": [118.05, 36.8]},
            {"code": "zichuan", "title": "淄川区", "adcode": "370302", "centre": [118.01, 36.63]},
            {
                "code": "gaoxin",
                "title": "高新区",
                "parent": "zhangdian",
                "centre": [118.06, 36.84],
            },
        ],
        "kinds": [
            {"code": "practice_base", "title": "实践基地"},
            {"code": "reading_space", "title": "阅读空间"},
        ],
        "themes": [
            {"code": "science", "title": "科技"},
            {"code": "history", "title": "历史"},
            {"code": "nature", "title": "自然"},
        ],
        "facilities": [
            {"code": "toilet", "title": "卫生间"},
            {"code": "nursing_room", "title": "母婴室"},
            {"code": "parking", "title": "停车场"},
        ],
    }
)
CALENDAR = (
    CalendarDay(date=date(2026, 10, 1), kind="holiday", name="国庆节"),
    CalendarDay(date=date(2026, 10, 10), kind="makeup_workday", name="国庆节调休上班"),
    CalendarDay(date=date(2026, 7, 10), kind="school_holiday", name="暑假"),
)
EXPRESSIONS = (
    None,
    "24/7",
    "Tu-Su 09:00-17:00; Mo off",
    "Mo-Fr 08:30-11:30,14:00-18:00; PH off",
    "Fr-Sa 18:00-02:00",
    "SH 08:00-20:00",
    "Sa-Su 10:00+",
    'We 13:00-15:00 "预约"',
)
"""Known and unknown, past midnight, with holidays, school holidays, an open end, a remark."""


def site(**given: Any) -> Site:
    """A place in the middle of the city; name what matters."""
    rest = {
        "name": "图书馆",
        "kind": "reading_space",
        "theme": "science",
        "district": "zhangdian",
        "lon": 118.05,
        "lat": 36.8,
    }
    return Site.model_validate(rest | given)


def entry(id_: int, document: Site | Hotline, changed_in: int = 1) -> Entry:
    return Entry(id=id_, changed_in=changed_in, updated_on=date(2026, 3, 2), document=document)


def edition(
    entries: Iterable[Entry] = (), tombstones: Iterable[Tombstone] = (), number: int = 7
) -> Edition:
    return Edition(
        number=number,
        published_at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
        official=True,
        city=CITY,
        calendar=CALENDAR,
        entries=tuple(entries),
        tombstones=tuple(tombstones),
    )


def of_sites(documents: Sequence[Site], first_id: int = 1) -> Edition:
    """An edition of these places, numbered from ``first_id``."""
    return edition(entry(n, document) for n, document in enumerate(documents, start=first_id))


def baked(whole: Edition, folder: Path) -> Atlas:
    """The edition's atlas, by way of a new folder."""
    folder.mkdir(parents=True)
    bake(whole, pack(whole).sha256, folder)
    return Atlas.load(folder)
