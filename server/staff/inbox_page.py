"""What waits for the person who is signed in, and the number of it in the menu."""

from typing import Any

from flask import Response, current_app, url_for

from server.console.frame import page
from server.console.gate import me, needs
from server.console.waiting import sections
from server.db import db
from server.inbox import Item
from server.ledger.inbox import report_of
from server.permissions import Action, may
from server.staff.blueprint import staff
from server.staff.listing_table import rows

_PLACES = {
    "listing": ("staff.listing", "id_"),
    "edit": ("staff.edit_listing", "id_"),
    "confirm": ("staff.listing", "id_"),
    "notice": ("staff.edit_notice", "id_"),
    "review": ("staff.review_revision", "revision_id"),
    "feedback": ("staff.one_feedback", "id_"),
    "job": ("staff.job", "id_"),
    "mailing": ("staff.mailings", "mailing"),
    "schedule": ("staff.publishing", "schedule"),
    "round": ("staff.verification_round", "id_"),
    "matter": ("progress.matter", "id_"),
}
"""By kind of item, the page that deals with it and the name of its number there."""


REVIEW, REPORT = "progress.review", "progress.report"


@staff.get("/inbox", endpoint="inbox")
@needs(Action.OWN_ACCOUNT)
def show() -> Response:
    """Everything that waits, each with the way to where it is dealt with."""
    found = sections(db.session, me(), rows() if may(me(), Action.VIEW) else [])
    return page("staff/inbox.html", sections=found, way=_way, list_of=_list_of)


def _way(item: Item) -> str | None:
    """The address of the page that deals with it, where there is one."""
    if item.kind.startswith("new:"):
        return url_for("staff.new_listing", type=item.kind.removeprefix("new:"))
    if report := report_of(item):
        reviews = may(me(), Action.REVIEW_REPORTS)
        return url_for(REVIEW if reviews else REPORT, **report._asdict())
    if item.kind == "reminders":
        return url_for("progress.reminders")
    endpoint, name = _PLACES.get(item.kind, ("", ""))
    view = current_app.view_functions.get(endpoint)
    if view is None:
        return None
    number: dict[str, Any] = {name: item.id}
    return url_for(endpoint, **number)


def _list_of(section: str) -> str | None:
    """The list in which all of a section stand, where there is one."""
    if section == "stale":
        return url_for("staff.listings", stale="true", mine="bounds")
    if section == "feedback":
        return url_for("staff.feedback")
    if section == "numbers":
        return url_for("staff.listings", type="hotline", sort="stale")
    return None
