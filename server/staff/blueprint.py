"""The blueprint of the console's own pages, behind the gate."""

from apiflask import APIBlueprint

from server.console.gate import guard

staff = guard(
    APIBlueprint(
        "staff", __name__, url_prefix="/staff", template_folder="templates", enable_openapi=False
    )
)
