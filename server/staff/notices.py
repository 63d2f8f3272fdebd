"""Notices of school lines: those that stand, a new one, changing and ending them."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo.atlas import Atlas
from geo.opening import SHANGHAI
from geo.transit import BusRoute, Notice
from server import notices as rules
from server.composing import NotPublishable
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.db import db
from server.edition_cache import CannotStore
from server.merging import Conflict, merge
from server.models import Revision
from server.notice_form import PRESETS, NoticeForm, field_of, local
from server.notice_preview import touched
from server.notice_words import EFFECTS, told
from server.permissions import Action, within_bounds
from server.publishing import publish
from server.revisions import NotReady, Refused, Stale, canonical, newest, writing
from server.row_ids import row_id
from server.staff.blueprint import staff

MERGED = (
    "别人刚刚改过这条公告，对方的改动已并入下面的表单；"
    "两人都改了的地方，旁边写着对方的内容。请核对后再发布。"
)
SHOWN_ENDED = 50
LOADING_S = 60
"""How long every worker may take to show what was published."""


@staff.get("/notices")
@needs(Action.VIEW)
def notices() -> Response:
    """In force, to come, over."""
    at = _now()
    standing = rules.standing_notices(db.session, at)
    names, public = {id_: route.name for id_, route in _atlas().routes}, _public()
    by_phase = {
        phase: [_row(one, names, public, at) for one in standing if one.phase in phases]
        for phase, phases in {
            "in_force": ("in_force",),
            "announced": ("announced",),
            "ended": ("ended", "withdrawn"),
        }.items()
    }
    by_phase["ended"] = by_phase["ended"][:SHOWN_ENDED]
    return page(
        "staff/notices.html", phases=by_phase, presets=PRESETS, own=_own_routes(), now=local(at)
    )


@staff.get("/notices/new")
@needs(Action.NOTIFY)
def new_notice() -> Response:
    """A form, half filled in where a preset was tapped."""
    chosen = request.args.getlist("route", type=int)
    kind = request.args.get("preset", "")
    form = NoticeForm.preset(kind, _now(), _own_routes(), chosen)
    return _form_page(form, None)


@staff.post("/notices/new")
@needs(Action.NOTIFY, keeps_text=True)
def announce_notice() -> AnyResponse:
    """Preview or publish what was typed."""
    return _handle(None)


@staff.get("/notices/<int:id_>/edit")
@needs(Action.NOTIFY)
def edit_notice(id_: int) -> AnyResponse:
    """The notice in a form."""
    revision = _revision(id_)
    return _form_page(NoticeForm.of(revision.document), revision)


@staff.post("/notices/<int:id_>/edit")
@needs(Action.NOTIFY, keeps_text=True)
def change_notice(id_: int) -> AnyResponse:
    """Preview or publish the change."""
    return _handle(_revision(id_))


@staff.post("/notices/<int:id_>/end")
@needs(Action.NOTIFY)
def end_notice(id_: int) -> AnyResponse:
    """Everything is as usual again."""
    revision, at = _revision(id_), _now()
    try:
        with writing(db.session):
            known = id_ in _public()
            rules.end(db.session, me(), id_, at, based_on=_given(), known=known)
    except Refused as error:
        tell(f"没有结束：{error}", "bad")
    else:
        _put_out(id_, f"“{revision.document['name']}”已结束，家长看到恢复正常。")
    return redirect(url_for("staff.notices"), 303)


@staff.post("/notices/<int:id_>/until")
@needs(Action.NOTIFY)
def prolong_notice(id_: int) -> AnyResponse:
    """Let it end at another time."""
    revision = _revision(id_)
    form = NoticeForm.of(revision.document).until(request.form.get("end", ""))
    document, wrong = form.document(_now(), revision.document)
    if document is None:
        tell(f"没有改：{wrong.get('end', '结束时间不对')}", "bad")
        return redirect(url_for("staff.notices"), 303)
    try:
        with writing(db.session):
            routes = dict(_atlas().routes)
            rules.change(db.session, me(), id_, document, routes, _now(), based_on=_given())
    except Refused as error:
        tell(f"没有改：{error}", "bad")
    else:
        _put_out(id_, "结束时间已改。")
    return redirect(url_for("staff.notices"), 303)


@staff.post("/notices/<int:id_>/publish")
@needs(Action.NOTIFY)
def publish_notice(id_: int) -> AnyResponse:
    """Once more, where publishing failed after it was saved."""
    if not within_bounds(me(), _revision(id_).document):
        abort(403)
    _put_out(id_, "已发布。")
    return redirect(url_for("staff.notices"), 303)


def _handle(revision: Revision | None) -> AnyResponse:
    form, at = NoticeForm.read(request.form), _now()
    if g.expired:
        return _form_page(form, revision, said=EXPIRED, status=400)
    base = _base(revision)
    document, wrong = form.document(at, base)
    if document is None:
        return _form_page(form, revision, wrong=wrong, said="请改正标红的地方。", status=422)
    if request.form.get("do") == "preview":
        lacks = rules.problems(document, dict(_atlas().routes), at)
        found = {field_of(lack.field): lack.message for lack in lacks}
        return _form_page(form, revision, wrong=found, preview=document)
    try:
        id_ = _save(revision, document, at)
    except Stale as error:
        return _merged_page(error.newest, base or {}, document)
    except NotReady as error:
        found = {field_of(lack.field): lack.message for lack in error.lacks}
        return _form_page(form, revision, wrong=found, said="请改正标红的地方。", status=422)
    except Refused as error:
        return _form_page(form, revision, said=f"{error}。", status=403)
    _put_out(id_, "公告已发布，家长现在就能看到。")
    return redirect(url_for("staff.notices"), 303)


def _save(revision: Revision | None, document: Mapping[str, Any], at: datetime) -> int:
    """The listing's id."""
    routes, member = dict(_atlas().routes), me()
    listing_id = revision.listing_id if revision else None
    key = request.form.get("key", "")
    with writing(db.session):
        if listing_id is None:
            made = rules.announce_once(db.session, member, document, routes, at, key)
            return made.listing_id
        rules.change(db.session, member, listing_id, document, routes, at, based_on=_given())
        return listing_id


def _put_out(id_: int, done: str) -> None:
    """Publish one notice, after it was saved; say how it went."""
    settings, city = current_app.extensions["settings"], current_app.extensions["city"]
    try:
        publish(settings, city, by=me().account_id, note="公告", only={id_})
    except (NotPublishable, CannotStore) as error:
        told = error.problems[0].message if isinstance(error, NotPublishable) else str(error)
        tell(f"已保存，但还没有发布出去：{told}。改正后请再发布一次。", "bad")
    else:
        tell(done)


def _merged_page(theirs: Revision, base: Mapping[str, Any], mine: Mapping[str, Any]) -> Response:
    """Somebody was faster: both people's changes in one form, to be looked at once more."""
    merged = merge(canonical(base), canonical(theirs.document), mine)
    beside = {one.part: _value(one) for one in merged.conflicts}
    form = NoticeForm.of(merged.document)
    return _form_page(form, theirs, beside=beside, said=MERGED, status=409)


def _value(conflict: Conflict) -> str:
    value = conflict.theirs
    if conflict.part in ("start", "end") and value:
        return local(datetime.fromisoformat(value)).replace("T", " ")
    if conflict.part == "effect":
        return EFFECTS[value]
    return "、".join(map(str, value)) if isinstance(value, list) else str(value or "（空）")


def _form_page(
    form: NoticeForm,
    revision: Revision | None,
    *,
    wrong: Mapping[str, str] | None = None,
    beside: Mapping[str, str] | None = None,
    said: str = "",
    preview: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    atlas = _atlas()
    return page(
        "staff/notice_form.html",
        status,
        section="staff.notices",
        form=form,
        revision=revision,
        key=request.form.get("key") or f"new-{token_hex(8)}",
        based_on=_based_on(revision) if status != 409 else revision and revision.id,
        wrong=wrong or {},
        beside=beside or {},
        said=said,
        effects=EFFECTS,
        own=_own_routes(),
        bounded=me().districts is not None or me().listings is not None,
        card=told(preview) if preview else None,
        touched=_touched(preview, atlas, revision) if preview else [],
    )


def _touched(document: Mapping[str, Any], atlas: Atlas, revision: Revision | None) -> list[Any]:
    notice = Notice.model_validate(document)
    id_ = revision.listing_id if revision else 0
    return touched(notice, atlas.routes, list(_public().items()), atlas.calendar, _now(), id_)


def _row(
    one: rules.Standing, names: Mapping[int, str], public: Mapping[int, Notice], at: datetime
) -> dict[str, Any]:
    seen = public.get(one.id) == one.notice
    fresh = (at - one.revision.created_at).total_seconds() < LOADING_S
    return {
        "id": one.id,
        "revision": one.revision.id,
        "phase": one.phase,
        "told": told(one.notice.model_dump(mode="json")),
        "lines": [names.get(id_, f"编号 {id_}") for id_ in one.notice.routes],
        "end": local(one.notice.end) if one.notice.end else "",
        "check_due": one.revision.check_due,
        "lost": one.phase in ("in_force", "announced") and not seen and not fresh,
        "mine": within_bounds(me(), one.revision.document),
    }


def _revision(id_: int) -> Revision:
    revision = newest(db.session, id_)
    if revision is None or revision.document.get("type") != "notice":
        abort(404)
    return revision


def _based_on(revision: Revision | None) -> int | None:
    """What the form was opened with; a form that was sent knows it itself."""
    return _given() or (revision.id if revision else None)


def _given() -> int:
    """The revision that the form says it was opened with; 0 if it says none."""
    return row_id(request.form.get("based_on")) or 0


def _base(revision: Revision | None) -> dict[str, Any] | None:
    """The document that the form was opened with."""
    if revision is None:
        return None
    base = db.session.get(Revision, _given())
    same = base is not None and base.listing_id == revision.listing_id
    return dict(base.document) if base is not None and same else dict(revision.document)


def _own_routes() -> dict[int, BusRoute]:
    """The lines of the edition in force for which the person may speak."""
    return {
        id_: route
        for id_, route in _atlas().routes
        if within_bounds(me(), {"type": "notice", "routes": [id_]})
    }


def _public() -> dict[int, Notice]:
    return dict(_atlas().timetable.columns.notices)


def _atlas() -> Atlas:
    atlas: Atlas = current_app.extensions["atlas_keeper"].atlas
    return atlas


def _now() -> datetime:
    """The minute: what is told from now on is told at once."""
    return datetime.now(SHANGHAI).replace(second=0, microsecond=0)
