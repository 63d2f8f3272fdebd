"""One thing done to many listings, with a rehearsal before it.

Public names: ``Order``, ``ACTIONS``, ``Outcome``, ``rehearse``, ``run``, ``MOST``.

Every listing is a transaction of its own: one that is refused holds up no other, a writer's turn
is short, and if it is broken off in the middle each listing is as it was or as it should be. Done
again, what was done already is refused or left as it is.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints

from geo.city import City
from server.confirmations import confirm
from server.db import AnySession, start_writing
from server.field_labels import FIELDS, code_title
from server.listing_states import retire
from server.models import Listing
from server.revisions import Member, Refused, newest, save, submit, writing

MOST = 200
"""Listings at a time: some seconds of work, and as many as anybody reads through."""

ActionName = Literal["submit", "confirm", "retire", "district", "theme", "kind", "facility"]

ACTIONS: dict[ActionName, str] = {
    "submit": "提交审核",
    "confirm": "确认仍然属实",
    "district": "改区县",
    "theme": "改主题",
    "kind": "改类别",
    "facility": "加上或去掉一项设施",
    "retire": "撤下",
}

_ASKS: dict[ActionName, tuple[str, ...]] = {
    "submit": (),
    "confirm": ("how",),
    "retire": ("reason",),
    "district": ("value",),
    "theme": ("value",),
    "kind": ("value",),
    "facility": ("value", "has"),
}

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Order(BaseModel):
    """What is to be done; ``value`` is the code of what a field becomes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    action: ActionName
    how: Text = ""
    reason: Text = ""
    value: Text = ""
    has: Literal["", "yes", "no"] = ""

    @property
    def lacks(self) -> list[str]:
        """What must still be said before anything can be done."""
        return [name for name in _ASKS[self.action] if not getattr(self, name)]


class Outcome(NamedTuple):
    """What came of one listing, or would; the message says what was done or why it was not."""

    listing_id: int
    name: str
    done: bool
    message: str


Doing = Callable[[AnySession, Member, int], str]


def run(
    session: AnySession, by: Member, listings: Sequence[int], order: Order, city: City
) -> list[Outcome]:
    """Do it, one listing after another."""
    doing = _doing(order, city)
    outcomes = []
    for listing_id in listings:
        name = _name(session, listing_id)
        try:
            with writing(session):
                told = doing(session, by, listing_id)
        except Refused as refusal:
            outcomes.append(Outcome(listing_id, name, False, str(refusal)))
        else:
            outcomes.append(Outcome(listing_id, name, True, told))
    return outcomes


def rehearse(
    session: AnySession, by: Member, listings: Sequence[int], order: Order, city: City
) -> list[Outcome]:
    """What ``run`` would do: it is done, looked at, and undone."""
    doing = _doing(order, city)
    session.rollback()
    start_writing(session)
    outcomes = []
    try:
        for listing_id in listings:
            name = _name(session, listing_id)
            with suppress(_Undone), session.begin_nested():
                outcomes.append(_tried(session, by, listing_id, name, doing))
                raise _Undone
    finally:
        session.rollback()
    return outcomes


class _Undone(Exception):
    """Takes back what was rehearsed."""


def _tried(session: AnySession, by: Member, listing_id: int, name: str, doing: Doing) -> Outcome:
    try:
        return Outcome(listing_id, name, True, doing(session, by, listing_id))
    except Refused as refusal:
        return Outcome(listing_id, name, False, str(refusal))


def _name(session: AnySession, listing_id: int) -> str:
    last = newest(session, listing_id)
    return str(last.document.get("name", "")) if last else ""


def _doing(order: Order, city: City) -> Doing:
    match order.action:
        case "submit":
            return lambda session, by, id_: _submit(session, by, id_, city)
        case "confirm":
            return lambda session, by, id_: _confirm(session, by, id_, order.how, city)
        case "retire":
            return lambda session, by, id_: _retire(session, by, id_, order.reason)
        case _:
            return lambda session, by, id_: _change(session, by, id_, order, city)


def _submit(session: AnySession, by: Member, listing_id: int, city: City) -> str:
    last = newest(session, listing_id)
    if last is None:
        raise Refused(f"没有编号为 {listing_id} 的条目")
    if last.state != "draft":
        raise Refused("没有可以提交的草稿")
    submit(session, by, last.id, city)
    return "已提交，等待审核"


def _confirm(session: AnySession, by: Member, listing_id: int, how: str, city: City) -> str:
    revision = confirm(session, by, listing_id, how, city)
    return "已确认" if revision.state == "approved" else "号码确认已提交，等待另一人审核"


def _retire(session: AnySession, by: Member, listing_id: int, reason: str) -> str:
    retire(session, by, listing_id, reason)
    return f"已撤下：{reason}"


def _change(session: AnySession, by: Member, listing_id: int, order: Order, city: City) -> str:
    """Change one field of what is approved, and hand it in."""
    listing = session.get(Listing, listing_id)
    last = newest(session, listing_id)
    if listing is None or last is None:
        raise Refused(f"没有编号为 {listing_id} 的条目")
    field = "facilities" if order.action == "facility" else order.action
    if field not in FIELDS.get(listing.type, {}):
        raise Refused("这类条目没有这一项")
    if last.state != "approved":
        # Whatever else the draft holds would be handed in along with it.
        raise Refused("有一份修改还没有结束，请先处理")
    value = _value(last.document, field, order)
    if value == (last.document.get(field) or type(value)()):
        raise Refused("本来就是这样，不用改")
    told = _told(last.document, field, order, city)
    revision = save(session, by, listing_id, last.document | {field: value}, last.id, told)
    submit(session, by, revision.id, city)
    return f"{told}，已提交审核"


def _value(document: dict[str, object], field: str, order: Order) -> str | list[str]:
    if field != "facilities":
        return order.value
    former = document.get("facilities")
    others = [code for code in former if code != order.value] if isinstance(former, list) else []
    if order.has == "no":
        return others
    return former if isinstance(former, list) and order.value in former else [*others, order.value]


def _told(document: dict[str, object], field: str, order: Order, city: City) -> str:
    title = code_title(city, field, order.value)
    if field == "facilities":
        return f"{'加上' if order.has == 'yes' else '去掉'}设施“{title}”"
    return f"{FIELDS['site'][field]}：{code_title(city, field, str(document.get(field)))} → {title}"
