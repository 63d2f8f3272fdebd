"""Review: the queue, one revision beside what it would replace, the decision."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from geo.city import City
from geo.crs import convert
from server import review, review_queue
from server.basemap import map_config
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.moments import told_at
from server.db import db
from server.difference_rows import Row, rows
from server.field_labels import label
from server.four_eyes import is_own
from server.member_names import names
from server.models import Listing, Revision
from server.permissions import Action
from server.revisions import Lack, NotReady, Refused, full, lacking, newest, within_reach, writing
from server.staff.blueprint import staff
from server.staff.listing_table import rows as listing_rows
from server.staff.overview import TYPES

Decision = Callable[[], Revision]


@staff.get("/review", endpoint="review_queue")
@needs(Action.REVIEW)
def queue() -> Response:
    """What waits for a second person."""
    return page(
        "staff/review_queue.html",
        submitted=review_queue.submitted(db.session, me()),
        checks=review_queue.to_check(db.session, me()),
        types=TYPES,
        told_at=told_at,
    )


@staff.get("/review/<int:revision_id>")
@needs(Action.REVIEW)
def review_revision(revision_id: int) -> Response:
    """One revision beside what the public has."""
    return _shown(revision_id)


@staff.post("/review/<int:revision_id>/approve")
@needs(Action.REVIEW)
def approve_revision(revision_id: int) -> AnyResponse:
    """Let it be published; on to the next."""
    city: City = current_app.extensions["city"]
    return _decided(
        revision_id, "已通过", lambda: review.approve(db.session, me(), revision_id, city)
    )


@staff.post("/review/<int:revision_id>/return")
@needs(Action.REVIEW)
def return_revision(revision_id: int) -> AnyResponse:
    """Return it to its author, with the reason; on to the next."""
    reason = request.form.get("reason", "")
    if len(reason) > review.LONGEST_REASON:
        return _shown(revision_id, f"原因不超过 {review.LONGEST_REASON} 个字", reason, status=400)
    return _decided(
        revision_id,
        "已退回",
        lambda: review.send_back(db.session, me(), revision_id, reason),
        reason,
    )


@staff.post("/review/<int:revision_id>/check")
@needs(Action.REVIEW)
def check_revision(revision_id: int) -> AnyResponse:
    """Say that what went live at once is right."""
    return _decided(revision_id, "已复核", lambda: review.check(db.session, me(), revision_id))


def _decided(revision_id: int, done: str, decide: Decision, reason: str = "") -> AnyResponse:
    try:
        with writing(db.session):
            name = decide().document["name"]
    except Refused as refusal:
        db.session.expire_all()
        lacks = refusal.lacks if isinstance(refusal, NotReady) else []
        told = "还有下面的问题，不能通过" if lacks else str(refusal)
        return _shown(revision_id, told, reason, status=409)
    tell(f"“{name}”{done}。")
    following = review_queue.next_after(db.session, me(), revision_id)
    if following is None:
        return redirect(url_for("staff.review_queue"), 303)
    return redirect(url_for("staff.review_revision", revision_id=following), 303)


def _shown(revision_id: int, refusal: str = "", reason: str = "", status: int = 200) -> Response:
    revision = db.session.get(Revision, revision_id)
    listing = db.session.get(Listing, revision.listing_id) if revision else None
    if revision is None or listing is None:
        raise NotFound
    city: City = current_app.extensions["city"]
    last = newest(db.session, listing.id)
    former = review_queue.compared_with(db.session, revision)
    before, after = full(former.document) if former else None, full(revision.document)
    told = rows(before, after, city, _routes(revision, former))
    waits = revision.state == "submitted" and last is not None and last.id == revision.id
    active = listing.state == "active"
    return page(
        "staff/review_revision.html",
        status,
        section="staff.review_queue",
        revision=revision,
        listing=listing,
        type_title=TYPES.get(listing.type, listing.type),
        former=former,
        rows=told,
        unexplained=[
            label(listing.type, field)
            for field in review.unexplained(before, after, revision.note or "")
        ],
        grave=[row for row in told if row.grave],
        pins=_pins(told),
        waits=waits and active,
        check=revision.check_due and active,
        own=is_own(db.session, me(), revision),
        outside=not within_reach(db.session, me(), revision),
        overtaken=last.id if last and last.id != revision.id else None,
        lacks=_lacks(revision, city) if waits and active else [],
        people=names(db.session, {revision.author_id, revision.decided_by, revision.checked_by}),
        refusal=refusal,
        reason=reason,
        longest=review.LONGEST_REASON,
        told_at=told_at,
    )


def _lacks(revision: Revision, city: City) -> list[Lack]:
    return lacking(db.session, revision, city)


def _routes(*revisions: Revision | None) -> dict[int, str]:
    """Names of the lines that a notice is about."""
    ids = {id_ for each in revisions if each for id_ in each.document.get("routes") or ()}
    return {row.id: row.says.name for row in listing_rows(ids)} if ids else {}


def _pins(told: list[Row]) -> dict[str, Any] | None:
    """What the small map is told: both places in the base map's system; None without a move."""
    move = next((row.move for row in told if row.move), None)
    if move is None:
        return None
    config = map_config(current_app.extensions["settings"], current_app.extensions["city"])
    places = [
        convert(*each, "wgs84", config["crs"]) if each else None
        for each in (move.before, move.after)
    ]
    return {"map": config, "before": places[0], "after": places[1]}
