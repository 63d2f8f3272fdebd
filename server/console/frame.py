"""What stands around the pages of the console: the menu, and what was just done.

Public names: ``page``, ``tell``, ``first_place``, ``Place``, ``MENU``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Response, current_app, flash, make_response, render_template, url_for

from server import coded_reports
from server.console.gate import me
from server.console.role_words import ROLES
from server.console.sign_in import StaffUser, must_set_up
from server.console.waiting import waiting
from server.db import AnySession, db
from server.permissions import may


class Place(NamedTuple):
    """An entry of the console's menu; shown where the view exists and the person may see it."""

    endpoint: str
    title: str
    waiting: Callable[[AnySession, StaffUser], int] | None = None
    """How many things wait there for a person; the number stands beside the title."""


MENU = (
    Place("staff.overview", "概览"),
    Place("progress.home", "台账"),
    Place("staff.inbox", "待办", waiting),
    Place("staff.listings", "条目"),
    Place("staff.review_queue", "审核"),
    Place("staff.feedback", "反馈"),
    Place("staff.coded_reports", "报错", coded_reports.count),
    Place("staff.notices", "公告"),
    Place("staff.publishing", "发布"),
    Place("staff.imports", "导入"),
    Place("staff.jobs", "任务"),
    Place("staff.accounts", "账号"),
    Place("staff.audit_trail", "审计"),
    Place("staff.own_account", "我的"),
)
"""The places of all rooms, by the names of their views: a room need not be there."""


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A page of the console, with its menu.

    ``template`` is the full name, ``staff/inbox.html``: every room has a folder of its own.
    ``section`` in the context is the place of the menu that the page belongs to.
    """
    person = me()
    places = [] if must_set_up(person) else _places(person)
    rendered = render_template(
        template,
        me=person,
        role=ROLES.get(person.role, person.role),
        menu=places,
        badges={
            place.endpoint: place.waiting(db.session, person) for place in places if place.waiting
        },
        **context,
    )
    return make_response(rendered, status)


def tell(message: str, kind: str = "done") -> None:
    """Say something on the page that comes next; ``kind`` is ``done`` or ``bad``."""
    flash(message, kind)


def first_place(person: StaffUser) -> str:
    """The address of the first place of the menu that the person may see: where work begins."""
    return url_for(_places(person)[0].endpoint)


def _places(person: StaffUser) -> list[Place]:
    return [place for place in MENU if leads_somewhere(place, person)]


def leads_somewhere(place: Place, person: StaffUser) -> bool:
    view: Any = current_app.view_functions.get(place.endpoint)
    return view is not None and may(person, view.action)
