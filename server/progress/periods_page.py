"""Quarters closed and opened again, with the history of both; and the reminders that went out."""

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.programmes import Programme
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.db import db
from server.ledger import closings, matrix, reminders
from server.ledger.reminder_words import left, named
from server.member_names import names
from server.permissions import Action
from server.progress.asked import today, year_asked
from server.progress.blueprint import progress
from server.progress.queries import programme_with
from server.revisions import Refused, writing


@progress.get("/periods", endpoint="periods")
@needs(Action.REVIEW_REPORTS)
def show() -> Response:
    """The quarters of a year."""
    return _page(year_asked())


@progress.post("/periods/<period>/close")
@needs(Action.RUN_LEDGER)
def close_period(period: str) -> AnyResponse:
    """Close a quarter."""
    programme, quarter = programme_with(period)
    with writing(db.session):
        closings.close(db.session, me(), quarter)
    tell(f"{quarter.title}已封账。")
    return redirect(url_for("progress.periods", year=programme.year), 303)


@progress.post("/periods/<period>/reopen")
@needs(Action.RUN_LEDGER, keeps_text=True)
def reopen_period(period: str) -> AnyResponse:
    """Open a closed quarter again, with the reason."""
    programme, quarter = programme_with(period)
    reason = request.form.get("reason", "")[:1000]
    if g.expired:
        return _page(programme, quarter.code, reason, EXPIRED)
    try:
        with writing(db.session):
            closings.reopen(db.session, me(), quarter, reason)
    except Refused as refused:
        return _page(programme, quarter.code, reason, str(refused))
    tell(f"{quarter.title}已重新开账。")
    return redirect(url_for("progress.periods", year=programme.year), 303)


@progress.get("/reminders", endpoint="reminders")
@needs(Action.REVIEW_REPORTS)
def show_reminders() -> Response:
    """Who was reminded of what, and what could not be sent."""
    programme = year_asked()
    return page(
        "progress/reminders.html",
        corner="progress.matrix",
        programme=programme,
        rows=reminders.latest(db.session, programme),
        periods={period.code: period for period in programme.periods},
        unreachable=reminders.unreachable(db.session, programme.units),
        sending=reminders.SENDING,
        offsets=reminders.OFFSETS,
        left=left,
        named=named,
    )


def _page(programme: Programme, period: str = "", reason: str = "", told: str = "") -> Response:
    rows = closings.history(db.session, [one.code for one in programme.periods])
    squares = matrix.squares(db.session, programme, today())
    return page(
        "progress/periods.html",
        400 if told else 200,
        corner="progress.matrix",
        programme=programme,
        tallies={one.code: matrix.tally(squares, one.code) for one in programme.periods},
        closed=closings.closed(db.session),
        history=rows,
        people=names(db.session, {id_ for row in rows for id_ in (row.closed_by, row.reopened_by)}),
        today=today(),
        wrong=period,
        reason=reason,
        told=told,
    )
