"""Lists of what is counted: all of a unit, and one of them with what can be added to it."""

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.programmes import Programme
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs, takes
from server.db import db, now
from server.ledger import item_keeping
from server.ledger.item_checks import ListKey, WrongItems
from server.ledger.people import refuse_unseen
from server.permissions import UNIT_ROLES, Action
from server.progress import item_form as forms
from server.progress.asked import city, programme_of, year_asked, years
from server.progress.blueprint import progress
from server.progress.files_page import TAKEN_ONE, keep_one, uploads
from server.revisions import Refused, writing


@progress.get("/items")
@needs(Action.VIEW_LEDGER)
def items() -> Response:
    """Every count of a unit (of all units, for the office) that can be kept as a list."""
    programme, person = year_asked(), me()
    bound = person.unit is not None or person.role in UNIT_ROLES
    units = [person.unit] if bound else list(programme.units)
    counts = item_keeping.lengths(db.session, programme.year)
    return page(
        "progress/items.html",
        programme=programme,
        years=years(),
        bound=bound,
        units=[(unit, _lists(programme, unit or "", counts)) for unit in units],
    )


@progress.get("/items/<int:year>/<indicator>/<unit>")
@needs(Action.VIEW_LEDGER)
def item_list(year: int, indicator: str, unit: str) -> Response:
    """One list."""
    return forms.show_list(_asked(year, indicator, unit), {})


@progress.post("/items/<int:year>/<indicator>/<unit>")
@needs(Action.REPORT, keeps_text=True)
@takes(TAKEN_ONE)
def add_items(year: int, indicator: str, unit: str) -> AnyResponse:
    """Add one item, or all lines that were pasted."""
    key = _asked(year, indicator, unit)
    raw = dict(request.form.items())
    if g.expired:
        return forms.show_list(key, raw, EXPIRED, 400)
    try:
        given = forms.pasted(raw) if raw.get("act") == "paste" else [forms.read(raw)]
        found = uploads("file") if raw.get("act") != "paste" else []
        with writing(db.session):
            file_id = keep_one(found)
            item_keeping.add(
                db.session,
                me(),
                programme_of(year),
                key,
                given,
                city(),
                now(),
                file_id,
            )
    except WrongItems as error:
        return forms.show_list(key, raw, "没有加入清单：", 422, forms.numbered(raw, error))
    except Refused as error:
        return forms.show_list(key, raw, f"没有加入清单：{error}。", 422)
    tell(f"已加入 {len(given)} 条。")
    return redirect(url_for("progress.item_list", **key._asdict()), 303)


def _asked(year: int, indicator: str, unit: str) -> ListKey:
    """The list of an address; 404 if there is none such.

    Raises:
        Unseen: it is another unit's.
    """
    key = ListKey(year, indicator, unit)
    forms.counted_or_404(key)
    refuse_unseen(me(), unit)
    return key


def _lists(
    programme: Programme, unit: str, counts: dict[ListKey, int]
) -> list[tuple[ListKey, forms.Counted, int]]:
    found = []
    for action in programme.actions:
        for indicator in action.indicators if unit in action.units else ():
            if indicator.measure == "at_least":
                key = ListKey(programme.year, indicator.code, unit)
                found.append((key, forms.Counted(action, indicator), counts.get(key, 0)))
    return found
