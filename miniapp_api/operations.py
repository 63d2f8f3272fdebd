"""For the operator: alive, ready, counted."""

from typing import Any, Literal

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app
from pydantic import Field

from geo.public import Public
from server.consumer import health
from server.metrics import exposition
from server.wechat import wechat

TAG = "运维"

operations = APIBlueprint("operations", __name__, tag=TAG)

_READINESS = {"schema": {"$ref": "#/components/schemas/Readiness"}}
_NOT_READY: dict[int | str, Any] = {
    "503": {"description": "尚未载入数据", "content": {"application/json": _READINESS}}
}
_TEXT: dict[int | str, Any] = {
    "200": {
        "description": "Prometheus 文本格式",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}


class Health(Public):
    """The process answers."""

    status: Literal["alive"]


class Readiness(Public):
    """Whether the map can be served, and the state of each neighbour."""

    edition: int | None = Field(description="已载入的期号；未载入为 null")
    sha256: str | None
    database: Literal["up", "down", "unknown"] = Field(description="unknown：尚未问过")
    database_outages: int = Field(description="启动以来数据库中断的次数")
    redis: Literal["up", "down", "not used"]
    live: Literal["up", "down"] = Field(description="实时数据（车辆位置、班次消息）的存处")
    jobs: Literal["up", "down", "elsewhere"] = Field(
        description="本机的任务进程；elsewhere：设为不在本机运行。它不影响公众"
    )
    wechat: Literal["configured", "not configured"] = Field(
        description="微信小程序的 AppID；没有设时只是小程序的用户不能登录"
    )
    last_error: str | None


@operations.get("/healthz")
@operations.output(Health)
@operations.doc(
    summary="进程是否存活",
    description="只要进程还能答复就是 200。",
    operation_id="healthz",
    tags=[TAG],
)
def healthz() -> Response:
    """Alive."""
    return _uncached(b'{"status":"alive"}', 200)


@operations.get("/readyz")
@operations.output(Readiness)
@operations.doc(
    summary="是否可以提供服务",
    description="已载入数据即为 200，否则为 503。数据库、Redis 的状态一并给出；"
    "它们中断时地图照常。",
    operation_id="readyz",
    tags=[TAG],
    responses=_NOT_READY,
)
def readyz() -> Response:
    """Ready, or what is missing."""
    extensions = current_app.extensions
    live = extensions["live_store"].health()
    consumer = health(extensions["settings"])
    status = Readiness(
        **extensions["atlas_keeper"].status(),
        live=live,
        jobs=consumer,
        wechat="configured" if wechat().configured else "not configured",
    )
    return _uncached(orjson.dumps(status.model_dump()), 503 if status.edition is None else 200)


@operations.get("/metrics")
@operations.doc(
    summary="Prometheus 指标",
    description="各接口的请求数与耗时；不含任何个人信息。",
    operation_id="metrics",
    tags=[TAG],
    responses=_TEXT,
)
def metrics() -> Response:
    """Prometheus' text format."""
    return exposition()


def _uncached(body: bytes, status: int) -> Response:
    return Response(body, status, {"Cache-Control": "no-store"}, content_type="application/json")
