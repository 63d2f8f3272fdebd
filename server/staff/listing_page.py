"""One listing: what it says, where it stands, who has it, what became of it, what one may do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from flask import Response, current_app, make_response, request, url_for

from geo.opening import SHANGHAI
from server import history, working_copies
from server.closing import closure_on, why_not_at_once
from server.console.frame import page
from server.console.gate import me, needs
from server.console.moments import told_at
from server.db import db
from server.difference_rows import rows
from server.editing import says_the_same
from server.four_eyes import is_own
from server.listing_told import told
from server.permissions import Action
from server.revisions import EDITED_BY, full, newest
from server.staff.blueprint import staff
from server.staff.editing_form import author_of
from server.staff.subjects import Subject, edit_endpoint, etag, subject

_PUBLIC = {"site": "webmap.site", "bus_route": "webmap.bus_line"}


@staff.get("/listings/<int:id_>")
@needs(Action.VIEW)
def listing(id_: int) -> Response:
    """The listing's page; as JSON for programs that ask for it, with the ETag of what stands."""
    about = subject(id_)
    response = _as_json(about) if _wants_json() else _as_page(about)
    response.headers["ETag"] = etag(about.last.id)
    return response


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def _as_json(about: Subject) -> Response:
    body = {
        "id": about.id,
        "type": about.listing.type,
        "state": about.listing.state,
        "revision": about.last.id,
        "revision_state": about.last.state,
        "document": about.last.document,
    }
    response = make_response(orjson.dumps(body))
    response.mimetype = "application/json"
    return response


def _as_page(about: Subject) -> Response:
    city, today = current_app.extensions["city"], datetime.now(SHANGHAI).date()
    shown, last = about.shown, about.last
    public = history.published(db.session, about.id)
    waiting = last if shown is None or last.id != shown.id else None
    return page(
        "staff/listing.html",
        section="staff.listings",
        about=about,
        told=told(full((shown or last).document), city),
        waiting=waiting,
        rows=rows(full(shown.document), full(last.document), city) if shown and waiting else [],
        published=_published(about, public),
        closure=closure_on(shown.document, today) if shown else None,
        author=author_of(last),
        at_work=[
            (account.name, told_at(at))
            for account, at in working_copies.at_work(db.session, about.id, me().account_id)
        ],
        events=history.of_listing(db.session, about.id),
        told_at=told_at,
        public=_public_address(about) if public else None,
        edit=edit_endpoint(about.listing.type),
        why_not_edit=about.why_not_edit(me()),
        why_not_close=about.why_not(me(), Action.CLOSE)
        or (why_not_at_once(shown.document, public) if shown else None),
        why_not_review=about.why_not(me(), Action.REVIEW),
        own=is_own(db.session, me(), waiting) if waiting else False,
        why_not_retire=about.why_not(me(), Action.RETIRE),
        draft_action=EDITED_BY[about.listing.type],
        merged_into=_merged_into(about),
        today=today,
    )


def _published(about: Subject, public: Mapping[str, Any] | None) -> str:
    """Whether the public sees what is approved."""
    if about.listing.state != "active":
        return "公众还能看到，下一次发布后撤下" if public else "公众已经看不到"
    if about.shown is None:
        return "还没有公布过"
    if about.shown.document.get("internal"):
        return "内部条目，不向公众公布"
    same = public is not None and says_the_same(public, about.shown.document)
    return "公众现在看到的" if same else "已通过，等待下一次发布"


def _public_address(about: Subject) -> str | None:
    endpoint = _PUBLIC.get(about.listing.type, "")
    return url_for(endpoint, id=about.id) if endpoint else None


def _merged_into(about: Subject) -> tuple[int, str] | None:
    into = about.listing.merged_into_id
    last = newest(db.session, into) if into else None
    return (into, str(last.document.get("name", ""))) if into and last else None
