"""WeChat's message push: whether a delivery is WeChat's, new and fresh, and what becomes of it.

Only the safe mode (AES) is taken. A delivery is refused whose signature is wrong, whose timestamp
is more than ten minutes off, or whose nonce was seen before. A nonce counts as seen when its event
has been told: whatever ends a worker in between, WeChat's next delivery is taken.
"""

import re
import time
from dataclasses import dataclass

from config.settings import Settings
from server.wechat.envelope import Unreadable, decrypt, is_signed, opened
from server.wechat.events import read_event, tell
from server.wechat.once import Once

FRESH_S = 600


class NoPush(Exception):
    """The settings have no token or no key of the message push."""


class PushRefused(Exception):
    """The delivery is not WeChat's, or not new; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the address of a delivery says."""

    timestamp: str
    nonce: str
    signature: str
    """Of the delivery's body too, except where WeChat only asks for the echo."""


class Push:
    """The message push of one mini-program; threads may share it."""

    def __init__(self, settings: Settings) -> None:
        token, key = settings.wechat_push_token, settings.wechat_push_aes_key
        self._app_id = settings.wechat_app_id
        self._token = token.get_secret_value() if token is not None else ""
        self._key = key.get_secret_value() if key is not None else ""
        self._once = Once(settings)

    def check_echo(self, delivery: Delivery) -> None:
        """Whether it is WeChat that asks for the echo, when the push is set up.

        Raises:
            NoPush: there is no push.
            PushRefused: it is somebody else.
        """
        self._check(delivery)

    def take(self, delivery: Delivery, body: bytes) -> None:
        """Take a delivery and tell its event, if it is one.

        Raises:
            NoPush: there is no push.
            PushRefused: it is not WeChat's, or not new.
            Unreadable: it is signed as WeChat signs, but not as WeChat writes.
        """
        if not self._configured:
            raise NoPush
        encrypted = opened(body).get("Encrypt")
        if not isinstance(encrypted, str):
            raise Unreadable("no safe mode")
        self._check(delivery, encrypted)
        event = read_event(opened(decrypt(self._key, encrypted, self._app_id)))
        if event is not None:
            tell(event)
        if not self._once.claim("nonce", delivery.timestamp, delivery.nonce):
            raise PushRefused("这条消息已经收过。")

    @property
    def _configured(self) -> bool:
        return bool(self._app_id and self._token and self._key)

    def _check(self, delivery: Delivery, *more: str) -> None:
        if not self._configured:
            raise NoPush
        timestamp, nonce = delivery.timestamp, delivery.nonce
        if not is_signed(delivery.signature, self._token, timestamp, nonce, *more):
            raise PushRefused("签名不对。")
        fresh = re.fullmatch(r"[0-9]{1,12}", timestamp) is not None
        if not fresh or abs(time.time() - int(timestamp)) > FRESH_S:
            raise PushRefused("时间戳与现在相差超过十分钟。")
