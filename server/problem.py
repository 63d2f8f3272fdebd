"""Problem details (RFC 9457): what a program is told when its request is not taken.

Public names: ``Mistake``, ``problem_body``, ``PROBLEM_JSON``.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

PROBLEM_JSON = "application/problem+json"

_DETAILS = {
    301: "已移到别处。",
    400: "请求格式不对。",
    404: "没有这个地址或条目。",
    405: "这个地址不支持这种请求方法。",
    406: "没有您要的格式。",
    410: "该条目已撤下。",
    413: "请求内容过大。",
    414: "网址过长。",
    415: "不支持这种内容类型。",
    422: "参数有误。",
    429: "请求太频繁，请稍后再试。",
    500: "服务出错，我们已记录。",
    503: "服务暂时不可用，请稍后再试。",
}
_TITLES = {
    301: "Moved Permanently",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Mistake(NamedTuple):
    """What is wrong with one parameter or field, in Chinese."""

    loc: str
    msg: str


def problem_body(
    status: int,
    detail: str | None = None,
    mistakes: Iterable[Mistake] = (),
    title: str | None = None,
    extra: bytes = b"",
) -> bytes:
    """The JSON of a problem; ``extra`` are further members, encoded, without braces."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title or _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail or _DETAILS.get(status, "请求未能完成。"),
    }
    if errors := [mistake._asdict() for mistake in mistakes]:
        body["errors"] = errors
    encoded = orjson.dumps(body)
    return encoded[:-1] + b"," + extra + b"}" if extra else encoded
