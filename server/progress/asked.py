"""What an address of the ledger asks for: which year's programme, which report.

Public names: ``Asked``, ``asked``, ``programme_of``, ``years``, ``city``, ``today``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import Response, abort, current_app, request

from config.programmes import Action, Period, Programme
from geo.city import City
from server.console.gate import me
from server.db import now
from server.ledger import reports
from server.ledger.cells import Cell, ReportKey, cells
from server.ledger.people import Unseen, refuse_unseen
from server.ledger.states import on_the_wall
from server.pages import error_page
from server.progress.blueprint import progress


class Asked(NamedTuple):
    """A report that the programme asks for, and that the person may see."""

    programme: Programme
    key: ReportKey
    period: Period
    action: Action
    form: tuple[Cell, ...]

    @property
    def shared(self) -> bool:
        """Whether other units answer for the action too."""
        return len(self.action.units) > 1

    @property
    def address(self) -> dict[str, Any]:
        """What names it in an address."""
        return {"period": self.key.period, "action": self.key.action, "unit": self.key.unit}


def asked(period: str, action: int, unit: str) -> Asked:
    """The report of an address; 404 if none such is owed.

    Raises:
        Unseen: it is another unit's.
    """
    programme = programme_of(period[:4])
    key = ReportKey(unit, action, period)
    try:
        quarter = reports.owed(programme, key)
    except Unseen:
        abort(404)
    refuse_unseen(me(), unit)
    of = programme.action(action)
    return Asked(programme, key, quarter, of, cells(of, city()))


def programme_of(year: str | int | None = None) -> Programme:
    """The programme of a year; the newest, if none is said; 404 if there is none of it."""
    known: Mapping[int, Programme] = current_app.extensions["programmes"]
    if year is None:
        return next(iter(known.values()))
    try:
        return known[int(year)]
    except (KeyError, ValueError):
        abort(404)


def year_asked() -> Programme:
    """The programme of the query's ``year``."""
    return programme_of(request.args.get("year") or None)


def years() -> list[int]:
    """The years that have a programme, the newest first."""
    return list(current_app.extensions["programmes"])


def city() -> City:
    """The city of the map."""
    found: City = current_app.extensions["city"]
    return found


def today() -> date:
    """The day in Zibo."""
    return on_the_wall(now())


@progress.errorhandler(Unseen)
def _unseen(error: Unseen) -> Response:
    return error_page(403, f"{error}。")
