"""Imports: the list, a new file, the template; and one import from its columns to its drafts."""

from typing import Any

from flask import Response, abort, current_app, redirect, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from server import jobs
from server.attachments import attachment
from server.console.frame import page, tell
from server.console.gate import me, needs, takes
from server.db import db
from server.imports import batches, matching, work
from server.imports.columns import COLUMNS
from server.imports.matching import Options
from server.imports.positions import NAMES as SYSTEMS
from server.imports.preview import Wanted, preview, report
from server.imports.template import NAMES, template
from server.models import ImportBatch, Job, StaffAccount
from server.permissions import Action, may
from server.revisions import EDITED_BY, Refused, writing
from server.sheets.opening import open_table
from server.sheets.sniffing import MAX_BYTES
from server.sheets.table import Table, Unreadable
from server.sheets.writing import XLSX
from server.staff.blueprint import staff

SHOWN = 50
_FORM_AROUND = 64 * 1024


@staff.get("/imports")
@needs(Action.IMPORT)
def imports() -> Response:
    """What was imported, and the form for a new file."""
    return _list()


@staff.post("/imports")
@needs(Action.IMPORT)
@takes(MAX_BYTES + _FORM_AROUND)
def begin_import() -> AnyResponse:
    """Take a file in; what it can't be read for is told on the same page."""
    type_ = request.form.get("type", "")
    try:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return _list("请选择一个文件。", 400)
        if type_ not in NAMES or not may(me(), EDITED_BY[type_]):
            return _list("请选择导入的是地点还是热线。", 400)
        body = sent.read()
        table = open_table(body)
        with writing(db.session):
            batch = batches.receive(db.session, table, body, sent.filename, type_, me())
            id_ = batch.id
    except RequestEntityTooLarge:
        return _list(f"文件太大：最多 {MAX_BYTES >> 20} MB。请分成几个文件上传。", 413)
    except (Unreadable, Refused) as error:
        return _list(f"{str(error).rstrip('。')}。", 422)
    return redirect(url_for("staff.import_batch", id_=id_), 303)


@staff.get("/imports/template/<type_>.xlsx")
@needs(Action.IMPORT)
def import_template(type_: str) -> Response:
    """The workbook to fill in."""
    if type_ not in NAMES:
        abort(404)
    body = template(type_, current_app.extensions["city"])
    return _download(body, f"{NAMES[type_]}导入模板.xlsx")


@staff.get("/imports/<int:id_>")
@needs(Action.IMPORT)
def import_batch(id_: int) -> Response:
    """Where an import stands: its columns to match, its progress, its rows, its outcome."""
    batch = _mine(id_)
    if batch.state in work.BUSY:
        with writing(db.session):
            batch = _mine(id_)
            work.settle(db.session, batch)
    if batch.state in work.BUSY:
        return _busy(batch)
    if batch.state in ("uploaded", "failed") or request.args.get("match"):
        return _matching(batch)
    return _rows(batch)


@staff.post("/imports/<int:id_>/match")
@needs(Action.IMPORT)
def match_import(id_: int) -> AnyResponse:
    """Take the matching and have the rows checked; or look at another sheet or line first."""
    batch = _mine(id_)
    sheet = request.form.get("sheet", "")[:200]
    options = matching.read_options(batch.type, sheet, request.form)
    try:
        table = batches.table_of(db.session, current_app.extensions["settings"], batch)
        table.sheet(sheet)
        if request.form.get("again"):
            same = sheet == batches.options_of(batch).sheet
            guessed = matching.guess(
                batch.type, table.sheet(sheet), options.header if same else None
            )
            return _matching(batch, guessed, table=table)
        with writing(db.session):
            batch = _mine(id_)
            work.settle(db.session, batch)
            batches.match(db.session, batch, table, options)
            job_id = work.ask_to_check(db.session, batch, me()).id
    except (Refused, Unreadable) as error:
        return _matching(_mine(id_), options, str(error), 422)
    jobs.send(job_id)
    return redirect(url_for("staff.import_batch", id_=id_), 303)


@staff.post("/imports/<int:id_>/apply")
@needs(Action.IMPORT)
def apply_import(id_: int) -> AnyResponse:
    """Have the checked rows written as drafts."""
    try:
        with writing(db.session):
            mode = request.form.get("mode", "")
            batch = _mine(id_)
            work.settle(db.session, batch)
            job_id = work.ask_to_apply(db.session, batch, mode, me()).id
    except Refused as error:
        tell(str(error), "bad")
    else:
        jobs.send(job_id)
    return redirect(url_for("staff.import_batch", id_=id_), 303)


@staff.post("/imports/<int:id_>/cancel")
@needs(Action.IMPORT)
def cancel_import(id_: int) -> AnyResponse:
    """Stop an import that has not been written."""
    with writing(db.session):
        batch = _mine(id_)
        stopped = work.cancel(db.session, batch, me())
    tell(
        "已取消，没有写入任何内容。" if stopped else "这次导入已经写入，不能取消。",
        "done" if stopped else "bad",
    )
    return redirect(url_for("staff.import_batch", id_=id_), 303)


@staff.get("/imports/<int:id_>/report.xlsx")
@needs(Action.IMPORT)
def import_report(id_: int) -> AnyResponse:
    """The table as it was handed in, with what was found beside each row."""
    batch = _mine(id_)
    try:
        table = batches.table_of(db.session, current_app.extensions["settings"], batch)
        body = report(db.session, batch, table)
    except (Refused, Unreadable) as error:
        tell(str(error), "bad")
        return redirect(url_for("staff.import_batch", id_=id_), 303)
    return _download(body, f"核对结果-{batch.file_name.rpartition('.')[0] or batch.id}.xlsx")


def _mine(id_: int) -> ImportBatch:
    """One's own import; whoever reviews sees everybody's."""
    batch = db.session.get(ImportBatch, id_)
    if batch is None or not (batch.created_by == me().account_id or may(me(), Action.REVIEW)):
        abort(404)
    return batch


def _list(error: str = "", status: int = 200) -> Response:
    query = (
        select(ImportBatch, StaffAccount.login)
        .outerjoin(StaffAccount, StaffAccount.id == ImportBatch.created_by)
        .order_by(ImportBatch.id.desc())
        .limit(SHOWN)
    )
    if not may(me(), Action.REVIEW):
        query = query.where(ImportBatch.created_by == me().account_id)
    return page(
        "staff/imports.html",
        status,
        error=error,
        most=MAX_BYTES >> 20,
        types=list(NAMES.items()),
        batches=db.session.execute(query).all(),
    )


def _busy(batch: ImportBatch) -> Response:
    """How far the job is. The page asks again by itself, with a script or without."""
    job = db.session.get_one(Job, batch.job_id)
    response = page("staff/import_busy.html", section="staff.imports", batch=batch, job=job)
    response.headers["Refresh"] = "3"
    return response


def _matching(
    batch: ImportBatch,
    options: Options | None = None,
    error: str = "",
    status: int = 200,
    *,
    table: Table | None = None,
) -> Response:
    options = options or batches.options_of(batch)
    context: dict[str, Any] = {"columns": [], "sheets": [], "evidence": None}
    try:
        table = table or batches.table_of(db.session, current_app.extensions["settings"], batch)
        sheet = table.sheet(options.sheet)
        context = {
            "sheets": [one.name for one in table.sheets if one.rows],
            "columns": matching.samples(sheet, options.header),
            "evidence": batches.evidence_of(db.session, batch, table, options),
        }
    except (Refused, Unreadable) as unreadable:
        error = error or str(unreadable)
    fields = {column: name for name, column in options.columns.items()}
    return page(
        "staff/import_match.html",
        status,
        section="staff.imports",
        batch=batch,
        options=options,
        error=error or (batch.message if batch.state == "failed" else ""),
        known=COLUMNS[batch.type],
        fields=fields,
        systems=SYSTEMS,
        positioned=matching.positioned(options),
        **context,
    )


def _rows(batch: ImportBatch) -> Response:
    wanted = Wanted.read(request.args)
    return page(
        "staff/import_rows.html",
        section="staff.imports",
        batch=batch,
        wanted=wanted,
        found=preview(db.session, batch.id, wanted),
    )


def _download(body: bytes, name: str) -> Response:
    response = Response(body, mimetype=XLSX)
    response.headers["Content-Disposition"] = attachment(name)
    return response
