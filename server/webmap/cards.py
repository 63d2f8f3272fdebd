"""Places as rows of a list: what the atlas encodes, as a parent reads it. No Flask.

A fact that nobody has confirmed is said to be so, never left out and never guessed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from geo.atlas import Atlas
from geo.city import City
from geo.crs import Crs
from geo.moment import minute_of
from geo.opening_text import TO_BE_CHECKED
from geo.question import Question
from geo.sphere import walking_minutes

NO_AGES = "适合年龄待核实"
NO_FEE = "收费情况待核实"
UNKNOWN = {TO_BE_CHECKED: "开放时间", NO_AGES: "适合年龄", NO_FEE: "收费"}
"""What nothing is known of, by the sentence that says so."""

WALKABLE_M = 3000
"""Straight-line metres up to which the walk is told: about an hour with a child."""


class Fact(NamedTuple):
    """A short fact; ``known`` is False where the text says that it is not known."""

    text: str
    known: bool
    mood: str = ""
    """``good``, ``soon`` or ``off``: how it looks."""


class Card(NamedTuple):
    """A place as one row of a list; its position is in the system that was asked for."""

    id: int
    name: str
    theme: str
    theme_title: str
    kind_title: str
    district_title: str
    address: str
    lat: float
    lon: float
    open: Fact
    ages: Fact
    fee: Fact
    verified: bool
    distance: str
    """Empty without a position."""

    @property
    def facts(self) -> list[Fact]:
        """What is known, and in one phrase what is not: 开放时间、适合年龄、收费待核实."""
        facts = (self.open, self.ages, self.fee)
        told = [fact for fact in facts if fact.text not in UNKNOWN]
        missing = [UNKNOWN[fact.text] for fact in facts if fact.text in UNKNOWN]
        return [*told, Fact(f"{'、'.join(missing)}待核实", known=False)] if missing else told


class Titles(NamedTuple):
    """Code to Chinese title of the city's vocabularies."""

    kinds: dict[str, str]
    themes: dict[str, str]
    districts: dict[str, str]
    facilities: dict[str, str]


def titles(city: City) -> Titles:
    """The vocabularies of a city."""
    terms = (city.kinds, city.themes, city.districts, city.facilities)
    return Titles(*({term.code: term.title for term in some} for some in terms))


def cards(
    atlas: Atlas, rows: Any, at: datetime, metres: Any = None, crs: Crs = "wgs84"
) -> list[Card]:
    """Rows of the atlas as rows of a list."""
    known = titles(atlas.city)
    items = atlas.items(rows, crs, minute_of(at), metres)
    return [card(orjson.loads(item), known) for item in items]


def nearby(
    atlas: Atlas,
    centre: tuple[float, float],
    at: datetime,
    limit: int = 5,
    radius: float | None = None,
) -> list[Card]:
    """The nearest places to (lon, lat); ``radius`` in metres."""
    found = atlas.find(Question(centre=centre, radius=radius), limit=limit)
    return cards(atlas, found.rows, at, found.metres)


def card(item: Mapping[str, Any], known: Titles) -> Card:
    """A ``geo.public.SiteItem`` in words."""
    return Card(
        item["id"],
        item["name"],
        item["theme"],
        known.themes[item["theme"]],
        known.kinds[item["kind"]],
        known.districts[item["district"]],
        item["address"],
        item["lat"],
        item["lon"],
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
