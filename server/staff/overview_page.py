"""The console's first page: how well the map covers the city, what waits, what people look for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, current_app

from geo.opening import SHANGHAI
from geo.transit import Notice
from server import consumer, coverage, district_map
from server.assets import built_file
from server.atlas_keeper import NoEdition
from server.console.frame import page
from server.console.gate import needs
from server.permissions import Action
from server.staff import overview as facts
from server.staff.blueprint import staff
from server.staff.listing_table import rows

OUTLINES = "outlines.wgs84.json"


@staff.get("/overview")
@needs(Action.VIEW)
def overview() -> Response:
    """How things stand."""
    city, settings = current_app.extensions["city"], current_app.extensions["settings"]
    listings, history = rows(), facts.history()
    areas = coverage.areas(listings, city)
    year, programme = max(current_app.extensions["programmes"].items())
    return page(
        "staff/overview.html",
        counts=facts.counts(),
        drafts=facts.drafts(city, _notices()),
        history=history,
        publishers=facts.publishers(history),
        standing=coverage.standing(listings, datetime.now(SHANGHAI).date()),
        areas=areas,
        drawing=_drawing(areas),
        promises=coverage.promises(listings, programme),
        year=year,
        checks_due=facts.checks_due(),
        viewed=facts.viewed(listings),
        in_vain=facts.in_vain(),
        days=facts.LOOKED_BACK_DAYS,
        consumer=consumer.health(settings),
        jobs=facts.jobs_by_state(),
    )


def _notices() -> Sequence[tuple[int, Notice]]:
    try:
        notices: Sequence[tuple[int, Notice]] = current_app.extensions[
            "atlas_keeper"
        ].atlas.timetable.columns.notices
    except NoEdition:
        return ()
    return notices


def _drawing(areas: Sequence[coverage.Area]) -> dict[str, Any] | None:
    """The districts with how many places each has; None without the built outlines."""
    path = built_file(OUTLINES)
    drawing = district_map.drawing(path) if path else None
    if drawing is None:
        return None
    places = {area.title: area.places for area in areas if not area.within}
    most = max(places.values(), default=0)
    shapes = [
        (shape, places.get(shape.name, 0), district_map.shade(places.get(shape.name, 0), most))
        for shape in drawing.shapes
    ]
    return {"width": drawing.width, "height": drawing.height, "shapes": shapes}
