"""What the fields of a listing are called, and how people are asked for them.

Public names: ``Field``, ``FIELDS``, ``GROUPS``, ``TYPES``, ``fields``, ``label``, ``vocabulary``.

The documents are defined by the models of ``geo.listing`` alone. This table adds to each field of
a model what a model has no word for: its Chinese name, the kind of input, a hint. Whether a field
must be given and how long it may be is read from the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from geo.city import City, Term
from geo.listing import Hotline, Site
from geo.listing_base import ListingDocument

Kind = Literal[
    "line", "area", "lines", "choice", "checks", "yes_no", "yes_no_unknown", "number", "tel",
    "url", "hours", "closures", "ages", "picture", "photos",
]  # fmt: skip

TYPES: Mapping[str, str] = {
    "site": "地点", "hotline": "热线", "bus_route": "助学专线", "notice": "公告",
}  # fmt: skip
MODELS: Mapping[str, type[ListingDocument]] = {"site": Site, "hotline": Hotline}
"""The types that have a form made from this table."""

GROUPS = ("基本信息", "位置", "联系方式", "开放时间", "带孩子来", "介绍", "核实")


@dataclass(frozen=True)
class Field:
    """One field of a model, as a form shows it."""

    name: str
    label: str
    kind: Kind
    group: str
    hint: str = ""
    own_source: bool = False
    """Where this one fact comes from is asked for beside it."""
    required: bool = False
    max: int | None = None
    """Characters."""


_NAME = Field("name", "名称", "line", "基本信息", "门口或官方网站上写的全称")
_HOURS = Field(
    "opening_hours", "开放时间", "hours", "开放时间",
    "如 Tu-Su 09:00-17:00; Mo off。不知道就留空", own_source=True,
)  # fmt: skip
_VERIFIED = Field(
    "verified", "已核实", "yes_no", "核实", "全部内容已向场馆或主管单位确认过，才选“是”"
)

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "site": (
        _NAME,
        Field("aliases", "别名", "lines", "基本信息", "家长会搜的其他叫法，一行一个"),
        Field("kind", "类别", "choice", "基本信息"),
        Field("theme", "主题", "choice", "基本信息"),
        Field("district", "区县", "choice", "基本信息"),
        Field("address", "地址", "line", "位置", "从路名写起，不用重复市和区县"),
        Field("lon", "经度", "number", "位置", "淄博在 117.45 到 118.65 之间"),
        Field("lat", "纬度", "number", "位置", "淄博在 35.85 到 37.40 之间"),
        Field("phone", "电话", "tel", "联系方式", "如 0533-2164568", own_source=True),
        Field("website", "网站", "url", "联系方式", "https:// 开头"),
        _HOURS,
        Field("closures", "临时关闭", "closures", "开放时间", "布展、检修等；首尾两天都算"),
        Field("free", "是否免费", "yes_no_unknown", "带孩子来"),
        Field("fee", "收费说明", "line", "带孩子来", "如 成人 30 元，1.2 米以下免费"),
        Field("booking", "预约", "line", "带孩子来", "如 需提前一天在公众号预约"),
        Field("ages", "适合年龄", "ages", "带孩子来", "周岁，两头都算；不清楚就留空"),
        Field("facilities", "设施", "checks", "带孩子来"),
        Field("introduction", "介绍", "area", "介绍", "看什么、做什么；空行分段"),
        Field("cover", "图片", "picture", "介绍", "/ 或 https:// 开头的图片地址"),
        Field("photos", "照片", "photos", "介绍"),
        _VERIFIED,
    ),
    "hotline": (
        _NAME,
        Field(
            "number", "号码", "tel", "联系方式",
            "更改号码须由另一人审核，并注明来源和确认的日期", own_source=True,
        ),
        Field("audience", "服务对象", "line", "基本信息", "如 未成年人及家长"),
        _HOURS,
        Field("note", "说明", "line", "介绍", "打通后能得到什么帮助"),
        Field("internal", "仅内部使用", "yes_no", "基本信息", "内部电话不会向公众公布"),
        _VERIFIED,
    ),
}  # fmt: skip
"""By type, every field of the model but ``type`` and ``facts``, in the order of the form."""

_OTHERS = {
    "facts": "来源", "position": "位置", "source": "来源", "confirmed_on": "确认日期",
    "start": "开始日期", "end": "结束日期", "reason": "原因", "min": "最小", "max": "最大",
    "crs": "坐标系", "type": "类型", "short_name": "线路号", "school": "学校",
    "agency": "运营单位", "fare": "票价", "stops": "站点", "services": "开行日期",
    "trips": "班次", "shapes": "走向", "example": "示例数据", "effect": "影响", "text": "正文",
    "routes": "涉及线路", "announced_at": "通知时间", "delay_minutes": "晚点分钟",
    "replacement": "替代办法",
}  # fmt: skip


def fields(type_: str) -> tuple[Field, ...]:
    """The fields of a type's form, with what its model demands of them."""
    model = MODELS[type_]
    return tuple(_with_demands(each, model.model_fields[each.name]) for each in FIELDS[type_])


def label(part: str) -> str:
    """What a field, a part of one, or the provenance of one is called: 开放时间的来源."""
    head, _, rest = part.partition(".")
    if head == "facts" and rest:
        return f"{label(rest)}的来源"
    if head == "facts" and part.endswith("."):
        return "信息来源"
    known = next((f.label for own in FIELDS.values() for f in own if f.name == head), None)
    return known or _OTHERS.get(head, head)


def vocabulary(city: City, field: str) -> tuple[Term, ...]:
    """The terms among which a field chooses."""
    terms: dict[str, tuple[Term, ...]] = {
        "kind": city.kinds,
        "theme": city.themes,
        "district": city.districts,
        "facilities": city.facilities,
    }
    return terms[field]


def _with_demands(field: Field, info: FieldInfo) -> Field:
    demands = [*info.metadata, *_nested(info.annotation)]
    lengths = [d.max_length for d in demands if getattr(d, "max_length", None)]
    longest = lengths[0] if lengths and field.kind in ("line", "area", "hours") else None
    return Field(**(field.__dict__ | {"required": info.is_required(), "max": longest}))


def _nested(annotation: Any) -> list[Any]:
    """What an optional field's own type demands."""
    found: list[Any] = []
    for each in get_args(annotation):
        found += getattr(each, "__metadata__", ())
    return found
