"""The columns that a table of listings may have, and which of them a heading means.

Public names: ``COLUMNS``, ``by_field``, ``known_heading``, ``own_heading``,
``folded``.

Template, matching, reading and exports all follow from these lists. A field ``facts:number:source``
is the source of the field ``number``; ``facts::source`` that of the whole listing.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from server.imports.column import (
    CONFIRMED_COLUMN,
    ID_COLUMN,
    KEY_COLUMN,
    SOURCE_COLUMN,
    VERIFIED_COLUMN,
    Column,
    named,
)
from server.imports.site_columns import SITE

_HOTLINE = (
    ID_COLUMN,
    named(
        "hotline",
        "name",
        "名称",
        "line",
        "热线的名称",
        "示例：某某服务热线",
        "热线名称 热线 name title",
        required=True,
        width=28,
    ),
    named(
        "hotline",
        "number",
        "号码",
        "phone",
        "能直接拨打的号码",
        "12345",
        "热线号码 电话 电话号码 联系电话 number phone tel",
    ),
    named(
        "hotline",
        "audience",
        "服务对象",
        "line",
        "为谁服务",
        "家长",
        "面向人群 对象 audience",
        width=20,
    ),
    named(
        "hotline",
        "opening_hours",
        "服务时间",
        "hours",
        "如“周一至周五 9:00-17:00”“24小时”",
        "24小时",
        "开放时间 接听时间 工作时间 openinghours",
        width=28,
    ),
    named("hotline", "note", "备注", "line", "给拨打的人看的说明", "", "说明 note", width=30),
    named(
        "hotline", "internal", "内部", "flag", "是：不对公众显示", "否", "仅内部 内部使用 internal"
    ),
    SOURCE_COLUMN,
    CONFIRMED_COLUMN,
    VERIFIED_COLUMN,
    Column(
        "facts:number:source",
        "号码来源",
        "line",
        "更改号码须写明的文件或确认",
        "",
        "号码依据",
        width=24,
    ),
    Column(
        "facts:number:confirmed_on", "号码确认日期", "date", "号码哪一天确认过", "", "号码核实日期"
    ),
    KEY_COLUMN,
)

COLUMNS: Mapping[str, tuple[Column, ...]] = {"site": SITE, "hotline": _HOTLINE}
"""By type of listing, in the order of the template."""

_ASIDE = re.compile(r"[（(\[【].*?[)）\]】]|[\s*＊:：_\-/、.。]")


def folded(heading: str) -> str:
    """A heading without remarks in brackets, signs and spaces: 联系电话（必填）is 联系电话."""
    return _ASIDE.sub("", unicodedata.normalize("NFKC", heading)).casefold()


@cache
def by_field(type_: str) -> Mapping[str, Column]:
    """The columns of a type of listing by their field."""
    return {column.field: column for column in COLUMNS[type_]}


@cache
def _by_heading(type_: str) -> Mapping[str, str]:
    known = {}
    for column in COLUMNS[type_]:
        for name in (*column.synonyms.split(), column.field, column.heading):
            known[folded(name)] = column.field
    return known


def known_heading(type_: str, heading: str) -> str | None:
    """The field that a heading stands for; None if it is not known."""
    return _by_heading(type_).get(folded(heading))


def own_heading(type_: str, heading: str) -> str | None:
    """The field that is called so here, by its heading or by its own name."""
    plain = folded(heading)
    for column in COLUMNS[type_]:
        if plain in (folded(column.heading), folded(column.field)):
            return column.field
    return None
