"""The ledger's first page."""

from flask import Response

from server.console.frame import page
from server.console.gate import needs
from server.permissions import Action
from server.progress.blueprint import progress


@progress.get("/")
@needs(Action.VIEW_LEDGER)
def home() -> Response:
    """Where the ledger begins."""
    return page("progress/home.html")
