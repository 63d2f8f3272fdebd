"""What is counted of requests: endpoint, method, status, time. Never who or where.

Requests for the telephone lines are not counted at all: on a small town's map a single one, at
its time, may say too much about someone.
"""

import os
from typing import Any

from flask import Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("tongyou_requests_total", "Requests answered", ["endpoint", "method", "status"])
SECONDS = Histogram(
    "tongyou_request_seconds",
    "Time in the server",
    ["endpoint"],
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0),
)

UNCOUNTED = frozenset({"/hotlines", "/api/v1/hotlines"})
"""Routes that leave no trace."""
UNMATCHED = "unmatched"
"""The route of a request that has none, or that is not to be told."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_children: dict[tuple[str, str, int], tuple[Any, Any]] = {}


def count(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request; ``endpoint`` is a route, never a path with its ids.

    Those of ``UNCOUNTED`` are passed over.
    """
    if endpoint in UNCOUNTED:
        return
    key = (endpoint, method if method in _METHODS else "other", status)
    children = _children.get(key)
    if children is None:
        children = _children[key] = (
            REQUESTS.labels(endpoint, key[1], str(status)),
            SECONDS.labels(endpoint),
        )
    children[0].inc()
    children[1].observe(seconds)


def exposition() -> Response:
    """All metrics in Prometheus' text format; of all workers, where they share a folder."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    """Count every request that goes through Flask."""
    from time import perf_counter

    from flask import g, request

    @app.before_request
    def started() -> None:
        g.started = perf_counter()

    @app.after_request
    def answered(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else UNMATCHED
        began = g.get("started")
        count(
            rule,
            request.method,
            response.status_code,
            perf_counter() - began if began is not None else 0.0,
        )
        return response
