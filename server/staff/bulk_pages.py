"""One thing done to the listings that were ticked: asked for, rehearsed, done."""

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from pydantic import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from geo.city import City
from server.bulk import ACTIONS, MOST, Order, Outcome, rehearse, run
from server.confirmations import HOW
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.db import db
from server.listing_query import ListingsQuery, read
from server.permissions import Action
from server.revisions import Refused
from server.staff.blueprint import staff
from server.staff.listing_table import find

_VOCABULARIES = {
    "district": ("改成哪个区县", "districts"),
    "theme": ("改成哪个主题", "themes"),
    "kind": ("改成哪个类别", "kinds"),
    "facility": ("哪项设施", "facilities"),
}


@staff.post("/listings/bulk")
@needs(Action.EDIT)
def bulk() -> AnyResponse:
    """Ask for what is still to be said, else show what would be done; nothing is changed."""
    try:
        query, ids = _selection()
        order = _order()
    except Refused as refusal:
        return _back(str(refusal))
    city: City = current_app.extensions["city"]
    outcomes = [] if order.lacks else rehearse(db.session, me(), ids, order, city)
    return _shown(order, ids, query, outcomes)


@staff.post("/listings/bulk/run")
@needs(Action.EDIT)
def bulk_run() -> AnyResponse:
    """Do it, and tell what came of each listing."""
    try:
        query, ids = _selection()
        order = _order()
    except Refused as refusal:
        return _back(str(refusal))
    if order.lacks:
        return _shown(order, ids, query, [])
    city: City = current_app.extensions["city"]
    outcomes = run(db.session, me(), ids, order, city)
    return _shown(order, ids, query, outcomes, done=True)


@staff.post("/listings/selection")
@needs(Action.EXPORT)
def export_selection() -> AnyResponse:
    """On to the export of what was ticked."""
    try:
        _, ids = _selection()
    except Refused as refusal:
        return _back(str(refusal))
    return redirect(url_for("staff.export", ids=",".join(map(str, ids))), 303)


def _selection() -> tuple[ListingsQuery, list[int]]:
    """The filters of the list that was shown, and which listings were chosen from it.

    Raises:
        Refused: none, too many, or numbers that are none.
    """
    query, _ = read(_filters(), current_app.extensions["city"])
    if request.form.get("everything") == "true":
        ids = find(query).ids
    else:
        texts = request.form.getlist("ids")
        if any(not (t.isascii() and t.isdecimal() and len(t) < 10) for t in texts):
            raise Refused("所选的编号不对，请回到列表重新选择")
        ids = list(dict.fromkeys(map(int, texts)))
    if not ids:
        raise Refused("还没有选择条目")
    if len(ids) > MOST:
        raise Refused(f"一次最多 {MOST} 条，所选有 {len(ids)} 条；请先缩小筛选")
    return query, ids


def _filters() -> Mapping[str, str]:
    names = set(ListingsQuery.model_fields) - {"page"}
    return {name: value for name, value in request.form.items() if name in names}


def _order() -> Order:
    try:
        return Order.model_validate(request.form.to_dict())
    except ValidationError as error:
        if any(detail["loc"] == ("reason",) for detail in error.errors()):
            raise Refused("撤下的原因不超过 200 个字") from error
        raise Refused("没有这种批量操作，或者填写的内容不对") from error


def _back(refusal: str) -> AnyResponse:
    tell(f"{refusal}。", "bad")
    query, _ = read(_filters(), current_app.extensions["city"])
    address: dict[str, Any] = {**query.address()}
    return redirect(url_for("staff.listings", **address), 303)


def _shown(
    order: Order,
    ids: list[int],
    query: ListingsQuery,
    outcomes: list[Outcome],
    *,
    done: bool = False,
) -> Response:
    return page(
        "staff/bulk.html",
        order=order,
        title=ACTIONS[order.action],
        ids=ids,
        query=query,
        good=[one for one in outcomes if one.done],
        bad=[one for one in outcomes if not one.done],
        rehearsed=not order.lacks,
        done=done,
        asks=_asks(order),
        section="staff.listings",
    )


def _asks(order: Order) -> list[dict[str, Any]]:
    """The questions that the order needs an answer to, as ``parts.choice`` takes them."""
    if order.action == "confirm":
        return [_question("how", "怎样核实的", list(HOW.items()), order.how)]
    if order.action not in _VOCABULARIES:
        return []
    title, vocabulary = _VOCABULARIES[order.action]
    terms = getattr(current_app.extensions["city"], vocabulary)
    asks = [_question("value", title, [(t.code, t.title) for t in terms], order.value)]
    if order.action == "facility":
        asks.append(_question("has", "加上还是去掉", [("yes", "加上"), ("no", "去掉")], order.has))
    return asks


def _question(name: str, label: str, options: list[tuple[str, str]], value: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": [("", "请选择"), *options],
        "value": value,
        "required": True,
    }
