"""The operators' door and the vehicles of a route as a WSGI application, for ``bench.vehicles``.

Everything of the service that a report and a poll go through, but for the edition: the lines are
made up here, and begin their run at the moment named by ``BENCH_START`` (Unix seconds).
"""

import os
from datetime import datetime

import orjson
from flask import Flask, Response

from bench.synthetic_lines import timetable
from config.settings import Settings
from geo.city import load_city
from geo.opening import SHANGHAI
from miniapp_api import live, problems
from server import db, metrics
from server.live.book import TimetableBook

settings = Settings()
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
app.extensions["city"] = load_city(settings.city)
db.init(app)
metrics.register(app)
problems.register(app)
book = TimetableBook(timetable(float(os.environ["BENCH_START"])), edition=1)
live.register(app, settings, lambda: book)


@app.get("/api/v1/bus/routes/<int:route>/vehicles")
def vehicles(route: int) -> Response:
    """The vehicles of a route, as the public read gives them."""
    now = datetime.now(SHANGHAI)
    found = app.extensions["live_board"].vehicles(route, now)
    return Response(orjson.dumps(found), content_type="application/json")


@app.get("/api/v1/sites")
def ready() -> str:
    """What ``bench.load`` asks to know that the server is up."""
    return "ready"
