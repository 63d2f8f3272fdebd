"""Review: a version beside the one before it and the last quarter; returned field by field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from flask import Response, abort, g, redirect, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from geo.calendar import Calendar
from server.calendar_days import calendar_days
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.db import db, now
from server.ledger import closings, deciding, matrix, queue, reports, states
from server.ledger.reviewing import Review, review
from server.ledger.values import told
from server.ledger.working_days import RESUBMIT_DAYS, working_day_after
from server.member_names import names
from server.models import ReportVersion
from server.permissions import Action, may
from server.progress.asked import Asked, asked, city, today
from server.progress.blueprint import progress
from server.progress.queries import Query, on_the_map, query
from server.revisions import Refused, writing

WHOLE = {"general": "整份报表", "seal": "盖章扫描件"}
"""What can be returned beside cells and texts."""

LONGEST = 500
"""Characters of a reason."""


class ReviewQuery(Query):
    """Which version; the newest if none is said."""

    version: Annotated[int, Field(ge=1, le=9999)] | None = None


@dataclass(frozen=True)
class Decision:
    """What was typed in the form of the review, as it was typed."""

    number: int = 0
    """Of the version that was looked at."""
    reasons: dict[str, str] = field(default_factory=dict)
    resubmit_by: str = ""
    unsealed: str = ""

    @classmethod
    def sent(cls) -> "Decision":
        """As it came with the request."""
        form = request.form
        reasons = {
            name.removeprefix("reason-"): value[: 2 * LONGEST]
            for name, value in form.items()
            if name.startswith("reason-")
        }
        number = form.get("number", "")
        return cls(
            int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0,
            reasons,
            form.get("resubmit_by", "")[:20],
            form.get("unsealed", "")[:LONGEST],
        )

    def day(self) -> date:
        """The day by which it is expected again.

        Raises:
            Refused: it is none.
        """
        try:
            return date.fromisoformat(self.resubmit_by)
        except ValueError:
            raise Refused("请选择重报日期") from None


@progress.get("/<period>/<int:action>/<unit>/review", endpoint="review")
@needs(Action.VIEW_LEDGER)
def show_review(period: str, action: int, unit: str) -> Response:
    """One report as it was handed in; whoever may only see it decides nothing."""
    return _shown(asked(period, action, unit), query(ReviewQuery).version)


@progress.post("/<period>/<int:action>/<unit>/accept")
@needs(Action.REVIEW_REPORTS, keeps_text=True)
def accept_report(period: str, action: int, unit: str) -> AnyResponse:
    """Accept the version that was looked at; on to the next."""
    of, sent = asked(period, action, unit), Decision.sent()

    def decide() -> None:
        deciding.accept(db.session, me(), of.programme, of.key, sent.number, now(), sent.unsealed)

    return _decided(of, sent, decide, "已通过")


@progress.post("/<period>/<int:action>/<unit>/return")
@needs(Action.REVIEW_REPORTS, keeps_text=True)
def return_report(period: str, action: int, unit: str) -> AnyResponse:
    """Return it with reasons at the very fields; on to the next."""
    of, sent = asked(period, action, unit), Decision.sent()

    def decide() -> None:
        day = sent.day()
        deciding.send_back(
            db.session, me(), of.programme, of.key, sent.number, sent.reasons, day, now()
        )

    return _decided(of, sent, decide, "已退回")


def _decided(of: Asked, sent: Decision, decide: Callable[[], None], done: str) -> AnyResponse:
    if g.expired:
        return _shown(of, None, sent, EXPIRED, 400)
    waiting = queue.queue(db.session)
    try:
        with writing(db.session):
            decide()
    except Refused as refused:
        db.session.expire_all()
        return _shown(of, None, sent, str(refused), 409)
    tell(f"{of.key.unit}第 {of.key.action} 项{done}。")
    following = queue.after(waiting, of.key)
    if following is None:
        return redirect(url_for("progress.matrix", year=of.programme.year), 303)
    return redirect(url_for("progress.review", **following.key._asdict()), 303)


def _shown(
    of: Asked,
    number: int | None = None,
    sent: Decision | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    programme, key = of.programme, of.key
    report = reports.find(db.session, key)
    seen, shut = on_the_map(programme), closings.is_closed(db.session, of.period.code)
    found = review(db.session, programme, report, city(), seen, number) if report else None
    if number is not None and found is None:
        abort(404)
    made = found.version if found else None
    decides = may(me(), Action.REVIEW_REPORTS)
    waiting = queue.queue(db.session) if decides else []
    squares = matrix.squares(db.session, programme, today())
    return page(
        "progress/review.html",
        status,
        corner="progress.matrix",
        key=key,
        programme=programme,
        period=of.period,
        action=of.action,
        report=report,
        found=found,
        square=next(square for square in squares if square.key == key),
        works=states.WORKS,
        standings=states.STANDINGS,
        closed=shut,
        waits=made is not None and made.outcome == "waiting" and decides and not shut,
        waiting=waiting,
        following=queue.after(waiting, key),
        sent=sent or _fresh(made),
        refusal=refusal,
        whole=WHOLE,
        longest=LONGEST,
        told=told,
        today=today(),
        people=_people(found),
    )


def _fresh(made: ReportVersion | None) -> Decision:
    calendar = Calendar(calendar_days(db.session.connection()))
    day = working_day_after(calendar, today(), RESUBMIT_DAYS)
    return Decision(made.number if made else 0, {}, day.isoformat())


def _people(found: Review | None) -> dict[int | None, str]:
    """By account; a unit's own system has none."""
    versions = found.versions if found else ()
    ids = {id_ for one in versions for id_ in (one.submitted_by, one.decided_by)}
    return names(db.session, ids) | {None: "接口"}
