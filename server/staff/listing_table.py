"""All listings as the console's pages see them, read once a request."""

from collections.abc import Iterable

from flask import current_app

from geo.question import Question
from geo.text import fold
from server.atlas_keeper import NoEdition
from server.console.gate import me
from server.db import db
from server.listing_query import ListingsQuery
from server.listing_rows import Row, Sayings, load
from server.listing_search import Asked, Found, search, today

MOST_HEARD = 100_000
"""Places that a word may find by its sound: all."""


def rows(listings: Iterable[int] | None = None) -> list[Row]:
    """All listings, or some, as they stand now."""
    if "sayings" not in current_app.extensions:
        current_app.extensions["sayings"] = Sayings()
    return load(db.session, current_app.extensions["sayings"], listings)


def find(query: ListingsQuery) -> Found:
    """What the signed-in person is shown for a query."""
    asked = Asked(
        current_app.extensions["city"], today(), me(), me().account_id, _sounding(query.q)
    )
    return search(rows(), query, asked)


def _sounding(words: str | None) -> frozenset[int]:
    """Published places that the words find in the public search, which knows pinyin."""
    if not words or not fold(words):
        return frozenset()
    try:
        atlas = current_app.extensions["atlas_keeper"].atlas
    except NoEdition:
        return frozenset()
    return frozenset(map(int, atlas.ids(atlas.find(Question(q=words), 0, MOST_HEARD).rows)))
