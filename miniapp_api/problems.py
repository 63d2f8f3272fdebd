"""Every error as RFC 9457 ``application/problem+json``, in one place; details in Chinese.

A 404 carries the hotlines: whoever ends up where nothing is may be the one who needs them.
"""

from collections.abc import Iterable
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException

from miniapp_api.query import BadQuery, Mistake
from server.atlas_keeper import NoEdition

log = structlog.get_logger()

PROBLEM_JSON = "application/problem+json"

_DETAILS = {
    400: "请求格式不对。",
    404: "没有这个地址或条目。",
    405: "这个地址不支持这种请求方法。",
    406: "没有您要的格式。",
    410: "该条目已撤下。",
    413: "请求内容过大。",
    414: "网址过长。",
    415: "不支持这种内容类型。",
    422: "参数有误。",
    429: "请求过于频繁，请稍后再试。",
    500: "服务出错，我们已记录。",
    503: "服务暂时不可用，请稍后再试。",
}
_TITLES = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class ProblemError(BaseModel):
    """One mistake: where it is and what it is."""

    loc: str = Field(examples=["lat"])
    msg: str = Field(examples=["不能大于 90.0"])


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["参数有误：lat"])
    errors: list[ProblemError] | None = None


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


def bad_query_body(error: BadQuery) -> bytes:
    """The problem that names every wrong parameter."""
    names = "、".join(dict.fromkeys(mistake.loc for mistake in error.mistakes))
    return problem_body(422, f"参数有误：{names[:200]}", error.mistakes)


def register(app: Flask) -> None:
    """Answer every error of the API's paths as a problem."""
    app.register_error_handler(BadQuery, _bad_query)
    app.register_error_handler(NoEdition, _no_edition)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _reply(status: int, body: bytes) -> Response:
    reply = Response(body, status, mimetype=PROBLEM_JSON)
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _bad_query(error: BadQuery) -> Response:
    return _reply(422, bad_query_body(error))


def _no_edition(_: NoEdition) -> Response:
    reply = _reply(503, problem_body(503, "地图数据尚未载入，请稍后再试。"))
    reply.headers["Retry-After"] = "5"
    return reply


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    extra = hotlines_member() if status == 404 else b""
    reply = _reply(status, problem_body(status, title=error.name, extra=extra))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            reply.headers[name] = value
    return reply


def _unforeseen(error: Exception) -> Response:
    # The path alone: a query may hold someone's position.
    log.error("unforeseen_error", path=request.path, exc_info=error)
    return _reply(500, problem_body(500))


def hotlines_member() -> bytes:
    """``"hotlines": [...]`` for a problem, or nothing while no edition is loaded."""
    from datetime import datetime

    from flask import current_app

    from geo.opening import SHANGHAI

    try:
        atlas = current_app.extensions["atlas_keeper"].atlas
    except NoEdition:
        return b""
    return b'"hotlines":' + atlas.hotline_items(datetime.now(SHANGHAI))
