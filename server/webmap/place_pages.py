"""Places: the list with its map, the reading spaces, one place."""

from datetime import datetime

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from geo.atlas import Atlas
from geo.edition import Tombstone
from server import tallies
from server.pages import absolute
from server.webmap import chips, structured
from server.webmap.blueprint import atlas_now, base_map, fresh, webmap
from server.webmap.cards import nearby
from server.webmap.kindly import read_moment
from server.webmap.listing import PAGE, Listing, look
from server.webmap.navigation import positions, ways_there
from server.webmap.place_detail import detail
from server.webmap.query import read

READING = "reading_space"
WORDS_ALONE = frozenset({"q", "sort", "page"})
"""What a search for words may hold besides: no place, no filter that may be why nothing fits."""
NEARBY_M = 10_000.0
HEADINGS = {"index": "带孩子去哪儿", "reading": "儿童公共阅读空间"}


@webmap.get("/")
def index() -> Response:
    """The list of places, filtered and sorted."""
    return _list_page("index", None)


@webmap.get("/reading")
def reading() -> Response:
    """The same of reading spaces alone."""
    return _list_page("reading", READING)


def _list_page(name: str, kind: str | None) -> Response:
    atlas = atlas_now()
    arguments = MultiDict(request.args)
    if kind is not None:
        arguments.poplist("kind")
    query, said = read(arguments, atlas.city)
    drawn = base_map(atlas)
    listing = look(atlas, query, query.moment(), kind, drawn["crs"])
    if listing.total == 0 and query.q and query.model_fields_set <= WORDS_ALONE:
        tallies.in_vain(query.q)
    if listing.page != query.page:
        said.append(f"没有第 {query.page} 页，已显示最后一页。")
    page = render_template(
        f"webmap/{name}.html",
        here=f"webmap.{name}",
        heading=HEADINGS[name],
        query=query,
        said=said,
        listing=listing,
        toggles=chips.toggles(query),
        menus=chips.menus(query, atlas.city),
        orders=chips.orders(query),
        city=atlas.city,
        map=drawn,
        structured=structured.places(
            _listed(listing), listing.total, absolute(url_for("webmap.index"))
        ),
    )
    return fresh(page, query, private=query.centre is not None or query.bbox is not None)


def _listed(listing: Listing) -> list[structured.Listed]:
    """The first rows of a list, as search engines are told of them."""
    before = (listing.page - 1) * PAGE
    return [
        structured.Listed(before + n, card.name, absolute(url_for("webmap.site", id=card.id)))
        for n, card in enumerate(listing.cards[: structured.MOST_LISTED], 1)
    ]


@webmap.get("/sites/<int:id>")
def site(id: int) -> AnyResponse:
    """One place; 301 when it was merged into another, 410 when it was retired."""
    atlas = atlas_now()
    query, said = read_moment(request.args)
    at = query.moment()
    row = atlas.row_of(id)
    if row is None:
        return _not_here(atlas, id, at)
    tallies.seen(id)
    drawn = base_map(atlas)
    told = detail(atlas, row, at)
    lon, lat = atlas.place(row)
    page = render_template(
        "webmap/site.html",
        detail=told,
        ways=ways_there(told.card.name, told.full_address, lon, lat),
        positions=positions(lon, lat),
        place=atlas.place(row, drawn["crs"]),
        near=[card for card in nearby(atlas, (lon, lat), at, 4, NEARBY_M) if card.id != id],
        structured=structured.place(
            told,
            atlas.city,
            absolute(url_for("webmap.site", id=id)),
            [absolute(picture.largest) for picture in told.pictures],
        ),
        said=said,
        query=query,
        map=drawn,
    )
    return fresh(page, query)


def _not_here(atlas: Atlas, id: int, at: datetime) -> AnyResponse:
    stone = atlas.tombstones.get(id)
    if stone is None or stone.type != "site":
        abort(404)
    if stone.merged_into is not None:
        return redirect(url_for("webmap.site", id=stone.merged_into), 301)
    return _gone(atlas, stone, at)


def _gone(atlas: Atlas, stone: Tombstone, at: datetime) -> Response:
    near = []
    if stone.lon is not None and stone.lat is not None:
        near = nearby(atlas, (stone.lon, stone.lat), at)
    page = render_template("webmap/gone.html", stone=stone, near=near)
    response = make_response(page, 410)
    response.headers["Cache-Control"] = "no-store"
    return response
