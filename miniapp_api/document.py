"""What APIFlask says of the reads, made exact: the parts that its models can't express.

The examples of answers are files, ``examples/<operation id>.json`` (another status than 200
behind a hyphen) and ``examples/problem-<status>.json``; a test holds them against the models.
"""

from pathlib import Path
from typing import Any

import orjson
from flask import current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from geo.city import City
from miniapp_api import calls_document, live_document
from miniapp_api.media_types import FILES
from miniapp_api.operations import Health, Readiness
from miniapp_api.problems import Problem
from miniapp_api.reads import PublicBlueprint
from server.problem import PROBLEM_JSON

Spec = dict[str, Any]

EXAMPLES = Path(__file__).with_name("examples")

_TEXT = {"type": "string"}
_BINARY = {"type": "string", "format": "binary"}
_HALF = "[2-9A-HJKMNP-Za-hjkmnp-z]{5}"
"""Of a receipt (``server.coded_reports.LETTERS``)."""
_PATH_PARAMETERS: dict[str, Spec] = {
    "id": {
        "description": "条目的编号",
        "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1},
        "example": 1,
    },
    "receipt": {
        "description": "回执编号，大小写和短横不限",
        "schema": {"type": "string", "pattern": f"^{_HALF}-?{_HALF}$"},
        "example": "7K3QF-WX9MB",
    },
}
_EXAMPLE_IDS = {"/api/v1/bus/routes/{id}": 121, "/api/v1/bus/routes/{id}/vehicles": 121}
_JSON_NAMES = {"ge": "minimum", "le": "maximum"}
"""Pydantic doesn't translate these where a validator of ours stands before its own."""

_READ_HEADERS = {
    "ETag": {
        "description": "期次（与分钟）的标识；含实时消息时是内容的标识",
        "required": True,
        "schema": _TEXT,
    },
    "Cache-Control": {"description": "缓存期限（秒）", "required": True, "schema": _TEXT},
    "Vary": {"description": "Accept-Encoding", "required": True, "schema": _TEXT},
}
_DIGEST = {
    "Unencoded-Digest": {
        "description": "未压缩内容的摘要（sha-256=:…:），用于校验离线包",
        "required": True,
        "schema": _TEXT,
    }
}
_RETRY = {"Retry-After": {"description": "几秒后再试", "schema": {"type": "integer"}}}
_PROBLEMS: dict[str, tuple[str, Spec]] = {
    "301": ("已并入另一个条目", {"Location": {"description": "新地址", "schema": _TEXT}}),
    "400": ("请求内容不是有效的 JSON（UTF-8）", {}),
    "401": (
        "没有登录，或登录已失效",
        {"WWW-Authenticate": {"description": "Bearer（RFC 6750）", "schema": _TEXT}},
    ),
    "403": ("不许可，detail 说明原因", {}),
    "404": ("没有这个地址或条目；附有全部热线", {}),
    "405": (
        "不支持这种请求方法，见 Allow",
        {"Allow": {"description": "支持的方法", "schema": _TEXT}},
    ),
    "409": ("与现状冲突，detail 说明原因", {}),
    "410": ("已撤下；附有原因、离它最近的地点和全部热线", {}),
    "413": ("请求内容过大", {}),
    "415": ("请求内容的类型应为 application/json", {}),
    "422": ("参数或内容有误；逐一指明", {}),
    "429": ("请求太频繁", _RETRY),
    "503": (
        "地图数据尚未载入；或（只有车辆位置的 vehicles.pb）实时数据暂时查不到",
        _RETRY,
    ),
}
_NOT_MODIFIED = {"description": "没有变化（If-None-Match 相符）", "headers": _READ_HEADERS}


def exact(spec: Any) -> Any:
    """The document with exact parameters, shared schemas, every answer and its example."""
    city: City = current_app.extensions["city"]
    spec["components"] = {
        "schemas": _schemas(),
        "responses": _problem_responses(),
        "securitySchemes": live_document.SECURITY | calls_document.SECURITY,
    }
    for path, operations in spec["paths"].items():
        shared = operations.pop("parameters", [])
        for operation in operations.values():
            operation["parameters"] = [*shared, *operation.get("parameters", [])]
            for parameter in operation["parameters"]:
                _exact_parameter(parameter, city)
                if parameter["in"] == "path" and path in _EXAMPLE_IDS:
                    parameter["example"] = _EXAMPLE_IDS[path]
            if path.startswith("/api/"):
                _exact_responses(operation)
            for name, media_type, media in _own_media(operation):
                if media_type in FILES:
                    media["schema"] = _BINARY
                else:
                    media["example"] = example(name)
    spec["paths"] |= _exact_calls(city)
    spec["paths"] |= live_document.paths()
    return spec


def _exact_calls(city: City) -> Spec:
    """The calls of the mini-program's users with exact parameters and examples."""
    paths = calls_document.paths()
    for operations in paths.values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                _exact_parameter(parameter, city)
            for status, response in operation["responses"].items():
                if "$ref" in response:
                    response.setdefault("description", _PROBLEMS[status][0])
            for name, _, media in _own_media(operation):
                media["example"] = example(name)
            for media in operation.get("requestBody", {}).get("content", {}).values():
                media["example"] = example(f"{operation['operationId']}.request")
    return paths


def example(name: str) -> Any:
    """The example of an operation's answer, or of a problem."""
    path = EXAMPLES / f"{name}.json"
    return (
        orjson.loads(path.read_bytes()) if path.exists() else path.with_suffix(".txt").read_text()
    )


def answer_models() -> list[type[BaseModel]]:
    """The models of all answers; a file's is the bare base model."""
    models: list[type[BaseModel]] = [Problem, Health, Readiness, *live_document.ANSWERS]
    models += calls_document.models()[0]
    for blueprint in current_app.blueprints.values():
        if isinstance(blueprint, PublicBlueprint):
            models += [read.output for read in blueprint.reads if read.output is not BaseModel]
    return models


def _schemas() -> Spec:
    """All models under their own names; APIFlask would repeat each in whatever holds it."""
    _, bodies = calls_document.models()
    models = dict.fromkeys([*answer_models(), *live_document.BODIES, *bodies])
    _, whole = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    schemas: Spec = _untitled(whole["$defs"])
    return schemas


def _untitled(part: Any) -> Any:
    """Without the titles that pydantic makes of names ("Published At")."""
    if isinstance(part, list):
        return [_untitled(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _untitled(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str))
    }


def _problem_responses() -> Spec:
    return {
        f"Problem{status}": {
            "description": description,
            "headers": headers,
            "content": {
                PROBLEM_JSON: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": example(f"problem-{status}"),
                }
            },
        }
        for status, (description, headers) in _PROBLEMS.items()
    }


def _exact_parameter(parameter: Spec, city: City) -> None:
    """A query holds no null; codes are enumerated; ``bbox`` is joined by commas."""
    if parameter["in"] == "path":
        parameter |= _PATH_PARAMETERS[parameter["name"]]
        return
    schema = _untitled(_without_null(parameter["schema"]))
    schema = {_JSON_NAMES.get(key, key): value for key, value in schema.items()}
    parameter["schema"] = schema
    codes: list[str] = []
    for inner in (schema, schema.get("items") or {}):
        if vocabulary := inner.pop("x-codes", None):
            inner["enum"] = codes = [term.code for term in getattr(city, vocabulary)]
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    examples = schema.pop("examples", None) or schema.get("enum") or [codes[:1]]
    parameter["example"] = schema.get("default", examples[0])
    if parameter["name"] == "bbox":
        parameter |= {"style": "form", "explode": False}


def _without_null(schema: Spec) -> Spec:
    options = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    rest = {
        key: value
        for key, value in schema.items()
        if key != "anyOf" and not (key == "default" and value in (None, []))
    }
    if len(options) == 1:
        only: Spec = options[0]
        return only | rest
    return rest | {"anyOf": options} if options else rest


def _exact_responses(operation: Spec) -> None:
    responses = operation["responses"]
    for status in {*responses, "405"} & set(_PROBLEMS):
        responses[status] = {
            "$ref": f"#/components/responses/Problem{status}",
            "description": _PROBLEMS[status][0],
        }
    responses["304"] = _NOT_MODIFIED
    digest = _DIGEST if operation["operationId"] == "bundle" else {}
    responses["200"]["headers"] = _READ_HEADERS | digest
    operation["responses"] = {status: responses[status] for status in sorted(responses)}


def _own_media(operation: Spec) -> list[tuple[str, str, Spec]]:
    """The content of the answers that are the operation's own: its example's name, its type."""
    name = operation["operationId"]
    return [
        (name if status == "200" else f"{name}-{status}", media_type, media)
        for status, response in operation["responses"].items()
        for media_type, media in response.get("content", {}).items()
    ]
