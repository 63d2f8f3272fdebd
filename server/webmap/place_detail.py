"""A place as its own page: everything that is known of it, in words. No Flask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from geo.atlas import Atlas
from server.day_lines import DayLine, day_line
from server.webmap.cards import NO_FEE, Card, card, fee_fact, titles

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
    "photos": "照片",
    "verified": "核实情况",
}


class Picture(NamedTuple):
    """A photo as a page shows it: its sizes from small to large, as (width, height, url)."""

    alt: str
    credit: str
    sizes: list[tuple[int, int, str]]

    @property
    def srcset(self) -> str:
        """For browsers to choose from."""
        return ", ".join(f"{url} {width}w" for width, _, url in self.sizes)

    @property
    def shown(self) -> tuple[int, int, str]:
        """For browsers that don't choose: the middle size."""
        return self.sizes[min(1, len(self.sizes) - 1)]

    @property
    def largest(self) -> str:
        """Where a tap leads."""
        return self.sizes[-1][2]


class Source(NamedTuple):
    """Where facts come from and when someone last made sure of them."""

    field: str
    source: str
    confirmed_on: str | None


class Detail(NamedTuple):
    """A place as its own page; its position is WGS-84."""

    card: Card
    site: Mapping[str, Any]
    """The ``geo.public.SiteDetail`` that the rest is made from."""
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
    pictures: list[Picture]
    sources: list[Source]
    updated_on: str | None
    """None: nobody has ever checked what is told."""

    @property
    def full_address(self) -> str:
        """District and address; empty where the address is not known."""
        return f"{self.card.district_title}{self.card.address}" if self.card.address else ""


def detail(atlas: Atlas, row: int, at: datetime) -> Detail:
    """Everything that is known of one place."""
    site = orjson.loads(atlas.detail(row, "wgs84", at))
    known = titles(atlas.city)
    fee = fee_fact(site["free"])
    phone = site["phone"]
    return Detail(
        card=card(site, known),
        site=site,
        reason=site["open"]["reason"],
        week=[day_line(day, at.date()) for day in site["hours"]],
        aliases=site["aliases"],
        phone=phone,
        tel=phone.replace("-", "") if phone else None,
        website=site["website"],
        fee_text="：".join(filter(None, (fee.text if fee.known else "", site["fee"]))) or NO_FEE,
        booking=site["booking"],
        facilities=[known.facilities.get(code, code) for code in site["facilities"]],
        introduction=site["introduction"],
        pictures=[_picture(photo) for photo in site["photos"]],
        sources=sources(site),
        updated_on=site["updated_on"],
    )


def _picture(photo: Mapping[str, Any]) -> Picture:
    sizes = [(one["width"], one["height"], one["url"]) for one in photo["sizes"]]
    return Picture(photo["alt"], photo["credit"], sizes)


def sources(site: Mapping[str, Any]) -> list[Source]:
    """Single facts first, then what stands for all the rest."""
    single = [
        Source(FIELDS.get(field, field), fact["source"], fact["confirmed_on"])
        for field, fact in sorted(site["facts"].items())
    ]
    rest = "其余信息" if single else "全部信息"
    return [*single, Source(rest, site["source"] or "未登记来源", site["confirmed_on"])]
