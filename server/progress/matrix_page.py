"""The overview: units by quarters, how each report stands, and what the office must know."""

from collections.abc import Iterable
from typing import Any, Literal

from flask import Response, current_app, url_for

from config.programmes import Programme
from server.console.frame import page
from server.console.gate import me, needs
from server.db import db
from server.ledger import closings, matrix, queue, reminders
from server.ledger.indicators import newest_begun
from server.ledger.matrix import Square
from server.ledger.states import STANDINGS, WORKS
from server.permissions import Action, may
from server.progress.asked import programme_of, today, years
from server.progress.blueprint import progress
from server.progress.queries import Query, own_unit, query

State = Literal[
    "not_started", "draft", "submitted", "returned", "accepted",
    "not_due", "overdue", "without_progress", "filed", "late",
]  # fmt: skip

STATES = {str(code): title for code, title in (WORKS | STANDINGS | {"late": "迟报"}).items()}


class MatrixQuery(Query):
    """Which squares of which year."""

    year: int | None = None
    period: str = ""
    unit: str = ""
    action: int | None = None
    state: State | None = None

    def takes(self, square: Square) -> bool:
        """Whether a square is one of those."""
        key = square.key
        return (
            self.unit in ("", key.unit)
            and self.action in (None, key.action)
            and self.period in ("", key.period)
            and (self.state is None or self._is(square))
        )

    def _is(self, square: Square) -> bool:
        if self.state == "late":
            return square.filed_late
        return self.state in (square.work, square.standing)


@progress.get("/matrix", endpoint="matrix")
@needs(Action.VIEW_LEDGER)
def show() -> Response:
    """All units of a year, or one's own."""
    chosen = query(MatrixQuery)
    programme = programme_of(chosen.year)
    squares = _visible(matrix.squares(db.session, programme, today()))
    lines = matrix.lines(programme, filter(chosen.takes, squares))
    codes = [period.code for period in programme.periods]
    return page(
        "progress/matrix.html",
        programme=programme,
        years=years(),
        chosen=chosen,
        lines=lines,
        shown=[period for period in programme.periods if chosen.period in ("", period.code)],
        tallies={code: matrix.tally(squares, code) for code in codes},
        closed=closings.closed(db.session),
        now=newest_begun(programme, today()),
        today=today(),
        unit_choices=[(unit, unit) for unit in dict.fromkeys(s.key.unit for s in squares)],
        period_choices=[(period.code, period.title) for period in programme.periods],
        actions={action.number: action.title for action in programme.actions},
        states=STATES,
        works=WORKS,
        way=_way,
        address=lambda **more: _address(chosen, programme, more),
        **_for_the_office(programme),
    )


def _visible(squares: Iterable[Square]) -> list[Square]:
    unit = own_unit()
    return [square for square in squares if unit in (None, square.key.unit)]


def _way(square: Square) -> str:
    """Where a report is looked at: by its unit where it is written, by others where reviewed."""
    report = "progress.report"
    own = me().unit == square.key.unit and report in current_app.view_functions
    return url_for(report if own else "progress.review", **square.key._asdict())


def _address(chosen: MatrixQuery, programme: Programme, more: dict[str, Any]) -> str:
    """The page's address with some of what is chosen changed."""
    asked_for = chosen.model_dump() | {"year": programme.year} | more
    return url_for("progress.matrix", **{k: v for k, v in asked_for.items() if v not in ("", None)})


def _for_the_office(programme: Programme) -> dict[str, Any]:
    """The queue, and what no unit can know: whom no reminder reaches, what was not sent."""
    if not may(me(), Action.REVIEW_REPORTS):
        return {"waiting": [], "unreachable": [], "failures": []}
    return {
        "waiting": queue.queue(db.session),
        "unreachable": reminders.unreachable(db.session, programme.units),
        "failures": reminders.failures(db.session, programme),
    }
