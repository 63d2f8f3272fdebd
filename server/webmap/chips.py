"""Filters as links: each leads to the list with one thing changed. No Flask."""

from collections.abc import Sequence
from typing import NamedTuple

from geo.city import City, Term
from server.webmap.kindly import Address
from server.webmap.listing import OPEN
from server.webmap.query import ListQuery

AGES = range(19)


class Choice(NamedTuple):
    """A link that sets a filter, or takes out one that is ``on``."""

    title: str
    address: Address
    on: bool


class Menu(NamedTuple):
    """Choices of which one (facilities: several) can be on."""

    name: str
    title: str
    chosen: str
    """What is chosen, in a few characters; empty for nothing."""
    choices: list[Choice]


def toggles(query: ListQuery) -> list[Choice]:
    """The questions of yes or no that parents ask first."""
    told = [_toggle(query, "open", code, title) for code, title in OPEN.items()]
    return [*told, _toggle(query, "free", "true", "免费")]


def _toggle(query: ListQuery, name: str, value: str, title: str) -> Choice:
    on = getattr(query, name) == value
    return Choice(title, query.address(**{name: None if on else value}), on)


def menus(query: ListQuery, city: City) -> list[Menu]:
    """Everything else that can be chosen; the kinds of places have pages of their own."""
    ages = [(str(age), f"{age} 岁") for age in AGES]
    return [
        _menu(query, "age", "年龄", "不限年龄", ages),
        _menu(query, "theme", "主题", "全部主题", _pairs(city.themes)),
        _menu(query, "district", "区县", "全市", _pairs(city.districts)),
        _facilities(query, city.facilities),
    ]


def _pairs(terms: Sequence[Term]) -> list[tuple[str, str]]:
    return [(term.code, term.title) for term in terms]


def _menu(
    query: ListQuery, name: str, title: str, nothing: str, values: list[tuple[str, str]]
) -> Menu:
    asked = getattr(query, name)
    asked = None if asked is None else str(asked)
    choices = [Choice(nothing, query.address(**{name: None}), asked is None)]
    choices += [
        Choice(label, query.address(**{name: value}), value == asked) for value, label in values
    ]
    return Menu(name, title, dict(values).get(asked or "", ""), choices)


def _facilities(query: ListQuery, terms: Sequence[Term]) -> Menu:
    choices = [
        Choice(
            term.title,
            query.address(facility=sorted(set(query.facility) ^ {term.code})),
            term.code in query.facility,
        )
        for term in terms
    ]
    on = [choice.title for choice in choices if choice.on]
    chosen = on[0] if len(on) == 1 else f"{len(on)} 项设施" if on else ""
    return Menu("facility", "设施", chosen, choices)


def orders(query: ListQuery) -> list[Choice]:
    """The orders that make sense, if there is more than one; the first needs no name."""
    by_place, by_words = query.centre is not None, query.q is not None
    if not by_place and not by_words:
        return []
    first = "由近及远" if by_place else "最相关在前"
    named: list[tuple[str | None, str]] = [(None, first), ("name", "按名称")]
    return [Choice(title, query.address(sort=sort), query.sort == sort) for sort, title in named]
