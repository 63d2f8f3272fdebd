"""Deliveries as WeChat's message push makes them, right or wrong in whatever a test wants."""

import json
import secrets
import time
from typing import Any, NamedTuple

from server.wechat.envelope import encrypt, signature
from tests.wechat_standin.state import APP_ID, PUSH_AES_KEY, PUSH_TOKEN


class Pushed(NamedTuple):
    """One delivery: the parameters of its address, and its body."""

    query: dict[str, str]
    body: bytes


def consent_event(
    openid: str, template: str, status: str = "accept", made: int | None = None
) -> dict[str, Any]:
    """That a person answered the question for consent, as JSON says it."""
    row = {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}
    return {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": openid,
        "CreateTime": str(made or int(time.time())),
        "MsgType": "event",
        "Event": "subscribe_msg_popup_event",
        "List": [row],
    }


def pushed(
    message: dict[str, Any] | str,
    *,
    nonce: str | None = None,
    age: float = 0,
    token: str = PUSH_TOKEN,
    aes_key: str = PUSH_AES_KEY,
    app_id: str = APP_ID,
) -> Pushed:
    """A delivery of a message: JSON for a dictionary, XML for a text."""
    xml = isinstance(message, str)
    content = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    encrypted = encrypt(aes_key, content.encode(), app_id)
    timestamp = str(int(time.time() - age))
    nonce = nonce or str(secrets.randbelow(10**9))
    query = {
        "signature": signature(token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signature(token, timestamp, nonce, encrypted),
        "openid": "WeChat may add what it likes",
    }
    if xml:
        body = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    else:
        body = json.dumps({"ToUserName": "gh", "Encrypt": encrypted})
    return Pushed(query, body.encode())
