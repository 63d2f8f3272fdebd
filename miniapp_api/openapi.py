"""The OpenAPI 3.1 document and its page. How it is made exact stands in ``document.py``."""

import hashlib
from functools import cache
from typing import Any

import orjson
from apiflask import APIFlask
from apiflask.schema_adapters.pydantic import PydanticAdapter
from apiflask.schema_adapters.registry import registry
from flask import Request, Response, current_app, render_template, request

from miniapp_api import calls_document, live_document
from miniapp_api.document import exact
from miniapp_api.query import Query, parse
from miniapp_api.reads import ALWAYS, JSON
from server.atlas_keeper import AtlasKeeper
from server.compression import compress, negotiate

SPEC_PATH = "/api/v1/openapi.json"
DOCS_PATH = "/api/v1/docs"

DESCRIPTION = """\
淄博市儿童友好服务地图的公开接口。

- 坐标系由 `crs` 指明，查询与答复一致：`gcj02`（默认）、`wgs84`、`bd09`。
- 依赖时间的答复都可以用 `at` 指定时刻。
- 未知的事实为 `null`，不作猜测；起始数据均未核实（`verified: false`）。
- 出错时答复 `application/problem+json`（RFC 9457），并指明出错的参数。
- 公开读取带 `ETag`，可用 `If-None-Match` 重新验证；按 `Accept-Encoding` 压缩；也答复 `HEAD`。
- 列表为空时、地址或条目不存在时，答复附有全部热线。
"""


class QueryAdapter(PydanticAdapter):
    """Reads query strings with ``miniapp_api.query.parse``, which knows repetition and codes."""

    def validate_input(self, request: Request, location: str, **kwargs: Any) -> Any:
        """See APIFlask; only the query is read differently."""
        if location == "query" and issubclass(self.model_class, Query):
            # The edition's own vocabularies: the settings' may be newer than what is published.
            keeper: AtlasKeeper = current_app.extensions["atlas_keeper"]
            return parse(self.model_class, request.query_string, keeper.atlas.city)
        return super().validate_input(request, location, **kwargs)


registry.register("pydantic", QueryAdapter)


def configure(app: APIFlask) -> None:
    """Set what the document says of the whole, before any blueprint is registered."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_200_RESPONSE=False,  # a view that declares no answer is a page, not of the API
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        SUCCESS_DESCRIPTION="成功",
        SPEC_DECORATORS=[],
        SERVERS=[{"url": "/", "description": "本机"}],
        INFO={"description": DESCRIPTION},
        TAGS=[
            {"name": "地点", "description": "实践基地、阅读空间：附近、范围、条件、搜索"},
            {"name": "助学专线", "description": "线路、站点、下一班车、从校门口到家门口、公告"},
            {"name": "热线", "description": "任何时候都给出全部热线"},
            {"name": "数据期次", "description": "期次、分类、离线包、变化"},
            {"name": "运维", "description": "存活、就绪、指标"},
            *calls_document.TAGS,
            live_document.TAG,
        ],
    )
    app.spec_processor(exact)
    app.add_url_rule(SPEC_PATH, "api_document", _document)
    app.add_url_rule(DOCS_PATH, "api_docs", _page)


def document() -> dict[str, Any]:
    """The OpenAPI document, made when it is first asked for."""
    extensions = current_app.extensions
    if "openapi" not in extensions:
        extensions["openapi"] = current_app.spec  # type: ignore[attr-defined]
    spec: dict[str, Any] = extensions["openapi"]
    return spec


def _document() -> Response:
    body = orjson.dumps(document())
    reply = Response(body, 200, ALWAYS, content_type=JSON)
    coding = negotiate(request.headers.get("Accept-Encoding", ""))
    if coding is not None:
        reply.set_data(_compressed(body, coding))
        reply.headers["Content-Encoding"] = coding
    reply.set_etag(hashlib.sha256(body).hexdigest()[:16], weak=True)
    reply.headers["Cache-Control"] = "public, max-age=60"
    reply.make_conditional(request)
    return reply


@cache
def _compressed(body: bytes, coding: str) -> bytes:
    return compress(body, coding)


def _page() -> str:
    return render_template("api_docs.html", spec=document())
