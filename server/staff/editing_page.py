"""The form of one place or hotline: opened, saved as a draft, submitted, thrown away."""

from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import editing, working_copies
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.console.moments import told_at
from server.db import db
from server.listing_fields import MODELS
from server.listing_form import CHANGE_NOTE, kept, read
from server.listing_told import part_label
from server.models import Revision, WorkingCopy
from server.pages import error_page
from server.permissions import Action
from server.revisions import Lack, NotReady, Refused, lacking, writing
from server.staff import editing_form as forms
from server.staff.blueprint import staff
from server.staff.editing_form import Form
from server.staff.subjects import edit_endpoint, subject

NOT_SAVED = "还没有保存，请看下面标出的地方。"
_NEW = {"bus_route": "staff.new_line", "notice": "staff.new_notice"}


@staff.get("/listings/<int:id_>/edit")
@needs(Action.EDIT)
def edit_listing(id_: int) -> AnyResponse:
    """The form with what was saved last; what was typed and not saved is offered first."""
    about = subject(id_)
    if about.listing.type not in MODELS:
        return _elsewhere(edit_endpoint(about.listing.type), id_=id_)
    if told := about.why_not_edit(me()):
        return error_page(403, told)
    form = forms.opened(about.listing.type, about, about.last.document)
    draft = editing.left_behind(db.session, id_, me().account_id)
    copy = _unsaved(form)
    if request.args.get("resume") == "draft" and draft is not None:
        form.ask(editing.resumed(db.session, draft, about.last), about.last)
        form.based_on = about.last.id
    elif copy is not None:
        if request.args.get("resume") != "copy":
            return _offer(form, [copy])
        _resume(form, copy)
    form.note_lacks(_missing(about.last))
    return forms.show(form, draft=draft and told_at(draft.created_at))


@staff.get("/listings/new")
@needs(Action.EDIT)
def new_listing() -> AnyResponse:
    """An empty form; what was typed into another and not saved is offered first."""
    type_ = request.args.get("type", "site")
    if type_ not in MODELS:
        return _elsewhere(_NEW.get(type_))
    form = forms.opened(type_, None, None)
    copies = working_copies.unsaved_new(db.session, me().account_id, type_)
    wanted = request.args.get("copy")
    for copy in copies:
        if copy.key == wanted:
            form.key = copy.key
            _resume(form, copy)
            return forms.show(form)
    if copies and wanted != "none":
        return _offer(form, list(copies))
    return forms.show(form)


@staff.post("/listings/<int:id_>/edit")
@needs(Action.EDIT, keeps_text=True)
def save_listing(id_: int) -> AnyResponse:
    """Save, submit, or throw away what was typed."""
    about = subject(id_)
    if about.listing.type not in MODELS:
        abort(404)
    return _receive(forms.posted(about.listing.type, about))


@staff.post("/listings/new")
@needs(Action.EDIT, keeps_text=True)
def save_new_listing() -> AnyResponse:
    """The same for a listing that is not there yet."""
    type_ = request.args.get("type", "site")
    if type_ not in MODELS:
        abort(404)
    form = forms.posted(type_, None)
    if not working_copies.is_new_key(form.key):
        form.key = forms.new_key()
    return _receive(form)


def _receive(form: Form) -> AnyResponse:
    if g.expired:
        return _again(form, EXPIRED, 400)
    if form.subject and (told := form.subject.why_not_edit(me())):
        return _again(form, told, 403)
    if request.form.get("act") == "discard":
        return _discard(form)
    if forms.undecided(form):
        return _again(form, "还没有保存：请在每一处不同里选定一个。", 409)
    try:
        saved, lacks = _save(form, hand_in=request.form.get("act") == "submit")
    except editing.Conflicting as conflict:
        form.ask(conflict.merged, conflict.newest)
        _keep(form)
        return forms.show(form, 409)
    except NotReady as error:
        form.note_errors([(lack.field, lack.message) for lack in error.lacks])
        return _again(form, NOT_SAVED, 422)
    except Refused as error:
        return _again(form, f"没有保存：{error}。", 409)
    return _after(form, saved, lacks)


def _save(form: Form, *, hand_in: bool) -> tuple[editing.Saved, list[Lack] | None]:
    """Save, and submit if asked to; what was missing for that, None if it was not asked."""
    document, by = forms.chosen(form), me()
    city = current_app.extensions["city"]
    with writing(db.session):
        if form.subject is None:
            saved = editing.save_new(db.session, by, document, form.key, form.change_note)
        elif form.based_on is None:
            raise Refused("表单缺少它所依据的版本，请从条目页面重新打开")
        else:
            saved = editing.save(
                db.session, by, form.subject.id, document, form.based_on, form.change_note
            )
            working_copies.forget(db.session, by.account_id, form.key)
        lacks = None
        # What came from somebody else is looked at before it is handed in with one's own.
        if hand_in and saved.merged_with is None:
            try:
                editing.submit(db.session, by, saved.revision, city, form.change_note)
                lacks = []
            except NotReady as error:
                lacks = error.lacks
    return saved, lacks


def _after(form: Form, saved: editing.Saved, lacks: list[Lack] | None) -> AnyResponse:
    id_ = saved.revision.listing_id
    if saved.merged_with is not None:
        names = "、".join(part_label(form.type, part) for part in saved.from_theirs)
        who, at = forms.author_of(saved.merged_with), told_at(saved.merged_with.created_at)
        tell(f"{who} 在 {at} 也改了这个条目（{names}），没有冲突，已合并保存为草稿；请看过再提交。")
        return redirect(url_for("staff.edit_listing", id_=id_, saved=form.key), 303)
    if lacks:
        tell("已保存为草稿，但还不能提交：请补上下面标出的内容。", "bad")
        return redirect(url_for("staff.edit_listing", id_=id_, saved=form.key), 303)
    tell("已保存为草稿。" if lacks is None else "已提交，等待另一人审核。")
    return redirect(url_for("staff.listing", id_=id_, saved=form.key), 303)


def _discard(form: Form) -> AnyResponse:
    with writing(db.session):
        working_copies.forget(db.session, me().account_id, form.key)
    tell("没有保存的内容已经放弃。")
    if form.subject is None:
        return redirect(url_for("staff.new_listing", type=form.type, copy="none"), 303)
    return redirect(url_for("staff.listing", id_=form.subject.id, saved=form.key), 303)


def _again(form: Form, told: str, status: int) -> Response:
    """The form with all that was typed, and why it was not saved."""
    form.told = told
    forms.rechoose(form)
    if status != 400:
        _keep(form)
    return forms.show(form, status)


def _keep(form: Form) -> None:
    """What could not be saved outlives the page."""
    try:
        with writing(db.session):
            working_copies.keep(
                db.session, me().account_id, form.key, form.type, form.raw, form.based_on
            )
    except Refused:
        return  # too large, or of no form: it stands on the page that is sent back


def _unsaved(form: Form) -> WorkingCopy | None:
    """What the person typed into this form and did not save, unless it is what stands there."""
    copy = working_copies.find(db.session, me().account_id, form.key)
    if copy is None or copy.type != form.type:
        return None
    same = editing.says_the_same(read(form.type, copy.fields), form.document)
    return None if same and not copy.fields.get(CHANGE_NOTE) else copy


def _resume(form: Form, copy: WorkingCopy) -> None:
    form.raw = kept(copy.fields.items(), form.type)
    if form.subject is not None:
        form.based_on = copy.based_on_id


def _offer(form: Form, copies: list[WorkingCopy]) -> Response:
    return page(
        "staff/unsaved.html",
        section="staff.listings",
        form=form,
        copies=[
            (copy, told_at(copy.saved_at), form.touched(kept(copy.fields.items(), form.type)))
            for copy in copies
        ],
    )


def _missing(revision: Revision) -> list[tuple[str, str]]:
    if revision.state == "approved":
        return []
    try:
        lacks = lacking(db.session, revision, current_app.extensions["city"])
    except ValueError:  # a document of an older model: the form tells when it is saved
        return []
    return [(lack.field, lack.message) for lack in lacks]


def _elsewhere(endpoint: str | None, **where: Any) -> AnyResponse:
    if endpoint is None or endpoint not in current_app.view_functions:
        abort(404)
    return redirect(url_for(endpoint, **where))
