"""Every error as RFC 9457 ``application/problem+json``, in one place; details in Chinese.

A 404 carries the hotlines: whoever ends up where nothing is may be the one who needs them.
"""

import traceback
from datetime import datetime

import structlog
from flask import Flask, Response, current_app, request
from flask_limiter import RateLimitExceeded
from pydantic import Field
from werkzeug.exceptions import HTTPException

from geo.atlas import Atlas
from geo.crs import Crs
from geo.opening import SHANGHAI
from geo.public import HotlineItem, Public, SiteItem
from miniapp_api.query import BadQuery
from miniapp_api.reads import ALWAYS
from server.atlas_keeper import NoEdition
from server.limits import seconds_left
from server.metrics import UNCOUNTED, UNMATCHED
from server.outside import RETRY_AFTER_S, TooManyOutside
from server.problem import PROBLEM_JSON, problem_body
from server.wechat import NotConfigured, WeChatError

log = structlog.get_logger()

PROGRAMS = ("/api/", "/internal/", "/healthz", "/readyz", "/metrics")
"""What programs ask for; errors elsewhere are people's and get the app's ``error_page``."""


class ProblemError(Public):
    """One mistake: where it is and what it is."""

    loc: str = Field(description="参数名；整个查询串有误时为 query", examples=["lat"])
    msg: str = Field(examples=["不能大于 90"])


class Problem(Public):
    """RFC 9457 problem details."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(description="给人看的一句话", examples=["参数有误：lat"])
    errors: list[ProblemError] | None = Field(default=None, description="422：每处错误")
    hotlines: list[HotlineItem] | None = Field(default=None, description="404、410：全部热线")
    nearby: list[SiteItem] | None = Field(
        default=None, description="410：离撤下的地点最近的几个地点"
    )
    crs: Crs | None = Field(default=None, description="nearby 的坐标系")


def bad_query_body(error: BadQuery) -> bytes:
    """The problem that names every wrong parameter."""
    names = "、".join(dict.fromkeys(mistake.loc for mistake in error.mistakes))
    return problem_body(422, f"参数有误：{names[:200]}", error.mistakes)


def register(app: Flask) -> None:
    """Answer every error of the API's paths as a problem."""
    app.register_error_handler(BadQuery, _bad_query)
    app.register_error_handler(NoEdition, _no_edition)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(TooManyOutside, _too_many_outside)
    app.register_error_handler(WeChatError, _wechat)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _reply(status: int, body: bytes) -> Response:
    error_page = current_app.extensions.get("error_page")
    if error_page is not None and not request.path.startswith(PROGRAMS):
        page: Response = error_page(status)
        return page
    headers = [("Cache-Control", "no-store"), *ALWAYS]
    return Response(body, status, headers, content_type=PROBLEM_JSON)


def _bad_query(error: BadQuery) -> Response:
    return _reply(422, bad_query_body(error))


def _no_edition(_: NoEdition) -> Response:
    reply = _reply(503, problem_body(503, "地图数据尚未载入，请稍后再试。"))
    reply.headers["Retry-After"] = "5"
    return reply


def _too_many(_: RateLimitExceeded) -> Response:
    reply = _reply(429, problem_body(429))
    reply.headers["Retry-After"] = str(seconds_left())
    return reply


def _too_many_outside(_: TooManyOutside) -> Response:
    reply = _reply(503, problem_body(503, "现在人太多了，请过几秒再试。"))
    reply.headers["Retry-After"] = str(RETRY_AFTER_S)
    return reply


def _wechat(error: WeChatError) -> Response:
    """What a view leaves to be told. Its messages are made for anybody to read."""
    reply = _reply(503, problem_body(503, str(error)))
    if not isinstance(error, NotConfigured):
        reply.headers["Retry-After"] = "10"
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
    # The route alone: a query may hold someone's position.
    route = request.url_rule.rule if request.url_rule else UNMATCHED
    if route in UNCOUNTED:
        # Not even that; the places in our files would name the page just as well.
        log.error("unforeseen_error", route=UNMATCHED, error=[type(error).__name__])
    else:
        log.error("unforeseen_error", route=route, error=without_values(error))
    return _reply(500, problem_body(500))


def without_values(error: BaseException) -> list[str]:
    """Types and places of an error and what caused it, for the log.

    Not the messages: they may repeat what someone sent, a position included.
    """
    told: list[str] = []
    link: BaseException | None = error
    while link is not None:
        told.append(type(link).__name__)
        frames = traceback.extract_tb(link.__traceback__)
        told += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return told


def hotlines_member() -> bytes:
    """``"hotlines": [...]`` for a problem, or nothing while no edition is loaded."""
    try:
        atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    except NoEdition:
        return b""
    return b'"hotlines":' + atlas.hotline_items(datetime.now(SHANGHAI))
