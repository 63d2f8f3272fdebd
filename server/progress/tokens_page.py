"""Tokens of the ledger's API: who has one, made and taken back; a token's text is shown once."""

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.console.frame import page, tell
from server.console.gate import EXPIRED, me, needs
from server.db import db
from server.ledger import tokens as rules
from server.permissions import Action
from server.progress.asked import programme_of
from server.progress.blueprint import progress
from server.revisions import Refused, writing

OFFICE = "office"
"""What the form calls the office, which is no unit."""


@progress.get("/tokens")
@needs(Action.LEDGER_TOKENS)
def tokens() -> Response:
    """All that the person may take back."""
    return _page({})


@progress.post("/tokens")
@needs(Action.LEDGER_TOKENS, keeps_text=True)
def add_token() -> Response:
    """Make one, and show its text, this once."""
    form = request.form
    if g.expired:
        return _page(dict(form.items()), EXPIRED, 400)
    unit = me().unit or form.get("unit", "")
    if not unit:
        return _page(dict(form.items()), "请选择令牌属于谁。", 422)
    try:
        with writing(db.session):
            row, text = rules.add(
                db.session,
                me(),
                current_app.extensions["programmes"],
                form.get("name", ""),
                None if unit == OFFICE else unit,
                form.getlist("scope"),
            )
            made = (row.name, text)
    except Refused as refusal:
        return _page(dict(form.items()), f"{refusal}。", 422)
    return _page({}, made=made)


@progress.post("/tokens/<int:id_>/revoke")
@needs(Action.LEDGER_TOKENS)
def revoke_token(id_: int) -> AnyResponse:
    """Take one back."""
    try:
        with writing(db.session):
            name = rules.revoke(db.session, me(), id_).name
    except Refused as refusal:
        tell(f"{refusal}。", "bad")
    else:
        tell(f"已吊销令牌“{name}”，即刻失效。")
    return redirect(url_for("progress.tokens"), 303)


def _page(
    typed: dict[str, str],
    mistake: str = "",
    status: int = 200,
    made: tuple[str, str] | None = None,
) -> Response:
    unit = me().unit
    return page(
        "progress/tokens.html",
        status,
        tokens=rules.tokens(db.session, me()),
        scopes=rules.SCOPES,
        offered=rules.scopes_for(unit) if unit else tuple(rules.SCOPES),
        chosen=request.form.getlist("scope") if typed else ["read"],
        units=programme_of().units,
        office=OFFICE,
        bound=unit,
        typed=typed,
        mistake=mistake,
        made=made,
    )
