"""What the pages of the office ask: filters of an address, a quarter's programme, the map.

Public names: ``Query``, ``query``, ``programme_with``, ``own_unit``, ``on_the_map``.
"""

from collections.abc import Mapping
from typing import TypeVar

from flask import abort, current_app, request
from pydantic import BaseModel, ConfigDict, ValidationError

from config.programmes import Period, Programme
from server.atlas_keeper import NoEdition
from server.console.gate import me
from server.ledger.seen import Seen, seen
from server.pages import error_page
from server.permissions import UNIT_ROLES
from server.progress.asked import programme_of


class Query(BaseModel):
    """Base of what the address of a page asks for."""

    model_config = ConfigDict(extra="ignore", frozen=True)


AnyQuery = TypeVar("AnyQuery", bound=Query)


def query(model: type[AnyQuery]) -> AnyQuery:
    """What the address asks for; what is left empty is not asked for. Else a page that says so."""
    given = {name: value for name, value in request.args.items() if value}
    try:
        return model.model_validate(given)
    except ValidationError:
        abort(error_page(400, "网址里的筛选条件写法不对，请返回上一页重新选择。"))


def programme_with(code: str) -> tuple[Programme, Period]:
    """The programme of a quarter's year, and the quarter; 404 if there is none such."""
    programme = programme_of(code[:4])
    try:
        return programme, programme.period(code)
    except LookupError:
        abort(404)


def own_unit() -> str | None:
    """The only unit that the person may see; None: they see all."""
    return (me().unit or "") if me().role in UNIT_ROLES else None


def on_the_map(programme: Programme) -> Mapping[str, Seen]:
    """What the published map counts of a programme; nothing while no edition is loaded."""
    try:
        return seen(current_app.extensions["atlas_keeper"].atlas, programme)
    except NoEdition:
        return {}
