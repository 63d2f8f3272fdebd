"""The public map as pages that need neither JavaScript nor the database."""

from datetime import datetime

from flask import (
    Blueprint,
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
from geo.edition import Tombstone
from server.pages import hotline_lines
from server.webmap import places
from server.webmap.listing import look
from server.webmap.query import PageQuery, read, read_moment

webmap = Blueprint("webmap", __name__, template_folder="templates")


def _atlas() -> Atlas:
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    return atlas


@webmap.get("/")
def index() -> Response:
    """The list of places, filtered and sorted."""
    atlas = _atlas()
    query, said = read(request.args, atlas.city)
    at = query.moment()
    listing = look(atlas, query, at)
    if listing.page != query.page:
        said.append(f"没有第 {query.page} 页，已显示最后一页。")
    page = render_template(
        "webmap/index.html", query=query, said=said, listing=listing, city=atlas.city, at=at
    )
    return _fresh(page, query, private=query.lat is not None)


@webmap.get("/sites/<int:id>")
def site(id: int) -> AnyResponse:
    """One place; 301 when it was merged into another, 410 when it was retired."""
    atlas = _atlas()
    query, said = read_moment(request.args)
    row = atlas.row_of(id)
    if row is not None:
        detail = places.detail(atlas, row, query.moment())
        page = render_template("webmap/site.html", detail=detail, said=said, query=query)
        return _fresh(page, query)
    stone = atlas.tombstones.get(id)
    if stone is None or stone.type != "site":
        abort(404)
    if stone.merged_into is not None:
        return redirect(url_for("webmap.site", id=stone.merged_into), 301)
    return _gone(atlas, stone, query.moment())


@webmap.get("/hotlines")
def hotlines() -> Response:
    """All telephone lines."""
    query, said = read_moment(request.args)
    lines = hotline_lines(_atlas(), query.moment())
    return _fresh(render_template("webmap/hotlines.html", lines=lines, said=said), query)


def _gone(atlas: Atlas, stone: Tombstone, at: datetime) -> Response:
    near = []
    if stone.lon is not None and stone.lat is not None:
        near = places.nearby(atlas, (stone.lon, stone.lat), at)
    page = render_template("webmap/gone.html", stone=stone, near=near)
    response = make_response(page, 410)
    response.headers["Cache-Control"] = "no-store"
    return response


def _fresh(page: str, query: PageQuery, *, private: bool = False) -> Response:
    """Good for the rest of the minute; with someone's position in it, for that someone alone."""
    response = make_response(page)
    left = 60 - datetime.now().astimezone().second if query.at is None else 60
    scope = "private" if private else "public"
    response.headers["Cache-Control"] = f"{scope}, max-age={left}"
    return response
