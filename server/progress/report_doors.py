"""The report's door for scripts: what is being typed, kept as JSON a moment later."""

from typing import Any

import orjson
from flask import Response, make_response, request
from werkzeug.exceptions import BadRequest

from server.console.gate import me, needs
from server.console.moments import moment
from server.db import db, now
from server.ledger import checks, items, reports, typed
from server.ledger.checks import Unready
from server.ledger.content import Draft
from server.ledger.people import Unseen
from server.ledger.reports import Overtaken
from server.models import Report
from server.permissions import Action
from server.progress.asked import Asked, asked
from server.progress.blueprint import progress
from server.progress.report_form import saved_by
from server.revisions import Refused, writing
from server.row_ids import row_id


@progress.put("/<period>/<int:action>/<unit>/draft")
@needs(Action.REPORT)
def keep_draft(period: str, action: int, unit: str) -> Response:
    """Keep what is typed: ``{"fields": {"1.1:value": "5", …}}``, all of it, on ``If-Match: "7"``.

    ``"0"`` for a report of which nothing was saved yet. 428 without ``If-Match``; 412, with what
    stands, if somebody else has saved meanwhile; 409 if it can't be changed any more.
    """
    try:
        of = asked(period, action, unit)
        given = request.headers.get("If-Match", "")
        if not given:
            return _problem(428, "请用 If-Match 写明所依据的版本")
        return _keep(of, _edit(given), typed.read(_fields(), of.form))
    except Unready as error:
        errors = [{"field": one.field, "message": one.message} for one in error.mistakes]
        return _problem(422, "有的内容太长，没有保存", errors=errors)
    except Overtaken as error:
        return _overtaken(error)
    except Unseen as error:
        return _problem(403, str(error))
    except Refused as error:
        return _problem(409, str(error))


def _keep(of: Asked, edit: int, draft: Draft) -> Response:
    with writing(db.session):
        row = reports.save(db.session, me(), of.programme, of.key, draft, edit, now())
        told = {"edit": row.edit, "saved_at": moment(row.saved_at), "asks": _asks(of, draft)}
    return _json(200, told, row.edit)


def _asks(of: Asked, draft: Draft) -> dict[str, str]:
    """By cell what asks for a reason."""
    found = checks.mistakes(
        of.form,
        draft,
        shared=of.shared,
        items=items.lists(db.session, of.programme.year, of.key),
        before=reports.before(db.session, of.programme, of.key),
    )
    return {one.field: one.message for one in found if one.asks}


def _overtaken(error: Overtaken) -> Response:
    stands: Report | None = error.report
    told: dict[str, Any] = {
        "edit": stands.edit if stands else 0,
        "fields": typed.flat(reports.draft_of(stands)),
        "who": saved_by(stands),
    }
    return _problem(412, str(error), told["edit"], **told)


def _edit(given: str) -> int:
    number = row_id(given.removeprefix("W/").strip('"'))
    return -1 if number is None else number


def _fields() -> dict[str, str]:
    """The fields that were sent.

    Raises:
        BadRequest: it is no JSON of that form.
    """
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        body = None
    fields = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(fields, dict) or not all(isinstance(text, str) for text in fields.values()):
        raise BadRequest("not an object of fields")
    return fields


def _problem(status: int, title: str, stands: int | None = None, **more: Any) -> Response:
    """An error as RFC 9457 has it."""
    response = _json(status, {"title": title, "status": status, **more}, stands)
    response.mimetype = "application/problem+json"
    return response


def _json(status: int, told: dict[str, Any], edit: int | None = None) -> Response:
    response = make_response(orjson.dumps(told), status)
    response.mimetype = "application/json"
    if edit is not None:
        response.headers["ETag"] = f'"{edit}"'
    return response
