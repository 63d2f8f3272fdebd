"""The parameters of public reads: one typed model a resource, one parser for all.

A model says which parameters there are, what they may be and what they mean; the parser sees to
what no model can: repetition, broken encoding, and the city's own vocabularies, which come as
the validation context ``{"city": City}``.
"""

import re
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.city import City
from geo.crs import Crs
from geo.moment import minute_of
from miniapp_api.query_types import BoundingBox, Cursor, Float, Int, Latitude, Longitude, Time
from miniapp_api.query_words import is_writable
from server.problem import Mistake

MAX_QUERY = 4096
"""Bytes of a whole query string; longer than any sensible one."""

NOW_S = 120
"""Seconds by which a moment may differ from now and still be now: clocks of phones are off."""

MAX_FIELDS = 60
"""Parameters in one query, repetitions included."""


class BadQuery(ValueError):
    """The query string can't be answered; ``mistakes`` name each parameter."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(f"{m.loc}: {m.msg}" for m in mistakes))
        self.mistakes = mistakes


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

    def is_now(self, now: float) -> bool:
        """Whether now (Unix seconds) is asked about, or what is as good as now."""
        return self.at is None or abs(self.at.timestamp() - now) <= NOW_S


class Paged(Query):
    """A list that comes in pages."""

    limit: Annotated[Int, Field(ge=1, le=100, description="每页条数")] = 20
    cursor: Cursor | None = None


class Empty(Query):
    """A read without parameters."""


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
        return Mistake(loc, _NOTHING_TO_FIND if is_writable(detail["input"]) else _NOT_WRITABLE)
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
