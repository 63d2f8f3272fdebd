"""Can anybody say with one tap that something is wrong, and see what became of it?"""

from typing import Any

import pytest

from server import coded_reports
from server.db import db
from server.revisions import writing
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.people.conftest import User
from tests.server.test_coded_reports import EDITOR


def nobody(town: World) -> User:
    return User(town, "")


def send(town: World, name: str, what: str, status: int = 200) -> Any:
    body = {"listing_id": town.ids[name], "what": what}
    return nobody(town).call("POST", "/reports", status, json=body)


def test_is_a_tap_answered_with_a_receipt_that_tells_what_became_of_it(town: World) -> None:
    told = send(town, "馆", "closed")
    assert (told["state"], told["name"]) == ("received", "馆")
    with town.app.app_context(), writing(db.session):
        coded_reports.decide(
            db.session, EDITOR, town.ids["馆"], "closed", changed=False, reason="今天照常开放"
        )
    later = nobody(town).call("GET", f"/reports/{told['receipt'].lower()}", 200)
    assert (later["state"], later["reason"]) == ("declined", "今天照常开放")
    assert later["decided_at"].endswith("+08:00")


def test_can_a_bus_be_said_not_to_have_come(town: World) -> None:
    assert send(town, "专线", "did_not_come")["what"] == "did_not_come"
    assert "这种问题" in send(town, "馆", "did_not_come", 409)["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"listing_id": 99999, "what": "closed"}, 404),
        ({"listing_id": 1, "what": "boring"}, 422),
        ({"listing_id": "1", "what": "closed"}, 422),
        ({"listing_id": 10**12, "what": "closed"}, 422),
        ({"listing_id": 1, "what": "closed", "text": "孩子的名字"}, 422),
        ({}, 422),
    ],
)
def test_is_anything_else_refused(town: World, body: dict[str, Any], status: int) -> None:
    nobody(town).call("POST", "/reports", status, json=body)


def test_does_a_number_of_a_line_that_the_public_never_sees_say_nothing(town: World) -> None:
    send(town, "内部", "closed", 404)


def test_are_receipts_not_to_be_guessed(town: World) -> None:
    for receipt in ("AAAAA-AAAAA", "x", "%2e%2e", "回执"):
        nobody(town).call("GET", f"/reports/{receipt}", 404)


def test_may_an_address_report_only_so_often(tmp_path: Any) -> None:
    world = make_world(tmp_path / "instance", reports_per_address=2)
    body = {"listing_id": 1, "what": "closed"}
    statuses = [world.client.post("/api/v1/reports", json=body).status_code for _ in range(3)]
    assert [status == 429 for status in statuses] == [False, False, True]
    dismantle(world)
