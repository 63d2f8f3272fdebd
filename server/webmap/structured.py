"""What search engines are told of a place: JSON-LD in the terms of schema.org.

A fact that is not known is left out here, where there is no way to say so.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from markupsafe import Markup

from geo.city import City
from server.webmap.place_detail import Detail

_NO_MARKUP = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"}


def place(detail: Detail, city: City, url: str) -> Markup:
    """A place; ``url`` is the absolute address of its page."""
    card, site = detail.card, detail.site
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Place",
        "@id": url,
        "url": url,
        "name": card.name,
        "alternateName": detail.aliases,
        "description": detail.introduction,
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
    return as_script({key: value for key, value in told.items() if value not in (None, "", [])})


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
    return {key: value for key, value in told.items() if value}


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
