"""Rounds of verification: begun over a filter, worked through on a phone, watched by district."""

from datetime import date
from typing import Literal

from flask import Response, abort, current_app, redirect, request, url_for
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from geo.city import City
from server import rounds
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.moments import told_at
from server.db import db
from server.listing_query import ListingsQuery, read
from server.listing_search import today
from server.member_names import names
from server.models import VerificationRound
from server.permissions import Action, within_bounds
from server.revisions import Refused, writing
from server.rounds import Task
from server.staff.blueprint import staff
from server.staff.listing_table import find, rows
from server.staff.listings_page import chosen

SHOWN = 100
"""Tasks on one page; what is done leaves it, and the next come up."""


class RoundQuery(BaseModel):
    """Which of a round's tasks are shown; anything else in the address is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    show: Literal["open", "changing", "done"] = "open"
    district: str = ""
    mine: Literal["true", "false"] = "true"


@staff.get("/rounds", endpoint="rounds")
@needs(Action.VIEW)
def every_round() -> Response:
    """All rounds, and the form that starts one over a filter of the list."""
    query, _ = read(request.args, current_app.extensions["city"])
    return _listed(query)


@staff.post("/rounds")
@needs(Action.REVIEW)
def start_round() -> AnyResponse:
    """Start a round."""
    city: City = current_app.extensions["city"]
    fields = set(ListingsQuery.model_fields) - {"page", "sort"}
    query, _ = read({name: v for name, v in request.form.items() if name in fields}, city)
    title, due = request.form.get("round_title", ""), request.form.get("due_on", "")
    ids = find(query).ids
    try:
        with writing(db.session):
            begun = rounds.start(db.session, me(), title, _day(due), ids, query.filters).id
    except Refused as refusal:
        return _listed(query, str(refusal), title, due, status=400)
    tell(f"这一轮核实开始了，共 {len(ids)} 条。")
    return redirect(url_for("staff.verification_round", id_=begun), 303)


@staff.get("/rounds/<int:id_>")
@needs(Action.VIEW)
def verification_round(id_: int) -> Response:
    """One round: how far it is, and what is still to be confirmed."""
    of = db.session.get(VerificationRound, id_)
    if of is None:
        abort(404)
    query = _query()
    every = rounds.tasks(of, rows(of.listings))
    reach = [task for task in every if query.mine == "false" or _mine(task)]
    inside = [task for task in reach if not query.district or _district(task) == query.district]
    shown = [task for task in inside if task.state == query.show]
    return page(
        "staff/round.html",
        section="staff.listings",
        round=of,
        query=query,
        counts={
            state: sum(t.state == state for t in inside) for state in ("open", "changing", "done")
        },
        done=sum(task.state in ("done", "gone") for task in every),
        total=len(every),
        progress=rounds.progress(every),
        districts={d.code: d.title for d in current_app.extensions["city"].districts},
        tasks=shown[:SHOWN],
        rest=max(0, len(shown) - SHOWN),
        bounded=me().districts is not None or me().listings is not None,
        people=names(db.session, {of.created_by, *(task.by for task in shown[:SHOWN])}),
        days=(of.due_on - today()).days,
        told_at=told_at,
    )


@staff.post("/rounds/<int:id_>/close")
@needs(Action.REVIEW)
def close_round(id_: int) -> AnyResponse:
    """End a round."""
    try:
        with writing(db.session):
            rounds.close(db.session, me(), id_)
    except Refused as refusal:
        tell(f"{refusal}。", "bad")
    else:
        tell("这一轮核实已结束。")
    return redirect(url_for("staff.rounds"), 303)


def _listed(
    query: ListingsQuery, refusal: str = "", title: str = "", due: str = "", status: int = 200
) -> Response:
    every = db.session.scalars(select(VerificationRound).order_by(VerificationRound.id.desc()))
    return page(
        "staff/rounds.html",
        status,
        section="staff.listings",
        rounds=[(each, *_done(each)) for each in every.all()],
        query=query,
        chosen=chosen(query, current_app.extensions["city"]),
        number=find(query).total,
        refusal=refusal,
        title=title,
        due=due,
        today=today(),
    )


def _done(of: VerificationRound) -> tuple[int, int]:
    every = rounds.tasks(of, rows(of.listings))
    return sum(task.state in ("done", "gone") for task in every), len(every)


def _query() -> RoundQuery:
    try:
        return RoundQuery.model_validate(request.args.to_dict())
    except ValidationError:
        return RoundQuery()


def _mine(task: Task) -> bool:
    return within_bounds(me(), task.row.says.placed, task.row.id)


def _district(task: Task) -> str:
    return task.row.says.district


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("请选择完成日期") from error
