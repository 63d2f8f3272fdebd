"""What the OpenAPI document says of the operators' calls.

They are written down here, as they have what no public read has: bodies and tokens.
"""

from typing import Any

import orjson
from pydantic import BaseModel

from miniapp_api.live_bodies import (
    MAX_ID,
    VEHICLE_ID,
    PositionAnswer,
    PositionReport,
    RunAnswer,
    RunStatement,
)
from server.problem import PROBLEM_JSON, problem_body

Spec = dict[str, Any]

TAG = {"name": "公交运营方", "description": "运营方的程序上报车辆位置和班次状态；须持令牌"}
BODIES: tuple[type[BaseModel], ...] = (PositionReport, RunStatement)
ANSWERS: tuple[type[BaseModel], ...] = (PositionAnswer, RunAnswer)
SECURITY = {"operator": {"type": "http", "scheme": "bearer", "description": "运营方的令牌"}}

_POSITION = {
    "route": 121,
    "trip": "zd8-1.to_home.1",
    "lon": 118.021,
    "lat": 36.831,
    "at": "2026-11-27T17:42:30+08:00",
    "bearing": 312,
    "speed": 8.3,
    "crs": "wgs84",
}
_ACCEPTED = {"result": "accepted", "ignored": None, "detail": "已采用。"}
_STATEMENT = {
    "state": "cancelled",
    "replacement": "18:10 的第二班照常",
    "phone": None,
    "note": "车辆故障",
}
_KEPT = {
    "route": 121,
    "trip": "zd8-1.to_home.1",
    "date": "2026-11-27",
    "state": "cancelled",
    "said_by": "淄博市公共交通有限公司",
    "said_at": "2026-11-27T17:05:00+08:00",
}
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_PROBLEMS = {
    400: "请求内容不是有效的 JSON（UTF-8）。",
    401: "令牌无效或已吊销。",
    403: "这条线路不属于令牌所属的运营方。",
    404: "这条线路没有这个班次。",
    413: "请求内容超过 4096 字节。",
    415: "请求内容的类型应为 application/json。",
    422: "内容有误：at",
    429: "这条线路上的车辆太多，没有采用。",
    503: "实时数据暂时无法保存，请稍后再试。",
}
_HEADERS = {
    401: ("WWW-Authenticate", "Bearer（RFC 6750）", "string"),
    429: ("Retry-After", "几秒后再试", "integer"),
    503: ("Retry-After", "几秒后再试", "integer"),
}


def paths() -> Spec:
    """The paths of the operators' calls, with their examples."""
    position = _operation(
        "report_position",
        "上报车辆位置",
        "同一时刻重复、次序颠倒、超过 90 秒、与上一个位置相距过远（时速 150 公里以上）的位置"
        "不采用，答复 200 并说明原因；晚于现在 60 秒以上或在本市之外的答复 422。"
        "距离过远的位置连续三次相互吻合即采用。",
        (400, 401, 403, 413, 415, 422, 429, 503),
    )
    position["parameters"] = [_parameter("vehicle", "车辆编号", VEHICLE_ID, "鲁C12345")]
    position["requestBody"] = _body(PositionReport, _POSITION)
    position["responses"]["200"] = _answer("采用，或说明为何没有采用", PositionAnswer, _ACCEPTED)

    say = _operation(
        "say_run_state",
        "说明某班次某天的状态",
        "正常、晚点、取消或替代；取消要有替代办法或电话。重复提交以最后一次为准。",
        (400, 401, 403, 404, 413, 415, 422, 503),
    )
    say["requestBody"] = _body(RunStatement, _STATEMENT)
    say["responses"]["200"] = _answer("已保存", RunAnswer, _KEPT)

    withdraw = _operation(
        "withdraw_run_state",
        "撤回对某班次某天状态的说明",
        "撤回之后按时刻表和车辆位置判断。",
        (401, 403, 404, 422, 503),
    )
    withdraw["responses"]["204"] = {"description": "已撤回"}
    for operation in (say, withdraw):
        operation["parameters"] = [
            _parameter("trip", "班次", "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$", "zd8-1.to_home.1"),
            _parameter("day", "运行日（昨天至 14 天后）", _DAY, "2026-11-27"),
            _route_parameter(),
        ]
    for operation in (position, say, withdraw):
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return {
        "/internal/v1/vehicles/{vehicle}/position": {"post": position},
        "/internal/v1/runs/{trip}/{day}": {"put": say, "delete": withdraw},
    }


def _operation(name: str, summary: str, description: str, problems: tuple[int, ...]) -> Spec:
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "tags": [TAG["name"]],
        "security": [{"operator": []}],
        "responses": {str(status): _problem(status) for status in problems},
    }


def _parameter(name: str, description: str, pattern: str, example: str) -> Spec:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
        "example": example,
    }


def _route_parameter() -> Spec:
    return {
        "name": "route",
        "in": "query",
        "required": True,
        "description": "线路的编号",
        "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID},
        "example": 121,
    }


def _content(model: type[BaseModel], example: Spec) -> Spec:
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"application/json": {"schema": reference, "example": example}}


def _body(model: type[BaseModel], example: Spec) -> Spec:
    return {"required": True, "content": _content(model, example)}


def _answer(description: str, model: type[BaseModel], example: Spec) -> Spec:
    return {"description": description, "content": _content(model, example)}


def _problem(status: int) -> Spec:
    response: Spec = {
        "description": _PROBLEMS[status].rstrip("。"),
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": orjson.loads(problem_body(status, _PROBLEMS[status])),
            }
        },
    }
    if status in _HEADERS:
        name, description, kind = _HEADERS[status]
        response["headers"] = {
            name: {"description": description, "required": True, "schema": {"type": kind}}
        }
    return response
