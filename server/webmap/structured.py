"""What search engines are told of places, lists, school lines: JSON-LD in schema.org's terms.

A fact that is not known is left out here, where there is no way to say so. So are examples, and
addresses of our pages while we don't know where the public finds us. The telephone lines are not
told at all: what others are shown of their page stays neutral.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from markupsafe import Markup

from geo.city import City
from server.webmap.bus_words import DIRECTIONS
from server.webmap.place_detail import Detail

CONTEXT = "https://schema.org"
LANGUAGE = "zh-CN"
SITE = "童友图"
MOST_LISTED = 20
"""Places of a list that are told; all of them are in the sitemap."""

_NO_MARKUP = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"}


class Listed(NamedTuple):
    """A place in a list: its position from 1, and the absolute address of its page."""

    position: int
    name: str
    url: str | None


def places(listed: Sequence[Listed], total: int, home: str | None) -> Markup:
    """The site and a list of places on it; ``home`` is the absolute address of the first page."""
    items = [_known({"@type": "ListItem"} | one._asdict()) for one in listed]
    found = {"@type": "ItemList", "numberOfItems": total, "itemListElement": items}
    return as_script({"@context": CONTEXT, "@graph": [_site(home), found]})


def about(url: str | None) -> Markup:
    """The page about the map itself."""
    told = {"@type": "AboutPage", "url": url, "name": f"关于{SITE}", "inLanguage": LANGUAGE}
    return as_script({"@context": CONTEXT} | _known(told))


def _site(home: str | None) -> dict[str, Any]:
    return _known({"@type": "WebSite", "name": SITE, "url": home, "inLanguage": LANGUAGE})


def line(record: Mapping[str, Any], url: str | None) -> Markup | None:
    """A school line's way in each direction, from a ``geo.public_bus.RouteRecord``.

    None where nothing of it is known: its runs are all examples.
    """
    runs = [] if record["example"] else [run for run in record["trips"] if not run["example"]]
    names = {stop["id"]: stop["name"] for stop in record["stops"]}
    ways = []
    for direction in DIRECTIONS:
        some = [run["stop_times"] for run in runs if run["direction"] == direction]
        if some:
            told = {
                "@type": "BusTrip",
                "url": url,
                "name": f"{record['name']}，{DIRECTIONS[direction]}",
                "busName": record["name"],
                "provider": {"@type": "Organization", "name": record["agency"]["name"]},
                "departureBusStop": _end({names[calls[0]["stop"]] for calls in some}),
                "arrivalBusStop": _end({names[calls[-1]["stop"]] for calls in some}),
            }
            ways.append(_known(told))
    return as_script({"@context": CONTEXT, "@graph": ways}) if ways else None


def _end(names: set[str]) -> dict[str, str] | None:
    """The stop at which all runs begin or end; None where they don't agree."""
    return {"@type": "BusStop", "name": names.pop()} if len(names) == 1 else None


def place(detail: Detail, city: City, url: str | None, images: Sequence[str | None] = ()) -> Markup:
    """A place; ``url`` is the absolute address of its page, ``images`` those of its photos."""
    card, site = detail.card, detail.site
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Place",
        "@id": url,
        "url": url,
        "name": card.name,
        "alternateName": detail.aliases,
        "description": detail.introduction,
        "image": [image for image in images if image],
        "address": _address(detail, city),
        "geo": {"@type": "GeoCoordinates", "latitude": site["lat"], "longitude": site["lon"]},
        "telephone": detail.phone,
        "sameAs": detail.website,
        "isAccessibleForFree": site["free"],
        "openingHoursSpecification": [part for day in site["hours"] for part in _hours(day)],
        "amenityFeature": [
            {"@type": "LocationFeatureSpecification", "name": name, "value": True}
            for name in detail.facilities
        ],
    }
    return as_script(_known(told))


def _known(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in (None, "", [])}


def as_script(told: Mapping[str, Any]) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element or begins one."""
    text = orjson.dumps(told).decode()
    for character, escape in _NO_MARKUP.items():
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704  (what could be markup is escaped above)


def _address(detail: Detail, city: City) -> dict[str, str]:
    told = {
        "@type": "PostalAddress",
        "addressCountry": "CN",
        "addressLocality": f"{city.name}{detail.card.district_title}",
        "streetAddress": detail.card.address,
    }
    return _known(told)


def _hours(day: Mapping[str, Any]) -> list[dict[str, str]]:
    """A known day's hours, valid on that day alone; a closed day is one from 0:00 to 0:00."""
    if not day["known"]:
        return []
    ranges = day["ranges"] or [("00:00", "00:00")]
    return [
        {
            "@type": "OpeningHoursSpecification",
            "validFrom": day["date"],
            "validThrough": day["date"],
            "opens": opens,
            "closes": "23:59" if closes == "24:00" else closes,
        }
        for opens, closes in ranges
    ]
