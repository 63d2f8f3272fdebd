"""Where WeChat delivers its message push; for WeChat alone, so it is in no OpenAPI document."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec

from apiflask import APIBlueprint
from flask import Response, current_app, request
from pydantic import ConfigDict, Field
from werkzeug.exceptions import RequestEntityTooLarge

from miniapp_api.query import Query, parse
from server.problem import PROBLEM_JSON, problem_body
from server.wechat.envelope import Unreadable
from server.wechat.push import Delivery, NoPush, Push, PushRefused

MAX_BODY = 16384
"""Bytes; an event takes some 1,000."""

PATH = "/api/v1/wechat/push"

wechat_push = APIBlueprint("wechat_push", __name__, enable_openapi=False)

P = ParamSpec("P")

Word = Annotated[str, Field(min_length=1, max_length=128)]


class PushQuery(Query):
    """What WeChat puts into the address; more may come."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    timestamp: Word
    nonce: Word


class EchoQuery(PushQuery):
    """WeChat asks whether the address is ours, when the push is set up."""

    signature: Word
    echostr: Word


class DeliveryQuery(PushQuery):
    """WeChat delivers."""

    msg_signature: Word


def _answered(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer refusals as problems; none of them says what was sent."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except NoPush:
            return _problem(503, "本站还没有设置微信的消息推送。")
        except PushRefused as refusal:
            return _problem(403, str(refusal))
        except Unreadable:
            return _problem(400, "内容不是微信消息推送（安全模式）的格式。")
        except RequestEntityTooLarge:
            return _problem(413, f"请求内容超过 {MAX_BODY} 字节。")

    return answer


@wechat_push.get(PATH)
@_answered
def echo() -> Response:
    """Give WeChat its word back."""
    asked = parse(EchoQuery, request.query_string, current_app.extensions["city"])
    _push().check_echo(Delivery(asked.timestamp, asked.nonce, asked.signature))
    return _plain(asked.echostr)


@wechat_push.post(PATH)
@_answered
def deliver() -> Response:
    """Take what WeChat delivers."""
    asked = parse(DeliveryQuery, request.query_string, current_app.extensions["city"])
    request.max_content_length = MAX_BODY
    body = request.get_data(cache=False)
    _push().take(Delivery(asked.timestamp, asked.nonce, asked.msg_signature), body)
    return _plain("success")


def _push() -> Push:
    push: Push = current_app.extensions["wechat_push"]
    return push


def _plain(text: str) -> Response:
    return Response(text, 200, _ALWAYS, content_type="text/plain; charset=utf-8")


def _problem(status: int, detail: str) -> Response:
    return Response(problem_body(status, detail), status, _ALWAYS, content_type=PROBLEM_JSON)


_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
