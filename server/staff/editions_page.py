"""Single editions: what changed in them, and going back to one."""

from typing import Any

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import publishing
from server.composing import NOTHING
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.db import db
from server.edition_cache import CannotStore
from server.edition_entry import Errand
from server.editions import EditionLine
from server.member_names import names
from server.permissions import Action
from server.publishing_plan import between, rollback_plan
from server.scheduled import LONGEST_NOTE
from server.staff.blueprint import staff


@staff.get("/editions/<int:number>")
@needs(Action.VIEW)
def edition(number: int) -> Response:
    """An edition, and what is different in it from another one."""
    lines = publishing.history()
    line = _line(lines, number)
    against = request.args.get("against", type=int)
    if against is None or (against and not any(one.number == against for one in lines)):
        against = max((one.number for one in lines if one.number < number), default=0)
    difference, told = _difference(against, number)
    return page(
        "staff/edition.html",
        line=line,
        history=lines,
        against=against,
        plan=difference,
        told=told,
        names=names(db.session, [line.published_by]),
    )


@staff.get("/editions/<int:number>/restore")
@needs(Action.PUBLISH)
def restoring(number: int) -> Response:
    """What going back to an edition would change, before it is done."""
    return _ask(number)


@staff.post("/editions/<int:number>/restore")
@needs(Action.PUBLISH)
def restore(number: int) -> AnyResponse:
    """Go back to an edition: its content becomes the next one."""
    note = request.form.get("note", "").strip()
    if not note:
        return _ask(number, 400, note_error="请写明为什么回退")
    if len(note) > LONGEST_NOTE:
        return _ask(number, 400, note=note, note_error=f"说明不超过 {LONGEST_NOTE} 个字")
    errand = Errand(expected=request.form.get("digest", ""))
    settings = current_app.extensions["settings"]
    try:
        done = publishing.rollback(settings, number, by=me().account_id, note=note, errand=errand)
    except publishing.NoSuchEdition:
        abort(404)
    except publishing.ContentChanged as error:
        return _ask(number, 409, note=note, told=f"{error}。没有回退。")
    except CannotStore as error:
        return _ask(number, 503, note=note, told=f"没有回退：{error}")
    if not done.is_new:
        tell(f"第 {done.number} 期与第 {number} 期内容相同，没有回退。", "bad")
        return redirect(url_for("staff.publishing"), 303)
    tell(f"已回退到第 {number} 期的内容，成为第 {done.number} 期。公众几秒内看到。")
    return redirect(url_for("staff.publishing"), 303)


def _ask(number: int, status: int = 200, **more: Any) -> Response:
    line = _line(publishing.history(), number)
    try:
        plan = rollback_plan(number, current_app.extensions["city"])
    except publishing.NoSuchEdition as error:
        plan, more = None, more | {"told": str(error)}
    return page("staff/restoring.html", status, line=line, plan=plan, **more)


def _line(lines: list[EditionLine], number: int) -> EditionLine:
    found = next((line for line in lines if line.number == number), None)
    if found is None:
        abort(404)
    return found


def _difference(against: int, number: int) -> tuple[dict[str, Any] | None, str]:
    try:
        old = publishing.content_of(against) if against else NOTHING
        new = publishing.content_of(number)
    except publishing.NoSuchEdition as error:
        return None, str(error).replace("不能恢复", "看不到差异")
    return between(old, new, current_app.extensions["city"]), ""
