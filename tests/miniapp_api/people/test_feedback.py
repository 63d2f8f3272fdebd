"""Is what a user writes checked, kept once, answered, and refused where it is no plain text?"""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from miniapp_api.feedback import Feedbacks
from server.db import db
from server.feedback import sending_in
from server.feedback.text import Unreadable, cleaned, plain
from server.models import Feedback
from server.wechat import client as client_module
from tests import wechat_standin
from tests.miniapp_api.conftest import World, dismantle, make_world
from tests.miniapp_api.lines import line
from tests.miniapp_api.people.conftest import User, close, sign_in
from tests.server.material import add, hotline, site
from tests.wechat_standin import APP_ID, SECRET, StandIn
from tests.wechat_standin.service import REVIEW, RISKY

CHECK = "/wxa/msg_sec_check"


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with wechat_standin.running() as service:
        yield service


@pytest.fixture
def standin(running: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(client_module, "PAUSES", (0.01,))
    running.reset()
    return running


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, running: StandIn) -> Iterator[World]:
    world = make_world(
        tmp_path_factory.mktemp("writers") / "instance",
        wechat_url=running.base,
        wechat_app_id=APP_ID,
        wechat_app_secret=SecretStr(SECRET),
        feedback_per_token=1000,
        calls_per_address=100_000,
    )
    with world.app.app_context():
        world.ids = {
            "馆": add(site("馆")),
            "旧馆": add(site("旧馆")),
            "并馆": add(site("并馆")),
            "专线": add(line("专线")),
            "热线": add(hotline("热线")),
        }
    world.publish()
    close(world)
    yield world
    dismantle(world)


def signed_in(world: World, standin: StandIn, who: str) -> User:
    """With a code, as only then WeChat has seen the person."""
    reply = world.client.post("/api/v1/session", json={"code": standin.state.code(who)})
    assert reply.status_code == 200, reply.text
    return User(world, who, reply.get_json()["token"])


def write(user: User, text: str, status: int = 200, name: str = "馆") -> Any:
    body = {"listing_id": user.world.ids[name], "text": text}
    return user.call("POST", "/feedback", status, json=body)


def kept(world: World) -> list[tuple[str, str]]:
    with world.app.app_context():
        rows = db.session.scalars(select(Feedback).order_by(Feedback.id))
        return [(row.text, row.text_check) for row in rows]


def count(world: World) -> int:
    with world.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Feedback)) or 0


def test_is_a_text_checked_and_kept_once(town: World, standin: StandIn) -> None:
    one = signed_in(town, standin, "anna")
    first = write(one, "  ＡＢ座，周一不开门 ")
    assert (first["text"], first["state"], first["name"]) == ("ＡＢ座，周一不开门", "open", "馆")
    assert standin.state.asked[-1][1]["content"] == "AB座,周一不开门"
    assert write(one, "ＡＢ座，周一不开门")["id"] == first["id"]
    write(one, f"这里有{REVIEW}", name="专线")
    assert kept(town)[-2:] == [("ＡＢ座，周一不开门", "pass"), (f"这里有{REVIEW}", "review")]
    told = one.call("GET", "/me/feedback", 200)
    Feedbacks.model_validate_json(one.reply("GET", "/me/feedback").data)
    assert [item["name"] for item in told["items"]] == ["专线", "馆"]
    other = signed_in(town, standin, "ben")
    assert other.call("GET", "/me/feedback", 200)["items"] == []


def test_is_a_risky_text_refused_and_forgotten(town: World, standin: StandIn) -> None:
    one, before = signed_in(town, standin, "anna"), count(town)
    told = write(one, f"这里有{RISKY}", 422)
    assert "换一种说法" in told["errors"][0]["msg"]
    assert RISKY not in str(told)
    assert count(town) == before


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("status", {"status": 502}),
        ("html", {}),
        ("drop", {}),
        ("garbage", {}),
        ("errcode", {"errcode": -1}),
        ("errcode", {"errcode": 61010}),
        ("errcode", {"errcode": 45009}),
    ],
)
def test_is_a_text_kept_for_people_where_wechat_can_not_tell(
    town: World, standin: StandIn, kind: Any, given: dict[str, float]
) -> None:
    one = signed_in(town, standin, f"carl{kind}{given.get('errcode', '')}")
    standin.faults.add(kind, CHECK, **given)
    write(one, f"问不到微信{kind}{given.get('errcode', '')}")
    assert kept(town)[-1][1] == "failed"


def test_is_a_text_kept_where_there_is_no_wechat(tmp_path: Any) -> None:
    world = make_world(tmp_path / "instance", wechat_cloud=True, feedback_per_token=2)
    with world.app.app_context():
        world.ids = {"馆": add(site("馆"))}
    world.publish()
    one = sign_in(world, "o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
    write(one, "电话变了")
    assert kept(world) == [("电话变了", "failed")]
    write(one, "地址变了")
    write(one, "名字变了", 429)
    dismantle(world)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("零\u200b宽", "第 2 个字符"),
        ("连\u2060接", "第 2 个字符"),
        ("非\u200c接", "第 2 个字符"),
        ("\ufeff开头", "第 1 个字符"),
        ("软\u00ad连", "第 2 个字符"),
        ("右\u202e左", "第 2 个字符"),
        ("隔\u2066离\u2069", "第 2 个字符"),
        ("标\u200f记", "第 2 个字符"),
        ("控\x00制", "第 2 个字符"),
        ("铃\x07声", "第 2 个字符"),
        ("私\ue000用", "第 2 个字符"),
        ("空\u3164白", "第 2 个字符"),
        ("窄\uffa0白", "第 2 个字符"),
        ("标\U000e0041签", "第 2 个字符"),
        ("换\ufe01体", "第 2 个字符"),
        ("隔\ufe0f开", "第 2 个字符"),
        ("a\U000e0100b", "第 2 个字符"),
        ("\ufe0f开头", "第 1 个字符"),
        ("假\u200d连", "第 2 个字符"),
        ("堆" + "\u0301" * 9, "看不见"),
        ("😊😊", "文字"),
        ("  \n ", "文字"),
        ("？！……", "文字"),
        ("ﷺ" * 60, "500"),
        ("长" * 501, "500"),
        ("", "不能为空"),
    ],
)
def test_is_a_text_that_hides_something_refused(
    town: World, standin: StandIn, text: str, told: str
) -> None:
    one, before = signed_in(town, standin, "dora"), count(town)
    refused = write(one, text, 422)
    assert told in refused["errors"][0]["msg"], refused
    assert standin.state.count(CHECK) == 0
    assert count(town) == before


@pytest.mark.parametrize(
    "text",
    [
        "谢谢😊",
        "一家👨‍👩‍👧来的",
        "爱心❤️‍🔥好",
        "工程师👩🏽‍💻来了",
        "Việt ngữ",
        "两行\n第二行",
        "新表情🫨好",
        "1️⃣号馆ℹ️好",
        "葛\U000e0100城",
        "كلمة",
    ],
)
def test_is_what_people_write_taken(text: str) -> None:
    assert cleaned(text) == text


def test_is_what_only_changes_a_characters_form_taken_out_for_the_check() -> None:
    assert plain(cleaned("葛\U000e0100城☎\ufe0fＡ")) == "葛城☎A"


def test_is_a_text_the_same_after_cleaning_twice() -> None:
    for text in ("Ａ\r\nＢ", "é", "①ⅣＫ", "ﾊﾝｶｸ"):
        assert cleaned(cleaned(text)) == cleaned(text)
    with pytest.raises(Unreadable):
        cleaned("\u202e")


@pytest.mark.parametrize(
    ("name", "status"), [("旧馆", 410), ("并馆", 410), ("热线", 409), ("草稿", 404)]
)
def test_is_only_what_stands_on_the_map_written_about(
    town: World, standin: StandIn, name: str, status: int
) -> None:
    one, before = signed_in(town, standin, "emil"), count(town)
    write(one, "有误", status, name)
    assert count(town) == before


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"listing_id": 1}}, 422),
        ({"json": {"listing_id": "1", "text": "有误"}}, 422),
        ({"json": {"listing_id": 0, "text": "有误"}}, 422),
        ({"json": {"listing_id": 1 << 40, "text": "有误"}}, 422),
        ({"json": {"listing_id": 1, "text": 7}}, 422),
        ({"json": {"listing_id": 1, "text": "有误", "openid": "x"}}, 422),
        ({"data": b'{"listing_id":1,"text":"\\ud800"}', "content_type": "application/json"}, 400),
        ({"data": b"{}"}, 415),
        ({"data": b"x" * 5000, "content_type": "application/json"}, 413),
    ],
)
def test_is_a_bad_body_refused_and_nothing_stored(
    town: World, standin: StandIn, sent: dict[str, Any], status: int
) -> None:
    one, before = signed_in(town, standin, "fred"), count(town)
    reply = one.reply("POST", "/feedback", **sent)
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), reply.text
    assert town.client.post("/api/v1/feedback", **sent).status_code == 401
    assert count(town) == before


def test_is_there_an_end_to_what_one_person_may_write(
    town: World, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending_in, "MOST_A_DAY", 2)
    one = signed_in(town, standin, "gina")
    write(one, "一")
    write(one, "二")
    again = signed_in(town, standin, "gina")
    reply = again.reply("POST", "/feedback", json={"listing_id": town.ids["馆"], "text": "三"})
    assert reply.status_code == 429
    assert 86_000 < int(reply.headers["Retry-After"]) <= 86_400
