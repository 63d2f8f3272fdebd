"""What a unit owes, quarter by quarter, and what it does next."""

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.programmes import Period
from server.console.frame import page
from server.console.gate import me, needs
from server.db import db
from server.ledger import owing, states
from server.ledger.cells import cells
from server.ledger.owing import Owed, owed_by
from server.ledger.people import refuse_unseen
from server.ledger.states import Standing, Work
from server.ledger.typed import label
from server.permissions import UNIT_ROLES, Action
from server.progress.asked import city, today, year_asked, years
from server.progress.blueprint import progress


@progress.get("/")
@needs(Action.VIEW_LEDGER)
def home() -> AnyResponse:
    """A unit's own reports; for the office and the leaders, the overview or the list of units."""
    person, programme = me(), year_asked()
    unit = person.unit or request.args.get("unit", "")
    if not person.unit:
        if person.role in UNIT_ROLES:
            return page("progress/no_unit.html")
        if not unit and "progress.matrix" in current_app.view_functions:
            return redirect(url_for("progress.matrix"))
        if unit not in programme.units:
            return _units()
    refuse_unseen(person, unit)
    return _owed(unit)


def _owed(unit: str) -> Response:
    programme, day = year_asked(), today()
    every = owed_by(db.session, programme, unit, day)
    return page(
        "progress/home.html",
        unit=unit,
        programme=programme,
        years=years(),
        returned=[one for one in every if one.work is Work.RETURNED and not one.closed],
        overdue=[one for one in every if one.standing is Standing.OVERDUE and not one.closed],
        quarters=_quarters(every),
        today=day,
        next_step=owing.next_step,
        due_words=owing.due_words,
        standings=states.STANDINGS,
        works=states.WORKS,
        field_label=lambda one, name: label(name, cells(one.action, city())),
    )


def _quarters(every: list[Owed]) -> list[tuple[Period, list[Owed]]]:
    """The quarter that runs comes first, then those before it, then those to come."""
    begun = {one.period: one.begun for one in every}
    running = [period for period, has in begun.items() if has][::-1]
    coming = [period for period, has in begun.items() if not has]
    return [(period, [o for o in every if o.period == period]) for period in running + coming]


def _units() -> Response:
    programme, day = year_asked(), today()
    owed = {unit: owed_by(db.session, programme, unit, day) for unit in programme.units}
    return page("progress/units.html", programme=programme, years=years(), owed=owed)
