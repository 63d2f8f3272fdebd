"""The stand-in's HTTP: WeChat's paths, and below ``/standin`` what WeChat's people would do."""

import io
import re
import secrets
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import segno
from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.wechat_standin.control import control
from tests.wechat_standin.faults import Faults, suffer
from tests.wechat_standin.state import (
    APP_ID,
    BLOCKED,
    SECRET,
    SIGN_INS_A_MINUTE,
    VISIT_S,
    State,
    openid_of,
)

RISKY, REVIEW = "违规样例", "存疑样例"
"""A text with one of these words is risky, or is to be reviewed by people."""

_LONGEST = {"thing": 20, "phrase": 5, "name": 10, "character_string": 32, "phone_number": 17}
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")
_MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40163: "code been used",
    40169: "invalid length for scene, or the data is not json string",
    40226: "code blocked",
    41030: "invalid page",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    61010: "code is expired",
}


class _KeptAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: addresses hold secrets here, too."""


class StandIn:
    """The service. ``state`` and ``faults`` may be read and changed while it runs."""

    def __init__(self, port: int = 0) -> None:
        self.state, self.faults = State(), Faults()
        self._lock = threading.Lock()
        app = Flask("wechat_standin")
        app.before_request(self._meet_faults)
        for method, path, view in (
            ("GET", "/sns/jscode2session", self._sign_in),
            ("POST", "/cgi-bin/stable_token", self._stable_token),
            ("POST", "/wxa/msg_sec_check", self._check_text),
            ("POST", "/cgi-bin/message/subscribe/send", self._send),
            ("POST", "/wxa/getwxacodeunlimit", self._code),
        ):
            app.add_url_rule(path, view_func=self._locked(view), methods=[method], endpoint=path)
        app.register_blueprint(control(self.state, self.faults))
        self.server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_KeptAlive)
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def reset(self) -> None:
        """As on the first day, without faults."""
        self.state.__init__()  # type: ignore[misc]
        self.faults.clear()

    def _meet_faults(self) -> Response | None:
        if request.path.startswith("/standin"):
            return None
        asked = request.args.to_dict() | (request.get_json(silent=True) or {})
        with self._lock:
            self.state.asked.append((request.path, asked))
            met = self.faults.due(request.path)
            quota = self.state.quotas.get(request.path)
            if quota is not None and self.state.too_often(request.path, quota):
                return _refusal(45009)
        for fault in met:
            answer = suffer(fault)
            if answer is not None:
                return answer
        return None

    def _locked(self, view: Any) -> Any:
        def answer() -> Response:
            with self._lock:
                told = view()
            return _refusal(told) if isinstance(told, int) else told

        return answer

    def _sign_in(self) -> Response | int:
        asked = request.args
        if asked.get("appid") != APP_ID:
            return 40013
        if asked.get("secret") != SECRET:
            return 40125
        if asked.get("grant_type") != "authorization_code":
            return 40002
        who = self.state.owner(asked.get("js_code", ""))
        if isinstance(who, int):
            return who
        if who == BLOCKED:
            return 40226
        if self.state.too_often(f"sign in {who}", SIGN_INS_A_MINUTE):
            return 45011
        openid = openid_of(who)
        self.state.visits[openid] = time.time()
        key = b64encode(secrets.token_bytes(16)).decode()
        return jsonify({"openid": openid, "session_key": key})

    def _stable_token(self) -> Response | int:
        asked = request.get_json()
        if asked.get("grant_type") != "client_credential":
            return 40002
        if asked.get("appid") != APP_ID:
            return 40013
        if asked.get("secret") != SECRET:
            return 40125
        told = self.state.stable_token(force=asked.get("force_refresh", False))
        if isinstance(told, int):
            return told
        return jsonify({"access_token": told[0], "expires_in": told[1]})

    def _check_text(self) -> Response | int:
        asked = request.get_json()
        if refusal := self._refusal_of_token():
            return refusal
        if asked.get("version") != 2 or asked.get("scene") not in (1, 2, 3, 4):
            return 40097
        visited = self.state.visits.get(asked.get("openid"))
        if visited is None:
            return 40003
        if time.time() - visited > VISIT_S:
            return 61010
        text = asked.get("content") or ""
        if not 1 <= len(text) <= 2500:
            return 40097
        suggest, label = "pass", 100
        if REVIEW in text:
            suggest, label = "review", 10001
        if RISKY in text:
            suggest, label = "risky", 20006
        detail = {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label}
        return jsonify(
            {
                "errcode": 0,
                "errmsg": "ok",
                "trace_id": secrets.token_hex(16),
                "result": {"suggest": suggest, "label": label},
                "detail": [{**detail, "prob": 90}],
            }
        )

    def _send(self) -> Response | int:
        asked = request.get_json()
        if refusal := self._refusal_of_token():
            return refusal
        openid, template = asked.get("touser"), asked.get("template_id")
        if openid not in self.state.visits:
            return 40003
        known = self.state.templates
        if not template or (known is not None and template not in known):
            return 40037
        if asked.get("miniprogram_state", "formal") not in ("developer", "trial", "formal"):
            return 40097
        if "page" in asked and not self._is_page(asked["page"].partition("?")[0]):
            return 41030
        for key, said in asked["data"].items():
            if not _keeps_rule(key, said.get("value")):
                told = f"argument invalid! data.{key}.value invalid rid: {secrets.token_hex(8)}"
                return jsonify({"errcode": 47003, "errmsg": told})
        if self.state.consents[openid, template] < 1:
            return 43101
        self.state.consents[openid, template] -= 1
        self.state.sent.append(asked)
        return jsonify({"errcode": 0, "errmsg": "ok", "msgid": len(self.state.sent)})

    def _code(self) -> Response | int:
        asked = request.get_json()
        if refusal := self._refusal_of_token():
            return refusal
        if not _SCENE.fullmatch(asked.get("scene", "")):
            return 40169
        if asked.get("env_version", "release") not in ("release", "trial", "develop"):
            return 40097
        if not 280 <= asked.get("width", 430) <= 1280:
            return 40097
        if asked.get("check_path", True) and not self._is_page(asked.get("page", "")):
            return 41030
        drawn = io.BytesIO()
        segno.make_qr(asked["scene"]).save(drawn, kind="png", scale=8)
        return Response(drawn.getvalue(), mimetype="image/png")

    def _refusal_of_token(self) -> int:
        return self.state.refusal_of(request.args.get("access_token", ""))

    def _is_page(self, page: str) -> bool:
        if not page or page.startswith("/") or "?" in page:
            return False
        return self.state.pages is None or page in self.state.pages


def _keeps_rule(key: str, value: object) -> bool:
    kind = key.rstrip("0123456789")
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST.get(kind, 32)


def _refusal(errcode: int) -> Response:
    told = f"{_MESSAGES.get(errcode, 'error')} rid: {secrets.token_hex(8)}"
    return jsonify({"errcode": errcode, "errmsg": told})


@contextmanager
def running() -> Iterator[StandIn]:
    """The service on a port of its own."""
    service = StandIn()
    thread = threading.Thread(target=service.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.server.shutdown()
        thread.join()
        service.server.server_close()
