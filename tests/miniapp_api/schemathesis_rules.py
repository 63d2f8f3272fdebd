"""The rules between parameters, told to schemathesis, as OpenAPI has no words for them.

A parameter is described for itself alone: that ``lat`` needs ``lon``, or that a cursor must have
been handed out, can't be said. Where a generated request breaks such a rule, its refusal is
right: if the 422 names a parameter to blame, and no other. Everything else stays a finding.
"""

import os
import uuid
from typing import Any

import requests
import schemathesis

GIVEN: set[str] = set()
"""Cursors that the server has handed out in this run. It must take back each of them for its own
query; generated ones are made up, so that test_paging is what sees that a good one is taken."""

OPERATORS_MISTAKES = {"route", "trip", "date", "at", "lon", "minutes", "replacement"}
"""What a server may name in refusing an operator's well-formed words: a line or run that there
isn't, a day too far off, a vehicle's clock that is ahead or a place beside the city, and what must
be said of a delay or a cancellation."""

USED_UP = {"code"}
"""What a server may name in refusing a well-formed sign-in: a code that WeChat did not give."""

HALF_A_PLACE = {"lat", "lon"}
"""What a server may name in refusing a well-formed check-in: where one stands takes both."""

FRESH = 1
"""The edition of an instance that has just been set up."""


@schemathesis.auth().apply_to(path_regex="^/internal/")
class Operator:
    """The token of a bus operator, as the environment gives it."""

    def get(self, case: Any, context: Any) -> str | None:
        """The token."""
        return os.environ.get("SCHEMATHESIS_OPERATOR")

    def set(self, case: Any, data: str, context: Any) -> None:
        """Bring it."""
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/api/v1/(me|session)")
class User(Operator):
    """Somebody new in every call: calls sign out and erase. Only WeChat's stand-in lets them in."""

    def get(self, case: Any, context: Any) -> str | None:
        """Sign in."""
        code = f"try-{uuid.uuid4().hex}-1"
        at = f"{case.operation.schema.get_base_url()}/api/v1/session"
        reply = requests.post(at, json={"code": code}, timeout=10)
        return reply.json()["token"] if reply.ok else None


@schemathesis.hook
def map_case(context: Any, case: Any) -> Any:
    """Keep the rules in most of the valid requests, or nearly all of them would be refused."""
    if case.meta is not None and case.meta.generation.mode.is_positive and case.query:
        keep_rules(case.query)
    return case


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remember the cursors of the answers."""
    if response.status_code == 200 and "json" in response.headers.get("content-type", [""])[0]:
        told = response.json()
        if isinstance(told, dict) and told.get("next"):
            GIVEN.add(told["next"])


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure is one."""
    if failure.code != "ST202" or response.status_code != 422:
        return True
    named = {error["loc"] for error in response.json()["errors"]}
    if case.operation.path.startswith("/internal/"):
        return not named <= OPERATORS_MISTAKES
    if case.operation.path == "/api/v1/session" and case.method == "POST":
        return not named <= USED_UP
    if case.operation.path == "/api/v1/me/check-ins":
        return not named <= HALF_A_PLACE
    return not named <= to_blame(case.query)


def to_blame(query: dict[str, Any]) -> set[str]:
    """The parameters that a server may name in refusing a query of well-formed values."""
    near, bbox = "lat" in query, query.get("bbox")
    broken = {
        "lat": near != ("lon" in query),
        "lon": near != ("lon" in query),
        "radius": "radius" in query and (not near or bbox is not None),
        "sort": query.get("sort") == "distance" and not near,
        "bbox": bbox is not None and _swapped(bbox),
        "cursor": "cursor" in query and query["cursor"] not in GIVEN,
        "since": float(query.get("since", 0)) > FRESH,
    }
    if query.get("sort") == "relevance":
        broken["sort"] = "q" not in query
    return {name for name, wrong in broken.items() if wrong}


def keep_rules(query: dict[str, Any]) -> None:
    """Take out of a query of well-formed values what breaks a rule."""
    if "bbox" in query:
        west, south, east, north = _corners(query["bbox"])
        ordered = min(west, east), min(south, north), max(west, east), max(south, north)
        query["bbox"] = ",".join(map(str, ordered))
    if "since" in query:
        query["since"] = min(int(query["since"]), FRESH)
    for name in to_blame(query):
        query.pop(name, None)
    for name in to_blame(query):  # a radius or an order that has lost its position
        query.pop(name, None)


def _swapped(bbox: Any) -> bool:
    west, south, east, north = _corners(bbox)
    return west > east or south > north


def _corners(bbox: Any) -> tuple[float, float, float, float]:
    west, south, east, north = map(float, bbox.split(",") if isinstance(bbox, str) else bbox)
    return west, south, east, north
