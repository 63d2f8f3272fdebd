"""Important matters: told by a unit, seen and answered by the office."""

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.programmes import Action as ProgrammeAction
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs, takes
from server.db import db
from server.history import names
from server.ledger import evidence, matters
from server.ledger.matters import MOST_FILES, MatterSaid
from server.models import ImportantMatter, StoredFile
from server.permissions import Action, may
from server.progress.asked import programme_of, year_asked, years
from server.progress.blueprint import progress
from server.progress.files_page import TAKEN, served, uploads
from server.revisions import Refused, writing
from server.row_ids import row_id


@progress.get("/matters", endpoint="matters")
@needs(Action.VIEW_LEDGER)
def show_matters() -> Response:
    """What was told in a year; for a unit, with the form to tell of something."""
    return _list({})


@progress.post("/matters")
@needs(Action.REPORT, keeps_text=True)
@takes(TAKEN)
def tell_matter() -> AnyResponse:
    """Tell the office of something."""
    raw, programme = dict(request.form.items()), year_asked()
    if g.expired:
        return _list(raw, EXPIRED, 400)
    said = MatterSaid(raw.get("title", ""), raw.get("body", ""), row_id(raw.get("action")))
    try:
        found = uploads("files")
        with writing(db.session):
            files = [evidence.keep(db.session, one, me()) for one in found]
            row = matters.tell(db.session, me(), programme, said, files)
    except Refused as error:
        again = "附件请重新选择。" if request.files else ""
        return _list(raw, f"没有报告：{error}。{again}", 422)
    tell("已报告给办公室。")
    return redirect(url_for("progress.matter", id_=row.id), 303)


@progress.get("/matters/<int:id_>")
@needs(Action.VIEW_LEDGER)
def matter(id_: int) -> Response:
    """One matter, and the answer."""
    return _one(_found(id_), {})


@progress.post("/matters/<int:id_>")
@needs(Action.REVIEW_REPORTS, keeps_text=True)
def answer_matter(id_: int) -> AnyResponse:
    """Note that the office has read it, or answer it."""
    row, raw = _found(id_), dict(request.form.items())
    if g.expired:
        return _one(row, raw, EXPIRED, 400)
    try:
        with writing(db.session):
            if raw.get("act") == "see":
                matters.see(db.session, me(), id_)
            else:
                matters.answer(db.session, me(), id_, raw.get("answer", ""))
    except Refused as error:
        return _one(_found(id_), raw, f"没有保存：{error}。", 422)
    tell("已标为已阅。" if raw.get("act") == "see" else "已答复，单位会看到。")
    return redirect(url_for("progress.matter", id_=id_), 303)


@progress.get("/matters/<int:id_>/files/<int:place>")
@needs(Action.VIEW_LEDGER)
def matter_file(id_: int, place: int) -> Response:
    """One of a matter's files, counted from 1."""
    ids = _found(id_).files
    if not 1 <= place <= len(ids):
        abort(404)
    return served(db.session.get(StoredFile, ids[place - 1]))


def _found(id_: int) -> ImportantMatter:
    """A matter that the person may see; 404 if there is none.

    Raises:
        Unseen: it is another unit's.
    """
    if db.session.get(ImportantMatter, id_) is None:
        abort(404)
    return matters.find(db.session, me(), id_)


def _list(raw: dict[str, str], told: str = "", status: int = 200) -> Response:
    programme, person = year_asked(), me()
    own = [one for one in programme.actions if person.unit in one.units]
    return page(
        "progress/matters.html",
        status,
        programme=programme,
        years=years(),
        matters=matters.of_year(db.session, person, programme.year),
        writes=may(person, Action.REPORT) and person.unit in programme.units,
        actions=[(one.number, f"第 {one.number} 项 {one.title}") for one in own],
        raw=raw,
        told=told,
        most_files=MOST_FILES,
    )


def _one(row: ImportantMatter, raw: dict[str, str], told: str = "", status: int = 200) -> Response:
    return page(
        "progress/matter.html",
        status,
        corner="progress.matters",
        matter=row,
        action=_action(row),
        files=[file for id_ in row.files if (file := db.session.get(StoredFile, id_))],
        people=names(db.session, {row.told_by, row.seen_by, row.answered_by}),
        raw=raw,
        told=told,
    )


def _action(row: ImportantMatter) -> ProgrammeAction | None:
    return programme_of(row.year).action(row.action) if row.action else None
