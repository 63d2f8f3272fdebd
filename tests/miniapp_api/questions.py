"""One request of every operation of the document, and what answers it."""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from miniapp_api.document import answer_models
from tests.miniapp_api.conftest import World

NOON = "at=2026-11-24T12:00:00%2B08:00"
"""A Tuesday that is no holiday."""

HOME = "lat=36.847&lon=118.014"
"""A door (GCJ-02) near the first stop of the line in the tests' edition."""

ROUTE = 47
"""The id of that line."""

REQUESTS: dict[str, list[str]] = {
    "list_sites": [
        f"/api/v1/sites?lat=36.8&lon=118.05&limit=100&{NOON}",
        f"/api/v1/sites?free=true&open=now&{NOON}",
        f"/api/v1/sites?theme=labour&{NOON}",
    ],
    "list_reading_spaces": [f"/api/v1/reading-spaces?q=shufang&{NOON}"],
    "sites_geojson": [
        f"/api/v1/sites.geojson?lat=36.8&lon=118.05&open=now&{NOON}",
        f"/api/v1/sites.geojson?theme=labour&{NOON}",
    ],
    "site_clusters": [
        f"/api/v1/sites/clusters?bbox=117.5,36.2,118.5,37.2&zoom=8&{NOON}",
        f"/api/v1/sites/clusters?bbox=117.5,36.2,118.5,37.2&zoom=8&theme=labour&{NOON}",
    ],
    "one_site": [f"/api/v1/sites/1?{NOON}", f"/api/v1/sites/2?{NOON}"],
    "completions": [f"/api/v1/suggest?q=kjg&{NOON}", f"/api/v1/suggest?q=xyz&{NOON}"],
    "bus_routes": [f"/api/v1/bus/routes?{NOON}", f"/api/v1/bus/routes?school=none&{NOON}"],
    "bus_route": [f"/api/v1/bus/routes/{ROUTE}?{NOON}"],
    "bus_route_vehicles": [f"/api/v1/bus/routes/{ROUTE}/vehicles?crs=wgs84"],
    "bus_stops": [
        f"/api/v1/bus/stops?lat=36.84&lon=118.02&radius=3000&{NOON}",
        f"/api/v1/bus/stops?lat=0&lon=0&{NOON}",
    ],
    "bus_departures": [f"/api/v1/bus/departures?stop_id=b1.gate&{NOON}"],
    "bus_ways": [
        f"/api/v1/bus/journeys?school=b8&direction=to_home&{HOME}&{NOON}",
        f"/api/v1/bus/journeys?school=b8&direction=to_school&lat=0&lon=0&{NOON}",
    ],
    "bus_lines_for_home": [
        f"/api/v1/bus/lines-for-home?{HOME}&{NOON}",
        f"/api/v1/bus/lines-for-home?lat=0&lon=0&{NOON}",
    ],
    "bus_notices": [f"/api/v1/bus/notices?{NOON}"],
    "bus_gtfs": ["/api/v1/bus/gtfs.zip"],
    "bus_alerts": [f"/api/v1/bus/gtfs-rt/alerts.pb?{NOON}"],
    "bus_vehicle_positions": ["/api/v1/bus/gtfs-rt/vehicles.pb"],
    "list_hotlines": [f"/api/v1/hotlines?{NOON}"],
    "current_edition": ["/api/v1/edition"],
    "taxonomy": ["/api/v1/taxonomy"],
    "bundle": ["/api/v1/bundle"],
    "changes": ["/api/v1/changes?since=0&limit=100", "/api/v1/changes?since=1&limit=1"],
    "healthz": ["/healthz"],
    "readyz": ["/readyz"],
    "metrics": ["/metrics"],
}

OPERATORS_CALLS = ("report_position", "say_run_state", "withdraw_run_state")
"""Those operations of the document that need a token; see ``tests/miniapp_api/live``."""

PERSONS_CALLS = (
    "sign_in",
    "sign_out",
    "my_overview",
    "my_export",
    "erase_me",
    "my_favourites",
    "add_favourite",
    "remove_favourite",
    "my_subscriptions",
    "subscribe",
    "unsubscribe",
    "give_feedback",
    "my_feedback",
    "check_in",
    "my_passport",
    "report",
    "report_state",
)
"""Those of the mini-program's users; see ``tests/miniapp_api/people``."""

READS = [
    request
    for requests in REQUESTS.values()
    for request in requests
    if request.startswith("/api/") and not re.search(r"/(sites|routes)/\d", request)
]
"""The requests that are answered before Flask."""


def document(world: World) -> Any:
    """The OpenAPI document as it is served."""
    return world.client.get("/api/v1/openapi.json").get_json()


def reads(spec: Any) -> Iterator[tuple[str, Any]]:
    """The paths of a document that anybody may read, and their operations."""
    for path, methods in spec["paths"].items():
        if "get" in methods and methods["get"]["operationId"] in REQUESTS:
            yield path, methods["get"]


def models(world: World) -> dict[str, type[BaseModel]]:
    """The answers' models by their name in the document."""
    with world.app.app_context():
        return {model.__name__: model for model in answer_models()}
