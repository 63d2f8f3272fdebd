"""The list of listings: found, filtered, sorted; and confirmed one by one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geo.city import City
from server.bulk import ACTIONS, MOST
from server.confirmations import BUTTONS, confirm
from server.console.frame import page, tell
from server.console.gate import me, needs
from server.console.sign_in import inside
from server.db import db
from server.field_labels import FIELDS
from server.listing_query import MINE, MISSABLE, SORTS, STATES, ListingsQuery, read
from server.listing_search import Found, today
from server.member_names import names
from server.permissions import Action, may
from server.revisions import Refused, writing
from server.staff.blueprint import staff
from server.staff.listing_table import find
from server.staff.overview import TYPES

GAPS: Mapping[str, str] = {
    field: next(titles[field] for titles in FIELDS.values() if field in titles)
    for field in MISSABLE
}
"""What may be missing, in Chinese."""

QUICK = (
    ("mine", "bounds", "我负责的"),
    ("state", "draft", "有草稿"),
    ("state", "submitted", "待审核"),
    ("state", "returned", "已退回"),
    ("unverified", "true", "未核实"),
    ("stale", "true", "超过 180 天没有确认"),
)
"""Filters that are one tap away."""


EVERYTHING = {"q": ""}
"""The address of the whole list. An address that asks for nothing is, for people with bounds,
the list of what is theirs."""


class Choice(NamedTuple):
    """A filter that is chosen from a list: values with titles that tell how many there are."""

    name: str
    title: str
    options: list[tuple[str, str]]


class Chip(NamedTuple):
    """A filter that is one tap away; the address sets it or takes it out."""

    title: str
    number: int | None
    is_set: bool
    address: dict[str, str]


@staff.get("/listings")
@needs(Action.VIEW)
def listings() -> Response:
    """One page of the list."""
    city: City = current_app.extensions["city"]
    query, said = read(request.args, city)
    if not request.args and _has_bounds():
        query = ListingsQuery(mine="bounds")
    found = find(query)
    return page(
        "staff/listings.html",
        query=query,
        said=said,
        found=found,
        quick=_quick(query, found),
        chosen=chosen(query, city),
        choices=_choices(found, city),
        sorts=list(SORTS.items()),
        gaps=GAPS,
        terms=_terms(city),
        types=TYPES,
        names=names(db.session, {row.says.author_id for row in found.rows}),
        today=today(),
        everything=EVERYTHING,
        actions=_actions(),
        most=MOST,
    )


@staff.post("/listings/<int:id_>/confirm")
@needs(Action.EDIT)
def confirm_listing(id_: int) -> AnyResponse:
    """Say that a listing is still true; back to where the person came from."""
    city: City = current_app.extensions["city"]
    try:
        with writing(db.session):
            revision = confirm(db.session, me(), id_, request.form.get("how", ""), city)
            name, state = revision.document["name"], revision.state
    except Refused as refusal:
        tell(f"没有确认：{refusal}。", "bad")
    else:
        if state == "approved":
            tell(f"“{name}”已确认仍然属实，下次发布时公众就能看到。")
        else:
            tell(f"“{name}”的号码确认已提交；由另一人审核后才算数。")
    back = inside(request.form.get("next")) or url_for("staff.listings", q=str(id_))
    return redirect(back, 303)


@staff.context_processor
def _ways_to_confirm() -> dict[str, Any]:
    return {"ways_to_confirm": list(BUTTONS.items())}


def _terms(city: City) -> dict[str, dict[str, str]]:
    return {
        "district": {term.code: term.title for term in city.districts},
        "theme": {term.code: term.title for term in city.themes},
        "kind": {term.code: term.title for term in city.kinds},
    }


def _quick(query: ListingsQuery, found: Found) -> list[Chip]:
    chips = []
    if _has_bounds():
        chips.append(Chip("全部", None, not query.filters, EVERYTHING))
    for name, value, title in QUICK:
        is_set = getattr(query, name) == value
        address = query.address(**{name: None if is_set else value}) or EVERYTHING
        chips.append(Chip(title, found.counts[name].get(value, 0), is_set, address))
    return chips


def _choices(found: Found, city: City) -> list[Choice]:
    terms = _terms(city)
    vocabularies: list[tuple[str, str, Mapping[str, str]]] = [
        ("type", "类型", TYPES),
        ("state", "状态", STATES),
        ("district", "区县", terms["district"]),
        ("theme", "主题", terms["theme"]),
        ("kind", "类别", terms["kind"]),
        ("missing", "缺少", GAPS),
        ("mine", "我的", MINE),
    ]
    return [
        Choice(name, title, _counted(found.counts[name], titles))
        for name, title, titles in vocabularies
    ]


def _counted(counts: Mapping[str, int], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, f"{title}（{counts.get(code, 0)}）") for code, title in titles.items()]


def chosen(query: ListingsQuery, city: City) -> list[tuple[str, dict[str, str]]]:
    """The filters that are set, in words, each with the address of the list without it."""
    titles: dict[str, Mapping[str, str]] = {
        **_terms(city),
        "type": TYPES,
        "state": STATES,
        "missing": {field: f"缺少{title}" for field, title in GAPS.items()},
        "mine": MINE,
        "unverified": {"true": "未核实"},
        "stale": {"true": "超过 180 天没有确认"},
    }
    return [
        (
            f"“{value}”" if name == "q" else titles[name][value],
            query.address(**{name: None}) or EVERYTHING,
        )
        for name, value in query.filters.items()
    ]


def _has_bounds() -> bool:
    return me().districts is not None or me().listings is not None


def _actions() -> list[tuple[str, str]]:
    """What the person may do to several listings at once."""
    return [
        (code, title)
        for code, title in ACTIONS.items()
        if may(me(), Action.RETIRE if code == "retire" else Action.EDIT)
    ]
