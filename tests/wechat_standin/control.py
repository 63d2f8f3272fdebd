"""What is done to the stand-in from outside: sign people in, give consents, switch faults on."""

from dataclasses import asdict
from typing import Any

import requests
from flask import Blueprint, Response, jsonify, request

from tests.wechat_standin.faults import Fault, Faults
from tests.wechat_standin.pushes import consent_event, pushed
from tests.wechat_standin.state import State, openid_of


def control(state: State, faults: Faults) -> Blueprint:
    """The paths below ``/standin``; bodies are JSON."""
    paths = Blueprint("standin", __name__, url_prefix="/standin")

    @paths.post("/codes")
    def code() -> Response:
        who = _said("who")
        return jsonify({"code": state.code(who), "openid": openid_of(who)})

    @paths.post("/consents")
    def consent() -> Response:
        openid, template = openid_of(_said("who")), _said("template_id")
        state.consents[openid, template] += int(request.get_json().get("times", 1))
        return jsonify({"openid": openid, "left": state.consents[openid, template]})

    @paths.post("/pushes")
    def push() -> Response:
        event = consent_event(openid_of(_said("who")), _said("template_id"), _said("status"))
        delivery = pushed(event)
        answer = requests.post(
            _said("to"), params=delivery.query, data=delivery.body, timeout=5, allow_redirects=False
        )
        return jsonify({"status": answer.status_code, "answer": answer.text})

    @paths.get("/messages")
    def messages() -> Response:
        return jsonify(state.sent)

    @paths.get("/counts")
    def counts() -> Response:
        return jsonify({path: state.count(path) for path in sorted({p for p, _ in state.asked})})

    @paths.post("/tokens/expire")
    def expire() -> Response:
        state.expire_tokens()
        return jsonify({})

    @paths.post("/faults")
    def fault() -> Response:
        told = Fault(**request.get_json())
        faults.add(**asdict(told))
        return jsonify(asdict(told))

    @paths.delete("/faults")
    def no_faults() -> Response:
        faults.clear()
        return jsonify({})

    return paths


def _said(name: str) -> Any:
    return request.get_json()[name]
