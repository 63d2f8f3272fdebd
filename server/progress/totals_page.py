"""What the parts of an action's units add up to, and the lead unit's word for it."""

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.programmes import Action as ProgrammeAction
from config.programmes import Programme
from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.db import db
from server.ledger import closings, totals
from server.ledger.people import Unseen
from server.ledger.values import told
from server.member_names import names
from server.permissions import Action, may
from server.progress.asked import city
from server.progress.blueprint import progress
from server.progress.queries import own_unit, programme_with
from server.revisions import Refused, writing


@progress.get("/<period>/<int:action>/totals", endpoint="totals")
@needs(Action.VIEW_LEDGER)
def show(period: str, action: int) -> Response:
    """The parts side by side, their total, and whether the lead stands for it."""
    return _shown(period, action)


@progress.post("/<period>/<int:action>/totals")
@needs(Action.ANSWER_FOR_UNIT, keeps_text=True)
def confirm_totals(period: str, action: int) -> AnyResponse:
    """The lead unit's head gives their word for what was on the page."""
    programme, found = _found(period, action)
    note, seen = request.form.get("note", ""), request.form.get("parts", "")[:2000]
    if g.expired:
        return _shown(period, action, note, EXPIRED)
    try:
        with writing(db.session):
            _refuse_changed(period, found, seen)
            totals.confirm(db.session, me(), programme, action, period, city(), note)
    except Refused as refused:
        return _shown(period, action, note, str(refused))
    tell(f"已确认第 {action} 项 {programme.period(period).title}的合计。")
    return redirect(url_for("progress.totals", period=period, action=action), 303)


def _shown(period: str, number: int, note: str = "", refusal: str = "") -> Response:
    programme, action = _found(period, number)
    every = totals.parts(db.session, [period], accepted=False)
    own = {part.unit: part for part in every if part.action == number}
    word = totals.confirmation(db.session, number, period, every)
    lead_head = may(me(), Action.ANSWER_FOR_UNIT) and me().unit == action.lead
    return page(
        "progress/totals.html",
        409 if refusal else 200,
        corner="progress.indicators",
        programme=programme,
        period=programme.period(period),
        action=action,
        units_parts=own,
        missing=[unit for unit in action.units if unit not in own],
        rows=totals.totals(action, city(), every),
        word=word,
        by=names(db.session, [word.row.confirmed_by]) if word else {},
        mark=_mark(every, action),
        closed=closings.is_closed(db.session, period),
        confirms=lead_head,
        note=note,
        refusal=refusal,
        told=told,
    )


def _found(period: str, number: int) -> tuple[Programme, ProgrammeAction]:
    """The action, for those who may see what all of its units have reported."""
    programme, _ = programme_with(period)
    try:
        action = programme.action(number)
    except LookupError:
        abort(404)
    if own_unit() not in (None, action.lead):
        raise Unseen(f"这一项的合计由牵头单位{action.lead}确认")
    return programme, action


def _refuse_changed(period: str, action: ProgrammeAction, seen: str) -> None:
    if seen != _mark(totals.parts(db.session, [period], accepted=False), action):
        raise Refused("页面打开以后，有单位的报送变了。请核对新的数字再确认")


def _mark(of: list[totals.Part], action: ProgrammeAction) -> str:
    """Which versions stand behind what a page shows."""
    own = [part for part in of if part.action == action.number]
    return "、".join(f"{part.unit}{part.says.number}" for part in own)
