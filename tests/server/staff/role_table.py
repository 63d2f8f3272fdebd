"""Every route of the console and of the APIs, and who may: said here once more, by hand.

One line a route: method, rule as Flask has it, who may. ``test_roles`` tries each line with each
role, and fails while a route has no line. ``bounded``: a person (or a bus operator) who may do it
elsewhere may not do it to what stands in ``at``; then ``at`` and ``form`` must be good enough
for the bounds to be what is refused.
"""

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from server.permissions import Action


class Door(Enum):
    """Who may, where it is no question of a member of staff's role."""

    PUBLIC = "everybody"
    OPERATOR = "programs of bus operators, by their token"


class Route(NamedTuple):
    """One route and who may take it."""

    method: str
    rule: str
    who: Action | Door
    at: str = ""
    """A path of this rule; empty: the rule with numbers and words that nothing answers to."""
    bounded: bool = False
    form: Mapping[str, Any] = MappingProxyType({})

    @property
    def path(self) -> str:
        """Where to knock."""
        return self.at or re.sub(
            r"<(?:(\w+):)?\w+>", lambda found: "987654" if found[1] else "nobody", self.rule
        )

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.method} {self.rule}"


PUBLIC, OPERATOR = Door.PUBLIC, Door.OPERATOR
OWN, VIEW, EDIT, CLOSE = Action.OWN_ACCOUNT, Action.VIEW, Action.EDIT, Action.CLOSE
EDIT_LINES, NOTIFY, IMPORT, EXPORT = (
    Action.EDIT_LINES,
    Action.NOTIFY,
    Action.IMPORT,
    Action.EXPORT,
)
REVIEW, RETIRE, PUBLISH = Action.REVIEW, Action.RETIRE, Action.PUBLISH
ACCOUNTS, AUDIT = Action.ACCOUNTS, Action.AUDIT

PLACE = 1
"""A place of Zhangdian; the editor and the reviewer of elsewhere are Boshan's."""
LINE, OTHER_LINE = 31, 32
"""Bus lines; the dispatcher and the operator of elsewhere have the other."""

API = "/api/v1"
RUN, DAY = "/internal/v1/runs/<trip>/<day>", "2026-11-24"

ROUTES = (
    # The way in
    Route("GET", "/staff/", PUBLIC),
    Route("POST", "/staff/", PUBLIC),
    Route("GET", "/staff/code", PUBLIC),
    Route("POST", "/staff/code", PUBLIC),
    Route("GET", "/staff/join/<token>", PUBLIC),
    Route("POST", "/staff/join/<token>", PUBLIC),
    # One's own account
    Route("GET", "/staff/account", OWN),
    Route("POST", "/staff/account/password", OWN),
    Route("POST", "/staff/account/sessions/<int:id_>/end", OWN),
    Route("POST", "/staff/account/sessions/end-others", OWN),
    Route("GET", "/staff/account/second-step", OWN),
    Route("POST", "/staff/account/second-step", OWN),
    Route("POST", "/staff/account/second-step/replace", OWN),
    Route("POST", "/staff/account/second-step/recovery", OWN),
    Route("POST", "/staff/account/second-step/remove", OWN),
    Route("GET", "/staff/account/recovery-codes", OWN),
    Route("GET", "/staff/roles", OWN),
    # The staff
    Route("GET", "/staff/accounts", ACCOUNTS),
    Route("GET", "/staff/accounts/new", ACCOUNTS),
    Route("POST", "/staff/accounts/new", ACCOUNTS),
    Route("GET", "/staff/accounts/<int:id_>", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>/disable", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>/enable", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>/link", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>/reset-second-step", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>/revoke-link", ACCOUNTS),
    Route("POST", "/staff/accounts/<int:id_>/sign-out", ACCOUNTS),
    # The audit trail
    Route("GET", "/staff/audit", AUDIT),
    Route("POST", "/staff/audit/verify", AUDIT),
    # One listing; what a form's save is refused for, it tells with the form
    Route("GET", "/staff/listings/<int:id_>", VIEW),
    Route("PUT", "/staff/listings/<int:id_>", EDIT),
    Route("GET", "/staff/listings/<int:id_>/edit", EDIT, f"/staff/listings/{PLACE}/edit", True),
    Route("POST", "/staff/listings/<int:id_>/edit", EDIT, f"/staff/listings/{PLACE}/edit", True,
          {"act": "discard"}),
    Route("POST", "/staff/listings/<int:id_>/working-copy", EDIT,
          f"/staff/listings/{PLACE}/working-copy", True),
    Route("GET", "/staff/listings/new", EDIT),
    Route("POST", "/staff/listings/new", EDIT),
    Route("POST", "/staff/listings/new/working-copy", EDIT),
    Route("POST", "/staff/listings/<int:id_>/submit", VIEW),
    Route("POST", "/staff/listings/<int:id_>/withdraw", VIEW),
    Route("GET", "/staff/listings/<int:id_>/revisions/<int:revision_id>", VIEW),
    Route("POST", "/staff/listings/<int:id_>/revisions/<int:revision_id>/restore", VIEW),
    Route("POST", "/staff/listings/<int:id_>/close", CLOSE, f"/staff/listings/{PLACE}/close", True,
          {"reason": "停电"}),
    Route("POST", "/staff/listings/<int:id_>/reopen", CLOSE, f"/staff/listings/{PLACE}/reopen",
          True),
    Route("POST", "/staff/listings/<int:id_>/retire", RETIRE, f"/staff/listings/{PLACE}/retire",
          True, {"reason": "改造"}),
    Route("POST", "/staff/listings/<int:id_>/bring-back", RETIRE,
          f"/staff/listings/{PLACE}/bring-back", True),
    # Photos of a place; what the inputs of its form ask
    Route("GET", "/staff/listings/<int:id_>/photos", EDIT, f"/staff/listings/{PLACE}/photos",
          True),
    Route("POST", "/staff/listings/<int:id_>/photos", EDIT, f"/staff/listings/{PLACE}/photos",
          True),
    Route("POST", "/staff/photos", EDIT),
    Route("POST", "/staff/tools/geocode", EDIT),
    Route("POST", "/staff/tools/hours", VIEW),
    Route("POST", "/staff/tools/position", VIEW),
    # Imports, duplicates, exports
    Route("GET", "/staff/imports", IMPORT),
    Route("POST", "/staff/imports", IMPORT),
    Route("GET", "/staff/imports/template/<type_>.xlsx", IMPORT),
    Route("GET", "/staff/imports/<int:id_>", IMPORT),
    Route("POST", "/staff/imports/<int:id_>/match", IMPORT),
    Route("POST", "/staff/imports/<int:id_>/apply", IMPORT),
    Route("POST", "/staff/imports/<int:id_>/cancel", IMPORT),
    Route("GET", "/staff/imports/<int:id_>/report.xlsx", IMPORT),
    Route("GET", "/staff/duplicates", RETIRE),
    Route("GET", "/staff/duplicates/<int:one>/<int:other>", RETIRE),
    Route("POST", "/staff/duplicates/<int:one>/<int:other>/merge", RETIRE,
          f"/staff/duplicates/{PLACE}/3/merge", True),
    Route("POST", "/staff/duplicates/<int:one>/<int:other>/apart", RETIRE,
          f"/staff/duplicates/{PLACE}/3/apart", True),
    Route("POST", "/staff/duplicates/<int:one>/part", RETIRE,
          "/staff/duplicates/25/part", True),
    Route("GET", "/staff/export", EXPORT),
    # The console's first page
    Route("GET", "/staff/overview", VIEW),
    # School lines and notices
    Route("GET", "/staff/lines/new", EDIT_LINES),
    Route("POST", "/staff/lines/new", EDIT_LINES),
    Route("GET", "/staff/lines/<int:id_>/edit", EDIT_LINES),
    Route("POST", "/staff/lines/<int:id_>/edit", EDIT_LINES),
    Route("GET", "/staff/notices", VIEW),
    Route("GET", "/staff/notices/new", NOTIFY),
    Route("POST", "/staff/notices/new", NOTIFY),
    Route("GET", "/staff/notices/<int:id_>/edit", NOTIFY),
    Route("POST", "/staff/notices/<int:id_>/edit", NOTIFY),
    Route("POST", "/staff/notices/<int:id_>/end", NOTIFY),
    Route("POST", "/staff/notices/<int:id_>/publish", NOTIFY),
    Route("POST", "/staff/notices/<int:id_>/until", NOTIFY),
    # The public API
    Route("GET", f"{API}/bundle", PUBLIC),
    Route("GET", f"{API}/bus/departures", PUBLIC),
    Route("GET", f"{API}/bus/gtfs-rt/alerts.pb", PUBLIC),
    Route("GET", f"{API}/bus/gtfs-rt/vehicles.pb", PUBLIC),
    Route("GET", f"{API}/bus/gtfs.zip", PUBLIC),
    Route("GET", f"{API}/bus/journeys", PUBLIC),
    Route("GET", f"{API}/bus/lines-for-home", PUBLIC),
    Route("GET", f"{API}/bus/notices", PUBLIC),
    Route("GET", f"{API}/bus/routes", PUBLIC),
    Route("GET", f"{API}/bus/routes/<listing:id>", PUBLIC),
    Route("GET", f"{API}/bus/routes/<listing:id>/vehicles", PUBLIC),
    Route("GET", f"{API}/bus/stops", PUBLIC),
    Route("GET", f"{API}/changes", PUBLIC),
    Route("GET", f"{API}/docs", PUBLIC),
    Route("GET", f"{API}/edition", PUBLIC),
    Route("GET", f"{API}/hotlines", PUBLIC),
    Route("GET", f"{API}/openapi.json", PUBLIC),
    Route("GET", f"{API}/reading-spaces", PUBLIC),
    Route("GET", f"{API}/sites", PUBLIC),
    Route("GET", f"{API}/sites.geojson", PUBLIC),
    Route("GET", f"{API}/sites/<listing:id>", PUBLIC),
    Route("GET", f"{API}/sites/clusters", PUBLIC),
    Route("GET", f"{API}/suggest", PUBLIC),
    Route("GET", f"{API}/taxonomy", PUBLIC),
    # Publishing, editions, preview
    Route("GET", "/staff/publishing", VIEW),
    Route("POST", "/staff/publishing", PUBLISH),
    Route("POST", "/staff/publishing/compare", PUBLISH),
    Route("POST", "/staff/publishing/schedule", PUBLISH),
    Route("POST", "/staff/publishing/schedule/<int:id_>/cancel", PUBLISH),
    Route("GET", "/staff/editions/<int:number>", VIEW),
    Route("GET", "/staff/editions/<int:number>/restore", PUBLISH),
    Route("POST", "/staff/editions/<int:number>/restore", PUBLISH),
    Route("GET", "/staff/preview", VIEW),
    Route("GET", "/staff/preview/<string(length=32):digest>/", VIEW,
          f"/staff/preview/{'0' * 32}/"),
    Route("GET", "/staff/preview/<string(length=32):digest>/<path:path>", VIEW,
          f"/staff/preview/{'0' * 32}/sites/1"),
    # Jobs: one's own
    Route("GET", "/staff/jobs", VIEW),
    Route("GET", "/staff/jobs/<int:id_>", VIEW),
    Route("GET", "/staff/jobs/<int:id_>.json", VIEW),
    Route("POST", "/staff/jobs/<int:id_>/cancel", VIEW),
    # Programs of bus operators
    Route("PUT", RUN, OPERATOR, f"/internal/v1/runs/m1/{DAY}?route={LINE}", True,
          {"state": "normal"}),
    Route("DELETE", RUN, OPERATOR, f"/internal/v1/runs/m1/{DAY}?route={LINE}", True),
    Route("POST", "/internal/v1/vehicles/<vehicle>/position", OPERATOR,
          "/internal/v1/vehicles/v1/position", True,
          {"route": LINE, "trip": "m1", "lon": 118.05, "lat": 36.8,
           "at": "2026-11-24T07:00:00+08:00"}),
    # Last, as it ends the session of whoever tries it
    Route("POST", "/staff/sign-out", PUBLIC),
)  # fmt: skip
"""By part of the console."""
