"""The parameters of public reads: one typed model a resource, one parser for all.

A model says which parameters there are, what they may be and what they mean; the parser sees to
what no model can: repetition, broken encoding, and the city's own vocabularies, which come as
the validation context ``{"city": City}``.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from geo.city import City
from geo.crs import Crs
from geo.moment import minute_of
from geo.opening import SHANGHAI

MAX_QUERY = 4096
"""Bytes of a whole query string; longer than any sensible one."""

MAX_FIELDS = 60
"""Parameters in one query, repetitions included."""

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


class Mistake(NamedTuple):
    """What is wrong with one parameter, in Chinese."""

    loc: str
    msg: str


class BadQuery(ValueError):
    """The query string can't be answered; ``mistakes`` name each parameter."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(f"{m.loc}: {m.msg}" for m in mistakes))
        self.mistakes = mistakes


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


_LETTERS = (
    "0-9A-Za-z\u00c0-\u024f\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U00020000-\U000323af"
)
"""Digits, Latin letters with and without accents, full-width ones, Chinese characters."""

_WRITABLE = f" -~\u00b7\u2010-\u2027\u3000-\u303f\uff01-\uffe5{_LETTERS}"
"""Those and punctuation; no controls, no invisible characters, no emoji."""

WORDS_PATTERN = f"^[{_WRITABLE}]*[{_LETTERS}][{_WRITABLE}]*$"
"""At least one letter among what can be written: punctuation alone finds nothing."""

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
        description="名称、别名、地址的任意片段，或名称的全拼、首字母；空格忽略",
        examples=["博物馆", "bowuguan", "bwg"],
    ),
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


class Query(BaseModel):
    """Base of all query models: a parameter that is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class InCrs(Query):
    """A read whose answer holds positions."""

    crs: Annotated[
        Crs, Field(description="查询与答复所用的坐标系；默认 gcj02（微信、腾讯、高德地图）")
    ] = "gcj02"


class Timed(Query):
    """A read whose answer depends on the time."""

    at: Annotated[
        Time | None,
        Field(
            description="代替“现在”的时刻（ISO 8601，未注明时区按北京时间）",
            examples=["2026-11-23T10:00:00+08:00"],
        ),
    ] = None

    def minute(self, now: float) -> int:
        """The minute asked about: that of ``at``, else that of ``now`` (Unix seconds)."""
        return int(now // 60) if self.at is None else minute_of(self.at)


class Paged(Query):
    """A list that comes in pages."""

    limit: Annotated[Int, Field(ge=1, le=100, description="每页条数")] = 20
    cursor: Cursor | None = None


class Empty(Query):
    """A read without parameters."""


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

Q = TypeVar("Q", bound=Query)


def parse(model: type[Q], query_string: bytes, city: City) -> Q:
    """Read a raw query string into a model.

    Raises:
        BadQuery: with every mistake found, each naming its parameter.
    """
    if not query_string:
        return _validated(model, {}, city)
    if len(query_string) > MAX_QUERY:
        raise BadQuery(Mistake("query", f"查询串超过 {MAX_QUERY} 字节"))
    try:
        pairs = _pairs(query_string.decode())
    except UnicodeDecodeError:
        raise BadQuery(Mistake("query", "查询串不是有效的 UTF-8 百分号编码")) from None
    except ValueError:
        raise BadQuery(Mistake("query", "参数太多")) from None
    values: dict[str, Any] = {}
    repeatable = _repeatable(model)
    for name, value in pairs:
        if name in repeatable:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise BadQuery(Mistake(name, "只能出现一次"))
        else:
            values[name] = value
    return _validated(model, values, city)


def _pairs(query_string: str) -> list[tuple[str, str]]:
    """Names and values, decoded."""
    if "%" in query_string or "+" in query_string:
        return parse_qsl(
            query_string, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    # Nothing to decode: most queries are plain numbers and codes, and parse_qsl is slow.
    parts = query_string.split("&")
    if len(parts) > MAX_FIELDS:
        raise ValueError("too many fields")
    return [(name, value) for name, _, value in (part.partition("=") for part in parts if part)]


def _validated(model: type[Q], values: dict[str, Any], city: City) -> Q:
    try:
        return model.model_validate(values, context={"city": city})
    except ValidationError as error:
        raise BadQuery(*(_mistake(detail) for detail in error.errors(include_url=False))) from None


_REPEATABLE: dict[type[Query], frozenset[str]] = {}


def _repeatable(model: type[Query]) -> frozenset[str]:
    known = _REPEATABLE.get(model)
    if known is None:
        known = _REPEATABLE[model] = frozenset(
            name for name, field in model.model_fields.items() if field.default == ()
        )
    return known


_MESSAGES = {
    "extra_forbidden": "没有这个参数",
    "missing": "缺少这个参数",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_short": "不能为空",
    "string_too_long": "不能超过 {max_length} 个字",
    "too_long": "最多 {max_length} 个",
    "string_pattern_mismatch": "格式不对",
}
_NOTHING_TO_FIND = "没有可以搜索的字"
_NOT_WRITABLE = "含有不能使用的字符（控制字符、表情符号等）"


def _mistake(detail: Any) -> Mistake:
    """One of pydantic's errors, in Chinese. The value itself is never repeated."""
    kind, context = detail["type"], detail.get("ctx", {})
    loc = str(detail["loc"][0] or "query") if detail["loc"] else "query"
    if kind == "value_error":
        error = context["error"]
        return error.mistake if isinstance(error, FieldError) else Mistake(loc, str(error))
    if kind == "string_pattern_mismatch" and loc == "q":
        writable = re.fullmatch(f"[{_WRITABLE}]*", detail["input"])
        return Mistake(loc, _NOTHING_TO_FIND if writable else _NOT_WRITABLE)
    if kind == "literal_error":
        quoted = re.findall("'(.*?)'", context["expected"])
        return Mistake(loc, f"只能是 {'、'.join(quoted)}")
    return Mistake(loc, _MESSAGES.get(kind, "取值不对").format(**context))


class FieldError(ValueError):
    """A rule between parameters is broken; it names the parameter to blame."""

    def __init__(self, loc: str, msg: str) -> None:
        super().__init__(msg)
        self.mistake = Mistake(loc, msg)


class Place(InCrs):
    """Where to look: around a position, or within a box."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    radius: Annotated[
        Float | None,
        Field(
            ge=1,
            le=50_000,
            description="离 lat、lon 的最远距离（米），默认 5000；不能和 bbox 一起使用",
            examples=[2000],
        ),
    ] = None
    bbox: BoundingBox | None = None

    @model_validator(mode="after")
    def _place_is_whole(self) -> "Place":
        if (self.lat is None) != (self.lon is None):
            missing = "lat" if self.lat is None else "lon"
            raise FieldError(missing, "lat 和 lon 要一起给出")
        if self.radius is not None and self.lat is None:
            raise FieldError("radius", "要和 lat、lon 一起使用")
        if self.radius is not None and self.bbox is not None:
            raise FieldError("radius", "不能和 bbox 一起使用")
        return self
