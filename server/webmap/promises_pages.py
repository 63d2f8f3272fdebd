"""What became of the year's promises; there only where the settings ask for it."""

from typing import Any

from flask import Response, abort, current_app, make_response, render_template

from server.promises import PromisesKeeper
from server.webmap.blueprint import webmap


@webmap.get("/promises")
def promises() -> Response:
    """The newest year of which a quarter was accepted."""
    years = _years()
    return _page(years[0] if years else None, years)


@webmap.get("/promises/<int:year>")
def promises_of(year: int) -> Response:
    """One year."""
    years = _years()
    told = next((one for one in years if one["year"] == year), None)
    if told is None:
        abort(404)
    return _page(told, years)


def _years() -> list[dict[str, Any]]:
    keeper: PromisesKeeper | None = current_app.extensions.get("promises_keeper")
    if keeper is None:
        abort(404)
    known = keeper.document()
    if known is None:
        abort(503)
    years: list[dict[str, Any]] = known["years"]
    return years


def _page(year: dict[str, Any] | None, years: list[dict[str, Any]]) -> Response:
    page = render_template("webmap/promises.html", told=year, years=years)
    response = make_response(page)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
