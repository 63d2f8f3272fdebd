"""The columns that a table of listings may have: what they are called, what they mean.

Public names: ``Column``, ``COLUMNS``, ``POSITION``, ``by_field``, ``known_heading``.

Template, matching, reading and exports all follow from these lists. A field ``facts:number:source``
is the source of the field ``number``; ``facts::source`` that of the whole listing.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

ID, KEY, POSITION = "id", "key", "position"


@dataclass(frozen=True)
class Column:
    """One column. ``reader`` names how its cells are read: see ``server.imports.reading``."""

    field: str
    heading: str
    reader: str
    hint: str
    example: str = ""
    synonyms: tuple[str, ...] = ()
    required: bool = False
    width: int = 14
    exported: bool = True


_ID = Column(
    ID,
    "童友图编号",
    "id",
    "本系统给的编号，改已有条目时据以认出；新条目留空",
    synonyms=("条目编号", "listingid"),
    width=12,
)
_KEY = Column(
    KEY,
    "外部编号",
    "line",
    "您自己表里的编号，再次导入时据以认出同一条",
    "JY-001",
    ("编号", "编码", "代码", "基地编号", "唯一编号", "key", "code", "externalkey"),
)
_SOURCE = Column(
    "facts::source",
    "来源",
    "line",
    "这些内容从哪里来",
    "区教育局 2026 年台账",
    ("数据来源", "信息来源", "依据", "source"),
    width=24,
)
_CONFIRMED = Column(
    "facts::confirmed_on",
    "核实日期",
    "date",
    "最近一次核实的日期；须同时写来源",
    "2026-11-20",
    ("确认日期", "核对日期", "核实时间", "confirmedon"),
)

_SITE = (
    _ID,
    Column(
        "name",
        "名称",
        "line",
        "地点的正式名称，不超过 60 字",
        "示例：某某博物馆",
        ("基地名称", "场馆名", "场馆名称", "场所名称", "单位名称", "地点名称", "地点", "基地",
         "场馆", "阅读空间名称", "名字", "name", "title"),
        required=True,
        width=28,
    ),
    Column("kind", "类型", "kind", "从下拉列表选", "儿童友好实践基地",
           ("种类", "类别", "场所类型", "场馆类型", "基地类型", "kind", "type"), required=True, width=20),
    Column("theme", "主题", "theme", "从下拉列表选", "历史文化",
           ("主题分类", "主题类别", "分类", "theme"), required=True),
    Column("district", "区县", "district", "从下拉列表选", "张店区",
           ("区县名称", "所属区县", "所在区县", "行政区", "行政区划", "区", "县区", "属地", "district"),
           required=True),
    Column("address", "地址", "line", "门牌地址", "某某路 1 号",
           ("详细地址", "地点地址", "所在地址", "场馆地址", "基地地址", "位置", "address"), width=30),
    Column("lon", "经度", "number", "度，小数；坐标系在导入时选", "118.0478",
           ("lon", "lng", "long", "longitude", "x", "东经"), required=True),
    Column("lat", "纬度", "number", "度，小数", "36.8067",
           ("lat", "latitude", "y", "北纬"), required=True),
    Column(POSITION, "坐标", "position", "“经度,纬度”写在一格", "118.0478,36.8067",
           ("经纬度", "坐标经纬度", "定位", "position", "location", "coordinates"), exported=False),
    Column("aliases", "别名", "names", "别的叫法，用“、”隔开", "",
           ("简称", "又名", "曾用名", "aliases"), width=20),
    Column("phone", "电话", "phone", "一个能直接拨打的号码", "0533-1234567",
           ("联系电话", "咨询电话", "电话号码", "固定电话", "预约电话", "联系方式", "手机", "phone", "tel")),
    Column("website", "网址", "line", "http:// 或 https:// 开头", "",
           ("网站", "官网", "链接", "website", "url"), width=24),
    Column("opening_hours", "开放时间", "hours",
           "如“周二至周日 9:00-17:00”，或 OpenStreetMap 写法", "周二至周日 9:00-17:00",
           ("开放时段", "营业时间", "开馆时间", "服务时间", "openinghours", "hours"), width=28),
    Column("closures", "临时关闭", "closures", "“起日至止日 原因”，几段用“；”隔开", "",
           ("闭馆公告", "closures"), width=24),
    Column("free", "免费", "flag", "是、否；不知道就留空", "是", ("是否免费", "免费开放", "free")),
    Column("fee", "收费", "line", "收费标准", "",
           ("收费标准", "收费情况", "门票", "票价", "费用", "fee"), width=20),
    Column("booking", "预约", "line", "怎样预约", "",
           ("预约方式", "预约说明", "是否预约", "booking"), width=20),
    Column("ages", "适合年龄", "ages", "“3-12岁”", "3-12岁",
           ("年龄", "适用年龄", "适合年龄段", "年龄段", "适龄", "ages")),
    Column("facilities", "设施", "facilities", "用“、”隔开，词语见“可选的词”", "母婴室、停车场",
           ("便利设施", "配套设施", "服务设施", "facilities"), width=24),
    Column("introduction", "简介", "text", "不超过 2000 字", "",
           ("介绍", "场馆简介", "基地简介", "简要介绍", "描述", "introduction", "description"), width=40),
    Column("cover", "封面图", "line", "图片地址", "", ("图片", "cover"), width=20),
    _SOURCE,
    _CONFIRMED,
    _KEY,
)  # fmt: skip

_HOTLINE = (
    _ID,
    Column("name", "名称", "line", "热线的名称", "示例：某某服务热线",
           ("热线名称", "热线", "name", "title"), required=True, width=28),
    Column("number", "号码", "phone", "能直接拨打的号码", "12345",
           ("热线号码", "电话", "电话号码", "联系电话", "number", "phone", "tel")),
    Column("audience", "服务对象", "line", "为谁服务", "家长",
           ("面向人群", "对象", "audience"), width=20),
    Column("opening_hours", "服务时间", "hours", "如“周一至周五 9:00-17:00”“24小时”", "24小时",
           ("开放时间", "接听时间", "工作时间", "openinghours"), width=28),
    Column("note", "备注", "line", "给拨打的人看的说明", "", ("说明", "note"), width=30),
    Column("internal", "内部", "flag", "是：不对公众显示", "否", ("仅内部", "内部使用", "internal")),
    _SOURCE,
    _CONFIRMED,
    Column("facts:number:source", "号码来源", "line", "更改号码须写明的文件或确认", "",
           ("号码依据",), width=24),
    Column("facts:number:confirmed_on", "号码核实日期", "date", "号码哪一天确认过", ""),
    _KEY,
)  # fmt: skip

COLUMNS: Mapping[str, tuple[Column, ...]] = {"site": _SITE, "hotline": _HOTLINE}
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
        for name in (*column.synonyms, column.field, column.heading):
            known[folded(name)] = column.field
    return known


def known_heading(type_: str, heading: str) -> str | None:
    """The field that a heading stands for; None if it is not known."""
    return _by_heading(type_).get(folded(heading))
