"""The form of a school line: stops, times, days."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo.calendar import Calendar
from geo.opening import SHANGHAI
from geo.transit import BusRoute
from server import editing
from server.atlas_keeper import NoEdition
from server.basemap import map_config
from server.calendar_days import calendar_days
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.db import db
from server.line_document import Parsed, parse, title_of
from server.line_form import DIRECTIONS, LineForm
from server.line_merging import conflict_title, in_words, merge_lines
from server.line_preview import coming_days, told_of
from server.models import Listing, Revision
from server.permissions import Action, within_bounds
from server.revisions import NotReady, Refused, canonical, newest, writing
from server.row_ids import row_id
from server.staff.blueprint import staff

MERGED = "别人刚刚保存过这条线路，对方的改动已并入下面的表单，还没有保存。请核对后再保存。"
WRONG = "没有保存：请改正标红的地方，已填的内容都在。"
TOOLS = ("more", "copy", "paste")


@staff.get("/lines/new")
@needs(Action.EDIT_LINES)
def new_line() -> Response:
    """An empty form."""
    return _show(LineForm(), None)


@staff.post("/lines/new")
@needs(Action.EDIT_LINES, keeps_text=True)
def create_line() -> AnyResponse:
    """Save the first draft of a line."""
    return _handle(None)


@staff.get("/lines/<int:id_>/edit")
@needs(Action.EDIT_LINES)
def edit_line(id_: int) -> Response:
    """The line in a form."""
    revision = _revision(id_)
    return _show(LineForm.of(revision.document), revision)


@staff.post("/lines/<int:id_>/edit")
@needs(Action.EDIT_LINES, keeps_text=True)
def save_line(id_: int) -> AnyResponse:
    """Save a draft, hand it in, or go on with more room."""
    return _handle(_revision(id_))


def _handle(revision: Revision | None) -> AnyResponse:
    form, do = LineForm.read(request.form), request.form.get("do", "save")
    if g.expired:
        return _show(form, revision, said=EXPIRED, status=400)
    if do.split(".")[0] in TOOLS:
        _use(do, form)
        return _show(form, revision)
    base = _base(revision)
    parsed = parse(form, base)
    if do == "check":
        return _show(form, revision, parsed)
    if parsed.document is None:
        return _show(form, revision, parsed, said=WRONG, status=422)
    try:
        saved = _save(revision, parsed.document)
    except editing.Conflicting as error:
        return _merged_page(error.newest, base, parsed.document)
    except NotReady as error:
        for lack in error.lacks:
            parsed.tell(lack.field.split("."), lack.message)
        return _show(form, revision, parsed, said=WRONG, status=422)
    except Refused as error:
        return _show(form, revision, parsed, said=f"没有保存：{error}。", status=403)
    return _submitted(saved) if do == "submit" else _saved(saved)


def _save(revision: Revision | None, document: Mapping[str, Any]) -> editing.Saved:
    listing_id = revision.listing_id if revision else None
    member = me()
    with writing(db.session):
        if listing_id is None:
            key = request.form.get("key", "")
            return editing.save_new(db.session, member, document, key)
        try:
            return editing.save(db.session, member, listing_id, document, _based_on())
        except editing.Conflicting as error:
            # By whole fields they conflict; stop by stop and trip by trip they may not.
            last = error.newest
            merged = merge_lines(_base(last), canonical(last.document), document)
            if merged.conflicts:
                raise
            saved = editing.save(db.session, member, listing_id, merged.document, last.id)
            return editing.Saved(saved.revision, last, tuple(merged.from_theirs))


def _submitted(saved: editing.Saved) -> AnyResponse:
    revision = saved.revision
    id_, revision_id = revision.listing_id, revision.id
    try:
        with writing(db.session):
            standing = db.session.get_one(Revision, revision_id)
            editing.submit(db.session, me(), standing, current_app.extensions["city"])
    except NotReady:
        tell("草稿已保存，但还不能提交，请先改正下面的问题。", "bad")
        return redirect(url_for("staff.edit_line", id_=id_, _anchor="checked"), 303)
    except Refused as error:
        tell(f"草稿已保存，但没有提交：{error}", "bad")
        return redirect(url_for("staff.edit_line", id_=id_), 303)
    tell("已保存并提交，等待审核。")
    return redirect(_after(id_), 303)


def _saved(saved: editing.Saved) -> AnyResponse:
    merged = "，已与别人刚保存的改动合并" if saved.merged_with else ""
    tell(f"草稿已保存{merged}。")
    return redirect(url_for("staff.edit_line", id_=saved.revision.listing_id), 303)


def _after(id_: int) -> str:
    if "staff.listing" in current_app.view_functions:
        return url_for("staff.listing", id_=id_)
    return url_for("staff.edit_line", id_=id_)


def _merged_page(theirs: Revision, base: Mapping[str, Any], mine: Mapping[str, Any]) -> Response:
    """Somebody was faster: both people's changes in one form, to be looked at once more."""
    merged = merge_lines(base, canonical(theirs.document), mine)
    beside = [(conflict_title(one), in_words(one.theirs)) for one in merged.conflicts]
    form = LineForm.of(merged.document)
    return _show(form, theirs, said=MERGED, beside=beside, based_on=theirs.id, status=409)


def _use(do: str, form: LineForm) -> None:
    """More room, one more trip, a block from a spreadsheet: nothing is saved."""
    tool, _, way = do.partition(".")
    grid = next((grid for key, grid in form.grids.items() if key == way), None)
    if grid is None:
        return
    number = request.form.get(f"{tool}.{way}.trip", 1, type=int) - 1
    if tool == "copy":
        grid.copy_trip(number, request.form.get(f"copy.{way}.minutes", 0, type=int))
    elif tool == "paste":
        row = request.form.get(f"paste.{way}.row", 1, type=int) - 1
        grid.paste(row, number, request.form.get(f"paste.{way}.text", ""))


def _show(
    form: LineForm,
    revision: Revision | None,
    parsed: Parsed | None = None,
    *,
    said: str = "",
    beside: list[tuple[str, str]] | None = None,
    based_on: int | None = None,
    status: int = 200,
) -> Response:
    settings, city = current_app.extensions["settings"], current_app.extensions["city"]
    base = _base(revision)
    parsed = parsed or parse(form, base)
    days = _look(parsed, revision) if parsed.document else []
    untouched = revision is None and request.method == "GET"
    wrong = {} if untouched else parsed.errors
    return page(
        "staff/line_form.html",
        status,
        section="staff.listings",
        form=form.with_room(),
        revision=revision,
        based_on=based_on or _based_on() or (revision and revision.id),
        key=request.form.get("key") or f"new-{token_hex(8)}",
        said=said or _why_not(revision),
        beside=beside or [],
        wrong=wrong,
        told=[(name, title_of(name), text) for name, texts in wrong.items() for text in texts],
        days=days,
        ways=DIRECTIONS,
        shapes=base.get("shapes") or {},
        map=map_config(settings, city),
    )


def _look(parsed: Parsed, revision: Revision | None) -> list[Any]:
    """Enter what can't be right beside the fields; the next days."""
    route = BusRoute.model_validate(parsed.document)
    id_ = revision.listing_id if revision else 0
    calendar = Calendar(calendar_days(db.session.connection()))
    city, at = current_app.extensions["city"], datetime.now(SHANGHAI)
    try:
        atlas = current_app.extensions["atlas_keeper"].atlas
        others, notices = atlas.routes, list(atlas.timetable.columns.notices)
    except NoEdition:
        others, notices = [], []
    for problem in told_of(route, id_, others, notices, calendar, at.date(), city):
        parsed.tell(problem.path.split("."), problem.message)
    return coming_days(route, id_, notices, calendar, at)


def _revision(id_: int) -> Revision:
    revision = newest(db.session, id_)
    if revision is None or revision.document.get("type") != "bus_route":
        abort(404)
    return revision


def _why_not(revision: Revision | None) -> str:
    """Why saving would be of no use, told before anybody begins."""
    if revision is None:
        return ""
    if db.session.get_one(Listing, revision.listing_id).state != "active":
        return "这条线路已撤下，不能编辑；请先恢复。"
    if not within_bounds(me(), revision.document, revision.listing_id):
        return "这条线路不在您负责的范围内，只能查看。"
    return ""


def _based_on() -> int:
    return row_id(request.form.get("based_on")) or 0


def _base(revision: Revision | None) -> dict[str, Any]:
    """The document that the form was opened with."""
    if revision is None:
        return {}
    base = db.session.get(Revision, _based_on())
    same = base is not None and base.listing_id == revision.listing_id
    return canonical(base.document if base is not None and same else revision.document)
