"""The ledger's door for the systems of units and of the office: ``/internal/v1/progress``.

The calls stand in ``api_reports`` and ``api_totals``. All go by the rules that the pages go by;
what is refused is answered as problem details.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import orjson
import structlog
from apiflask import APIBlueprint
from flask import Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from config.programmes import Programme
from server.ledger.checks import Unready
from server.ledger.deciding import BadReturn
from server.ledger.people import Unseen
from server.problem import PROBLEM_JSON, Mistake, problem_body
from server.progress.api_requests import Problem
from server.revisions import Refused

log = structlog.get_logger()

ledger_api = APIBlueprint(
    "ledger_api", __name__, url_prefix="/internal/v1/progress", enable_openapi=False
)

P = ParamSpec("P")


def answered(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer what is refused as problem details; stands below the route."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except Problem as problem:
            return _problem(problem)
        except SQLAlchemyError as error:
            log.warning("ledger_api_without_database", error=type(error).__name__)
            return _problem(Problem(503, "数据库暂时连不上，请稍后再试。", Retry_After="30"))
        except Refused as refusal:
            return _problem(_of(refusal))

    return answer


def programme_of(year: int) -> Programme:
    """The programme of a year.

    Raises:
        Problem: 404, there is none.
    """
    programme: Programme | None = current_app.extensions["programmes"].get(year)
    if programme is None:
        raise Problem(404, f"没有 {year} 年的方案。")
    return programme


def in_json(told: Any, **headers: str) -> Response:
    """An answer; ``headers`` by name with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _reply(orjson.dumps(told), 200, "application/json", named)


def _of(refusal: Refused) -> Problem:
    match refusal:
        case Unready():
            found = [Mistake(one.field, one.message) for one in refusal.mistakes]
            return Problem(422, f"报表还不能提交：{len(found)} 处有误或缺少。", found)
        case BadReturn():
            return Problem(422, f"{refusal}。", [Mistake(refusal.field, str(refusal))])
        case Unseen():
            return Problem(403, f"{refusal}。")
    return Problem(409, f"{refusal}。")


def _problem(problem: Problem) -> Response:
    body = problem_body(problem.status, problem.detail, problem.mistakes, extra=problem.extra)
    return _reply(body, problem.status, PROBLEM_JSON, problem.headers)


def _reply(body: bytes, status: int, content_type: str, headers: dict[str, str]) -> Response:
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, status, always | headers, content_type=content_type)
