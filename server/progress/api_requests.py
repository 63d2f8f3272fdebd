"""What the ledger's API is asked: who asks, parameters and bodies as typed models, ``If-Match``.

Public names: ``machine``, ``queried``, ``read_body``, ``edit_matched``, ``Problem``, ``Query``,
``Body``.
"""

import re
from collections.abc import Iterable
from typing import NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from geo.wording import in_chinese
from server.db import db
from server.ledger.tokens import Machine, bearer
from server.problem import Mistake

MOST_SENT = 1 << 20
"""Bytes; the longest report takes a quarter."""


class Problem(Exception):
    """The request is not taken."""

    def __init__(
        self,
        status: int,
        detail: str,
        mistakes: Iterable[Mistake] = (),
        extra: bytes = b"",
        **headers: str,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.mistakes, self.extra = status, detail, list(mistakes), extra
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Query(BaseModel):
    """Base of parameters: one that is not declared is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """Base of bodies: closed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=BaseModel)


def machine(scope: str) -> Machine:
    """Who asks, by the token in ``Authorization`` (RFC 6750), if its scopes allow it.

    Raises:
        Problem: 401 without a valid token, 403 without the scope.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        _unauthorized("请在 Authorization 头里给出令牌：Bearer <令牌>。", "")
    found = bearer(db.session, token.strip()[:200])
    if found is None:
        _unauthorized("令牌无效或已吊销。", ', error="invalid_token"')
    if scope not in found.scopes:
        raise Problem(403, f"这个令牌没有 {scope} 权限。")
    return found


def queried(model: type[M]) -> M:
    """The request's parameters as a model.

    Raises:
        Problem: 422, naming each that is wrong.
    """
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Problem(422, f"参数有误：{name[:40]}", [Mistake(name[:40], "只能出现一次")])
    return _validated(model, request.args.to_dict(), "参数有误")


def read_body(model: type[M]) -> M:
    """The request's body as a model.

    Raises:
        Problem: 413 too long, 415 not JSON by its type, 400 not JSON, 422 not the model's.
    """
    if request.mimetype != "application/json":
        raise Problem(415, "请求内容的类型应为 application/json。")
    request.max_content_length = MOST_SENT
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Problem(413, f"请求内容超过 {MOST_SENT >> 20} MB。") from None
    return _validated(model, body, "内容有误")


def edit_matched() -> int:
    """The ``edit`` that the request goes on from, by its ``If-Match``.

    Raises:
        Problem: 428 without one, 412 where it is none that we gave.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem(428, '请在 If-Match 头里给出读到的 ETag；还没有开始填的报表是 "0"。')
    found = re.fullmatch(r'"([0-9]{1,9})"', given)
    if found is None:
        raise Problem(412, 'If-Match 应为读到的 ETag，例如 "3"。')
    return int(found[1])


def _validated(model: type[M], given: dict[str, str] | bytes, told: str) -> M:
    try:
        if isinstance(given, bytes):
            return model.model_validate_json(given)
        return model.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False)
        if any(one["type"] == "json_invalid" for one in details):
            raise Problem(400, "请求内容不是有效的 JSON（UTF-8）。") from None
        mistakes = [
            Mistake(".".join(map(str, one["loc"]))[:80] or "body", in_chinese(one))
            for one in details[:50]
        ]
        names = "、".join(dict.fromkeys(one.loc for one in mistakes))
        raise Problem(422, f"{told}：{names[:200]}", mistakes) from None


def _unauthorized(detail: str, error: str) -> NoReturn:
    raise Problem(401, detail, WWW_Authenticate=f'Bearer realm="tongyou"{error}')
