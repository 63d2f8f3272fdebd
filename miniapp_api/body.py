"""JSON bodies of programs that write: one strict model a body, one reader for all."""

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from miniapp_api.query import FieldError
from server.problem import Mistake

MAX_BODY = 4096
"""Bytes; a report takes some 200."""


class Body(BaseModel):
    """Base of all bodies: closed; a number in quotes is no number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BadBody(ValueError):
    """The body can't be taken; ``mistakes`` name each field of one that is JSON but wrong."""

    def __init__(self, status: int, detail: str, mistakes: list[Mistake] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.mistakes = mistakes or []


B = TypeVar("B", bound=Body)


def read_body(model: type[B]) -> B:
    """The request's body as a model.

    Raises:
        BadBody: 413 too long, 415 not JSON by its type, 400 not JSON, 422 not the model's.
    """
    if (request.content_length or 0) > MAX_BODY:
        raise BadBody(413, f"请求内容超过 {MAX_BODY} 字节。")
    if request.mimetype != "application/json":
        raise BadBody(415, "请求内容的类型应为 application/json。")
    request.max_content_length = MAX_BODY
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise BadBody(413, f"请求内容超过 {MAX_BODY} 字节。") from error
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        details = error.errors(include_url=False)
        if any(detail["type"] == "json_invalid" for detail in details):
            raise BadBody(400, "请求内容不是有效的 JSON（UTF-8）。") from None
        mistakes = [_mistake(detail) for detail in details]
        names = "、".join(dict.fromkeys(mistake.loc for mistake in mistakes))
        raise BadBody(422, f"内容有误：{names[:200]}", mistakes) from None


_MESSAGES = {
    "extra_forbidden": "没有这一项",
    "missing": "缺少这一项",
    "model_type": "应为 JSON 对象",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数",
    "finite_number": "应为有限的数",
    "string_type": "应为文字",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_short": "不能为空",
    "string_too_long": "不能超过 {max_length} 个字",
    "string_pattern_mismatch": "格式不对",
    "datetime_type": "应为文字，例如 2026-11-24T07:05:30+08:00",
    "timezone_aware": "须注明时区，例如 2026-11-24T07:05:30+08:00",
    "literal_error": "只能是 {expected}",
}


def _mistake(detail: Any) -> Mistake:
    """One of pydantic's errors, in Chinese. The value itself is never repeated."""
    kind, context = detail["type"], detail.get("ctx", {})
    loc = ".".join(str(part) for part in detail["loc"])[:60] or "body"
    if kind == "value_error":
        error = context["error"]
        return error.mistake if isinstance(error, FieldError) else Mistake(loc, str(error))
    if kind.startswith("datetime") and kind not in _MESSAGES:
        kind = "datetime_type"
    if kind == "literal_error":
        context = {"expected": context["expected"].replace("'", "").replace(" or ", "、")}
    return Mistake(loc, _MESSAGES.get(kind, "取值不对").format(**context))
