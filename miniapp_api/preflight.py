"""OPTIONS: which methods an address of the API takes, and whether another site's page may ask."""

from flask import Flask, Response, current_app, request

from miniapp_api.reads import ALWAYS

READING = frozenset({"GET", "HEAD", "OPTIONS"})

DAY = 24 * 60 * 60


def register(app: Flask) -> None:
    """Answer OPTIONS below ``/api/`` without a body; Flask would call its empty answer HTML."""
    app.before_request(_answered)


def _answered() -> Response | None:
    if request.method != "OPTIONS" or not request.path.startswith("/api/"):
        return None
    if request.url_rule is None:
        return None  # a 404 or a 405 in the usual words
    methods = current_app.make_default_options_response().allow.as_set(preserve_casing=True)
    allowed = ", ".join(sorted(methods))
    response = Response(status=204, headers=[("Allow", allowed), *ALWAYS])
    del response.headers["Content-Type"]
    if methods <= READING:  # public data, which any page may read
        response.headers["Access-Control-Allow-Methods"] = allowed
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = str(DAY)
    return response
