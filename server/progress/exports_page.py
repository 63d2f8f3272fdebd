"""Exports of the ledger: the form, the briefing, all that there is."""

import re
from typing import Annotated

from flask import Response, abort, redirect, request, url_for
from pydantic import BaseModel, Field, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from config.programmes import Programme
from server.attachments import attachment
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.db import db, now
from server.ledger import exporting
from server.ledger.everything import Asked
from server.ledger.everything_columns import TABLES
from server.ledger.indicators import newest_begun
from server.ledger.table import choose
from server.outside import takes_long
from server.permissions import Action
from server.progress.asked import city, programme_of, today, year_asked, years
from server.progress.blueprint import progress
from server.progress.queries import on_the_map, own_unit, programme_with


class FormAsked(BaseModel):
    """What the form is of."""

    period: Annotated[str, Field(pattern=r"^[0-9]{4}(Q[1-4])?$")]
    unit: Annotated[str, Field(max_length=40)] = ""
    action: Annotated[int | None, Field(ge=1, le=99)] = None


@progress.get("/exports")
@needs(Action.VIEW_LEDGER)
def exports() -> Response:
    """What can be had."""
    programme = year_asked()
    unit = own_unit()
    return page(
        "progress/exports.html",
        programme=programme,
        years=years(),
        bound=unit,
        actions=[one for one in programme.actions if unit in (None, *one.units)],
        tables=TABLES,
        current=newest_begun(programme, today()).code,
    )


@progress.get("/exports/form.<ending>")
@needs(Action.VIEW_LEDGER)
@takes_long
def export_form(ending: str) -> AnyResponse:
    """The form as a file."""
    if ending not in exporting.FORMS:
        abort(404)
    given = {name: value for name, value in request.args.items() if value}
    try:
        asked = FormAsked.model_validate(given)
    except ValidationError:
        tell("请选择要导出的季度、单位和行动。", "bad")
        return redirect(url_for("progress.exports"), 303)
    programme = programme_of(asked.period[:4])
    scope = choose(programme, me(), asked.period, asked.unit, asked.action)
    return _file(exporting.form_of(db.session, me(), scope, ending, city(), now()))


@progress.get("/exports/briefing.docx")
@needs(Action.VIEW_LEDGER)
@takes_long
def export_briefing() -> AnyResponse:
    """A quarter's briefing; of all units, so not for those of one."""
    code = request.args.get("period", "")
    if not re.fullmatch(r"[0-9]{4}Q[1-4]", code):
        tell("请选择简报的季度。", "bad")
        return redirect(url_for("progress.exports"), 303)
    programme, period = programme_with(code)
    seen = on_the_map(programme)
    return _file(exporting.briefing_of(db.session, me(), programme, period, city(), seen, now()))


@progress.get("/exports/<int:year>.json")
@needs(Action.VIEW_LEDGER)
@takes_long
def export_everything(year: int) -> Response:
    """All tables as one document."""
    return _file(exporting.document_of(db.session, _asked(programme_of(year))))


@progress.get("/exports/<int:year>/<name>.csv")
@needs(Action.VIEW_LEDGER)
@takes_long
def export_table(year: int, name: str) -> Response:
    """One table."""
    if name not in TABLES:
        abort(404)
    return _file(exporting.table_of(db.session, _asked(programme_of(year)), name))


def _asked(programme: Programme) -> Asked:
    return Asked(db.session, me(), programme, city())


def _file(made: exporting.Exported) -> Response:
    response = Response(made.body, content_type=made.media_type)
    response.headers["Content-Disposition"] = attachment(made.name)
    return response
