"""What the pages of the office stand on: a year's programme, today, the map, whose part it is.

Public names: ``Asked``, ``asked``, ``programme_of``, ``programme_with``, ``latest_year``,
``owed_here``, ``own_unit``, ``today``, ``on_the_map``, ``city``.
"""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from flask import abort, current_app, request
from pydantic import BaseModel, ConfigDict, ValidationError

from config.programmes import Period, Programme
from geo.city import City
from server.atlas_keeper import NoEdition
from server.console.gate import me
from server.db import now
from server.ledger import reports, states
from server.ledger.cells import ReportKey
from server.ledger.people import Unseen, refuse_unseen
from server.ledger.seen import Seen, seen
from server.pages import error_page
from server.permissions import UNIT_ROLES


class Asked(BaseModel):
    """Base of what the address of a page asks for."""

    model_config = ConfigDict(extra="ignore", frozen=True)


AnyAsked = TypeVar("AnyAsked", bound=Asked)


def asked(model: type[AnyAsked]) -> AnyAsked:
    """What the address asks for; what is left empty is not asked for. Else a page that says so."""
    given = {name: value for name, value in request.args.items() if value}
    try:
        return model.model_validate(given)
    except ValidationError:
        abort(error_page(400, "网址里的筛选条件写法不对，请返回上一页重新选择。"))


def latest_year() -> int:
    """The year that people work on: this one, or the last before it that has a programme."""
    years: Mapping[int, Programme] = current_app.extensions["programmes"]
    return next((year for year in years if year <= today().year), min(years))


def programme_of(year: int | None) -> Programme:
    """A year's programme, the newest if none is said; a page of 404 where there is none."""
    years: Mapping[int, Programme] = current_app.extensions["programmes"]
    if year is None:
        return years[latest_year()]
    return years[year] if year in years else abort(404)


def programme_with(code: str) -> tuple[Programme, Period]:
    """The programme of a quarter's year, and the quarter."""
    programme = programme_of(int(code[:4]) if code[:4].isdecimal() and code.isascii() else 0)
    try:
        return programme, programme.period(code)
    except LookupError:
        abort(404)


def owed_here(key: ReportKey) -> tuple[Programme, Period]:
    """The programme and the quarter of a report that is owed and theirs to see; else a page."""
    programme, _ = programme_with(key.period)
    try:
        period = reports.owed(programme, key)
    except Unseen:
        abort(404)
    try:
        refuse_unseen(me(), key.unit)
    except Unseen as error:
        abort(error_page(403, f"{error}。"))
    return programme, period


def own_unit() -> str | None:
    """The only unit that the person may see; None: they see all."""
    return (me().unit or "") if me().role in UNIT_ROLES else None


def today() -> date:
    """The day in Zibo."""
    return states.on_the_wall(now())


def city() -> City:
    """The city."""
    found: City = current_app.extensions["city"]
    return found


def on_the_map(programme: Programme) -> Mapping[str, Seen]:
    """What the published map counts of a programme; nothing while no edition is loaded."""
    try:
        return seen(current_app.extensions["atlas_keeper"].atlas, programme)
    except NoEdition:
        return {}
