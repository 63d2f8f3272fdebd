"""The blueprint of the ledger, a room of the console with the same gate before it."""

from apiflask import APIBlueprint

from server.console.gate import guard

progress = guard(
    APIBlueprint(
        "progress",
        __name__,
        url_prefix="/staff/progress",
        template_folder="templates",
        enable_openapi=False,
    )
)
