"""What the views of the public map share: their blueprint, the edition, how long a page is good."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response

from geo.atlas import Atlas
from server.basemap import map_config
from server.webmap.kindly import PageQuery

webmap = Blueprint("webmap", __name__, template_folder="templates")


def atlas_now() -> Atlas:
    """The edition in force.

    Raises:
        NoEdition: none is loaded yet; answered as 503.
    """
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    return atlas


def base_map(atlas: Atlas) -> dict[str, Any]:
    """What the page's map is drawn on, for its ``data-map``."""
    return map_config(current_app.extensions["settings"], atlas.city)


def fresh(
    page: str, query: PageQuery, *, private: bool = False, seconds: int | None = None
) -> Response:
    """Good for the rest of the minute, or for some ``seconds`` where it tells live news; with
    someone's position in it, for that someone alone."""
    response = make_response(page)
    left = 60 - datetime.now().astimezone().second if query.at is None else 60
    left = left if seconds is None else min(left, seconds)
    scope = "private" if private else "public"
    response.headers["Cache-Control"] = f"{scope}, max-age={left}"
    return response
