"""Places in words: what the atlas encodes, as a parent reads it. No Flask.

A fact that nobody has confirmed is said to be so, never left out and never guessed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import orjson

from geo.atlas import Atlas
from geo.city import City
from geo.crs import convert
from geo.moment import minute_of
from geo.opening_text import TO_BE_CHECKED, WEEKDAYS
from geo.question import Question
from geo.sphere import walking_minutes

NO_AGES = "适合年龄待核实"
NO_FEE = "收费情况待核实"
WALKABLE_M = 3000
"""Straight-line metres up to which the walk is told: about an hour with a child."""

FIELDS = {
    "name": "名称",
    "aliases": "别名",
    "kind": "类别",
    "theme": "主题",
    "district": "区县",
    "address": "地址",
    "lon": "位置",
    "lat": "位置",
    "phone": "电话",
    "website": "网站",
    "opening_hours": "开放时间",
    "closures": "临时关闭",
    "free": "是否免费",
    "fee": "收费",
    "booking": "预约",
    "ages": "适合年龄",
    "facilities": "设施",
    "introduction": "介绍",
    "cover": "图片",
    "verified": "核实情况",
}


class Fact(NamedTuple):
    """A short fact; ``known`` is False where the text says that it is not known."""

    text: str
    known: bool
    mood: str = ""
    """``good``, ``soon`` or ``off``: how it looks."""


class Card(NamedTuple):
    """A place as one row of a list."""

    id: int
    name: str
    theme: str
    theme_title: str
    kind_title: str
    district_title: str
    address: str
    open: Fact
    ages: Fact
    fee: Fact
    verified: bool
    distance: str
    """Empty without a position."""


class DayLine(NamedTuple):
    """One day of a timetable."""

    name: str
    date: str
    hours: str
    known: bool
    note: str
    today: bool


class Source(NamedTuple):
    """Where facts come from and when someone last made sure of them."""

    field: str
    source: str
    confirmed_on: str | None


class Detail(NamedTuple):
    """A place as its own page."""

    card: Card
    reason: str
    """Why it is open, closed or not known."""
    week: list[DayLine]
    aliases: list[str]
    phone: str | None
    tel: str | None
    website: str | None
    fee_text: str
    booking: str
    facilities: list[str]
    introduction: str
    positions: list[tuple[str, str]]
    """(what speaks this coordinate system, latitude and longitude)."""
    sources: list[Source]
    updated_on: str | None
    """None: nobody has ever checked what is told."""


def titles(city: City, vocabulary: str) -> dict[str, str]:
    """Code to Chinese title of ``kinds``, ``themes``, ``districts`` or ``facilities``."""
    return {term.code: term.title for term in getattr(city, vocabulary)}


def cards(atlas: Atlas, rows: Any, at: datetime, metres: Any = None) -> list[Card]:
    """Rows of the atlas as rows of a list."""
    items = atlas.items(rows, "wgs84", minute_of(at), metres)
    return [card(orjson.loads(item), atlas.city) for item in items]


def nearby(atlas: Atlas, centre: tuple[float, float], at: datetime, limit: int = 5) -> list[Card]:
    """The nearest places to (lon, lat)."""
    found = atlas.find(Question(centre=centre), limit=limit)
    return cards(atlas, found.rows, at, found.metres)


def card(item: Mapping[str, Any], city: City) -> Card:
    """A ``geo.public.SiteItem`` in words."""
    return Card(
        item["id"],
        item["name"],
        item["theme"],
        titles(city, "themes")[item["theme"]],
        titles(city, "kinds")[item["kind"]],
        titles(city, "districts")[item["district"]],
        item["address"],
        open_fact(item["open"]),
        ages_fact(item["ages"]),
        fee_fact(item["free"]),
        item["verified"],
        distance_text(item["distance_m"]) if "distance_m" in item else "",
    )


def open_fact(told: Mapping[str, Any]) -> Fact:
    """现在开放 or not, as ``geo.opening`` words it."""
    mood = {"open": "good", "closing_soon": "soon", "closed": "off"}.get(told["state"], "")
    return Fact(told["text"] or TO_BE_CHECKED, told["now"] is not None, mood)


def ages_fact(ages: Sequence[int] | None) -> Fact:
    """适合 3–12 岁."""
    if ages is None:
        return Fact(NO_AGES, known=False)
    low, high = ages
    return Fact(f"适合 {low} 岁" if low == high else f"适合 {low}–{high} 岁", known=True)


def fee_fact(free: bool | None) -> Fact:
    """免费, 收费, or not known."""
    if free is None:
        return Fact(NO_FEE, known=False)
    return Fact("免费", known=True, mood="good") if free else Fact("收费", known=True)


def distance_text(metres: float) -> str:
    """约 350 米 · 步行约 7 分钟; 约 4.2 公里; 约 120 公里."""
    if metres < 50:
        return "就在附近"
    if metres < 995:
        far = f"约 {round(metres / 10) * 10} 米"
    elif metres < 20_000:
        far = f"约 {metres / 1000:.1f} 公里"
    else:
        far = f"约 {metres / 1000:.0f} 公里"
    if metres > WALKABLE_M:
        return far
    return f"{far} · 步行约 {walking_minutes(metres)} 分钟"


def detail(atlas: Atlas, row: int, at: datetime) -> Detail:
    """Everything that is known of one place."""
    site = orjson.loads(atlas.detail(row, "wgs84", at))
    fee = fee_fact(site["free"])
    phone = site["phone"]
    return Detail(
        card=card(site, atlas.city),
        reason=site["open"]["reason"],
        week=[day_line(day, at.date()) for day in site["hours"]],
        aliases=site["aliases"],
        phone=phone,
        tel=phone.replace("-", "") if phone else None,
        website=site["website"],
        fee_text="：".join(filter(None, (fee.text if fee.known else "", site["fee"]))) or NO_FEE,
        booking=site["booking"],
        facilities=[titles(atlas.city, "facilities").get(c, c) for c in site["facilities"]],
        introduction=site["introduction"],
        positions=positions(site["lon"], site["lat"]),
        sources=sources(site),
        updated_on=site["updated_on"],
    )


def day_line(day: Mapping[str, Any], today: date) -> DayLine:
    """One day: 今天 11月23日 9:00–17:00."""
    when = date.fromisoformat(day["date"])
    ahead = (when - today).days
    name = {0: "今天", 1: "明天"}.get(ahead, WEEKDAYS[when.weekday()])
    hours = "、".join(_span(start, end) for start, end in day["ranges"])
    note = day["note"]
    if not hours:
        hours = "不开放" if day["known"] else TO_BE_CHECKED
        note = "" if note == hours else note
    return DayLine(name, f"{when.month}月{when.day}日", hours, day["known"], note, ahead == 0)


def _span(start: str, end: str) -> str:
    """9:00–17:00; 20:00–次日 2:00."""
    overnight = "次日 " if end <= start else ""
    return f"{start.removeprefix('0')}–{overnight}{end.removeprefix('0')}"


def positions(lon: float, lat: float) -> list[tuple[str, str]]:
    """A WGS-84 position in the coordinate systems of the maps that parents use."""
    gcj, bd = convert(lon, lat, "wgs84", "gcj02"), convert(lon, lat, "wgs84", "bd09")
    return [
        ("微信、腾讯、高德地图（GCJ-02）", f"{gcj[1]:.6f}, {gcj[0]:.6f}"),
        ("百度地图（BD-09）", f"{bd[1]:.6f}, {bd[0]:.6f}"),
        ("手机定位、GPS（WGS-84）", f"{lat:.6f}, {lon:.6f}"),
    ]


def sources(site: Mapping[str, Any]) -> list[Source]:
    """Single facts first, then what stands for all the rest."""
    single = [
        Source(FIELDS.get(field, field), fact["source"], fact["confirmed_on"])
        for field, fact in sorted(site["facts"].items())
    ]
    rest = "其余信息" if single else "全部信息"
    return [*single, Source(rest, site["source"] or "未登记来源", site["confirmed_on"])]


def one_row(row: int) -> Any:
    """A single row in the form in which the atlas takes rows."""
    return np.array([row])
