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
from tests.server.material import site


class Door(Enum):
    """Who may, where it is no question of a member of staff's role."""

    PUBLIC = "everybody"
    OPERATOR = "programs of bus operators, by their token"
    SYSTEM = "systems of units and of the office, by their token to the ledger"
    PERSON = "users of the mini-program, by their token, about themselves alone"


class Route(NamedTuple):
    """One route and who may take it."""

    method: str
    rule: str
    who: Action | Door
    at: str = ""
    """A path of this rule; empty: the rule with numbers and words that nothing answers to."""
    bounded: bool = False
    form: Mapping[str, Any] = MappingProxyType({})
    """What is sent. In it and in ``at``, ``{draft}`` is a fresh draft of ``PLACE``, ``{first}`` the
    revision that it began with, ``{submitted}`` one of ``WAITING`` that waits for review, and
    ``{notice}`` the newest revision of ``NOTICE``."""
    json: bool = False
    if_match: str = ""

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.method} {self.rule}"

    def path(self, numbers: Mapping[str, int]) -> str:
        """Where to knock."""
        return self.at.format(**numbers) or re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>",
            lambda found: "0" * 32 if found[1] == "string" else "987654" if found[1] else "nobody",
            self.rule,
        )

    def sent(self, numbers: Mapping[str, int]) -> dict[str, Any]:
        """The fields of the form."""
        return {
            name: value.format(**numbers) if isinstance(value, str) else value
            for name, value in self.form.items()
        }


PUBLIC, OPERATOR, PERSON, SYSTEM = Door.PUBLIC, Door.OPERATOR, Door.PERSON, Door.SYSTEM
OWN, VIEW, EDIT, CLOSE = Action.OWN_ACCOUNT, Action.VIEW, Action.EDIT, Action.CLOSE
EDIT_LINES, NOTIFY, IMPORT, EXPORT = (
    Action.EDIT_LINES,
    Action.NOTIFY,
    Action.IMPORT,
    Action.EXPORT,
)
REVIEW, RETIRE, PUBLISH = Action.REVIEW, Action.RETIRE, Action.PUBLISH
ACCOUNTS, AUDIT, LEDGER = Action.ACCOUNTS, Action.AUDIT, Action.VIEW_LEDGER
FILL = Action.REPORT

LIST_OF = "/staff/progress/items/<int:year>/<indicator>/<unit>"

PLACE, WAITING = 1, 2
"""Places of Zhangdian; the editor and the reviewer of elsewhere are Boshan's."""
LINE, OTHER_LINE, NOTICE = 31, 32, 36
"""Bus lines and a notice of the first; the dispatcher and the operator of elsewhere have the
other."""

SITE, SAYS = f"/staff/listings/{PLACE}", site("甲馆")
API = "/api/v1"
REPORT, OFFICE = "/staff/progress/<period>/<int:action>/<unit>", Action.REVIEW_REPORTS
RUN, DAY = "/internal/v1/runs/<trip>/<day>", "2026-11-24"

DOOR = "/internal/v1/progress"
REPORT_OF = f"{DOOR}/reports/<unit>/<int:action>/<period>"

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
    # The console's first page
    Route("GET", "/staff/overview", VIEW),
    # The ledger
    Route("GET", "/staff/progress/", LEDGER),
    # The ledger: reports, lists, important matters
    Route("GET", REPORT, LEDGER),
    Route("POST", REPORT, FILL),
    Route("PUT", f"{REPORT}/draft", FILL, json=True, if_match='"0"'),
    Route("GET", "/staff/progress/items", LEDGER),
    Route("GET", LIST_OF, LEDGER),
    Route("POST", LIST_OF, FILL),
    Route("GET", "/staff/progress/items/<int:id_>", FILL),
    Route("POST", "/staff/progress/items/<int:id_>", FILL),
    Route("GET", "/staff/progress/items/<int:id_>/file", LEDGER),
    Route("GET", "/staff/progress/matters", LEDGER),
    Route("POST", "/staff/progress/matters", FILL),
    Route("GET", "/staff/progress/matters/<int:id_>", LEDGER),
    Route("POST", "/staff/progress/matters/<int:id_>", OFFICE),
    Route("GET", "/staff/progress/matters/<int:id_>/files/<int:place>", LEDGER),
    # The ledger: the office
    Route("GET", "/staff/progress/matrix", LEDGER),
    Route("GET", f"{REPORT}/review", LEDGER),
    Route("POST", f"{REPORT}/accept", OFFICE),
    Route("POST", f"{REPORT}/return", OFFICE),
    Route("GET", "/staff/progress/indicators", LEDGER),
    Route("GET", "/staff/progress/indicators/<int:year>/<code>", LEDGER),
    Route("GET", "/staff/progress/<period>/<int:action>/totals", LEDGER),
    Route("POST", "/staff/progress/<period>/<int:action>/totals", Action.ANSWER_FOR_UNIT),
    Route("GET", "/staff/progress/periods", OFFICE),
    Route("POST", "/staff/progress/periods/<period>/close", Action.RUN_LEDGER),
    Route("POST", "/staff/progress/periods/<period>/reopen", Action.RUN_LEDGER),
    Route("GET", "/staff/progress/reminders", OFFICE),
    # The ledger: the printed form, stamped scans. Of unit and office, ``scans`` knows who may.
    Route("GET", f"{REPORT}/print", LEDGER),
    Route("GET", f"{REPORT}/print/<int:number>", LEDGER),
    Route("GET", f"{REPORT}/print/<int:number>.docx", LEDGER),
    Route("GET", f"{REPORT}/scans", LEDGER),
    Route("POST", f"{REPORT}/scans", LEDGER),
    Route("POST", f"{REPORT}/scans/<int:id_>/match", OFFICE),
    Route("GET", "/staff/progress/scans/<int:id_>", LEDGER),
    # The list, and what is done to what was ticked
    Route("GET", "/staff/listings", VIEW),
    Route("POST", "/staff/listings/bulk", EDIT, "", True,
          {"ids": str(PLACE), "action": "confirm", "how": "phoned"}),
    Route("POST", "/staff/listings/bulk/run", EDIT, "", True,
          {"ids": str(PLACE), "action": "confirm", "how": "phoned"}),
    Route("POST", "/staff/listings/selection", EXPORT, "", False, {"ids": "x"}),
    Route("POST", "/staff/listings/<int:id_>/confirm", EDIT, f"{SITE}/confirm", True,
          {"how": "phoned"}),
    # One listing
    Route("GET", "/staff/listings/<int:id_>", VIEW, SITE),
    Route("GET", "/staff/listings/<int:id_>/edit", EDIT, f"{SITE}/edit", True),
    Route("POST", "/staff/listings/<int:id_>/edit", EDIT, f"{SITE}/edit", True),
    Route("PUT", "/staff/listings/<int:id_>", EDIT, SITE, True, SAYS, True, '"r{draft}"'),
    Route("POST", "/staff/listings/<int:id_>/working-copy", EDIT, f"{SITE}/working-copy", True,
          {"fields": {}}, True),
    Route("POST", "/staff/listings/<int:id_>/submit", EDIT, f"{SITE}/submit", True,
          {"revision": "{draft}"}),
    Route("POST", "/staff/listings/<int:id_>/withdraw", VIEW),
    Route("GET", "/staff/listings/<int:id_>/revisions/<int:revision_id>", VIEW),
    Route("POST", "/staff/listings/<int:id_>/revisions/<int:revision_id>/restore", EDIT,
          f"{SITE}/revisions/{{first}}/restore", True, {"based_on": "{draft}"}),
    Route("POST", "/staff/listings/<int:id_>/close", CLOSE, f"{SITE}/close", True),
    Route("POST", "/staff/listings/<int:id_>/reopen", CLOSE, f"{SITE}/reopen", True),
    Route("POST", "/staff/listings/<int:id_>/retire", RETIRE, f"{SITE}/retire", True),
    Route("POST", "/staff/listings/<int:id_>/bring-back", RETIRE, f"{SITE}/bring-back", True),
    Route("GET", "/staff/listings/new", EDIT),
    Route("POST", "/staff/listings/new", EDIT),
    Route("POST", "/staff/listings/new/working-copy", EDIT, "", False, {}, True),
    # Photos and the form's tools
    Route("GET", "/staff/listings/<int:id_>/photos", EDIT, f"{SITE}/photos", True),
    Route("POST", "/staff/listings/<int:id_>/photos", EDIT, f"{SITE}/photos", True),
    Route("POST", "/staff/photos", EDIT),
    Route("POST", "/staff/tools/geocode", EDIT),
    Route("POST", "/staff/tools/hours", VIEW),
    Route("POST", "/staff/tools/position", VIEW),
    # Review
    Route("GET", "/staff/review", REVIEW),
    Route("GET", "/staff/review/<int:revision_id>", REVIEW),
    Route("POST", "/staff/review/<int:revision_id>/approve", REVIEW,
          "/staff/review/{submitted}/approve", True),
    Route("POST", "/staff/review/<int:revision_id>/return", REVIEW,
          "/staff/review/{submitted}/return", True),
    Route("POST", "/staff/review/<int:revision_id>/check", REVIEW),
    # What the public wrote
    Route("GET", "/staff/feedback", EDIT),
    Route("GET", "/staff/feedback/<int:id_>", EDIT),
    Route("POST", "/staff/feedback/<int:id_>/answer", EDIT),
    Route("POST", "/staff/feedback/<int:id_>/close", EDIT),
    # What the public says is wrong; posters of the passport
    Route("GET", "/staff/reports", VIEW),
    Route("POST", "/staff/reports/<int:id_>/<what>/take-up", VIEW),
    Route("POST", "/staff/reports/<int:id_>/<what>/decide", VIEW),
    Route("GET", "/staff/posters", VIEW),
    Route("GET", "/staff/posters/print", EDIT),
    Route("GET", "/staff/listings/<int:id_>/poster", EDIT),
    Route("GET", "/staff/listings/<int:id_>/poster/print", EDIT),
    Route("POST", "/staff/listings/<int:id_>/poster", EDIT),
    Route("POST", "/staff/listings/<int:id_>/poster/renew", REVIEW),
    # To do; rounds of verification
    Route("GET", "/staff/inbox", OWN),
    Route("GET", "/staff/rounds", VIEW),
    Route("POST", "/staff/rounds", REVIEW),
    Route("GET", "/staff/rounds/<int:id_>", VIEW),
    Route("POST", "/staff/rounds/<int:id_>/close", REVIEW),
    # Imports, duplicates, exports
    Route("GET", "/staff/export", EXPORT),
    Route("GET", "/staff/imports", IMPORT),
    Route("POST", "/staff/imports", IMPORT),
    Route("GET", "/staff/imports/<int:id_>", IMPORT),
    Route("POST", "/staff/imports/<int:id_>/apply", IMPORT),
    Route("POST", "/staff/imports/<int:id_>/cancel", IMPORT),
    Route("POST", "/staff/imports/<int:id_>/match", IMPORT),
    Route("GET", "/staff/imports/<int:id_>/report.xlsx", IMPORT),
    Route("GET", "/staff/imports/template/<type_>.xlsx", IMPORT),
    Route("GET", "/staff/duplicates", RETIRE),
    Route("GET", "/staff/duplicates/<int:one>/<int:other>", RETIRE),
    Route("POST", "/staff/duplicates/<int:one>/<int:other>/merge", RETIRE,
          f"/staff/duplicates/{PLACE}/{WAITING}/merge", True),
    Route("POST", "/staff/duplicates/<int:one>/<int:other>/apart", RETIRE,
          f"/staff/duplicates/{PLACE}/3/apart", True),
    Route("POST", "/staff/duplicates/<int:one>/part", RETIRE, f"/staff/duplicates/{PLACE}/part",
          True),
    # School lines and their notices
    Route("GET", "/staff/lines/new", EDIT_LINES),
    Route("POST", "/staff/lines/new", EDIT_LINES),
    Route("GET", "/staff/lines/<int:id_>/edit", EDIT_LINES, f"/staff/lines/{LINE}/edit", True),
    # An empty form is refused for what it lacks, before its bounds are looked at.
    Route("POST", "/staff/lines/<int:id_>/edit", EDIT_LINES, f"/staff/lines/{LINE}/edit"),
    Route("GET", "/staff/notices", VIEW),
    Route("GET", "/staff/notices/messages", NOTIFY),
    Route("GET", "/staff/notices/messages/<int:id_>.json", NOTIFY),
    Route("POST", "/staff/notices/messages/<int:id_>/stop", NOTIFY),
    Route("POST", "/staff/notices/messages/<int:id_>/resume", NOTIFY),
    Route("GET", "/staff/notices/new", NOTIFY),
    Route("POST", "/staff/notices/new", NOTIFY),
    Route("GET", "/staff/notices/<int:id_>/edit", NOTIFY, f"/staff/notices/{NOTICE}/edit"),
    Route("POST", "/staff/notices/<int:id_>/edit", NOTIFY, f"/staff/notices/{NOTICE}/edit"),
    Route("POST", "/staff/notices/<int:id_>/until", NOTIFY),
    Route("POST", "/staff/notices/<int:id_>/publish", NOTIFY, f"/staff/notices/{NOTICE}/publish",
          True),
    Route("POST", "/staff/notices/<int:id_>/end", NOTIFY, f"/staff/notices/{NOTICE}/end", True,
          {"based_on": "{notice}"}),
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
    Route("GET", f"{API}/wechat/push", PUBLIC),
    Route("POST", f"{API}/wechat/push", PUBLIC),
    # Users of the mini-program
    Route("POST", f"{API}/session", PUBLIC),
    Route("DELETE", f"{API}/session", PERSON),
    Route("GET", f"{API}/me", PERSON),
    Route("DELETE", f"{API}/me", PERSON),
    Route("GET", f"{API}/me/export", PERSON),
    Route("GET", f"{API}/me/favourites", PERSON),
    Route("PUT", f"{API}/me/favourites/<listing:id>", PERSON),
    Route("DELETE", f"{API}/me/favourites/<listing:id>", PERSON),
    Route("GET", f"{API}/me/subscriptions", PERSON),
    Route("PUT", f"{API}/me/subscriptions/<listing:id>", PERSON),
    Route("DELETE", f"{API}/me/subscriptions/<listing:id>", PERSON),
    Route("GET", f"{API}/me/feedback", PERSON),
    Route("POST", f"{API}/feedback", PERSON),
    Route("POST", f"{API}/me/check-ins", PERSON),
    Route("GET", f"{API}/me/passport", PERSON),
    Route("POST", f"{API}/reports", PUBLIC),
    Route("GET", f"{API}/reports/<receipt>", PUBLIC),
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
    # Exports of the ledger, its tokens, and the systems that hold them
    Route("GET", "/staff/progress/exports", LEDGER),
    Route("GET", "/staff/progress/exports/form.<ending>", LEDGER),
    Route("GET", "/staff/progress/exports/briefing.docx", LEDGER),
    Route("GET", "/staff/progress/exports/<int:year>.json", LEDGER),
    Route("GET", "/staff/progress/exports/<int:year>/<name>.csv", LEDGER),
    Route("GET", "/staff/progress/tokens", Action.LEDGER_TOKENS),
    Route("POST", "/staff/progress/tokens", Action.LEDGER_TOKENS),
    Route("POST", "/staff/progress/tokens/<int:id_>/revoke", Action.LEDGER_TOKENS),
    Route("GET", f"{DOOR}/programmes/<int:year>", SYSTEM),
    Route("GET", f"{DOOR}/reports", SYSTEM),
    Route("GET", REPORT_OF, SYSTEM),
    Route("PUT", REPORT_OF, SYSTEM),
    Route("POST", f"{REPORT_OF}/submit", SYSTEM),
    Route("POST", f"{REPORT_OF}/accept", SYSTEM),
    Route("POST", f"{REPORT_OF}/return", SYSTEM),
    Route("PUT", f"{REPORT_OF}/scan", SYSTEM),
    Route("GET", f"{DOOR}/summary", SYSTEM),
    Route("GET", f"{DOOR}/export.<ending>", SYSTEM),
    # Last, as it ends the session of whoever tries it
    Route("POST", "/staff/sign-out", PUBLIC),
)  # fmt: skip
"""By part of the console."""
