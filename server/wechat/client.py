"""The client for WeChat's server API: one method a call, the same rules for all of them.

Rules: ``-1`` (busy) is asked again three times, a little later each time; an access token that
WeChat no longer takes is renewed once and the call repeated once; everything else is told to the
caller at once. A quota that is used up is never asked again here.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, TypeVar, get_args

import structlog
from prometheus_client import Counter

from config.settings import Settings
from server.outside import outside_call, waiting
from server.wechat.answers import CodePicture, SignedIn, Suggestion, TextCheck
from server.wechat.errors import (
    BUSY,
    MEANINGS,
    NO_CREDENTIALS,
    VALUE_BREAKS_RULE,
    NotConfigured,
    WeChatDown,
    WeChatRefused,
)
from server.wechat.token import Fetched, Tokens
from server.wechat.token_store import store_of
from server.wechat.transport import Params, Transport, decoded

log = structlog.get_logger()

CALLS = Counter("tongyou_wechat_calls_total", "Calls of WeChat, by how they ended", ["call", "end"])

PAUSES = (0.2, 0.4, 0.8)
"""Seconds before each repetition of a call that found WeChat busy."""

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")
"""What a mini-program code may carry."""
LONGEST_TEXT = 2500
"""Characters that WeChat checks at once."""

_STATES = {"release": "formal", "trial": "trial", "develop": "developer"}
_SIGNATURES: tuple[tuple[bytes, Literal["image/png", "image/jpeg"]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)

T = TypeVar("T")


class WeChat:
    """WeChat's server API for one mini-program; threads may share it.

    Every call raises ``NotConfigured``, ``WeChatDown`` or ``WeChatRefused``, and
    ``server.outside.TooManyOutside`` where too many wait already. None may be made within a
    transaction that writes.
    """

    def __init__(self, settings: Settings) -> None:
        secret = settings.wechat_app_secret
        self._app_id = settings.wechat_app_id
        self._secret = secret.get_secret_value() if secret is not None else ""
        self._version = settings.wechat_version
        self._transport = Transport(settings.wechat_url)
        self._tokens = Tokens(store_of(settings), self._fetch_token)

    @property
    def configured(self) -> bool:
        """Whether there is an AppID and an AppSecret."""
        return bool(self._app_id and self._secret)

    def code_to_session(self, code: str) -> SignedIn:
        """Who the code of ``wx.login`` belongs to. A code is good for once.

        Raises:
            WeChatRefused: among others ``CODE_OF_NO_USE``, ``BLOCKED``.
        """
        params = {
            "appid": self._app_id,
            "secret": self._secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        with self._told("jscode2session"):
            told = self._patiently(lambda: self._once("GET", "/sns/jscode2session", params))
            return SignedIn(_text(told, "openid"))

    def check_text(self, openid: str, content: str, *, scene: Literal[1, 2, 3, 4] = 2) -> TextCheck:
        """What WeChat thinks of a person's text (``msg_sec_check``, version 2).

        ``scene``: 1 about oneself, 2 a comment, 3 a forum, 4 a social log. The person must have
        used the mini-program within two hours.

        Raises:
            ValueError: the text is longer than ``LONGEST_TEXT``.
        """
        if len(content) > LONGEST_TEXT:
            raise ValueError("too long to be checked")
        body = {"version": 2, "openid": openid, "scene": scene, "content": content}
        with self._told("msg_sec_check"):
            told = self._with_token("/wxa/msg_sec_check", body)
            result = told.get("result")
            if not isinstance(result, dict) or result.get("suggest") not in get_args(Suggestion):
                raise WeChatDown("not understood", maybe_done=True)
            label = result.get("label")
            return TextCheck(result["suggest"], label if isinstance(label, int) else 21000)

    def send_subscribe_message(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str | None = None
    ) -> None:
        """Send a person one message of a template, which uses up one consent.

        ``data``: the template's keys (``thing1``) and their values. ``page``: where a tap leads.

        Raises:
            WeChatRefused: ``CONSENT_GONE`` and ``VALUE_BREAKS_RULE`` are final.
            WeChatDown: with ``maybe_done`` the message may have been sent.
        """
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": template_id,
            "data": {key: {"value": value} for key, value in data.items()},
            "miniprogram_state": _STATES[self._version],
            "lang": "zh_CN",
        }
        if page is not None:
            body["page"] = page
        with self._told("subscribe_send"):
            self._with_token("/cgi-bin/message/subscribe/send", body)

    def unlimited_code(self, scene: str, page: str, *, width: int = 430) -> CodePicture:
        """A mini-program code that opens ``page`` with ``scene``; it is good for ever: keep it.

        ``width`` in pixels, 280 to 1280. Only a published mini-program's pages are looked up.

        Raises:
            ValueError: the scene has other characters than ``SCENE``, or the width is another.
        """
        if not SCENE.fullmatch(scene) or not 280 <= width <= 1280:
            raise ValueError("no scene or width of a mini-program code")
        body = {
            "scene": scene,
            "page": page,
            "check_path": self._version == "release",
            "env_version": self._version,
            "width": width,
        }
        with self._told("getwxacodeunlimit"):
            told: CodePicture = self._with_token("/wxa/getwxacodeunlimit", body, _picture)
            return told

    def _fetch_token(self, *, force: bool) -> Fetched:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        try:
            told = self._patiently(lambda: self._once("POST", "/cgi-bin/stable_token", {}, body))
        except WeChatDown as down:
            # What the token is wanted for has not been asked yet.
            raise WeChatDown(down.why, maybe_done=False) from None
        lasts = told.get("expires_in")
        if not isinstance(lasts, int) or lasts <= 0:
            raise WeChatDown("not understood", maybe_done=False)
        return Fetched(_text(told, "access_token"), lasts)

    def _with_token(self, path: str, body: object, read: Callable[[bytes], Any] = decoded) -> Any:
        """Post with the access token, renewed once if WeChat no longer takes it."""

        def ask(token: str) -> Any:
            params = {"access_token": token}
            return self._patiently(lambda: self._once("POST", path, params, body, read))

        token = self._tokens.current()
        try:
            return ask(token)
        except WeChatRefused as refusal:
            if refusal.errcode not in NO_CREDENTIALS:
                raise
        return ask(self._tokens.instead_of(token))

    def _patiently(self, ask: Callable[[], T]) -> T:
        for pause in PAUSES:
            try:
                return ask()
            except WeChatRefused as refusal:
                if refusal.errcode != BUSY:
                    raise
            with waiting():
                time.sleep(pause)
        try:
            return ask()
        except WeChatRefused as refusal:
            if refusal.errcode != BUSY:
                raise
            raise WeChatDown("busy", maybe_done=False) from None

    def _once(
        self,
        method: str,
        path: str,
        params: Params,
        body: object = None,
        read: Callable[[bytes], Any] = decoded,
    ) -> Any:
        told = read(self._transport.exchange(method, path, params, body))
        if isinstance(told, dict) and told.get("errcode", 0) != 0:
            raise WeChatRefused(told["errcode"], _key(told))
        return told

    @contextmanager
    def _told(self, call: str) -> Iterator[None]:
        """Wait outside; count and log how the call ends."""
        if not self.configured:
            raise NotConfigured
        end = "ok"
        try:
            with outside_call():
                yield
        except WeChatRefused as refusal:
            end = str(refusal.errcode) if refusal.errcode in MEANINGS else "other"
            log.warning("wechat_refused", call=call, errcode=refusal.errcode, key=refusal.key)
            raise
        except WeChatDown as down:
            end = "down"
            log.warning("wechat_down", call=call, why=down.why)
            raise
        except BaseException:
            end = "not asked"
            raise
        finally:
            CALLS.labels(call, end).inc()


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatDown("not understood", maybe_done=True)
    return value


def _key(told: dict[str, Any]) -> str | None:
    """The key that ``data.thing1.value`` in the message of a 47003 names; nothing else of it."""
    if told["errcode"] != VALUE_BREAKS_RULE:
        return None
    found = re.search(r"data\.([a-z_]{1,20}\d{1,3})\b", str(told.get("errmsg", "")))
    return found[1] if found else None


def _picture(content: bytes) -> Any:
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return CodePicture(content, media_type)
    told = decoded(content)
    if not told.get("errcode"):
        raise WeChatDown("not understood", maybe_done=True)
    return told
