"""What a browser is told about every page: only our own scripts run, nothing is fetched from
elsewhere but the tiles of the base map that the settings name.

The JSON API sets its own headers; these are for HTML, where a name with markup in it would
otherwise be the way in.
"""

from collections.abc import Iterable

from flask import Flask, Response, current_app

from config.settings import Settings
from server.basemap import tile_hosts


def content_security_policy(images_from: Iterable[str] = ()) -> str:
    """The policy; ``images_from`` are origins that pictures may come from besides our own."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            " ".join(("img-src 'self' data:", *images_from)),
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        )
    )


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""``no-referrer``: an address may hold a position or the page of a helpline."""


def register(app: Flask) -> None:
    """Set them on every HTML answer; a view that has set one itself keeps it."""
    settings: Settings = app.extensions["settings"]
    app.extensions["content_security_policy"] = content_security_policy(tile_hosts(settings))
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    if response.mimetype == "text/html":
        policy = current_app.extensions["content_security_policy"]
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    else:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
