"""Who may take which route? Every role knocks at every door of the console and the APIs."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from server.db import db
from server.operators import add_token
from server.permissions import ALLOWED, Action
from tests.server.pages import fill, retire, served, settings_in
from tests.server.staff.people import Person, somebody, token
from tests.server.staff.role_table import LINE, OPERATOR, OTHER_LINE, PUBLIC, ROUTES, Door, Route
from tests.server.webmap.lines import fill_lines

PARTS = ("/staff", "/api", "/internal")
ELSEWHERE: dict[str, dict[str, Any]] = {
    "editor": {"districts": ["boshan"]},
    "reviewer": {"districts": ["boshan"]},
    "dispatcher": {"listings": [OTHER_LINE]},
}
OUT_OF_BOUNDS = "不在您负责的范围"


class Town(NamedTuple):
    """The service, and tokens of the operators of one line and of another."""

    app: Flask
    operator: str
    other: str


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    settings = settings_in(tmp_path_factory.mktemp("roles"))
    with served(settings, fill, retire, fill_lines) as app:
        with app.app_context():
            tokens = [
                add_token(name, [line])[1] for name, line in (("甲", LINE), ("乙", OTHER_LINE))
            ]
            db.session.commit()
        yield Town(app, *tokens)


def knock(client: Client, route: Route, csrf: str = "", bearer: str = "") -> TestResponse:
    """Ask as a page or a program of the route's part would."""
    if route.rule.startswith("/internal"):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        body = {"json": dict(route.form)} if route.method != "DELETE" else {}
        return client.open(route.path, method=route.method, headers=headers, **body)
    if route.method == "GET":
        return client.get(route.path)
    return client.open(route.path, method=route.method, data={"csrf_token": csrf, **route.form})


def outcome(answer: TestResponse) -> str:
    """``in``, ``forbidden``, or ``sign in``."""
    assert answer.status_code < 500, answer.text
    if answer.status_code == 403:
        return "forbidden"
    to_the_entrance = (answer.location or "").startswith("/staff/?next=")
    return "sign in" if answer.status_code == 401 or to_the_entrance else "in"


def wrong(routes: list[Route], expected: Any, found: Any) -> dict[str, tuple[str, str]]:
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
    person = somebody(town.app, role)

    def expected(route: Route) -> str:
        if route.who is OPERATOR:
            return "sign in"
        return "in" if route.who is PUBLIC or route.who in ALLOWED[role] else "forbidden"

    def found(route: Route) -> str:
        return outcome(knock(person.client, route, person.token))

    assert wrong(list(ROUTES), expected, found) == {}


def test_what_may_somebody_who_is_not_signed_in(town: Town) -> None:
    client = town.app.test_client()
    csrf = token(client)

    def found(route: Route) -> str:
        return outcome(knock(client, route, csrf))

    assert wrong(list(ROUTES), lambda r: "in" if r.who is PUBLIC else "sign in", found) == {}


@pytest.mark.parametrize("role", sorted(ELSEWHERE))
def test_is_what_belongs_elsewhere_left_alone(town: Town, role: str) -> None:
    person = somebody(town.app, role, f"{role}-elsewhere", **ELSEWHERE[role])
    bounded = [
        route
        for route in ROUTES
        if route.bounded and isinstance(route.who, Action) and route.who in ALLOWED[role]
    ]

    def found(route: Route) -> str:
        return "refused" if _refused(person, knock(person.client, route, person.token)) else "in"

    assert wrong(bounded, lambda _: "refused", found) == {}


def _refused(person: Person, answer: TestResponse) -> bool:
    """Whether it was the bounds that refused, on this page or on the one that it leads to."""
    if answer.status_code in (302, 303):
        answer = person.get(answer.location)
    return answer.status_code == 403 or OUT_OF_BOUNDS in answer.text


def test_what_may_a_bus_operators_program(town: Town) -> None:
    client = town.app.test_client()
    theirs = [route for route in ROUTES if route.who is OPERATOR]
    assert len(theirs) >= 3
    assert all(route.bounded for route in theirs)
    for bearer, expected in ((town.operator, "in"), (town.other, "forbidden")):

        def found(route: Route, bearer: str = bearer) -> str:
            return outcome(knock(client, route, bearer=bearer))

        assert wrong(theirs, lambda _, expected=expected: expected, found) == {}


def test_do_tokens_of_operators_open_no_page(town: Town) -> None:
    headers = {"Authorization": f"Bearer {town.operator}"}
    client = town.app.test_client()
    pages = [r for r in ROUTES if isinstance(r.who, Action) and r.method == "GET"]
    found = [outcome(client.get(route.path, headers=headers)) for route in pages]
    assert set(found) == {"sign in"}


def test_says_every_line_who_may() -> None:
    assert {type(route.who) for route in ROUTES} == {Action, Door}
