"""The OpenAPI 3.1 document: what APIFlask makes of the reads, made exact, and its page."""

from typing import Any

from apiflask import APIFlask
from apiflask.schema_adapters.pydantic import PydanticAdapter
from apiflask.schema_adapters.registry import registry
from flask import Request, current_app, render_template

from geo.city import City
from miniapp_api.problems import PROBLEM_JSON, Problem
from miniapp_api.query import Query, parse

SPEC_PATH = "/api/v1/openapi.json"
DOCS_PATH = "/api/v1/docs"

DESCRIPTION = """\
淄博市儿童友好服务地图的公开接口。

- 坐标系由 `crs` 指明，查询与答复一致：`gcj02`（默认）、`wgs84`、`bd09`。
- 依赖时间的答复都可以用 `at` 指定时刻。
- 未知的事实为 `null`，不作猜测；起始数据均未核实（`verified: false`）。
- 出错时答复 `application/problem+json`（RFC 9457），并指明出错的参数。
- 公开读取带 `ETag`，可用 `If-None-Match` 重新验证；按 `Accept-Encoding` 压缩。
"""

_HEADERS = {
    "ETag": {"description": "期次（与分钟）的标识", "schema": {"type": "string"}},
    "Cache-Control": {"description": "缓存期限", "schema": {"type": "string"}},
}


class QueryAdapter(PydanticAdapter):
    """Reads query strings with ``miniapp_api.query.parse``, which knows repetition and codes."""

    def validate_input(self, request: Request, location: str, **kwargs: Any) -> Any:
        """See APIFlask; only the query is read differently."""
        if location == "query" and issubclass(self.model_class, Query):
            city: City = current_app.extensions["city"]
            return parse(self.model_class, request.query_string, city)
        return super().validate_input(request, location, **kwargs)


registry.register("pydantic", QueryAdapter)


def configure(app: APIFlask) -> None:
    """Set what the document says of the whole, before any blueprint is registered."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        SPEC_DECORATORS=[],
        INFO={"description": DESCRIPTION},
        TAGS=[
            {"name": "地点", "description": "实践基地、阅读空间：附近、范围、条件、搜索"},
            {"name": "热线", "description": "任何时候都给出全部热线"},
            {"name": "数据期次", "description": "期次、分类、离线包、变化"},
            {"name": "运维", "description": "存活、就绪、指标"},
        ],
    )
    app.spec_processor(lambda spec: _exact(spec, app.extensions["city"]))
    app.add_url_rule(DOCS_PATH, "api_docs", _page)


def _page() -> str:
    return render_template("api_docs.html", spec=current_app.spec)  # type: ignore[attr-defined]


def _exact(spec: dict[str, Any], city: City) -> dict[str, Any]:
    """Add what the models can't say by themselves."""
    schemas = spec["components"].setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas |= schemas["Problem"].pop("$defs", {})
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                _exact_parameter(parameter, city)
            for status, response in operation["responses"].items():
                _exact_response(path, status, response)
            if path.startswith("/api/"):
                operation["responses"].setdefault("304", {"description": "没有变化"})
    return spec


def _exact_parameter(parameter: dict[str, Any], city: City) -> None:
    """A query holds no null; codes are enumerated; ``bbox`` is joined by commas."""
    schema = _without_null(parameter["schema"])
    parameter["schema"] = schema
    for inner in (schema, schema.get("items", {})):
        if vocabulary := inner.pop("x-codes", None):
            inner["enum"] = [term.code for term in getattr(city, vocabulary)]
    if examples := schema.pop("examples", None):
        parameter["example"] = examples[0]
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    schema.pop("title", None)
    if parameter["name"] == "bbox":
        parameter |= {"style": "form", "explode": False}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    options = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    rest = {
        key: value
        for key, value in schema.items()
        if key != "anyOf" and not (key == "default" and value in (None, []))
    }
    if len(options) == 1:
        return options[0] | rest
    return rest | {"anyOf": options} if options else rest


def _exact_response(path: str, status: str, response: dict[str, Any]) -> None:
    if status.startswith("2") and path.startswith("/api/"):
        response["headers"] = _HEADERS
    if status[0] in "345" and status != "304":
        response["content"] = {
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
