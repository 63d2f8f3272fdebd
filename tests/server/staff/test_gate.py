"""Does the gate let in whom it should, and nobody else?"""

from dataclasses import dataclass

import pytest
from flask import Flask

from server.permissions import ALLOWED, Action, within_bounds
from tests.server.pages import Page
from tests.server.staff.people import somebody


def test_is_every_view_of_the_console_behind_the_gate(console: Flask) -> None:
    views = {
        rule.endpoint: console.view_functions[rule.endpoint]
        for rule in console.url_map.iter_rules()
        if rule.rule.startswith("/staff")
    }
    assert len(views) > 3
    assert [name for name, view in views.items() if not hasattr(view, "action")] == []


def test_is_a_view_that_says_nothing_closed_to_everybody(console: Flask) -> None:
    administrator = somebody(console, "administrator")
    view = console.view_functions["staff.overview"]
    marked = view.__dict__.pop("action")
    try:
        assert administrator.get("/staff/overview").status_code == 403
    finally:
        view.action = marked  # type: ignore[union-attr]


def test_does_work_begin_at_the_first_place_that_one_may_see(console: Flask) -> None:
    assert somebody(console, "editor").get("/staff/").location == "/staff/overview"
    person = somebody(console, "office_head")
    assert person.get("/staff/overview").status_code == 403
    first = person.get("/staff/")
    assert first.status_code == 302
    page = person.get(first.location, follow_redirects=True)
    assert page.status_code == 200
    places = Page(page.text).all("a")
    current = next(place for place in places if place.get("aria-current"))
    assert current["href"] == first.location
    assert "/staff/listings" not in {place["href"] for place in places}


def test_does_the_ledger_stand_behind_the_same_gate(console: Flask) -> None:
    away = console.test_client().get("/staff/progress/")
    assert away.location == "/staff/?next=/staff/progress/"
    person = somebody(console, "leader")
    page = person.get("/staff/progress/", follow_redirects=True)
    assert page.headers["Cache-Control"] == "no-store"
    current = next(place for place in Page(page.text).all("a") if place.get("aria-current"))
    assert current["href"] == "/staff/progress/"
    assert person.post("/staff/sign-out").status_code == 303
    assert person.get("/staff/progress/").status_code == 302


def test_is_a_form_without_its_token_refused(console: Flask) -> None:
    person = somebody(console, "administrator")
    person.client.post("/staff/sign-out", data={})
    assert person.get("/staff/overview").status_code == 200


def test_does_every_role_know_what_it_may() -> None:
    assert set(ALLOWED) == {
        "viewer", "editor", "reviewer", "publisher", "dispatcher", "administrator",
        "reporter", "unit_head", "office_reviewer", "office_head", "leader",
    }  # fmt: skip
    assert all(Action.OWN_ACCOUNT in allowed for allowed in ALLOWED.values())
    assert Action.PUBLISH not in ALLOWED["reviewer"]
    assert Action.EDIT not in ALLOWED["dispatcher"]


@dataclass
class Bounded:
    role: str
    districts: list[str] | None
    listings: list[int] | None


@pytest.mark.parametrize(
    ("document", "listing_id", "inside"),
    [
        ({"type": "site", "district": "boshan"}, 1, True),
        ({"type": "site", "district": "zhangdian"}, 1, False),
        ({"type": "site", "district": "zhangdian"}, 7, True),
        ({"type": "site", "district": "boshan"}, None, True),
        ({"type": "hotline"}, 1, False),
        ({"type": "notice", "routes": [7]}, 1, True),
        ({"type": "notice", "routes": [7, 8]}, 1, False),
        ({"type": "notice", "routes": []}, 7, False),
    ],
)
def test_where_do_the_bounds_of_an_editor_run(
    document: dict[str, object], listing_id: int | None, inside: bool
) -> None:
    assert within_bounds(Bounded("editor", ["boshan"], [7]), document, listing_id) is inside


def test_is_a_form_beyond_all_measure_not_even_read(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = editor.post("/staff/listings/1/edit", introduction="x" * (17 << 20))
    assert answer.status_code == 413
    assert "16 MB" in answer.text


def test_is_a_number_that_no_row_can_have_simply_not_there(console: Flask) -> None:
    editor = somebody(console, "editor")
    for number in (2**31, 10**30):
        assert editor.get(f"/staff/listings/{number}").status_code == 404
        assert editor.get(f"/staff/listings/{number}/photos").status_code == 404
