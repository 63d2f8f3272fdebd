"""The listing that a page of the console is about, and what one may do with it.

Public names: ``Subject``, ``subject``, ``edit_endpoint``, ``etag``, ``revision_in``.
"""

import re
from dataclasses import dataclass

from flask import abort, current_app

from server.db import db
from server.listing_fields import MODELS
from server.models import Listing, Revision
from server.permissions import Action, may, within_bounds
from server.revisions import EDITED_BY, Member, newest, newest_approved, within_reach
from server.row_ids import row_id

_EDITORS = {"bus_route": "staff.edit_line", "notice": "staff.edit_notice"}
_ETAG = re.compile(r'(?:W/)?"r([0-9]+)"')


@dataclass(frozen=True)
class Subject:
    """A listing with its newest revision, and the newest that is approved."""

    listing: Listing
    last: Revision
    shown: Revision | None

    @property
    def id(self) -> int:
        """The listing's number."""
        return self.listing.id

    @property
    def name(self) -> str:
        """As the newest revision calls it."""
        return str(self.last.document.get("name", ""))

    def why_not(self, by: Member, action: Action) -> str | None:
        """Why the person may not do this here; None if they may."""
        if not may(by, action):
            return "您的角色不能做这件事"
        inside = within_bounds(by, self.last.document, self.id)
        if inside and action in (Action.RETIRE, Action.REVIEW):
            inside = within_reach(db.session, by, self.last)
        return None if inside else "这个条目不在您负责的范围内"

    def why_not_edit(self, by: Member) -> str | None:
        """Why the person may not write drafts of it now."""
        if told := self.why_not(by, EDITED_BY[self.listing.type]):
            return told
        return None if self.listing.state == "active" else "已撤下的条目不能编辑，请先恢复"


def subject(id_: int) -> Subject:
    """The listing of this number; ends the request with 404 if there is none."""
    listing, last = db.session.get(Listing, id_), newest(db.session, id_)
    if listing is None or last is None:
        abort(404)
    return Subject(listing, last, newest_approved(db.session, id_))


def edit_endpoint(type_: str) -> str | None:
    """The view that edits listings of a type; None where there is none."""
    endpoint = "staff.edit_listing" if type_ in MODELS else _EDITORS.get(type_, "")
    return endpoint if endpoint in current_app.view_functions else None


def etag(revision_id: int) -> str:
    """What names a listing's newest revision in ``ETag`` and ``If-Match``: ``"r12"``."""
    return f'"r{revision_id}"'


def revision_in(text: str) -> int | None:
    """The revision that such a tag names."""
    found = _ETAG.fullmatch(text.strip())
    return row_id(found[1]) if found else None
