"""The types of single parameters: numbers, times, codes, words, boxes, and their patterns."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from geo.city import City
from geo.opening import SHANGHAI
from miniapp_api.query_words import WORDS_PATTERN, without_invisible

FIRST_YEAR, LAST_YEAR = 2000, 2100

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,20})?([eE]-?\d{1,3})?", re.ASCII)
"""As JSON writes numbers: JavaScript sends 1e-7 for 0.0000001."""
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+ -]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)

TIME_PATTERN = (
    "^(?:(?:20[0-9]{2}|2100)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|20(?:[02468][048]|[13579][26])-02-29)"
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,6})?)?"
    "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?$"
)
"""The times that are promised to be understood, leap years and all, for the OpenAPI document:
its ``date-time`` allows every year and demands a zone."""


def _number(text: object) -> object:
    if isinstance(text, str) and not _NUMBER.fullmatch(text):
        raise ValueError("应为十进制数")
    return text


def _whole(text: object) -> object:
    if isinstance(text, str) and not _WHOLE.fullmatch(text):
        raise ValueError("应为整数")
    return text


def _boolean(text: object) -> object:
    if text not in ("true", "false", True, False):
        raise ValueError("只能是 true 或 false")
    return text


def _time(text: object) -> object:
    """ISO 8601 with the city's own zone when none is given.

    An unescaped ``+08:00`` arrives with a space in place of the plus; it is meant, so it is read.
    """
    if not isinstance(text, str):
        return text
    if not _TIME.fullmatch(text):
        raise ValueError("应为 ISO 8601 时间，例如 2026-11-23T10:00:00+08:00")
    try:
        at = datetime.fromisoformat(text.upper().replace(" ", "+"))
    except ValueError:
        raise ValueError("没有这个时间") from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间")
    return at.astimezone(SHANGHAI) if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _now_or_time(text: object) -> object:
    return text if text == "now" else _time(text)


def code_of(vocabulary: str) -> Callable[[str, ValidationInfo], str]:
    """A validator: one of the codes of the city's ``vocabulary`` (``themes``, …)."""

    def check(value: str, info: ValidationInfo) -> str:
        city: City = info.context["city"]  # type: ignore[index]
        codes = _codes(city, vocabulary)
        if value not in codes:
            raise ValueError(f"没有这个代码；可用：{'、'.join(codes)}")
        return value

    return check


def _codes(city: City, vocabulary: str) -> tuple[str, ...]:
    return tuple(term.code for term in getattr(city, vocabulary))


Float = Annotated[float, BeforeValidator(_number)]
Int = Annotated[int, BeforeValidator(_whole)]
Bool = Annotated[bool, BeforeValidator(_boolean)]
Time = Annotated[
    datetime, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": TIME_PATTERN})
]
NowOrTime = Annotated[
    Literal["now"] | datetime,
    BeforeValidator(_now_or_time),
    WithJsonSchema({"anyOf": [{"const": "now"}, {"type": "string", "pattern": TIME_PATTERN}]}),
]
Latitude = Annotated[Float, Field(ge=-90, le=90, description="纬度", examples=[36.8072])]
Longitude = Annotated[Float, Field(ge=-180, le=180, description="经度", examples=[118.0539])]
Words = Annotated[
    str,
    Field(
        min_length=1,
        max_length=50,
        pattern=WORDS_PATTERN,
        description="名称、别名、地址的任意片段，或名称的全拼、首字母（从一个字的拼音的开头算起）；"
        "空格、不可见的字符忽略",
        examples=["博物馆", "bowuguan", "bwg"],
    ),
    AfterValidator(without_invisible),
]
Kind = Annotated[
    str, AfterValidator(code_of("kinds")), Field(json_schema_extra={"x-codes": "kinds"})
]
Theme = Annotated[
    str, AfterValidator(code_of("themes")), Field(json_schema_extra={"x-codes": "themes"})
]
DistrictCode = Annotated[
    str, AfterValidator(code_of("districts")), Field(json_schema_extra={"x-codes": "districts"})
]
Facility = Annotated[
    str, AfterValidator(code_of("facilities")), Field(json_schema_extra={"x-codes": "facilities"})
]
Cursor = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{32}$",
        description="上一页答复中的 next；只能用于同一期、同一查询",
        examples=["AAAAAQAAABQAAAAAAcXZWCkwsnaw5XpP"],
    ),
]


class BBox(NamedTuple):
    """West, south, east, north in the query's coordinate system."""

    west: float
    south: float
    east: float
    north: float


def _bbox(text: object) -> object:
    if not isinstance(text, str):
        return text
    parts = text.split(",")
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError("应为四个以逗号分隔的十进制数：最小经度,最小纬度,最大经度,最大纬度")
    box = BBox(*map(float, parts))
    if not (-180 <= box.west <= 180 and -180 <= box.east <= 180):
        raise ValueError("经度应在 -180 至 180 之间")
    if not (-90 <= box.south <= 90 and -90 <= box.north <= 90):
        raise ValueError("纬度应在 -90 至 90 之间（次序是经度在前、纬度在后）")
    if box.west > box.east or box.south > box.north:
        raise ValueError("最小值大于最大值：次序应为最小经度,最小纬度,最大经度,最大纬度")
    return box


_DEGREES = {
    "lon": {"type": "number", "minimum": -180, "maximum": 180},
    "lat": {"type": "number", "minimum": -90, "maximum": 90},
}

BoundingBox = Annotated[
    BBox,
    BeforeValidator(_bbox),
    WithJsonSchema(
        {
            "type": "array",
            "prefixItems": [_DEGREES[name] for name in ("lon", "lat", "lon", "lat")],
            "minItems": 4,
            "maxItems": 4,
            "description": "最小经度,最小纬度,最大经度,最大纬度",
            "examples": [[117.9, 36.7, 118.2, 36.9]],
        }
    ),
]
