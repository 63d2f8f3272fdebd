"""What the public wrote about listings: the queue, one text, the answer."""

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.console.moments import told_at
from server.db import db
from server.feedback import answering, queue
from server.feedback.queue import Filters, Line
from server.feedback.text import LONGEST
from server.member_names import names
from server.permissions import Action
from server.revisions import Refused, writing
from server.row_ids import row_id
from server.staff.blueprint import staff
from server.staff.overview import TYPES

STATES = {"open": "待答复", "answered": "已答复", "closed": "已关闭", "all": "全部"}
CHECKS = {"pass": "微信检查通过", "review": "微信建议人工看", "failed": "未检查"}


@staff.get("/feedback", endpoint="feedback")
@needs(Action.EDIT)
def feedback_queue() -> Response:
    """What waits for an answer, or what was answered."""
    asked = request.args
    filters = Filters.read(
        asked.get("state", ""),
        asked.get("check", ""),
        row_id(asked.get("listing")),
        row_id(asked.get("before")),
    )
    return page(
        "staff/feedback.html",
        found=queue.listed(db.session, me(), filters),
        filters=filters,
        states=STATES,
        checks=CHECKS,
        types=TYPES,
        told_at=told_at,
    )


@staff.get("/feedback/<int:id_>")
@needs(Action.EDIT)
def one_feedback(id_: int) -> Response:
    """One text, what it is about, and the answer or the place to write it."""
    return _shown(_line(id_))


@staff.post("/feedback/<int:id_>/answer")
@needs(Action.EDIT, keeps_text=True)
def answer_feedback(id_: int) -> AnyResponse:
    """Answer the sender; on to the next."""
    line, typed = _line(id_), request.form.get("answer", "")
    if g.expired:
        return _shown(line, typed, EXPIRED, status=400)
    try:
        with writing(db.session):
            answering.answer(db.session, me(), id_, typed)
    except answering.BadAnswer as bad:
        return _shown(line, typed, wrong=str(bad), status=422)
    except Refused as refusal:
        return _shown(_line(id_), typed, f"没有答复：{refusal}。", status=409)
    tell(f"已答复关于“{line.name}”的反馈，写的人在小程序里能看到。")
    return redirect(url_for("staff.feedback"), 303)


@staff.post("/feedback/<int:id_>/close")
@needs(Action.EDIT)
def close_feedback(id_: int) -> AnyResponse:
    """Put it aside without an answer."""
    line = _line(id_)
    try:
        with writing(db.session):
            answering.close(db.session, me(), id_)
    except Refused as refusal:
        return _shown(_line(id_), "", f"没有关闭：{refusal}。", status=409)
    tell(f"已关闭关于“{line.name}”的反馈。")
    return redirect(url_for("staff.feedback"), 303)


def _line(id_: int) -> Line:
    line = queue.one(db.session, me(), id_)
    if line is None:
        abort(404)
    return line


def _shown(
    line: Line, typed: str | None = None, said: str = "", *, wrong: str = "", status: int = 200
) -> Response:
    mine = line.answered_by == me().account_id
    return page(
        "staff/feedback_one.html",
        status,
        section="staff.feedback",
        line=line,
        said=said,
        wrong=wrong,
        typed=line.answer if typed is None else typed,
        may_answer=line.state == "open" or (line.state == "answered" and mine),
        by=names(db.session, {line.answered_by}).get(line.answered_by, "已删除的账号"),
        longest=LONGEST,
        states=STATES,
        checks=CHECKS,
        types=TYPES,
        told_at=told_at,
    )
