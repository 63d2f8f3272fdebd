"""For the operator: alive, ready, counted."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, jsonify

from server.metrics import exposition

operations = APIBlueprint("operations", __name__, tag="运维")


@operations.get("/healthz")
@operations.doc(summary="进程是否存活", responses=[200])
def healthz() -> Response:
    """只要进程还能答复就是 200。"""
    return jsonify(status="alive")


@operations.get("/readyz")
@operations.doc(summary="是否可以提供服务", responses=[200, 503])
def readyz() -> tuple[Response, int]:
    """已载入数据即为 200；数据库、Redis 的状态一并给出（up、down、not used）。"""
    status: dict[str, Any] = current_app.extensions["atlas_keeper"].status()
    return jsonify(status), 200 if status["edition"] else 503


@operations.get("/metrics")
@operations.doc(summary="Prometheus 指标", responses=[200])
def metrics() -> Response:
    """各接口的请求数与耗时；不含任何个人信息。"""
    return exposition()
