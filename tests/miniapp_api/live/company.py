"""An app with the operators' door alone, and a program of a bus company before it."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from config.settings import Settings
from geo.opening import SHANGHAI
from miniapp_api import live, problems
from miniapp_api.problems import Problem
from server import metrics
from server.db import db
from server.operators import add_token
from tests.conftest import make_app
from tests.server.live.lines import BUS, NORTH, TOURS, WEST, book

PATH = "/internal/v1/vehicles/鲁C12345/position"
TODAY = datetime.now(SHANGHAI).date()
RUN = f"/internal/v1/runs/m1/{TODAY}?route=101"
CANCELLED = {"state": "cancelled", "replacement": "7:10 另派一辆车", "phone": "0533-1234567"}


class Company:
    """A program of the bus company, with its token."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        with app.app_context():
            self.token = add_token(BUS)[1]
            self.tours = add_token(TOURS)[1]
            self.chosen = add_token("调度中心", [102])[1]
            db.session.commit()

    def send(
        self, method: str, path: str, body: Any = None, token: str | None = None, **more: Any
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        options = {"data": orjson.dumps(body), "content_type": "application/json"}
        if body is None:
            options = {}
        return self.client.open(path, method=method, headers=headers, **options | more)

    def report(self, seconds: float = 0.0, path: str = PATH, **more: Any) -> TestResponse:
        """A position at so many seconds from now."""
        moment = datetime.now(SHANGHAI) + timedelta(seconds=seconds)
        body = {"route": 101, "trip": "m1", "lon": WEST, "lat": NORTH, "at": moment.isoformat()}
        return self.send("POST", path, body | more)

    def known(self, route: int = 101) -> Any:
        return self.app.extensions["live_store"].vehicles(route, time.time()).positions

    def said(self, route: int = 101) -> Any:
        return self.app.extensions["live_store"].runs(route, TODAY).runs


def opened(settings: Settings) -> Iterator[Company]:
    """An app with this door alone."""
    app = make_app(settings)
    metrics.register(app)
    problems.register(app)
    lines = book()
    live.register(app, settings, lambda: lines)
    with app.app_context():
        db.create_all()
    yield Company(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def refused(reply: TestResponse, status: int, *words: str) -> Problem:
    """The problem that a reply is."""
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    problem = Problem.model_validate_json(reply.data)
    assert problem.status == status
    for word in words:
        assert word in reply.text
    return problem
