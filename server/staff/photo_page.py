"""Photos: uploaded one by one from a form, or, without JavaScript, on a page of their own."""

from typing import Any

from flask import Response, abort, jsonify, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from geo.photo import SMALL, media_path, scaled
from server import editing, photo_form, photos
from server.console.frame import page, tell
from server.console.gate import me, needs, takes
from server.db import db
from server.models import Revision, StoredFile
from server.pages import error_page
from server.permissions import Action
from server.pictures import MOST_BYTES
from server.revisions import NotReady, Refused, writing
from server.row_ids import row_id
from server.staff.blueprint import staff
from server.staff.subjects import Subject, subject

BOTH_CHANGED = (
    "没有保存：别人刚刚也改了这里的照片。下面是现在的照片，后面是您添加的；请核对后再保存。"
)
NO_CONSENT = "请先确认：照片里没有可以认出的儿童，或已得到监护人同意"
OVERHEAD = 1 << 20
"""Bytes of a form besides its file."""


@staff.post("/photos")
@needs(Action.EDIT)
@takes(MOST_BYTES + OVERHEAD)
def upload_photo() -> Response:
    """Take one photo of a form that is still open; JSON."""
    try:
        row = _taken()
    except RequestEntityTooLarge:
        return _refused(f"照片太大：最多 {MOST_BYTES >> 20} MB", 413)
    except Refused as error:
        return _refused(str(error), 422)
    width, height = row.width or 0, row.height or 0
    small = scaled(width, height, SMALL)
    return jsonify(
        id=row.sha256,
        width=width,
        height=height,
        url=media_path(row.sha256, SMALL),
        shown={"width": small[0], "height": small[1]},
    )


@staff.get("/listings/<int:id_>/photos")
@needs(Action.EDIT)
def listing_photos(id_: int) -> AnyResponse:
    """The photos of a place: descriptions, order, what goes, and one to add."""
    about = _place(id_)
    if told := about.why_not_edit(me()):
        return error_page(403, told)
    return _shown(about.last, photo_form.typed(about.last.document.get("photos")))


@staff.post("/listings/<int:id_>/photos")
@needs(Action.EDIT)
@takes(MOST_BYTES + OVERHEAD)
def save_listing_photos(id_: int) -> AnyResponse:
    """Save them as a draft, with the one that was added."""
    about = _place(id_)
    if told := about.why_not_edit(me()):
        return error_page(403, told)
    base = _base(about.last)
    raw = dict(request.form.items())
    try:
        if _file() is not None:
            raw = photo_form.with_one_more(raw, _added(_taken()))
        document = base.document | {"photos": photo_form.read(raw)}
        with writing(db.session):
            editing.save(db.session, me(), id_, document, base.id, "更改照片")
    except editing.Conflicting as conflict:
        both = photo_form.joined(conflict.newest.document.get("photos"), raw)
        return _shown(conflict.newest, both, BOTH_CHANGED)
    except NotReady as error:
        told = "；".join(_beside(lack.field, lack.message) for lack in error.lacks)
        return _shown(base, raw, f"没有保存。{told}。")
    except Refused as error:
        return _shown(base, raw, f"没有保存：{error}。")
    tell("照片已存为草稿。")
    return redirect(url_for("staff.listing_photos", id_=id_), 303)


def _taken() -> StoredFile:
    """The photo of the request, kept.

    Raises:
        Refused: it is no photo, or the consent is missing, or it can't be kept.
    """
    file = _file()
    if request.form.get("consent") != "yes":
        raise Refused(NO_CONSENT)
    if file is None:
        raise Refused("没有选择照片")
    # Whatever the session has read so far is closed: rendering takes its time.
    db.session.rollback()
    rendered = photos.render(file.stream)
    with writing(db.session):
        return photos.keep(db.session, rendered, file.filename or "", me())


def _file() -> FileStorage | None:
    """The file of the request; a form whose input was left empty sends one without a name."""
    file = request.files.get("photo")
    return file if file is not None and file.filename else None


def _added(row: StoredFile) -> dict[str, Any]:
    alt, credit = (request.form.get(name, "").strip() for name in ("new_alt", "new_credit"))
    size = {"width": row.width, "height": row.height}
    return {"id": row.sha256, "alt": alt, "credit": credit} | size


def _place(id_: int) -> Subject:
    """The place of this number; ends the request with 404 if there is none."""
    about = subject(id_)
    if about.listing.type != "site":
        abort(404)
    return about


def _base(standing: Revision) -> Revision:
    """The revision that the form was opened on; what stands now if it names none of this place."""
    given = row_id(request.form.get("based_on"))
    found = db.session.get(Revision, given) if given else None
    same = found is not None and found.listing_id == standing.listing_id
    return found if found is not None and same else standing


def _shown(revision: Revision, raw: dict[str, str], told: str = "") -> Response:
    return page(
        "staff/photos.html",
        422 if told else 200,
        section="staff.listings",
        revision=revision,
        raw=raw,
        rows=photo_form.shown(raw),
        told=told,
    )


def _beside(field: str, message: str) -> str:
    """第 2 张照片：不能为空."""
    head, _, rest = field.partition(".")
    number = rest.partition(".")[0]
    if head == "photos" and number.isdecimal():
        what = "的说明" if rest.endswith(".alt") else ""
        return f"第 {int(number) + 1} 张照片{what}：{message}"
    return message


def _refused(message: str, status: int) -> Response:
    answer = jsonify({"message": message})
    answer.status_code = status
    return answer
