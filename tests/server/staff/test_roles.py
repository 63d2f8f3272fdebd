"""Who may take which route? Every role knocks at every door of the console and the APIs."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import Client, TestResponse

from geo.opening import SHANGHAI
from server.db import db, now
from server.models import AuditEvent, Listing, Revision
from server.operators import add_token
from server.people.keys import key_ring
from server.people.sessions import sign_in
from server.permissions import ALLOWED, UNIT_ROLES, Action
from server.revisions import writing
from tests.miniapp_api.lines import notice
from tests.server.material import add
from tests.server.pages import fill, retire, served, settings_in
from tests.server.staff.people import somebody, token
from tests.server.staff.role_table import (
    LINE,
    NOTICE,
    OPERATOR,
    OTHER_LINE,
    PERSON,
    PLACE,
    PUBLIC,
    ROUTES,
    SYSTEM,
    WAITING,
    Route,
)
from tests.server.webmap.lines import fill_lines

PARTS = ("/staff", "/api", "/internal")
ELSEWHERE: dict[str, dict[str, Any]] = {
    "editor": {"districts": ["boshan"]},
    "reviewer": {"districts": ["boshan"]},
    "dispatcher": {"listings": [OTHER_LINE]},
}
OUT_OF_BOUNDS = ("不在您负责的范围", "不由您负责的线路")
ROLE_CAN_NOT = "您的角色不能"


class Town(NamedTuple):
    """The service, and tokens of the operators of one line and of another."""

    app: Flask
    operator: str
    other: str


def announce() -> None:
    """36: a notice of the first line, in force."""
    today = datetime.now(SHANGHAI).date()
    said = notice("改道", today.isoformat(), (today + timedelta(days=9)).isoformat(), routes=[LINE])
    assert add(said) == NOTICE


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    settings = settings_in(tmp_path_factory.mktemp("roles"))
    with served(settings, fill, retire, fill_lines, announce) as app:
        with app.app_context():
            tokens = [
                add_token(name, [line])[1] for name, line in (("甲", LINE), ("乙", OTHER_LINE))
            ]
            db.session.commit()
        yield Town(app, *tokens)


def fresh(app: Flask) -> dict[str, int]:
    """What the paths of the table name, made anew, whatever was done to it before."""
    with app.app_context():
        with writing(db.session):
            back = {"state": "active", "retired_on": None, "merged_into_id": None}
            db.session.execute(
                update(Listing).where(Listing.id.in_((PLACE, WAITING, NOTICE))).values(back)
            )
            made = {
                "first": _first(PLACE),
                "draft": _revision(PLACE, "draft"),
                "submitted": _revision(WAITING, "submitted"),
                "notice": _revision(NOTICE, "approved"),
            }
        return {name: revision.id for name, revision in made.items()}


def _first(listing_id: int) -> Revision:
    of_the_listing = select(Revision).where(Revision.listing_id == listing_id)
    return db.session.scalars(of_the_listing.order_by(Revision.id).limit(1)).one()


def _revision(listing_id: int, state: str) -> Revision:
    document = _first(listing_id).document
    if state == "draft":
        document = document | {"introduction": "改过的介绍"}
    revision = Revision(
        listing_id=listing_id,
        document=document,
        origin="staff",
        state=state,
        decided_at=now() if state == "approved" else None,
    )
    db.session.add(revision)
    db.session.flush()
    return revision


class Knocking(NamedTuple):
    """Somebody before the doors, with the numbers that stand on some of them."""

    client: Client
    numbers: dict[str, int]
    csrf: str = ""
    bearer: str = ""

    def at(self, route: Route) -> TestResponse:
        """Ask as a page or a program of the route's part would."""
        path, sent = route.path(self.numbers), route.sent(self.numbers)
        if route.who in (OPERATOR, PERSON, SYSTEM):
            headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
            body = {"json": sent} if sent else {}
            return self.client.open(path, method=route.method, headers=headers, **body)
        if route.method == "GET":
            return self.client.get(path)
        headers = {"X-CSRFToken": self.csrf}
        if route.if_match:
            headers["If-Match"] = route.if_match.format(**self.numbers)
        body = {"json": sent} if route.json else {"data": sent}
        return self.client.open(path, method=route.method, headers=headers, **body)

    def outcome(self, route: Route) -> str:
        """``in``, ``forbidden`` for the role or ``elsewhere`` for the bounds, or ``sign in``."""
        answer = self.at(route)
        assert answer.status_code < 500, (route, answer.text)
        if answer.status_code == 401 or (answer.location or "").startswith("/staff/?next="):
            return "sign in"
        if answer.status_code in (302, 303) and route.path(self.numbers) != "/staff/sign-out":
            forbidden = False
            answer = self.client.get(answer.location)
        else:
            forbidden = answer.status_code == 403
        text = answer.get_data().decode("utf-8", "replace")
        if any(words in text for words in OUT_OF_BOUNDS):
            return "elsewhere"
        return "forbidden" if forbidden or ROLE_CAN_NOT in text else "in"


def wrong(
    routes: list[Route], expected: Callable[[Route], str], found: Callable[[Route], str]
) -> dict[str, tuple[str, str]]:
    """The routes whose outcome is another than expected: both, by route."""
    pairs = {route.key: (expected(route), found(route)) for route in routes}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def test_has_every_route_its_line(town: Town) -> None:
    ours = {
        f"{method} {rule.rule}"
        for rule in town.app.url_map.iter_rules()
        if rule.rule.startswith(PARTS)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    listed = [route.key for route in ROUTES]
    assert sorted(listed) == sorted(set(listed))
    assert ours - set(listed) == set(), "without a line in role_table.py"
    assert set(listed) - ours == set(), "with a line, but no such route"


@pytest.mark.parametrize("role", sorted(ALLOWED))
def test_who_may_take_which_route(town: Town, role: str) -> None:
    person = somebody(town.app, role, unit="市教育局" if role in UNIT_ROLES else None)
    knocking = Knocking(person.client, fresh(town.app), person.token)

    def expected(route: Route) -> str:
        if route.who in (OPERATOR, PERSON, SYSTEM):
            return "sign in"
        return "in" if route.who is PUBLIC or route.who in ALLOWED[role] else "forbidden"

    assert wrong(list(ROUTES), expected, knocking.outcome) == {}


def test_what_may_somebody_who_is_not_signed_in(town: Town) -> None:
    client = town.app.test_client()
    knocking = Knocking(client, fresh(town.app), token(client))

    def expected(route: Route) -> str:
        return "in" if route.who is PUBLIC else "sign in"

    assert wrong(list(ROUTES), expected, knocking.outcome) == {}


@pytest.mark.parametrize("role", sorted(ELSEWHERE))
def test_is_what_belongs_elsewhere_left_alone(town: Town, role: str) -> None:
    person = somebody(town.app, role, f"{role}-elsewhere", **ELSEWHERE[role])
    knocking = Knocking(person.client, fresh(town.app), person.token)
    bounded = [route for route in ROUTES if route.bounded and route.who in ALLOWED[role]]
    assert len(bounded) > 1
    before = _changes(town.app)
    let_in = [route.key for route in bounded if knocking.outcome(route) in ("in", "sign in")]
    assert let_in == []
    assert _changes(town.app) == before


def _changes(app: Flask) -> tuple[int, int]:
    """How much was ever written about listings, and how much was told of it."""
    with app.app_context():
        revisions = db.session.scalar(select(func.count()).select_from(Revision))
        events = db.session.scalar(select(func.count()).where(AuditEvent.subject_type == "listing"))
        return revisions or 0, events or 0


def test_what_may_a_bus_operators_program(town: Town) -> None:
    theirs = [route for route in ROUTES if route.who is OPERATOR]
    assert len(theirs) >= 3
    assert all(route.bounded for route in theirs)
    for bearer, status in ((town.operator, "in"), (town.other, "forbidden")):
        knocking = Knocking(town.app.test_client(), {}, bearer=bearer)
        assert wrong(theirs, lambda _, status=status: status, knocking.outcome) == {}


def test_what_may_a_user_of_the_mini_program(town: Town) -> None:
    theirs = [route for route in ROUTES if route.who is PERSON]
    operators = [route for route in ROUTES if route.who is OPERATOR]
    ring = key_ring(town.app.extensions["settings"])
    for route in (*theirs, *operators):
        with town.app.app_context(), writing(db.session):
            bearer = sign_in(db.session, ring, "o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
        knocking = Knocking(town.app.test_client(), {}, bearer=bearer)
        assert knocking.outcome(route) == ("in" if route in theirs else "sign in"), route
    knocking = Knocking(town.app.test_client(), {}, bearer=town.operator)
    assert wrong(theirs, lambda _: "sign in", knocking.outcome) == {}


def test_do_tokens_of_operators_open_no_page(town: Town) -> None:
    numbers, client = fresh(town.app), town.app.test_client()
    headers = {"Authorization": f"Bearer {town.operator}"}
    pages = [r for r in ROUTES if isinstance(r.who, Action) and r.method == "GET"]
    answers = [client.get(route.path(numbers), headers=headers) for route in pages]
    assert {(answer.location or "")[:13] for answer in answers} == {"/staff/?next="}
