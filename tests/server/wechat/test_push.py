"""Is what WeChat delivers taken once, and nothing that somebody else delivers?"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app import create_app
from config.settings import Settings
from server.wechat import events
from server.wechat.envelope import Unreadable, decrypt, encrypt, is_signed, opened, signature
from server.wechat.events import PushEvent, TemplateNews, read_event
from server.wechat.once import Once
from tests.services import RedisServer
from tests.wechat_standin import APP_ID, PUSH_AES_KEY, PUSH_TOKEN, SECRET, openid_of
from tests.wechat_standin.pushes import Pushed, consent_event, pushed

PATH = "/api/v1/wechat/push"
ANN, TEMPLATE = openid_of("ann"), "T-suspended"

XML_EVENT = """<xml><ToUserName><![CDATA[gh_1]]></ToUserName>
<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>1700000000</CreateTime>
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_sent_event]]></Event>
<SubscribeMsgSentEvent>{rows}</SubscribeMsgSentEvent></xml>"""
XML_ROW = "<List><TemplateId>{}</TemplateId><MsgID>1</MsgID><ErrorCode>{}</ErrorCode></List>"


class Phone:
    """Our end of the push, and what was heard there."""

    def __init__(self, folder: Path, **given: Any) -> None:
        ours = {
            "wechat_app_id": APP_ID,
            "wechat_app_secret": SECRET,
            "wechat_push_token": PUSH_TOKEN,
            "wechat_push_aes_key": PUSH_AES_KEY,
        }
        settings = Settings(_env_file=None, instance=folder / "instance", **ours | given)
        self.heard: list[PushEvent] = []
        self.client = create_app(settings).test_client()

    def take(self, delivery: Pushed, **changed: str) -> TestResponse:
        return self.client.post(PATH, query_string=delivery.query | changed, data=delivery.body)


@pytest.fixture(scope="module")
def ringing(tmp_path_factory: pytest.TempPathFactory) -> Phone:
    return Phone(tmp_path_factory.mktemp("push"))


@pytest.fixture
def phone(ringing: Phone, monkeypatch: pytest.MonkeyPatch) -> Phone:
    ringing.heard.clear()
    monkeypatch.setattr(events, "_HOOKS", [ringing.heard.append])
    return ringing


def test_does_the_vendors_own_example_open() -> None:
    # Published with the sample code of the same scheme for WeCom.
    key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    encrypted = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    told = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert is_signed(told, "QDG6eK", "1409659589", "263014780", encrypted)
    assert decrypt(key, encrypted, "wx5823bf96d3bd56c7") == b"1616140317555161061"
    with pytest.raises(Unreadable):
        decrypt(key, encrypted, "wx5823bf96d3bd56c8")


@given(st.binary(max_size=200))
def test_does_whatever_is_closed_open_again(message: bytes) -> None:
    assert decrypt(PUSH_AES_KEY, encrypt(PUSH_AES_KEY, message, APP_ID), APP_ID) == message


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda b: b.hex()))
def test_is_rubbish_never_opened(encrypted: str) -> None:
    with pytest.raises(Unreadable):
        decrypt(PUSH_AES_KEY, encrypted, APP_ID)


@given(st.binary(max_size=100))
def test_is_rubbish_unreadable_and_no_more(content: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(opened(content), dict)


def test_is_the_echo_given_back_to_wechat_alone(phone: Phone) -> None:
    stamp = str(int(time.time()))
    query = {"timestamp": stamp, "nonce": "7", "echostr": "<b>5927782489442352469"}
    good = query | {"signature": signature(PUSH_TOKEN, stamp, "7")}
    answer = phone.client.get(PATH, query_string=good)
    assert (answer.status_code, answer.text) == (200, query["echostr"])
    assert answer.content_type == "text/plain; charset=utf-8"
    bad = query | {"signature": signature("another", stamp, "7")}
    assert phone.client.get(PATH, query_string=bad).status_code == 403
    assert phone.client.get(PATH, query_string=query).status_code == 422
    old = str(int(time.time() - 700))
    late = {**query, "timestamp": old, "signature": signature(PUSH_TOKEN, old, "7")}
    assert phone.client.get(PATH, query_string=late).status_code == 403


def test_is_consent_heard(phone: Phone) -> None:
    made = int(time.time())
    answer = phone.take(pushed(consent_event(ANN, TEMPLATE, made=made)))
    assert (answer.status_code, answer.text) == (200, "success")
    at = datetime.fromtimestamp(made, UTC)
    news = (TemplateNews(TEMPLATE, accepted=True),)
    assert phone.heard == [PushEvent("subscribe_msg_popup_event", ANN, at, news)]


def test_is_xml_heard_as_well(phone: Phone) -> None:
    rows = XML_ROW.format("T1", 0) + XML_ROW.format("T2", 43101)
    assert phone.take(pushed(XML_EVENT.format(openid=ANN, rows=rows))).status_code == 200
    assert phone.take(pushed(XML_EVENT.format(openid="bob", rows=XML_ROW.format("T1", 0)))).text
    assert [event.news for event in phone.heard] == [
        (TemplateNews("T1", errcode=0), TemplateNews("T2", errcode=43101)),
        (TemplateNews("T1", errcode=0),),
    ]


def test_is_a_list_of_one_that_is_no_list_understood() -> None:
    event = consent_event(ANN, TEMPLATE, "reject")
    (row,) = event["List"]
    for told in (
        event | {"List": row},
        {**event, "List": None, "SubscribeMsgPopupEvent": {"List": [row]}},
        {**event, "SubscribeMsgPopupEvent": [row]},
    ):
        found = read_event(told)
        assert found is not None
        assert found.news == (TemplateNews(TEMPLATE, accepted=False),)


def test_is_everything_else_thanked_for(phone: Phone) -> None:
    other = consent_event(ANN, TEMPLATE) | {"Event": "wxa_media_check"}
    text = {"MsgType": "text", "FromUserName": ANN, "CreateTime": 1, "Content": "你好"}
    strange = consent_event(ANN, TEMPLATE) | {"Event": ["subscribe_msg_popup_event"]}
    for message in (other, text, strange, {}):
        assert phone.take(pushed(message)).text == "success"
    assert phone.heard == []


@pytest.mark.parametrize(
    "changed",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": "百"},
        {"nonce": "another"},
        {"timestamp": "1"},
        {"timestamp": "９"},
    ],
)
def test_is_a_wrong_signature_refused(phone: Phone, changed: dict[str, str]) -> None:
    answer = phone.take(pushed(consent_event(ANN, TEMPLATE)), **changed)
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert phone.heard == []


def test_is_what_was_signed_by_another_or_long_ago_refused(phone: Phone) -> None:
    event = consent_event(ANN, TEMPLATE)
    for delivery in (pushed(event, token="other"), pushed(event, age=700), pushed(event, age=-700)):
        assert phone.take(delivery).status_code == 403
    # The signature does not cover another body.
    first, second = pushed(event), pushed(event)
    assert phone.take(Pushed(first.query, second.body)).status_code == 403
    assert phone.heard == []


def test_is_a_replayed_nonce_refused(phone: Phone) -> None:
    delivery = pushed(consent_event(ANN, TEMPLATE, made=1700000001))
    assert [phone.take(delivery).status_code for _ in range(3)] == [200, 403, 403]


def test_is_an_event_that_failed_taken_again(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(event: PushEvent) -> None:
        raise OSError("the database is away")

    delivery = pushed(consent_event(ANN, TEMPLATE, made=1700000003))
    monkeypatch.setattr(events, "_HOOKS", [fail])
    assert phone.take(delivery).status_code == 500
    monkeypatch.setattr(events, "_HOOKS", [phone.heard.append])
    assert phone.take(delivery).status_code == 200
    assert len(phone.heard) == 1


@pytest.mark.parametrize(
    "message",
    [
        "not xml",
        "<xml><Encrypt>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        consent_event("", TEMPLATE),
        consent_event(ANN, TEMPLATE) | {"CreateTime": "soon"},
        consent_event(ANN, TEMPLATE) | {"CreateTime": "9" * 30},
        consent_event(ANN, TEMPLATE) | {"CreateTime": "²"},
        consent_event(ANN, TEMPLATE) | {"List": ["T1"]},
        consent_event(ANN, TEMPLATE) | {"List": [{"TemplateId": 1}]},
        consent_event(ANN, TEMPLATE) | {"List": [{"TemplateId": "T" * 65}]},
        consent_event(ANN, TEMPLATE) | {"List": [{"TemplateId": "T\0"}]},
        consent_event(ANN, TEMPLATE) | {"List": [{"TemplateId": "T", "ErrorCode": "x"}]},
        consent_event(ANN, TEMPLATE) | {"List": [{"TemplateId": "T", "ErrorCode": "9" * 10}]},
    ],
)
def test_is_a_signed_message_that_is_none_a_bad_request(phone: Phone, message: Any) -> None:
    answer = phone.take(pushed(message))
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert phone.heard == []


DEEP = b"<a>" * 2000 + b"</a>" * 2000
FOREIGN = b'<?xml version="1.0" encoding="none"?><xml/>'


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"<xml/>", b'{"Encrypt": 1}', b"\xff", b"1", DEEP, FOREIGN],
)
def test_is_rubbish_a_bad_request(phone: Phone, body: bytes) -> None:
    assert phone.take(pushed({})._replace(body=body)).status_code == 400


def test_is_a_message_for_another_mini_program_or_key_refused(phone: Phone) -> None:
    event = consent_event(ANN, TEMPLATE)
    assert phone.take(pushed(event, app_id="wx1")).status_code == 400
    assert phone.take(pushed(event, aes_key="0" * 43)).status_code == 400
    assert phone.take(pushed(event | {"more": "x" * 20000})).status_code == 413
    assert phone.client.post(PATH, data=b"{}").status_code == 422
    assert phone.heard == []


def test_is_there_no_push_without_its_settings(tmp_path: Path) -> None:
    phone = Phone(tmp_path, wechat_push_aes_key=" ")
    answer = phone.take(pushed(consent_event(ANN, TEMPLATE)))
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    query = {"signature": "x", "timestamp": "1", "nonce": "1", "echostr": "1"}
    assert phone.client.get(PATH, query_string=query).status_code == 503


@pytest.fixture(params=["file", "redis"])
def claims(request: pytest.FixtureRequest, tmp_path: Path) -> list[Once]:
    """Two workers' claims."""
    url = None
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url
        with redis.Redis.from_url(url) as client:
            client.flushall()
    settings = Settings(_env_file=None, instance=tmp_path, redis_url=url)
    return [Once(settings), Once(settings)]


def test_does_one_of_many_get_it(claims: list[Once]) -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda n: claims[n % 2].claim("nonce", "1", "2"), range(8)))
    assert taken.count(True) == 1
    assert claims[0].claim("nonce", "12")


def test_are_old_claims_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    once = Once(Settings(_env_file=None, instance=tmp_path))
    once.claim("old")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4000)
    once.claim("new")
    assert len(list((tmp_path / "wechat/taken").iterdir())) == 1
