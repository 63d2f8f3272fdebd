"""Stamped scans of a report: all of them, one more, one matched by hand, one to look at."""

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.console.frame import page, tell
from server.console.gate import me, needs, takes
from server.db import db, now
from server.ledger import reports, scans
from server.ledger.people import Unseen, refuse_unseen
from server.ledger.scan_reading import MOST_BYTES, Upload
from server.models import Report, SealedScan, StoredFile
from server.outside import is_sent_much, waits_outside
from server.permissions import Action
from server.progress.asked import Asked, asked
from server.progress.blueprint import progress
from server.progress.files_page import served
from server.progress.seal_panel import shown_scans
from server.revisions import Refused, writing

OVERHEAD = 1 << 20
"""Bytes of a form besides its files."""

TOLD = {
    "code": "二维码相符：盖章扫描件已存到第 {} 版。",
    "hand": "盖章扫描件已存到第 {} 版，并记下人工核对的说明。",
    "unread": "盖章扫描件已收下，但没有读出二维码，要等办公室人工核对才算数；"
    "也可以重新扫描后再传一份（平放、拍全、光线均匀）。",
}
BACK = ("progress.report", "progress.review")
"""Pages from which a scan is handed in, and to which one goes back."""


@progress.get("/<period>/<int:action>/<unit>/scans", endpoint="scans")
@needs(Action.VIEW_LEDGER)
def report_scans(period: str, action: int, unit: str) -> Response:
    """All scans of the report, and where to hand in one more."""
    return _shown(asked(period, action, unit))


@progress.post("/<period>/<int:action>/<unit>/scans")
# Who may hand in one, of the unit and of the office, ``scans`` knows.
@needs(Action.VIEW_LEDGER)
@takes(MOST_BYTES + OVERHEAD)
@is_sent_much
@waits_outside
def take_scan(period: str, action: int, unit: str) -> AnyResponse:
    """Take a stamped scan: a PDF, or pictures of its pages."""
    of = asked(period, action, unit)
    note = request.form.get("note", "")
    uploads = [
        Upload(_plain(file.filename), file.stream)
        for file in request.files.getlist("scan")
        if file.filename
    ]
    try:
        scan = scans.take_scan(db.session, me(), of.programme, of.key, uploads, now(), note)
    except Unseen:
        raise
    except Refused as error:
        status = 503 if isinstance(error, scans.Busy) else 422
        return _shown(of, f"没有收下：{error}。", status, note)
    report = db.session.get_one(Report, scan.report_id)
    number = next(one.version for one in shown_scans(report) if one.scan.id == scan.id)
    tell(TOLD[scan.matched_by].format(number), "done" if scan.counts else "bad")
    return redirect(_back(of), 303)


@progress.post("/<period>/<int:action>/<unit>/scans/<int:id_>/match")
@needs(Action.REVIEW_REPORTS)
def match_scan(period: str, action: int, unit: str, id_: int) -> AnyResponse:
    """Say that a scan on which no code was read is of its version."""
    of = asked(period, action, unit)
    scan, report = _scan(id_)
    if (report.unit, report.action, report.period) != of.key:
        abort(404)
    note = request.form.get("note", "")
    try:
        with writing(db.session):
            scans.match_by_hand(db.session, me(), of.programme, scan.id, note)
    except Refused as error:
        return _shown(of, f"没有核对：{error}。", 422, matching=(id_, note))
    tell("已人工核对，这份扫描件算数了。")
    return redirect(_back(of), 303)


@progress.get("/scans/<int:id_>", endpoint="scan")
@needs(Action.VIEW_LEDGER)
def scan_file(id_: int) -> Response:
    """The scan itself, to be looked at in the browser and nothing else."""
    scan, _ = _scan(id_)
    return served(db.session.get(StoredFile, scan.file_id))


def _scan(id_: int) -> tuple[SealedScan, Report]:
    """A scan and its report; 404 if there is none.

    Raises:
        Unseen: it is another unit's.
    """
    scan = db.session.get(SealedScan, id_)
    if scan is None:
        abort(404)
    report = db.session.get_one(Report, scan.report_id)
    refuse_unseen(me(), report.unit)
    return scan, report


def _shown(
    of: Asked,
    told: str = "",
    status: int = 200,
    note: str = "",
    matching: tuple[int, str] = (0, ""),
) -> Response:
    report = reports.find(db.session, of.key)
    newest = reports.version(db.session, report) if report else None
    return page(
        "progress/scans.html",
        status,
        asked=of,
        newest=newest,
        every=shown_scans(report) if report else [],
        told=told,
        scan_note=note,
        matching=matching,
    )


def _back(of: Asked) -> str:
    """Where the person came from, as the form says."""
    asked_for = request.form.get("back", "")
    if asked_for in BACK and asked_for in current_app.view_functions:
        return url_for(asked_for, **of.address)
    return url_for("progress.scans", **of.address)


def _plain(name: str | None) -> str:
    """A file's name as it can be shown: no control characters, no more than its end."""
    return "".join(letter for letter in name or "" if letter.isprintable())[-100:]
