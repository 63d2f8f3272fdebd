"""The ledger's own menu, below the console's: its places, as far as the person may see them."""

from typing import Any

from flask import current_app

from server.console.frame import Place, leads_somewhere
from server.console.gate import me
from server.db import db
from server.ledger.demo_mark import demo_years
from server.permissions import Action, may
from server.progress.blueprint import progress

PLACES = (
    Place("progress.home", "我的填报"),
    Place("progress.matrix", "总览"),
    Place("progress.indicators", "指标"),
    Place("progress.items", "清单"),
    Place("progress.matters", "重要情况"),
    Place("progress.exports", "导出"),
    Place("progress.tokens", "接口令牌"),
)
"""By the names of their views, which need not be there."""


@progress.context_processor
def _places() -> dict[str, Any]:
    return {"ledger_places": places, "made_up_years": made_up_years}


def made_up_years() -> list[int]:
    """The years that ``flask progress demo`` has filled: every page says so."""
    return sorted(demo_years(db.session))


def places() -> list[Place]:
    """The places that the signed-in person may see; who reports nothing has no reports."""
    person = me()
    return [
        place
        for place in PLACES
        if leads_somewhere(place, person)
        and not (
            place.endpoint == "progress.home"
            and "progress.matrix" in current_app.view_functions
            and not may(person, Action.REPORT)
        )
    ]
