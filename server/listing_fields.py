"""What the fields of a listing are called, and how people are asked for them.

Public names: ``Field``, ``FIELDS``, ``GROUPS``, ``MODELS``, ``fields``, ``vocabulary``.

The documents are defined by the models of ``geo.listing`` alone. This table adds to each field of
a model what a model has no word for: the kind of input, a hint. Whether a field must be given and
how long it may be is read from the model; what it is called stands in ``server.field_labels``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from pydantic.fields import FieldInfo

from geo.city import City, Term
from geo.listing import Hotline, Site
from geo.listing_base import ListingDocument
from server.field_labels import FIELDS as LABELS

Kind = Literal[
    "line", "area", "lines", "choice", "checks", "yes_no", "yes_no_unknown", "number", "tel",
    "url", "hours", "closures", "ages", "picture", "photos",
]  # fmt: skip

MODELS: Mapping[str, type[ListingDocument]] = {"site": Site, "hotline": Hotline}
"""The types that have a form made from this table."""

GROUPS = ("基本信息", "位置", "联系方式", "开放时间", "带孩子来", "介绍", "核实")


@dataclass(frozen=True)
class Field:
    """One field of a model, as a form shows it."""

    name: str
    kind: Kind
    group: str
    hint: str = ""
    own_source: bool = False
    """Where this one fact comes from is asked for beside it."""
    required: bool = False
    max: int | None = None
    """Characters."""
    label: str = ""


_HOURS = Field("opening_hours", "hours", "开放时间",
    "如 Tu-Su 09:00-17:00; Mo off。不知道就留空", own_source=True,
)  # fmt: skip
_VERIFIED = Field("verified", "yes_no", "核实", "全部内容已向场馆或主管单位确认过，才选“是”")

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "site": (
        Field("name", "line", "基本信息", "门口或官方网站上写的全称"),
        Field("aliases", "lines", "基本信息", "家长会搜的其他叫法，一行一个"),
        Field("kind", "choice", "基本信息"),
        Field("theme", "choice", "基本信息"),
        Field("district", "choice", "基本信息"),
        Field("address", "line", "位置", "从路名写起，不用重复市和区县"),
        Field("lon", "number", "位置"),
        Field("lat", "number", "位置"),
        Field("phone", "tel", "联系方式", "如 0533-2164568", own_source=True),
        Field("website", "url", "联系方式", "https:// 开头"),
        _HOURS,
        Field("closures", "closures", "开放时间", "布展、检修等；首尾两天都算"),
        Field("free", "yes_no_unknown", "带孩子来"),
        Field("fee", "line", "带孩子来", "如 成人 30 元，1.2 米以下免费"),
        Field("booking", "line", "带孩子来", "如 需提前一天在公众号预约"),
        Field("ages", "ages", "带孩子来", "周岁，两头都算；不清楚就留空"),
        Field("facilities", "checks", "带孩子来"),
        Field("introduction", "area", "介绍", "看什么、做什么；空行分段"),
        Field("photos", "photos", "介绍"),
        Field("cover", "url", "介绍", "别处的图片，/ 或 https:// 开头；没有就用第一张照片"),
        _VERIFIED,
    ),
    "hotline": (
        Field("name", "line", "基本信息", "主管单位公布的全称"),
        Field("number", "tel", "联系方式",
            "更改号码须由另一人审核，并注明来源和确认的日期", own_source=True,
        ),
        Field("audience", "line", "基本信息", "如 未成年人及家长"),
        _HOURS,
        Field("note", "line", "介绍", "打通后能得到什么帮助"),
        Field("internal", "yes_no", "基本信息", "内部电话不会向公众公布"),
        _VERIFIED,
    ),
}  # fmt: skip
"""By type, every field of the model but ``type`` and ``facts``, in the order of the form."""


def fields(type_: str) -> tuple[Field, ...]:
    """The fields of a type's form, with what its model demands of them."""
    model = MODELS[type_]
    names = LABELS[type_]
    return tuple(
        _with_demands(each, names[each.name], model.model_fields[each.name])
        for each in FIELDS[type_]
    )


def vocabulary(city: City, field: str) -> tuple[Term, ...]:
    """The terms among which a field chooses."""
    terms: dict[str, tuple[Term, ...]] = {
        "kind": city.kinds,
        "theme": city.themes,
        "district": city.districts,
        "facilities": city.facilities,
    }
    return terms[field]


def _with_demands(field: Field, label: str, info: FieldInfo) -> Field:
    demands = [*info.metadata, *_nested(info.annotation)]
    lengths = [d.max_length for d in demands if getattr(d, "max_length", None)]
    longest = lengths[0] if lengths and field.kind in ("line", "area", "hours") else None
    return replace(field, label=label, required=info.is_required(), max=longest)


def _nested(annotation: Any) -> list[Any]:
    """What an optional field's own type demands."""
    found: list[Any] = []
    for each in get_args(annotation):
        found += getattr(each, "__metadata__", ())
    return found
