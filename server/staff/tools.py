"""What the inputs of a form ask while it is being filled in: where a position is, where an address
is, which days an expression means."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Response, current_app, jsonify, request

from geo.calendar import Calendar
from geo.coordinate_text import NotCoordinates
from geo.crs import CRSES, Crs
from geo.opening import SHANGHAI
from geo.photo import MOST
from server import geocoder, hours_preview, photo_form, position_preview
from server.basemap import map_config
from server.calendar_days import calendar_days
from server.console.frame import page
from server.console.gate import needs
from server.db import db
from server.geocoder import CannotGeocode
from server.outside import waits_outside
from server.permissions import Action
from server.staff.blueprint import staff


@staff.post("/tools/position")
@needs(Action.VIEW)
def position_tool() -> Response:
    """A typed or pasted position: where it is, and where it would be by the other systems."""
    try:
        told = position_preview.preview(
            request.form.get("text", ""), _crs(), current_app.extensions["city"]
        )
    except NotCoordinates as error:
        return _wrong(str(error))
    return jsonify(told.as_json())


@staff.post("/tools/geocode")
@waits_outside
@needs(Action.EDIT)
def geocode_tool() -> Response:
    """The position of an address, WGS-84."""
    settings, city = current_app.extensions["settings"], current_app.extensions["city"]
    try:
        found = geocoder.geocode(settings, city, request.form.get("address", ""))
    except CannotGeocode as error:
        return _wrong(str(error))
    within = city.contains(found.lon, found.lat)
    return jsonify(found._asdict() | {"within": within})


@staff.post("/tools/hours")
@needs(Action.VIEW)
def hours_tool() -> Response:
    """The next days of an expression: JSON for scripts, a page for a form sent without one."""
    expression = request.form.get("opening_hours", "")
    told = hours_preview.preview(
        expression,
        _closures(request.form),
        Calendar(calendar_days(db.session.connection())),
        datetime.now(SHANGHAI).date(),
    )
    if request.accept_mimetypes.best == "application/json":
        return jsonify(told.as_json())
    return page("staff/hours_preview.html", expression=expression, told=told)


@staff.context_processor
def _inputs() -> dict[str, Any]:
    """What the templates of the inputs need."""
    return {
        "base_map": lambda: map_config(
            current_app.extensions["settings"], current_app.extensions["city"]
        ),
        "can_geocode": lambda: current_app.extensions["settings"].tencent_key is not None,
        "crs_titles": list(position_preview.TITLES.items()),
        "photo_rows": photo_form.shown,
        "most_photos": MOST,
    }


def _crs() -> Crs:
    given = request.form.get("crs", "")
    return next((crs for crs in CRSES if crs == given), "wgs84")


def _closures(form: Mapping[str, str]) -> list[hours_preview.Closure]:
    """The closures of the form, those that make sense; a mistake in one is told beside it."""
    found = []
    for name, start in form.items():
        parts = name.split(".")
        if parts[0] != "closures" or parts[-1] != "start" or len(parts) != 3:
            continue
        row = name.removesuffix("start")
        first, last = _day(start or form.get(f"{row}end", "")), _day(form.get(f"{row}end") or start)
        if first and last and first <= last:
            found.append((first, last, form.get(f"{row}reason", "").strip()[:200]))
    return found[:60]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _wrong(message: str) -> Response:
    answer = jsonify({"message": message})
    answer.status_code = 422
    return answer
