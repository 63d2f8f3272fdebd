"""Each indicator against its target and the calendar; what needs attention first."""

from typing import Any

from flask import Response, abort

from config.programmes import Indicator, Period, Programme
from server.console.frame import page
from server.console.gate import me, needs
from server.db import db
from server.ledger import matrix
from server.ledger.attention import KINDS, attention
from server.ledger.indicators import Progress, Year, expected, newest_begun, year
from server.ledger.seen import differs
from server.ledger.totals import Part
from server.ledger.values import told
from server.permissions import Action
from server.progress.asked import city, programme_of, today, years
from server.progress.blueprint import progress
from server.progress.charts import chart, gauge
from server.progress.queries import Query, on_the_map, own_unit, programme_with, query


class IndicatorsQuery(Query):
    """Which year, as it stood with which quarter's reports; with accepted ones alone or all."""

    year: int | None = None
    period: str = ""
    accepted: bool = False


@progress.get("/indicators", endpoint="indicators")
@needs(Action.VIEW_LEDGER)
def show_all() -> Response:
    """All indicators of a year; of a unit's people those of their own unit's reports."""
    chosen = query(IndicatorsQuery)
    programme, period = _chosen(chosen)
    found = _year(programme, chosen)
    day = min(today(), period.end)
    seen = on_the_map(programme)
    squares = matrix.squares(db.session, programme, today())
    matters = (
        attention(db.session, found, squares, seen, period, today()) if own_unit() is None else []
    )
    cells = [cell.until(period) for cell in found.cells]
    return page(
        "progress/indicators.html",
        programme=programme,
        years=years(),
        period=period,
        chosen=chosen,
        unit=own_unit(),
        actions=[
            (action, [(cell, gauge(cell, day)) for cell in cells if cell.action == action])
            for action in programme.actions
            if any(cell.action == action for cell in cells)
        ],
        day=day,
        today=today(),
        matters={kind: [m for m in matters if m.kind == kind] for kind in KINDS},
        kinds=KINDS,
        reached=sum(cell.reached for cell in cells),
        counted=sum(cell.indicator.measure != "narrative" for cell in cells),
        behind=[cell.cell.key for cell in cells if cell.is_behind(today())],
        seen=seen,
        differs=differs,
        expected=expected,
        told=told,
    )


@progress.get("/indicators/<int:year>/<code>", endpoint="indicator")
@needs(Action.VIEW_LEDGER)
def show(year: int, code: str) -> Response:
    """One indicator: its quarters, its units' parts, what they say of it."""
    chosen = query(IndicatorsQuery)
    programme = programme_of(year)
    indicator = _indicator(programme, code)
    found = _year(programme, chosen)
    cells = found.of(code)
    if not cells:
        abort(404)
    return page(
        "progress/indicator.html",
        corner="progress.indicators",
        programme=programme,
        chosen=chosen,
        unit=own_unit(),
        indicator=indicator,
        action=cells[0].action,
        cells=[(cell, gauge(cell, today())) for cell in cells],
        drawn=chart(cells[0], programme.periods) if len(cells) == 1 else None,
        parts_of=_parts(found, cells),
        seen=on_the_map(programme).get(code),
        differs=differs,
        expected=expected,
        told=told,
        now=newest_begun(programme, today()),
        lead=cells[0].action.lead == me().unit,
    )


def _year(programme: Programme, chosen: IndicatorsQuery) -> Year:
    return year(db.session, programme, city(), accepted=chosen.accepted, unit=own_unit())


def _chosen(chosen: IndicatorsQuery) -> tuple[Programme, Period]:
    if chosen.period:
        return programme_with(chosen.period)
    programme = programme_of(chosen.year)
    return programme, newest_begun(programme, today())


def _indicator(programme: Programme, code: str) -> Indicator:
    every = (one for action in programme.actions for one in action.indicators)
    return next((one for one in every if one.code == code), None) or abort(404)


def _parts(found: Year, cells: tuple[Progress, ...]) -> list[tuple[str, dict[str, Any]]]:
    """By unit, in the notice's order, its parts by quarter that say something of the indicator."""
    keys = {cell.cell.key for cell in cells}

    def says(part: Part) -> bool:
        return any(k in keys and not said.not_ours for k, said in part.says.cells.items())

    own = [part for part in found.parts if part.action == cells[0].action.number and says(part)]
    units = [unit for unit in cells[0].action.units if any(part.unit == unit for part in own)]
    return [(unit, {p.period: p for p in own if p.unit == unit}) for unit in units]
