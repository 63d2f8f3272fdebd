"""What the OpenAPI document says of the calls of the mini-program's users.

Made of their declarations (``miniapp_api.calls``); ``document`` adds the examples, which are files
like those of the reads: ``<operation id>.json``, and ``<operation id>.request.json`` for a body.
"""

import re
from typing import Any

from flask import current_app
from pydantic import BaseModel

from miniapp_api.calls import Call, CallBlueprint

Spec = dict[str, Any]

TAGS = (
    {
        "name": "小程序用户",
        "description": "登录、收藏、护照、订阅、反馈、导出、注销；"
        "除登录外都要令牌（Authorization: Bearer）",
    },
    {"name": "报告问题", "description": "点一下就好，不用登录；凭回执查处理结果"},
)
SECURITY = {"person": {"type": "http", "scheme": "bearer", "description": "登录所得的令牌"}}

_FOR_ALL = {403, 405, 422, 429, 503}
"""A forged header, a wrong method, an unknown parameter, too many calls, the database away."""


def blueprints() -> list[CallBlueprint]:
    """Those of the app."""
    return [one for one in current_app.blueprints.values() if isinstance(one, CallBlueprint)]


def models() -> tuple[list[type[BaseModel]], list[type[BaseModel]]]:
    """The models of what is answered and of what is sent."""
    calls = [call for blueprint in blueprints() for call in blueprint.calls]
    answers = [call.output for call in calls if call.output is not None]
    return answers, [call.body for call in calls if call.body is not None]


def paths() -> Spec:
    """The paths of the calls, without examples."""
    found: Spec = {}
    for blueprint in blueprints():
        for call in blueprint.calls:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"{blueprint.url_prefix}{call.path}")
            found.setdefault(path, {})[call.method.lower()] = _operation(call, blueprint.tag_name)
    return found


def _operation(call: Call, tag: str) -> Spec:
    statuses = _FOR_ALL | set(call.problems)
    statuses |= {401} if call.signed_in else set()
    statuses |= {400, 413, 415} if call.body else set()
    responses: Spec = {
        str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses
    }
    if call.output is None:
        responses["204"] = {"description": "已办到"}
    else:
        responses["200"] = {"description": "成功", "content": _content(call.output)}
    responses["503"]["description"] = "数据库、微信或地图数据暂时用不了，或没有接入小程序"
    operation = {
        "operationId": call.name,
        "summary": call.summary,
        "description": call.description,
        "tags": [tag],
        "parameters": _parameters(call),
        "responses": {status: responses[status] for status in sorted(responses)},
    }
    if call.signed_in:
        operation["security"] = [{"person": []}]
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(call.body)}
    return operation


def _parameters(call: Call) -> list[Spec]:
    in_path: list[Spec] = [
        {"name": name, "in": "path", "required": True}
        for name in re.findall(r"<(?:\w+:)?(\w+)>", call.path)
    ]
    schema = call.query.model_json_schema()
    required = schema.get("required", ())
    return in_path + [
        {"name": name, "in": "query", "required": name in required, "schema": own}
        for name, own in schema.get("properties", {}).items()
    ]


def _content(model: type[BaseModel]) -> Spec:
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"application/json": {"schema": reference}}
