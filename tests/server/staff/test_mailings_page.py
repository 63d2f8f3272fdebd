"""Do staff see how far a notice's messages have come, and may they stop them?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from geo.opening import SHANGHAI
from server import jobs
from server.db import db
from server.mailings import subscriptions
from server.mailings.laying import look_after
from server.models import AuditEvent, Job, Mailing, Message
from server.people.keys import key_ring
from server.people.persons import known_or_new
from server.revisions import writing
from server.wechat import client as client_module
from tests import wechat_standin
from tests.miniapp_api.lines import line, notice
from tests.server.material import add
from tests.server.pages import Page, served, settings_in
from tests.server.staff.people import Person, somebody
from tests.wechat_standin import APP_ID, SECRET, StandIn
from tests.wechat_standin.state import openid_of

TEMPLATE = "bus0template"
MESSAGES = "/staff/notices/messages"
SEND = "/cgi-bin/message/subscribe/send"


def fill() -> None:
    """Lines 1 and 2, and a notice of the first."""
    add(line("八中一号线"))
    add(line("九中二号线", key="b2"))
    today = datetime.now(SHANGHAI).date()
    days = str(today), str(today + timedelta(days=2))
    add(notice("道路结冰停运", *days, routes=[1]))


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with wechat_standin.running() as service:
        yield service


@pytest.fixture
def standin(running: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setattr(client_module, "PAUSES", ())
    running.reset()
    return running


@pytest.fixture
def bus(tmp_path: Path, standin: StandIn) -> Iterator[Flask]:
    settings = settings_in(
        tmp_path,
        wechat_url=standin.base,
        wechat_app_id=APP_ID,
        wechat_app_secret=SecretStr(SECRET),
        wechat_bus_template=TEMPLATE,
    )
    with served(settings, fill) as app:
        yield app


@pytest.fixture
def dispatcher(bus: Flask) -> Person:
    return somebody(bus, "dispatcher", listings=[1])


def subscribers(app: Flask, standin: StandIn, number: int) -> None:
    with app.app_context(), writing(db.session):
        for n in range(number):
            openid = openid_of(f"family{n}")
            id_ = known_or_new(db.session, key_ring(app.extensions["settings"]), openid)
            subscriptions.subscribe(db.session, id_, 1, [TEMPLATE])
            standin.state.visits[openid] = 0.0
            standin.state.consents[openid, TEMPLATE] = 1


def look(app: Flask) -> None:
    with app.app_context():
        look_after(TEMPLATE)


def shown(person: Person) -> str:
    answer = person.get(MESSAGES)
    assert answer.status_code == 200
    return Page(answer.text).text


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Message.state).order_by(Message.id)))


def the_job(app: Flask) -> Any:
    with app.app_context():
        return db.session.scalars(select(Job).order_by(Job.id.desc())).first()


def test_is_each_notices_sending_shown(bus: Flask, dispatcher: Person, standin: StandIn) -> None:
    assert "还没有公告发成过消息" in shown(dispatcher)
    subscribers(bus, standin, 3)
    standin.state.consents[openid_of("family1"), TEMPLATE] = 0
    look(bus)
    assert "停运：道路结冰停运 发送中" in shown(dispatcher)
    assert "0 / 3" in shown(dispatcher)
    assert dispatcher.get(f"{MESSAGES}/1.json").get_json() == {
        "state": "running", "done": 0, "total": 3, "message": ""
    }  # fmt: skip
    standin.faults.add("errcode", SEND, times=1, errcode=47003)
    jobs.run_waiting(bus)
    page = shown(dispatcher)
    assert "已发完" in page
    assert "已发出1 未同意1 失败1" in page.replace(" 失败", " 失败")
    assert "消息里某一项的内容不合规则（47003）：1 人" in page
    assert MESSAGES in Page(dispatcher.get("/staff/notices").text).links
    inbox = Page(dispatcher.get("/staff/inbox").text).text
    assert "没有全部发出去的公告消息 1" in inbox
    assert "道路结冰停运1 人没有发到" in inbox
    dispatcher.post(f"{MESSAGES}/1/resume")
    jobs.run_waiting(bus)
    assert states(bus) == ["sent", "refused", "sent"]
    assert "没有全部发出去" not in dispatcher.get("/staff/inbox").text
    assert dispatcher.get(f"{MESSAGES}/9.json").status_code == 404


def test_is_a_sending_stopped_and_let_go_on(
    bus: Flask, dispatcher: Person, standin: StandIn
) -> None:
    subscribers(bus, standin, 2)
    look(bus)
    answer = dispatcher.post(f"{MESSAGES}/1/stop")
    assert (answer.status_code, answer.location) == (303, MESSAGES)
    look(bus)
    jobs.run_waiting(bus)
    assert standin.state.sent == []
    page = shown(dispatcher)
    assert "已停止" in page
    assert "还没有发2" in page
    dispatcher.post(f"{MESSAGES}/1/stop")
    assert "已经发完或停止了" in dispatcher.get(MESSAGES).text
    dispatcher.post(f"{MESSAGES}/1/resume")
    jobs.run_waiting(bus)
    assert len(standin.state.sent) == 2
    dispatcher.post(f"{MESSAGES}/1/resume")
    assert "没有可以再发的" in dispatcher.get(MESSAGES).text
    with bus.app_context():
        told = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        acts = [e.action for e in told if e.action.startswith("mailing.")]
    assert acts == ["mailing.started", "mailing.stopped", "mailing.resumed"]


def test_is_cancelling_the_job_a_stop(bus: Flask, standin: StandIn) -> None:
    subscribers(bus, standin, 1)
    look(bus)
    administrator = somebody(bus, "administrator")
    administrator.post(f"/staff/jobs/{the_job(bus).id}/cancel")
    look(bus)
    jobs.run_waiting(bus)
    assert standin.state.sent == []
    with bus.app_context():
        assert db.session.get_one(Mailing, 1).finished_at is not None


def test_is_it_told_why_it_waits(bus: Flask, dispatcher: Person, standin: StandIn) -> None:
    subscribers(bus, standin, 1)
    standin.faults.add("errcode", SEND, errcode=45009)
    look(bus)
    jobs.run_waiting(bus)
    page = shown(dispatcher)
    assert "暂停" in page
    assert "微信的调用次数用完了" in page
    assert "以后再试" in page


def test_are_other_companies_notices_out_of_reach(bus: Flask, standin: StandIn) -> None:
    subscribers(bus, standin, 1)
    look(bus)
    other = somebody(bus, "dispatcher", "other", listings=[2])
    assert "停止发送" not in other.get(MESSAGES).text
    for act in ("stop", "resume"):
        other.post(f"{MESSAGES}/1/{act}")
        assert "不由您负责" in other.get(MESSAGES).text
    for role in ("viewer", "editor", "reviewer"):
        person = somebody(bus, role)
        assert person.get(MESSAGES).status_code == 403
        assert person.post(f"{MESSAGES}/1/stop").status_code == 403
    jobs.run_waiting(bus)
    assert states(bus) == ["sent"]


def test_is_it_told_where_nothing_is_set_up(console: Flask) -> None:
    publisher = somebody(console, "publisher")
    assert "还没有设置微信的订阅消息" in publisher.get(MESSAGES).text
