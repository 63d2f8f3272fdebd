"""What the public says with one tap is wrong: looked into and answered, listing by listing."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import coded_reports as rules
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.moments import told_at
from server.db import db
from server.permissions import Action
from server.revisions import Refused, writing
from server.staff.blueprint import staff


@staff.get("/reports", endpoint="coded_reports")
@needs(Action.VIEW)
def waiting() -> Response:
    """What waits for the person, the oldest first."""
    return _shown()


@staff.post("/reports/<int:id_>/<what>/take-up")
@needs(Action.VIEW)
def take_up_report(id_: int, what: str) -> AnyResponse:
    """Say that one looks into it."""
    try:
        with writing(db.session):
            number = rules.take_up(db.session, me(), id_, what)
    except Refused as refused:
        tell(f"没有办成：{refused}。", "bad")
    else:
        tell(f"已标为核实中（{number} 条）。")
    return redirect(url_for("staff.coded_reports"), 303)


@staff.post("/reports/<int:id_>/<what>/decide")
@needs(Action.VIEW)
def decide_report(id_: int, what: str) -> AnyResponse:
    """Answer all that is said of a listing in one way."""
    reason, outcome = request.form.get("reason", "")[:1000], request.form.get("outcome")
    if outcome not in ("changed", "declined"):
        return _shown((id_, what, reason, "请选“已改”或“不改”"), 400)
    changed = outcome == "changed"
    try:
        with writing(db.session):
            number = rules.decide(db.session, me(), id_, what, changed=changed, reason=reason)
    except Refused as refused:
        return _shown((id_, what, reason, str(refused)), 400)
    tell(f"已答复 {number} 条。")
    return redirect(url_for("staff.coded_reports"), 303)


def _shown(refused: tuple[int, str, str, str] | None = None, status: int = 200) -> Response:
    return page(
        "staff/coded_reports.html",
        status,
        waiting=rules.waiting(db.session, me()),
        words=rules.WORDS,
        told_at=told_at,
        refused=refused,
    )
