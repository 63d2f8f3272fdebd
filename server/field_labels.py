"""What the fields of listings are called: one table for forms, differences, imports and tables.

Public names: ``FIELDS``, ``PARTS``, ``CODES``, ``label``, ``code_title``. A test holds the table
against the models of ``geo.listing``: no field is without its Chinese name.
"""

from collections.abc import Mapping

from geo.city import City

_COMMON = {"name": "名称", "verified": "已核实", "facts": "来源"}

FIELDS: Mapping[str, Mapping[str, str]] = {
    "site": _COMMON
    | {
        "kind": "类别",
        "theme": "主题",
        "district": "区县",
        "aliases": "别名",
        "address": "地址",
        "lon": "经度",
        "lat": "纬度",
        "phone": "电话",
        "website": "网站",
        "opening_hours": "开放时间",
        "closures": "临时关闭",
        "free": "是否免费",
        "fee": "收费说明",
        "booking": "预约",
        "ages": "适合年龄",
        "facilities": "设施",
        "introduction": "介绍",
        "cover": "封面图片",
        "photos": "照片",
    },
    "hotline": _COMMON
    | {
        "number": "电话号码",
        "audience": "服务对象",
        "opening_hours": "接听时间",
        "note": "说明",
        "internal": "仅供内部",
    },
    "bus_route": _COMMON
    | {
        "short_name": "简称",
        "school": "学校",
        "agency": "运营单位",
        "fare": "票价",
        "phone": "电话",
        "introduction": "介绍",
        "stops": "站点",
        "services": "运行日",
        "trips": "班次",
        "shapes": "线路走向",
        "example": "仅为示例",
    },
    "notice": _COMMON
    | {
        "effect": "影响",
        "text": "公告内容",
        "routes": "涉及专线",
        "trips": "涉及班次",
        "stops": "涉及站点",
        "announced_at": "公布时间",
        "start": "开始时间",
        "end": "结束时间",
        "delay_minutes": "时刻变动（分钟）",
        "replacement": "替代办法",
        "phone": "咨询电话",
    },
}
"""By type of listing, in the order in which people read them."""

PARTS: Mapping[str, str] = {
    "source": "来源",
    "confirmed_on": "确认日期",
    "reason": "原因",
    "min": "最小年龄",
    "max": "最大年龄",
    "code": "代码",
    "id": "代码",
    "url": "网站",
    "direction": "方向",
    "service": "运行日",
    "grades": "年级",
    "stop_times": "停靠",
    "stop": "站点",
    "arrival": "到站",
    "departure": "发车",
    "timepoint": "准点",
    "alt": "说明",
    "credit": "署名",
    "width": "宽度",
    "height": "高度",
    "weekdays": "星期",
    "rule": "规则",
    "exceptions": "例外日",
    "date": "日期",
    "runs": "运行",
}
"""Of what lies within a field, where it isn't called as a field of the listing is."""

CODES: Mapping[str, Mapping[str, str]] = {
    "effect": {"suspension": "停运", "detour": "改道", "time_change": "改点", "other": "其他"},
    "direction": {"to_school": "上学", "to_home": "放学"},
    "rule": {"school": "按校历", "plain": "只按星期"},
}
"""Titles of the codes that are the models' own."""

_VOCABULARIES = {
    "kind": "kinds",
    "theme": "themes",
    "district": "districts",
    "facilities": "facilities",
}


def label(type_: str, field: str) -> str:
    """A field's Chinese name; ``trips.0.name`` is called 班次 1 名称, what is unknown as it is."""
    first, *rest = field.split(".")
    named = FIELDS.get(type_, {})
    words = [named.get(first, first)]
    for part in rest:
        words.append(
            str(int(part) + 1) if part.isdecimal() else PARTS.get(part, named.get(part, part))
        )
    return " ".join(words)


def code_title(city: City, field: str, code: str) -> str:
    """The title of a code in a field, of the city's or the models' own; else the code itself."""
    if field in _VOCABULARIES:
        terms = getattr(city, _VOCABULARIES[field])
        return next((term.title for term in terms if term.code == code), code)
    return CODES.get(field, {}).get(code, code)
