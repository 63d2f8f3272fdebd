"""Does signing in hold against WeChat as it really is: codes for one use, refusals, silence?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from server.db import db
from server.models import Person, PersonSession
from server.wechat import client as wechat_client
from tests import wechat_standin
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.people.conftest import User
from tests.wechat_standin import APP_ID, SECRET, StandIn, openid_of

PLACES = 3


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with wechat_standin.running() as service:
        yield service


@pytest.fixture(scope="module")
def world(running: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = make_world(
        tmp_path_factory.mktemp("sign-in") / "instance",
        wechat_url=running.base,
        wechat_app_id=APP_ID,
        wechat_app_secret=SECRET,
        outside_calls=PLACES,
        sign_ins_per_address=100_000,
    )
    yield world
    dismantle(world)


@pytest.fixture
def standin(running: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(wechat_client, "PAUSES", (0.01,))
    running.reset()
    return running


def sign_in(world: World, code: str) -> TestResponse:
    return world.client.post("/api/v1/session", json={"code": code})


def rows(world: World) -> tuple[int, int]:
    """How many people there are, and sessions."""
    with world.app.app_context():
        people, sessions = (
            db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Person, PersonSession)
        )
    return people, sessions


def test_does_a_code_open_a_session_of_its_owner(world: World, standin: StandIn) -> None:
    reply = sign_in(world, standin.state.code("小明妈妈"))
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    assert reply.get_json().keys() == {"token", "expires_in"}
    parent = User(world, "", reply.get_json()["token"])
    export = parent.call("GET", "/me/export", 200)
    assert export["person"]["openid"] == openid_of("小明妈妈")


def test_is_a_code_good_for_once_and_nothing_stored_of_others(
    world: World, standin: StandIn
) -> None:
    code = standin.state.code("小明妈妈")
    assert sign_in(world, code).status_code == 200
    before = rows(world)
    for of_no_use in (code, "0e1yUfll2ZQ3Fg4aG1ml2jXaVv2yUfl8"):
        reply = sign_in(world, of_no_use)
        assert (reply.status_code, reply.mimetype) == (422, "application/problem+json")
        assert reply.get_json(force=True)["errors"][0]["loc"] == "code"
        assert of_no_use not in reply.text
    assert rows(world) == before


@pytest.mark.parametrize(("errcode", "status"), [(40226, 403), (45011, 429), (40125, 503)])
def test_is_a_refusal_of_wechats_told_as_what_it_is(
    world: World, standin: StandIn, errcode: int, status: int
) -> None:
    standin.faults.add("errcode", "/sns", errcode=errcode)
    before = rows(world)
    reply = sign_in(world, standin.state.code("小明妈妈"))
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    assert ("Retry-After" in reply.headers) == (status != 403)
    assert rows(world) == before


@pytest.mark.parametrize("kind", ["drop", "status", "html", "garbage"])
def test_is_it_told_that_wechat_does_not_answer(world: World, standin: StandIn, kind: str) -> None:
    standin.faults.add(kind, "/sns")  # type: ignore[arg-type]
    reply = sign_in(world, standin.state.code("小明妈妈"))
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert int(reply.headers["Retry-After"]) > 0


def test_do_sign_ins_at_once_make_one_person_of_one(world: World, standin: StandIn) -> None:
    people, sessions = rows(world)
    standin.faults.add("slow", "/sns", seconds=0.2)
    codes = [standin.state.code("小红爸爸") for _ in range(PLACES)]
    with ThreadPoolExecutor(PLACES) as pool:
        replies = list(pool.map(lambda code: sign_in(world, code), codes))
    assert [reply.status_code for reply in replies] == [200] * PLACES
    assert rows(world) == (people + 1, sessions + PLACES)


def test_are_the_others_told_to_come_again_while_wechat_is_slow(
    world: World, standin: StandIn
) -> None:
    standin.faults.add("slow", "/sns", seconds=1)
    codes = [standin.state.code("小红爸爸") for _ in range(3 * PLACES)]
    with ThreadPoolExecutor(len(codes)) as pool:
        replies = list(pool.map(lambda code: sign_in(world, code), codes))
    assert {reply.status_code for reply in replies} == {200, 503}
    assert all("Retry-After" in reply.headers for reply in replies if reply.status_code == 503)


def test_is_neither_code_nor_openid_nor_token_ever_logged(world: World, standin: StandIn) -> None:
    code = standin.state.code("小明妈妈")
    with structlog.testing.capture_logs() as logs:
        token = sign_in(world, code).get_json()["token"]
        sign_in(world, code)
        standin.faults.add("html", "/sns")
        sign_in(world, standin.state.code("小明妈妈"))
    assert logs != []
    for secret in (code, token, openid_of("小明妈妈"), SECRET):
        assert secret not in str(logs)
