"""The programme, totals and the form by the API."""

from typing import Annotated

from flask import Response, current_app
from pydantic import Field

from config.programmes import Programme
from server.attachments import attachment
from server.db import db, now
from server.ledger import totals
from server.ledger.exporting import FORMS, form_of
from server.ledger.table import choose
from server.ledger.totals import Total
from server.outside import takes_long
from server.problem import Mistake
from server.progress.api import answered, in_json, ledger_api, programme_of
from server.progress.api_reports import Period
from server.progress.api_requests import Problem, Query, machine, queried


class TotalsAsked(Query):
    """Of which quarter."""

    period: Period


class ExportAsked(Query):
    """What the form is of: a quarter or a year, a unit's, an action's or all."""

    period: Annotated[str, Field(pattern=r"^[0-9]{4}(Q[1-4])?$")]
    unit: str = ""
    action: int | None = None


@ledger_api.get("/programmes/<int:year>")
@answered
def api_programme(year: int) -> Response:
    """What was promised for a year, with its quarters."""
    machine("read")
    programme = programme_of(year)
    told = programme.model_dump(mode="json", exclude={"due"})
    told["periods"] = [
        {**period.model_dump(mode="json"), "title": period.title} for period in programme.periods
    ]
    told["units"] = programme.units
    return in_json(told)


@ledger_api.get("/summary")
@answered
def api_summary() -> Response:
    """What the units' parts of a quarter add up to; a unit's token sees its own part alone."""
    by, asked = machine("read"), queried(TotalsAsked)
    programme = programme_of(int(asked.period[:4]))
    parts = totals.parts(db.session, [asked.period], accepted=False, unit=by.unit)
    city = current_app.extensions["city"]
    return in_json(
        {
            "period": asked.period,
            "unit": by.unit,
            "parts": [
                {"unit": one.unit, "action": one.action, "accepted": one.accepted} for one in parts
            ],
            "actions": [
                {
                    "number": action.number,
                    "title": action.title,
                    "totals": [_told(one) for one in totals.totals(action, city, parts)],
                }
                for action in programme.actions
                if by.unit in (None, *action.units)
            ],
        }
    )


@ledger_api.get("/export.<ending>")
@answered
@takes_long
def api_export(ending: str) -> Response:
    """The form as a file."""
    by = machine("read")
    if ending not in FORMS:
        raise Problem(404, f"报表没有这种格式，可以是 {'、'.join(FORMS)}。")
    asked = queried(ExportAsked)
    programme = programme_of(int(asked.period[:4]))
    scope = choose(programme, by, asked.period, _known(programme, asked.unit), asked.action)
    made = form_of(db.session, by, scope, ending, current_app.extensions["city"], now())
    response = Response(made.body, mimetype=made.media_type)
    response.headers["Content-Disposition"] = attachment(made.name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _known(programme: Programme, unit: str) -> str:
    if unit and unit not in programme.units:
        raise Problem(422, "参数有误：unit", [Mistake("unit", "方案里没有这个单位")])
    return unit


def _told(total: Total) -> dict[str, object]:
    value, target = total.value, total.cell.indicator.target
    return {
        "cell": total.cell.key,
        "title": total.cell.title,
        "measure": total.cell.indicator.measure,
        # Text, so that no program rounds them.
        "target": None if target is None else f"{target:f}",
        "value": None if value is None else f"{value:f}",
        "done": total.done,
        "share": None if total.share is None else f"{total.share:f}",
        "reached": total.reached,
        "units": total.units,
    }
