"""Calls of the mini-program's users: what is personal, what is written, what is never cached.

A resource declares each of its calls once, with ``CallBlueprint.call``: its body, its answer, who
may. Here it is seen to that whoever calls is signed in, that what is sent is read, and that every
refusal becomes a problem; the OpenAPI document of the calls is made in ``calls_document``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, request
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError

from config.settings import Settings
from geo.public import Public
from miniapp_api.body import BadBody, Body, read_body
from miniapp_api.problems import bad_query_body, hotlines_member
from miniapp_api.query import BadQuery, Empty, Query, parse
from miniapp_api.reads import JSON, ListingId
from server.db import db
from server.limits import Rule, by_address, by_token
from server.outside import waits_outside
from server.people import sessions
from server.people.persons import SignedOut
from server.people.sessions import Caller
from server.problem import PROBLEM_JSON, Mistake, problem_body
from server.revisions import Refused, writing

AWAY_S = 5
"""Seconds after which to ask again while the database is away."""

CLOUD_HEADER = "X-WX-OPENID"

SHARED = (
    Rule("person", lambda settings: f"{settings.calls_per_token}/minute", by_token),
    Rule("person-address", lambda settings: f"{settings.calls_per_address}/minute", by_address),
)
"""What all calls are held to together."""


class Refusal(Exception):
    """The call is not taken; the detail says why, in Chinese."""

    def __init__(self, status: int, detail: str, *mistakes: Mistake, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.mistakes = mistakes
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Call:
    """One call, as it is documented."""

    method: str
    path: str
    name: str
    """The operation's id."""
    summary: str
    description: str
    query: type[Query]
    body: type[Body] | None
    output: type[BaseModel] | None
    """None: it is answered with 204."""
    signed_in: bool
    problems: tuple[int, ...]


class CallBlueprint(APIBlueprint):
    """A blueprint of one resource that keeps a list of its calls and of what they are held to."""

    def __init__(self, name: str, import_name: str, *, tag: str, rules: tuple[Rule, ...] = ()):
        super().__init__(name, import_name, url_prefix="/api/v1", enable_openapi=False)
        self.tag_name = tag
        self.rules = (*SHARED, *rules)
        self.calls: list[Call] = []
        self.record(lambda state: state.app.url_map.converters.update(listing=ListingId))

    def call(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        query: type[Query] = Empty,
        body: type[Body] | None = None,
        output: type[BaseModel] | None = None,
        signed_in: bool = True,
        asks_outside: bool = False,
        problems: tuple[int, ...] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a call: its path below ``/api/v1``, and the models of what comes and goes.

        The function is given by name what it has: ``caller``, ``query``, ``body``, and what is in
        the path. It returns its answer's model, or the JSON of it, or None for 204. ``problems``
        are the statuses that are its own, beside those that follow from the rest. One that asks a
        service of others says so (see ``server.outside``).
        """

        def declare(view: Callable[..., Any]) -> Callable[..., Any]:
            call = Call(
                method,
                path,
                view.__name__,
                summary,
                view.__doc__ or "",
                query,
                body,
                output,
                signed_in,
                problems,
            )
            self.calls.append(call)

            def answer(**parts: Any) -> Response:
                return _answered(call, view, parts)

            route = waits_outside(answer) if asks_outside else answer
            self.add_url_rule(path, view.__name__, route, methods=[method])
            return view

        return declare


def _answered(call: Call, view: Callable[..., Any], parts: Mapping[str, Any]) -> Response:
    try:
        return _reply(view(**_given(call), **parts))
    except Refusal as refusal:
        return problem(refusal.status, refusal.detail, refusal.mistakes, refusal.headers)
    except SignedOut:
        challenge = {"WWW-Authenticate": 'Bearer realm="tongyou"'}
        return problem(401, "没有登录，或登录已失效，请重新登录。", headers=challenge)
    except BadQuery as bad:
        return _raw(bad_query_body(bad), 422, PROBLEM_JSON)
    except BadBody as wrong:
        return problem(wrong.status, wrong.detail, wrong.mistakes)
    except Refused as refused:
        return problem(409, f"{refused}。")
    except OperationalError:
        return problem(503, "暂时不能读写，请稍后再试。", headers={"Retry-After": str(AWAY_S)})


def problem(
    status: int,
    detail: str,
    mistakes: tuple[Mistake, ...] | list[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as the answer of a call; where something is not there, with the hotlines."""
    extra = hotlines_member() if status in (404, 410) else b""
    body = problem_body(status, detail, mistakes, extra=extra)
    return _raw(body, status, PROBLEM_JSON, headers)


def _given(call: Call) -> dict[str, Any]:
    """What the function of a call is given, but for what is in the path."""
    settings: Settings = current_app.extensions["settings"]
    if CLOUD_HEADER in request.headers and not settings.wechat_cloud:
        raise Refusal(403, f"这里不认 {CLOUD_HEADER} 头。")
    given: dict[str, Any] = {}
    if call.signed_in:
        given["caller"] = _caller()
    query = parse(call.query, request.query_string, current_app.extensions["city"])
    if call.query is not Empty:
        given["query"] = query
    if call.body is not None:
        given["body"] = read_body(call.body)
    return given


def _caller() -> Caller:
    """Who calls, by the token in ``Authorization`` (RFC 6750).

    Raises:
        SignedOut: there is none, or it is nobody's.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise SignedOut
    caller = sessions.find(db.session, token.strip()[:200])
    if caller is None:
        raise SignedOut
    if sessions.is_due(caller):
        with writing(db.session):
            sessions.slide(db.session, caller)
    return caller


def _reply(answer: Public | bytes | None) -> Response:
    if answer is None:
        return _raw(b"", 204, None)
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer.model_dump())
    return _raw(body, 200, JSON)


def _raw(
    body: bytes, status: int, content_type: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    response = Response(body, status, always | dict(headers or {}), content_type=content_type)
    if content_type is None:
        del response.headers["Content-Type"]
    return response
