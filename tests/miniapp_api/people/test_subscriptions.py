"""Can a user subscribe to lines, and are their yeses counted as WeChat counts them?"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from miniapp_api.subscriptions import Subscriptions
from server.db import db, now
from server.mailings import hearing
from server.models import BusSubscription, MessageConsent, PushedEvent
from server.revisions import writing
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.lines import line
from tests.miniapp_api.people.conftest import User, sign_in
from tests.server.material import add, set_state, site
from tests.wechat_standin import APP_ID, PUSH_AES_KEY, PUSH_TOKEN, SECRET
from tests.wechat_standin.pushes import Pushed, consent_event, pushed

OURS = "bus0template"


def _village(folder: Any, **settings: Any) -> World:
    world = make_world(folder, wechat_cloud=True, wechat_bus_template=OURS, **settings)
    with world.app.app_context():
        world.ids = {
            "专线": add(line("专线")),
            "旧线": add(line("旧线", key="b2")),
            "并线": add(line("并线", key="b3")),
            "馆": add(site("馆")),
        }
    world.publish()
    with world.app.app_context():
        set_state(world.ids["旧线"], "retired", "学校停办")
        set_state(world.ids["并线"], "merged", "合并", into=world.ids["专线"])
    world.publish()
    return world


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = _village(tmp_path_factory.mktemp("village") / "instance")
    yield world
    dismantle(world)


@pytest.fixture(scope="module")
def told_village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """WeChat pushes to it."""
    world = _village(
        tmp_path_factory.mktemp("told") / "instance",
        wechat_app_id=APP_ID,
        wechat_app_secret=SecretStr(SECRET),
        wechat_push_token=SecretStr(PUSH_TOKEN),
        wechat_push_aes_key=SecretStr(PUSH_AES_KEY),
    )
    yield world
    dismantle(world)


def subscribe(user: User, name: str, status: int = 204, *accepted: str) -> Any:
    path = f"/me/subscriptions/{user.world.ids[name]}"
    return user.call("PUT", path, status, json={"accepted": list(accepted)})


def remaining(user: User) -> int:
    told = user.call("GET", "/me/subscriptions", 200)
    ((template),) = told["templates"]
    assert template["id"] == OURS
    count: int = template["remaining"]
    return count


def rows(world: World) -> tuple[int, int]:
    with world.app.app_context():
        counts = [select(func.count()).select_from(t) for t in (BusSubscription, MessageConsent)]
        return tuple(db.session.scalar(one) or 0 for one in counts)  # type: ignore[return-value]


def test_is_each_yes_one_message_and_each_line_kept_once(village: World) -> None:
    one, other = sign_in(village, "o6_subscriber_one"), sign_in(village, "o6_subscriber_two")
    assert remaining(one) == 0
    subscribe(one, "专线", 204, OURS)
    subscribe(one, "专线", 204, OURS, OURS)
    subscribe(one, "专线")
    assert remaining(one) == 2
    told = one.call("GET", "/me/subscriptions", 200)
    Subscriptions.model_validate(told)
    assert [(item["name"], item["state"]) for item in told["items"]] == [("专线", "active")]
    assert one.call("GET", "/me", 200)["bus_subscriptions"] == 1
    assert other.call("GET", "/me/subscriptions", 200)["items"] == []
    assert remaining(other) == 0
    for _ in range(2):
        one.call("DELETE", f"/me/subscriptions/{village.ids['专线']}", 204)
    assert one.call("GET", "/me/subscriptions", 200)["total"] == 0
    assert remaining(one) == 2


@pytest.mark.parametrize(
    ("name", "sent", "status"),
    [
        ("旧线", {"json": {}}, 410),
        ("并线", {"json": {}}, 301),
        ("馆", {"json": {}}, 404),
        ("专线", {"json": {"accepted": ["another"]}}, 422),
        ("专线", {"json": {"accepted": OURS}}, 422),
        ("专线", {"json": {"accepted": [OURS] * 4}}, 422),
        ("专线", {"json": {"accepted": ["模板"]}}, 422),
        ("专线", {"json": {"accepted": [], "openid": "x"}}, 422),
        ("专线", {"json": {}, "query_string": "at=now"}, 422),
        ("专线", {"data": b"{}"}, 415),
        ("专线", {"data": b"{", "content_type": "application/json"}, 400),
        ("专线", {"data": b" " * 5000, "content_type": "application/json"}, 413),
    ],
)
def test_is_what_can_not_be_subscribed_refused_and_nothing_stored(
    village: World, name: str, sent: dict[str, Any], status: int
) -> None:
    one, before = sign_in(village, "o6_subscriber_three"), rows(village)
    reply = one.reply("PUT", f"/me/subscriptions/{village.ids[name]}", **sent)
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), reply.text
    if status == 301:
        assert reply.headers["Location"] == f"/api/v1/me/subscriptions/{village.ids['专线']}"
    assert rows(village) == before


def deliver(world: World, sent: Pushed) -> int:
    path = "/api/v1/wechat/push"
    return world.client.post(path, query_string=sent.query, data=sent.body).status_code


def test_do_wechats_pushes_count_where_there_are_any(told_village: World) -> None:
    one = sign_in(told_village, "o6_told_one")
    subscribe(one, "专线", 204, OURS)
    assert remaining(one) == 0

    def push(status: str = "accept", openid: str = one.openid, **changes: Any) -> None:
        event = consent_event(openid, changes.pop("template", OURS), status) | changes
        assert deliver(told_village, pushed(event)) == 200

    push(CreateTime="1790000001")
    push(CreateTime="1790000001")  # delivered once more
    push(CreateTime="1790000002")
    assert remaining(one) == 2
    push("reject", CreateTime="1790000003")
    push(openid="o6_somebody_else")
    push(template="another")
    assert remaining(one) == 2
    push("reject", Event="subscribe_msg_change_event")
    assert remaining(one) == 0
    push(CreateTime="1790000009")
    rejected = {"TemplateId": OURS, "MsgID": "1", "ErrorCode": "43101", "ErrorStatus": "x"}
    push(Event="subscribe_msg_sent_event", List=[rejected])
    assert remaining(one) == 0


def test_is_a_yes_counted_once_though_the_worker_died_over_it(
    told_village: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sign_in(told_village, "o6_told_two")
    sent = pushed(consent_event(one.openid, OURS, made=1790000100))
    with monkeypatch.context() as patch:
        patch.setattr(hearing.consents, "accept", lambda *_: sys.exit(9))
        with pytest.raises(SystemExit):
            deliver(told_village, sent)
    assert remaining(one) == 0
    assert [deliver(told_village, sent) for _ in range(2)] == [200, 403]
    assert remaining(one) == 1


def test_is_it_forgotten_in_time_which_events_were_heard(told_village: World) -> None:
    one = sign_in(told_village, "o6_told_three")
    assert deliver(told_village, pushed(consent_event(one.openid, OURS, made=1790000200))) == 200
    with told_village.app.app_context():
        for before, left in ((now() - timedelta(days=1), True), (now(), False)):
            with writing(db.session):
                hearing.forget(db.session, before)
            assert bool(db.session.scalars(select(PushedEvent.sha256)).all()) is left
