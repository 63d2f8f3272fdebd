"""School lines: which there are, which is mine, one of them, and all their ways as GeoJSON."""

from datetime import datetime

import orjson
from flask import (
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from geo.atlas import Atlas
from geo.crs import CRSES, Crs
from server.pages import absolute
from server.webmap import bus_list, structured
from server.webmap.blueprint import atlas_now, base_map, fresh, webmap
from server.webmap.bus_line import line_page, stop_of
from server.webmap.bus_news import News
from server.webmap.bus_query import NO_SCHOOL, NO_STOP, read_bus, read_line
from server.webmap.line_shapes import line_shapes

NEWS_S = 10
"""Seconds for which a page with the states of today's runs may be shown again."""


@webmap.get("/bus")
def bus() -> Response:
    """All lines, and what serves a stop, an address, a position."""
    atlas = atlas_now()
    query, said = read_bus(request.args)
    if query.school is not None and not atlas.routes_of(query.school):
        query = query.model_copy(update={"school": None})
        said.append(NO_SCHOOL)
    at = query.moment()
    news = _news(atlas, at)
    lines = bus_list.line_cards(atlas, news)
    named = bus_list.lines_by_name(query.q, lines) if query.q else []
    stops = bus_list.stops_by_name(atlas, query.q, news) if query.q else []
    elsewhere = query.q and not stops and not named
    places = bus_list.places_by_name(atlas, query.q or "", news) if elsewhere else []
    here = bus_list.around(atlas, "", *query.centre, news) if query.centre else None
    page = render_template(
        "webmap/bus.html",
        query=query,
        said=said,
        lines=lines,
        named=named,
        stops=stops,
        places=places,
        around=here,
        home=bus_list.home(atlas, query, news),
        city=atlas.city,
    )
    private = query.centre is not None or query.q is not None
    return fresh(page, query, private=private, seconds=NEWS_S)


@webmap.get("/bus/<int:id>")
def bus_line(id: int) -> AnyResponse:
    """One line; 301 when it was merged into another, 410 when it was retired."""
    atlas = atlas_now()
    if atlas.route_row(id) is None:
        return _not_here(atlas, id)
    query, said = read_line(request.args)
    if query.stop is not None and stop_of(atlas, id, query.stop) is None:
        query = query.model_copy(update={"stop": None})
        said.append(NO_STOP)
    drawn = base_map(atlas)
    line = line_page(atlas, id, query, _news(atlas, query.moment()), drawn["crs"])
    page = render_template(
        "webmap/bus_line.html",
        id=id,
        line=line,
        query=query,
        said=said,
        map=drawn,
        structured=structured.line(line.record, absolute(url_for("webmap.bus_line", id=id))),
    )
    return fresh(page, query, seconds=NEWS_S)


def _news(atlas: Atlas, at: datetime) -> News:
    return News(atlas, at, current_app.extensions["live_board"])


def _not_here(atlas: Atlas, id: int) -> AnyResponse:
    stone = atlas.tombstones.get(id)
    if stone is None or stone.type != "bus_route":
        abort(404)
    if stone.merged_into is not None:
        return redirect(url_for("webmap.bus_line", id=stone.merged_into), 301)
    page = render_template("webmap/gone.html", stone=stone, near=[])
    response = make_response(page, 410)
    response.headers["Cache-Control"] = "no-store"
    return response


@webmap.get("/bus/lines.geojson")
def bus_lines_geojson() -> AnyResponse:
    """The ways of all lines, for the map; ``crs`` as the API has it."""
    crs: Crs = request.args.get("crs", "wgs84")  # type: ignore[assignment]
    if crs not in CRSES:
        abort(404)
    atlas = atlas_now()
    response = make_response(orjson.dumps(line_shapes(atlas, crs)))
    response.mimetype = "application/geo+json"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.set_etag(f"{atlas.number}-{atlas.sha256[:8]}-{crs}")
    return response.make_conditional(request)
