"""WeChat's server API and its message push, for the mini-program.

Public names: ``WeChat`` (``wechat()`` gives the application's), what its calls answer
(``SignedIn``, ``TextCheck``, ``CodePicture``), and what they raise, all of it a ``WeChatError``:
``NotConfigured``, ``WeChatDown``, ``WeChatRefused`` (its codes in ``server.wechat.errors``).
What WeChat delivers is told to whoever is registered with ``server.wechat.events.heard``.
"""

from flask import Flask, current_app

from config.settings import Settings
from server.wechat.answers import CodePicture, SignedIn, TextCheck
from server.wechat.client import WeChat
from server.wechat.errors import NotConfigured, WeChatDown, WeChatError, WeChatRefused
from server.wechat.push import Push

__all__ = [
    "CodePicture",
    "NotConfigured",
    "SignedIn",
    "TextCheck",
    "WeChat",
    "WeChatDown",
    "WeChatError",
    "WeChatRefused",
    "register",
    "wechat",
]


def register(app: Flask, settings: Settings) -> None:
    """Give the application its client and its end of the message push; nothing is connected."""
    app.extensions["wechat"] = WeChat(settings)
    app.extensions["wechat_push"] = Push(settings)


def wechat() -> WeChat:
    """The application's client."""
    client: WeChat = current_app.extensions["wechat"]
    return client
