"""Exports: any filtered list, or what was ticked in it, as a file."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import audit
from server.attachments import attachment
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.db import db
from server.imports.template import NAMES
from server.listing_export import FORMS, Export, collect, written
from server.listing_query import read
from server.listing_search import today
from server.permissions import Action
from server.revisions import writing
from server.staff.blueprint import staff
from server.staff.listing_table import find


@staff.get("/export")
@needs(Action.EXPORT)
def export() -> AnyResponse:
    """The file, if its form is named; else the question in which form."""
    arguments = request.args.to_dict()
    form, ids = arguments.pop("form", ""), arguments.pop("ids", "")
    query, said = read(arguments, current_app.extensions["city"])
    chosen = _numbers(ids) if ids else find(query).ids
    found = collect(db.session, chosen)
    if form in FORMS and found.counts:
        return _file(found, form)
    if form:
        tell("没有可以导出的条目。" if form in FORMS else "请选择一种格式。", "bad")
        address: dict[str, Any] = arguments | ({"ids": ids} if ids else {})
        return redirect(url_for("staff.export", **address), 303)
    return page(
        "staff/export.html",
        section="staff.listings",
        said=said,
        asked=len(chosen),
        found=found,
        names=NAMES,
        forms=FORMS,
        address=arguments | ({"ids": ids} if ids else {}),
    )


def _file(found: Export, form: str) -> Response:
    named = "、".join(NAMES[type_] for type_ in found.counts)
    made = written(found, form, current_app.extensions["city"], f"{named}-{today().isoformat()}")
    with writing(db.session):
        told = {"form": form, **found.counts}
        audit.record(db.session, me(), "listings.exported", detail=told)
    response = Response(made.body, mimetype=made.media_type)
    response.headers["Content-Disposition"] = attachment(made.name)
    return response


def _numbers(ids: str) -> Sequence[int]:
    """The ids of an address, in their order; what is no number of a listing is left out."""
    given = (part for part in ids[:100_000].split(","))
    found = (int(part) for part in given if part.isascii() and part.isdecimal() and len(part) < 10)
    return list(dict.fromkeys(found))
