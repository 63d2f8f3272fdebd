"""What there is to know about the map itself, and the page of a device without network."""

from flask import Response, make_response, render_template, url_for

from server.pages import absolute
from server.webmap import structured
from server.webmap.about import kept
from server.webmap.blueprint import atlas_now, webmap


@webmap.get("/about")
def about() -> Response:
    """Data status, privacy, sources, licences."""
    page = render_template(
        "webmap/about.html",
        kept=kept(atlas_now()),
        structured=structured.about(absolute(url_for("webmap.about"))),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@webmap.get("/offline")
def offline() -> Response:
    """The shell that a service worker keeps for times without network."""
    response = make_response(render_template("webmap/offline.html"))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
