"""A stamped scan by the API: the file itself is the body."""

from flask import Response, request

from server.db import db, now
from server.ledger import reports, scans
from server.ledger.people import Unseen
from server.ledger.scan_reading import MOST_BYTES, NotAScan, Upload
from server.models import ReportVersion
from server.outside import RETRY_AFTER_S, is_sent_much, waits_outside
from server.problem import Mistake
from server.progress.api import answered, in_json, ledger_api
from server.progress.api_reports import ONE, owed_report
from server.progress.api_requests import Problem, machine
from server.revisions import Refused


@ledger_api.put(f"{ONE}/scan")
@is_sent_much
@waits_outside
@answered
def api_scan(unit: str, action: int, period: str) -> Response:
    """Take a PDF, JPEG or PNG, told by its content; its code says of which version it is."""
    by = machine("write")
    programme, key = owed_report(by, unit, action, period)
    if (request.content_length or 0) > MOST_BYTES:
        raise Problem(413, f"扫描件最多 {MOST_BYTES >> 20} MB。")
    request.max_content_length = MOST_BYTES
    try:
        scan = scans.take_scan(db.session, by, programme, key, [_upload()], now())
    except Unseen:
        raise
    except scans.Busy as error:
        raise Problem(503, f"{error}。", Retry_After=str(RETRY_AFTER_S)) from error
    except Refused as error:
        if isinstance(error, scans.Unmatched) or isinstance(error.__cause__, NotAScan):
            raise Problem(422, f"{error}。", [Mistake("body", str(error))]) from error
        raise
    version = db.session.get_one(ReportVersion, scan.version_id)
    report = reports.find(db.session, key)
    return in_json(
        {
            "number": version.number,
            "pages": scan.pages,
            "matched_by": scan.matched_by,
            # What could not be read waits for the office.
            "counts": scan.counts,
            "edit": report.edit if report else 0,
        }
    )


def _upload() -> Upload:
    return Upload("扫描件", request.stream)
