"""What search engines and phones ask for: which pages there are, and how to install us."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from xml.sax.saxutils import escape

import numpy as np
import orjson
from flask import Response, abort, current_app, make_response, url_for

from geo.atlas import Atlas
from server.pages import absolute
from server.webmap.blueprint import atlas_now, webmap

MOST = 50_000
"""Addresses that a sitemap may hold (sitemaps.org protocol)."""

GOOD_FOR_S = 3600


class Entry(NamedTuple):
    """A page, and the day of its last update if one is known."""

    path: str
    updated_on: str | None


def entries(atlas: Atlas) -> Iterator[Entry]:
    """All public pages, those that never go away first."""
    for name in ("index", "reading", "bus", "hotlines", "about"):
        yield Entry(url_for(f"webmap.{name}"), None)
    if "promises_keeper" in current_app.extensions:
        yield Entry(url_for("webmap.promises"), None)
    for row, id_ in enumerate(atlas.route_ids):
        record = orjson.loads(atlas.route_record(row, "wgs84"))
        yield Entry(url_for("webmap.bus_line", id=id_), record["updated_on"])
    for record in atlas.records(np.arange(len(atlas)), "wgs84"):
        told = orjson.loads(record)
        yield Entry(url_for("webmap.site", id=told["id"]), told["updated_on"])


@webmap.get("/sitemap.xml")
def sitemap() -> Response:
    """All public pages in the form of sitemaps.org; 404 where our own address is not known."""
    root = absolute("")
    atlas = atlas_now()
    if root is None:
        abort(404)
    urls = (_url(root, entry) for entry in islice(entries(atlas), MOST))
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return _told(f'{head}\n<urlset xmlns="{space}">\n{"".join(urls)}</urlset>\n', "application/xml")


def _url(root: str, entry: Entry) -> str:
    updated = f"<lastmod>{entry.updated_on}</lastmod>" if entry.updated_on else ""
    return f"<url><loc>{escape(root + entry.path)}</loc>{updated}</url>\n"


@webmap.get("/robots.txt")
def robots() -> Response:
    """Everything public may be read; the doors of staff and programs are of no use to readers."""
    lines = [
        "User-agent: *",
        "Disallow: /staff/",
        "Disallow: /internal/",
        "Disallow: /api/",
    ]
    address = absolute(url_for("webmap.sitemap"))
    if address is not None:
        lines.append(f"Sitemap: {address}")
    return _told("\n".join(lines) + "\n", "text/plain")


@webmap.get("/manifest.webmanifest")
def manifest() -> Response:
    """How a phone keeps the map as an app."""
    icon = url_for("static", filename="icon.svg")
    told = {
        "id": url_for("webmap.index"),
        "name": "童友图 · 淄博市儿童友好服务地图",
        "short_name": "童友图",
        "description": "带孩子去哪儿、校车几点到、有事打哪个电话。",
        "lang": "zh-CN",
        "start_url": url_for("webmap.index"),
        "scope": url_for("webmap.index"),
        "display": "minimal-ui",
        "background_color": "#fbf6ee",
        "theme_color": "#0b6b63",
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        "shortcuts": [
            {"name": "助学专线", "url": url_for("webmap.bus")},
            {"name": "常用电话", "url": url_for("webmap.hotlines")},
        ],
    }
    return _told(orjson.dumps(told), "application/manifest+json")


def _told(body: str | bytes, mimetype: str) -> Response:
    response = make_response(body)
    response.mimetype = mimetype
    response.headers["Cache-Control"] = f"public, max-age={GOOD_FOR_S}"
    return response
