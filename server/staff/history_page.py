"""A listing's former revisions: looked at, and restored as a new draft, whole or in one part."""

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import editing, history
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.moments import told_at
from server.db import db
from server.listing_told import changes, part_label, told
from server.merging import FACTS, parts, take
from server.models import Revision
from server.permissions import Action
from server.revisions import NotReady, Refused, full, writing
from server.row_ids import row_id
from server.staff.blueprint import staff
from server.staff.subjects import Subject, subject


@staff.get("/listings/<int:id_>/revisions/<int:revision_id>")
@needs(Action.VIEW)
def listing_revision(id_: int, revision_id: int) -> Response:
    """What a revision says, and in what it differs from the one before it and from the newest."""
    about, revision = subject(id_), _revision(id_, revision_id)
    city, said = current_app.extensions["city"], full(revision.document)
    base = db.session.get(Revision, revision.based_on_id) if revision.based_on_id else None
    before = changes(full(base.document), said, city) if base else []
    since = changes(full(about.last.document), said, city)
    return page(
        "staff/revision.html",
        section="staff.listings",
        about=about,
        revision=revision,
        told=told(said, city),
        changed={change.part: change for change in before},
        since=since if revision.id != about.last.id else [],
        people=history.names(db.session, [revision.author_id, revision.decided_by]),
        origins=history.ORIGINS,
        told_at=told_at,
        why_not_edit=about.why_not_edit(me()),
    )


@staff.post("/listings/<int:id_>/revisions/<int:revision_id>/restore")
@needs(Action.VIEW)
def restore_revision(id_: int, revision_id: int) -> AnyResponse:
    """Make it a draft again; with ``part``, only that part of it."""
    about, revision = subject(id_), _revision(id_, revision_id)
    part = request.form.get("part", "")
    try:
        document, note = _restored(about, revision, part)
        based_on = row_id(request.form.get("based_on")) or 0
        with writing(db.session):
            saved = editing.save(db.session, me(), id_, document, based_on, note)
    except editing.Conflicting as conflict:
        tell("没有恢复：别人刚保存了新的版本，请看过再恢复。", "bad")
        return redirect(
            url_for("staff.listing_revision", id_=id_, revision_id=conflict.newest.id), 303
        )
    except (NotReady, ValueError):
        tell("没有恢复：这个版本的内容不合现在的规则，请在表单里照着填写。", "bad")
        return redirect(url_for(".listing_revision", id_=id_, revision_id=revision_id), 303)
    except Refused as error:
        tell(f"没有恢复：{error}。", "bad")
        return redirect(url_for(".listing_revision", id_=id_, revision_id=revision_id), 303)
    if saved.revision.id == based_on:
        tell("与现在的内容相同，不需要恢复。")
    else:
        tell(f"已恢复为新的草稿（版本 {saved.revision.id}），提交审核后才会公布。")
    return redirect(url_for("staff.listing", id_=id_), 303)


def _restored(about: Subject, revision: Revision, part: str) -> tuple[dict[str, object], str]:
    if not part:
        return revision.document, f"恢复自版本 {revision.id}"
    old = parts(full(revision.document))
    if part not in old and not part.startswith(FACTS):
        raise Refused("这个版本里没有这一项")
    name = part_label(about.listing.type, part)
    document = take(full(about.last.document), part, old.get(part))
    return document, f"“{name}”恢复自版本 {revision.id}"


def _revision(id_: int, revision_id: int) -> Revision:
    revision = db.session.get(Revision, revision_id)
    if revision is None or revision.listing_id != id_:
        abort(404)
    return revision
