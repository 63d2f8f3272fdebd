"""Is WeChat asked as it wants to be asked, and understood whatever it answers?"""

import logging
import socket
import time

import pytest
from structlog.testing import capture_logs

from server.wechat import (
    CodePicture,
    NotConfigured,
    WeChat,
    WeChatDown,
    WeChatError,
    WeChatRefused,
)
from server.wechat import transport as transport_module
from server.wechat.answers import LABELS
from server.wechat.errors import MEANINGS
from tests.server.wechat.conftest import Settle
from tests.wechat_standin import APP_ID, SECRET, StandIn, openid_of
from tests.wechat_standin.service import REVIEW, RISKY

ANN = openid_of("ann")
SIGN_IN, CHECK = "/sns/jscode2session", "/wxa/msg_sec_check"
SEND, CODE, TOKEN = (
    "/cgi-bin/message/subscribe/send",
    "/wxa/getwxacodeunlimit",
    "/cgi-bin/stable_token",
)
PAGE = "pages/bus/route"


@pytest.fixture
def visited(standin: StandIn) -> str:
    """The openid of somebody who has just used the mini-program."""
    standin.state.visits[ANN] = time.time()
    return ANN


def refused(client: WeChat, code: str) -> int:
    with pytest.raises(WeChatRefused) as caught:
        client.code_to_session(code)
    return caught.value.errcode


def test_who_does_a_code_belong_to(client: WeChat, standin: StandIn) -> None:
    told = client.code_to_session(standin.state.code("ann"))
    assert told.openid == ANN
    assert told.openid not in repr(told)


def test_is_a_code_good_for_once_and_for_minutes(client: WeChat, standin: StandIn) -> None:
    code = standin.state.code("ann")
    client.code_to_session(code)
    assert refused(client, code) == 40163
    standin.state.codes["old"] = ("ann", time.time() - 1)
    assert refused(client, "old") == 40029
    assert refused(client, "nobody's") == 40029
    assert refused(client, standin.state.code("blocked")) == 40226


def test_are_the_mini_programs_own_mistakes_told_apart(standin: StandIn, settle: Settle) -> None:
    code = standin.state.code("ann")
    assert refused(WeChat(settle(wechat_app_id="wx1")), code) == 40013
    assert refused(WeChat(settle(wechat_app_secret="another")), code) == 40125


def test_does_too_much_of_it_end_in_the_minute(client: WeChat, standin: StandIn) -> None:
    standin.state.quotas[SIGN_IN] = 2
    for _ in range(2):
        client.code_to_session(standin.state.code("ann"))
    assert refused(client, standin.state.code("ann")) == 45009
    assert standin.state.count(SIGN_IN) == 3


def test_is_nothing_asked_without_an_app_id(standin: StandIn, settle: Settle) -> None:
    for settings in (settle(wechat_app_id=""), settle(wechat_app_secret=" ")):
        client = WeChat(settings)
        assert not client.configured
        with pytest.raises(NotConfigured):
            client.code_to_session("x")
        with pytest.raises(NotConfigured):
            client.check_text(ANN, "x")
    assert standin.state.asked == []


@pytest.mark.parametrize(
    ("text", "suggest", "word"),
    [("公交站牌倒了", "pass", "正常"), (REVIEW, "review", "广告"), (RISKY, "risky", "违法犯罪")],
)
def test_what_does_wechat_think_of_a_text(
    client: WeChat, visited: str, text: str, suggest: str, word: str
) -> None:
    told = client.check_text(visited, f"你好{text}")
    assert (told.suggest, LABELS[told.label]) == (suggest, word)


def test_whose_texts_can_be_checked(client: WeChat, standin: StandIn, visited: str) -> None:
    with pytest.raises(WeChatRefused, match="40003"):
        client.check_text("nobody", "x")
    standin.state.visits[visited] -= 7300
    with pytest.raises(WeChatRefused, match="61010"):
        client.check_text(visited, "x")
    with pytest.raises(ValueError):
        client.check_text(visited, "x" * 2501)


def test_does_one_consent_send_one_message(client: WeChat, standin: StandIn, visited: str) -> None:
    standin.state.consents[visited, "T1"] = 1
    data = {"thing1": "一号线停运", "date2": "2026年11月30日"}
    client.send_subscribe_message(visited, "T1", data, f"{PAGE}?id=121")
    with pytest.raises(WeChatRefused, match="43101"):
        client.send_subscribe_message(visited, "T1", data)
    assert standin.state.sent == [
        {
            "touser": visited,
            "template_id": "T1",
            "data": {key: {"value": value} for key, value in data.items()},
            "miniprogram_state": "formal",
            "lang": "zh_CN",
            "page": f"{PAGE}?id=121",
        }
    ]


def test_which_value_breaks_the_rule(client: WeChat, standin: StandIn, visited: str) -> None:
    standin.state.consents[visited, "T1"] = 1
    with pytest.raises(WeChatRefused) as caught:
        client.send_subscribe_message(visited, "T1", {"thing1": "好", "thing12": "长" * 21})
    assert (caught.value.errcode, caught.value.key) == (47003, "thing12")
    standin.state.templates, standin.state.pages = {"T1"}, {PAGE}
    with pytest.raises(WeChatRefused, match="40037"):
        client.send_subscribe_message(visited, "T2", {"thing1": "好"})
    with pytest.raises(WeChatRefused, match="41030"):
        client.send_subscribe_message(visited, "T1", {"thing1": "好"}, "pages/gone")
    assert standin.state.consents[visited, "T1"] == 1


def test_is_a_code_a_picture(client: WeChat, standin: StandIn, settle: Settle) -> None:
    told = client.unlimited_code("p.Ab3-9_x", PAGE, width=600)
    assert isinstance(told, CodePicture)
    assert (told.media_type, told.content[:4]) == ("image/png", b"\x89PNG")
    standin.state.pages = {PAGE}
    with pytest.raises(WeChatRefused, match="41030"):
        client.unlimited_code("a", "pages/gone")
    trial = WeChat(settle(wechat_version="trial"))
    assert trial.unlimited_code("a", "pages/not/yet/published").content
    assert standin.state.asked[-1][1]["env_version"] == "trial"
    for scene, width in (("", 430), ("a" * 33, 430), ("百分", 430), ("a%", 430), ("a", 9)):
        with pytest.raises(ValueError):
            client.unlimited_code(scene, PAGE, width=width)


def test_is_a_busy_wechat_asked_again_three_times(client: WeChat, standin: StandIn) -> None:
    standin.faults.add("errcode", SIGN_IN, times=3)
    assert client.code_to_session(standin.state.code("ann")).openid == ANN
    assert standin.state.count(SIGN_IN) == 4
    standin.faults.add("errcode", SIGN_IN)
    with pytest.raises(WeChatDown) as caught:
        client.code_to_session(standin.state.code("ann"))
    assert (caught.value.why, caught.value.maybe_done) == ("busy", False)
    assert standin.state.count(SIGN_IN) == 8


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_is_a_token_that_is_not_taken_renewed_once(
    client: WeChat, standin: StandIn, visited: str, errcode: int
) -> None:
    standin.faults.add("errcode", CHECK, times=1, errcode=errcode)
    assert client.check_text(visited, "x").suggest == "pass"
    assert standin.state.count(CHECK) == 2
    standin.faults.add("errcode", CHECK, errcode=errcode)
    with pytest.raises(WeChatError):
        client.check_text(visited, "x")
    assert standin.state.count(CHECK) == 3


@pytest.mark.parametrize("errcode", [code for code in sorted(MEANINGS) if code > 0])
def test_is_every_other_refusal_told_at_once_and_in_chinese(
    client: WeChat, standin: StandIn, errcode: int
) -> None:
    standin.faults.add("errcode", SIGN_IN, errcode=errcode)
    assert refused(client, "x") == errcode
    assert standin.state.count(SIGN_IN) == 1
    assert MEANINGS[errcode] in str(WeChatRefused(errcode))


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("drop", {}, "dropped"),
        ("status", {"status": 502}, "http 502"),
        ("status", {"status": 302}, "http 302"),
        ("html", {}, "not json"),
        ("garbage", {}, "not understood"),
    ],
)
def test_is_what_is_no_answer_one_error_and_not_asked_again(
    client: WeChat, standin: StandIn, kind: str, more: dict[str, int], why: str
) -> None:
    standin.faults.add(kind, **more)  # type: ignore[arg-type]
    with pytest.raises(WeChatDown) as caught:
        client.code_to_session("try-ann-1")
    assert (caught.value.why, caught.value.maybe_done) == (why, True)
    assert standin.state.count(SIGN_IN) == 1
    assert "再试" in str(caught.value)


def test_does_waiting_end(
    client: WeChat, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "READ_S", 0.2)
    standin.faults.add("slow", seconds=1.0)
    with pytest.raises(WeChatDown) as caught:
        client.code_to_session("try-ann-1")
    assert (caught.value.why, caught.value.maybe_done) == ("timeout", True)


def test_is_a_wechat_that_nobody_reaches_told_apart(settle: Settle) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(WeChatDown) as caught:
            WeChat(settle(wechat_url=base)).code_to_session("x")
    # Nothing was asked, so a message may be sent again.
    assert (caught.value.why, caught.value.maybe_done) == ("no connection", False)


def test_is_no_secret_in_any_log_or_error(
    client: WeChat, standin: StandIn, visited: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = [repr(client)]
    code = standin.state.code("ann")
    with capture_logs() as logs:
        told.append(repr(client.code_to_session(code)))
        client.check_text(visited, "x")
        for kind in ("drop", "html", "status", "garbage", "errcode"):
            standin.faults.clear()
            standin.faults.add(kind)
            for call in (lambda: client.code_to_session(code), lambda: client.check_text(ANN, "")):
                with pytest.raises(WeChatError) as caught:
                    call()
                told += [str(caught.value), repr(caught.value), caught.exconly()]
                assert caught.value.__cause__ is None
    ours = [record for record in caplog.records if not record.name.startswith("werkzeug")]
    text = "\n".join([*told, str(logs), *(record.getMessage() for record in ours)])
    tokens = [token.text for token in standin.state.tokens]
    assert len(logs) == 10
    assert tokens
    for secret in (SECRET, code, ANN, *tokens):
        assert secret not in text
    assert APP_ID not in text
