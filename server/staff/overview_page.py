"""The console's first page."""

from flask import Response, current_app

from server.permissions import Action
from server.staff import overview as facts
from server.staff.blueprint import needs, page, staff


@staff.get("/overview")
@needs(Action.VIEW)
def overview() -> Response:
    """How things stand."""
    return page(
        "overview.html",
        counts=facts.counts(),
        drafts=facts.drafts(current_app.extensions["city"]),
        history=facts.history(),
    )
