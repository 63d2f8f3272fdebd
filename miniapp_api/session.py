"""Signing in with the code of ``wx.login``, and signing out."""

import re
from typing import Annotated

from flask import current_app, request
from pydantic import Field

from config.settings import Settings
from geo.public import Public
from miniapp_api.body import Body
from miniapp_api.calls import CLOUD_HEADER, CallBlueprint, Refusal
from miniapp_api.query import Query
from miniapp_api.query_types import Bool
from server.db import db
from server.limits import Rule, by_address
from server.people import sessions
from server.people.keys import key_ring
from server.people.sessions import Caller
from server.problem import Mistake
from server.revisions import writing
from server.wechat import WeChatRefused, wechat
from server.wechat.errors import BLOCKED, CODE_OF_NO_USE, TOO_OFTEN

OPENID = re.compile(r"[0-9A-Za-z_-]{6,64}")

session = CallBlueprint(
    "session",
    __name__,
    tag="小程序用户",
    rules=(
        Rule(
            "sign-in",
            lambda settings: f"{settings.sign_ins_per_address}/minute",
            by_address,
            methods=("POST",),
        ),
    ),
)


class SignIn(Body):
    """What ``wx.login`` gave."""

    code: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")] | None = Field(
        default=None,
        description="wx.login 给出的 code，只能用一次；在微信云托管里调用时可以不填",
        examples=["0e1yUfll2ZQ3Fg4aG1ml2jXaVv2yUfl8"],
    )


class SignedIn(Public):
    """The token for the calls that follow."""

    token: str = Field(description="放在 Authorization: Bearer 里；不要给任何人")
    expires_in: int = Field(description="多少秒不用就失效；用着就一直有效")


class SignOutQuery(Query):
    """Here, or everywhere."""

    everywhere: Annotated[Bool, Field(description="true：各处的登录都退出")] = False


@session.call(
    "POST",
    "/session",
    summary="登录",
    body=SignIn,
    output=SignedIn,
    signed_in=False,
    asks_outside=True,
)
def sign_in(body: SignIn) -> SignedIn:
    """用微信的 code 换取令牌；只存微信标识的散列和密文，不取昵称、头像和手机号。

    本站没有接入小程序时答 503，其余功能照常。
    """
    settings: Settings = current_app.extensions["settings"]
    openid = _openid_of_cloud() if CLOUD_HEADER in request.headers else _openid(body.code)
    with writing(db.session):
        token = sessions.sign_in(db.session, key_ring(settings), openid)
    return SignedIn(token=token, expires_in=int(sessions.IDLE.total_seconds()))


@session.call("DELETE", "/session", summary="退出登录", query=SignOutQuery)
def sign_out(caller: Caller, query: SignOutQuery) -> None:
    """令牌随即失效。"""
    with writing(db.session):
        if query.everywhere:
            sessions.sign_out_everywhere(db.session, caller)
        else:
            sessions.sign_out(db.session, caller)


def _openid(code: str | None) -> str:
    """Who the code belongs to, as WeChat says.

    Raises:
        Refusal: 422 there is none or it is of no use, 403 WeChat lets the person not in, 429 WeChat
            was asked too often.
    """
    if code is None:
        raise Refusal(422, "内容有误：code", Mistake("code", "缺少这一项"))
    try:
        return wechat().code_to_session(code).openid
    except WeChatRefused as refused:
        if refused.errcode in CODE_OF_NO_USE:
            mistake = Mistake("code", "无效、已过期或已经用过，请重新调用 wx.login")
            raise Refusal(422, "内容有误：code", mistake) from None
        if refused.errcode == BLOCKED:
            raise Refusal(403, "微信认定这个账号有风险，暂时不能登录。") from None
        if refused.errcode in TOO_OFTEN:
            raise Refusal(429, "登录太频繁，请稍后再试。", Retry_After="60") from None
        raise


def _openid_of_cloud() -> str:
    """Who calls, as WeChat Cloud Hosting says; the header is there only where it is believed."""
    openid = request.headers[CLOUD_HEADER]
    if not OPENID.fullmatch(openid):
        raise Refusal(400, f"{CLOUD_HEADER} 头的格式不对。")
    return openid
