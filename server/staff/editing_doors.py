"""The form's doors for programs: the working copy that a script keeps, and a save with If-Match."""

from typing import Any

import orjson
from flask import Response, make_response, request
from werkzeug.exceptions import BadRequest

from server import editing, working_copies
from server.console.gate import me, needs
from server.console.moments import told_at
from server.db import db
from server.field_labels import label
from server.listing_fields import MODELS
from server.listing_form import kept
from server.models import Revision
from server.permissions import Action
from server.revisions import NotReady, Refused, Stale, canonical, save, writing
from server.staff.blueprint import staff
from server.staff.subjects import etag, revision_in, subject


@staff.post("/listings/<int:id_>/working-copy")
@needs(Action.EDIT)
def keep_copy(id_: int) -> Response:
    """Keep what is being typed: ``{"fields": {…}, "if_match": "\\"r12\\""}``."""
    about = subject(id_)
    if told := about.why_not_edit(me()):
        return _problem(403, told)
    return _keep(str(id_), about.listing.type)


@staff.post("/listings/new/working-copy")
@needs(Action.EDIT)
def keep_new_copy() -> Response:
    """The same for a listing that is not there yet: with ``key`` and ``type``."""
    body = _body()
    key, type_ = str(body.get("key", "")), str(body.get("type", ""))
    if not working_copies.is_new_key(key):
        return _problem(422, "没有这个表单")
    return _keep(key, type_)


@staff.put("/listings/<int:id_>")
@needs(Action.EDIT)
def put_listing(id_: int) -> Response:
    """Save a draft: the whole document as JSON, ``If-Match`` naming the revision it was made from.

    428 without ``If-Match``; 412 if there is a newer revision, with both values of what conflicts.
    """
    about, given = subject(id_), request.headers.get("If-Match", "")
    if not given:
        return _problem(428, '请用 If-Match 写明所依据的版本，如 "r12"')
    based_on = revision_in(given)
    if based_on != about.last.id:
        return _stale(about.last, based_on, _body())
    try:
        with writing(db.session):
            revision = save(db.session, me(), id_, _body(), about.last.id)
    except NotReady as error:
        named = [
            {
                "field": lack.field,
                "label": label(about.listing.type, lack.field),
                "message": lack.message,
            }
            for lack in error.lacks
        ]
        return _problem(422, "内容不合规则，没有保存", errors=named)
    except Stale as error:
        return _stale(error.newest, based_on, _body())
    except Refused as error:
        return _problem(403, str(error))
    told = {"id": id_, "revision": revision.id, "state": revision.state}
    return _json(200, told, revision.id)


def _keep(key: str, type_: str) -> Response:
    body = _body()
    given = body.get("fields")
    if type_ not in MODELS or not isinstance(given, dict):
        return _problem(422, "没有这个表单")
    fields = kept(((str(name), str(text)) for name, text in given.items()), type_)
    based_on = revision_in(str(body.get("if_match", "")))
    try:
        with writing(db.session):
            copy = working_copies.keep(db.session, me().account_id, key, type_, fields, based_on)
            told = told_at(copy.saved_at)
    except Refused as error:
        return _problem(413, str(error))
    return _json(200, {"saved_at": told})


def _stale(last: Revision, based_on: int | None, mine: dict[str, Any]) -> Response:
    """What stands now, and where it and the document that was sent disagree."""
    told: dict[str, Any] = {"etag": etag(last.id), "document": last.document}
    try:
        merged = editing.merged_into(db.session, last, based_on or 0, canonical(mine))
    except Refused:
        return _problem(412, "别人已经保存了新的版本", last.id, **told)
    told["merged"] = merged.document
    told["conflicts"] = [
        {"field": each.part, "base": each.base, "theirs": each.theirs, "mine": each.mine}
        for each in merged.conflicts
    ]
    return _problem(412, "别人已经保存了新的版本", last.id, **told)


def _body() -> dict[str, Any]:
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest("不是有效的 JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("应为 JSON 对象")
    return body


def _problem(status: int, title: str, revision_id: int | None = None, **more: Any) -> Response:
    """An error as RFC 9457 has it."""
    response = _json(status, {"title": title, "status": status, **more}, revision_id)
    response.mimetype = "application/problem+json"
    return response


def _json(status: int, told: dict[str, Any], revision_id: int | None = None) -> Response:
    response = make_response(orjson.dumps(told), status)
    response.mimetype = "application/json"
    if revision_id is not None:
        response.headers["ETag"] = etag(revision_id)
    return response
