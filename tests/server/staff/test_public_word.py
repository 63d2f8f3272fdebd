"""What the public taps: does it reach the right desk, and is it answered there?"""

from flask import Flask

from server import coded_reports
from server.db import db
from server.revisions import writing
from tests.server.pages import Page
from tests.server.staff.people import Person, somebody

PLACE = 5
"""In 博山, as the fillings have it."""


def tap(console: Flask, what: str = "closed") -> str:
    with console.app_context(), writing(db.session):
        return coded_reports.receive(db.session, PLACE, "site", what).receipt


def decide(person: Person, **fields: str) -> str:
    answer = person.post(f"/staff/reports/{PLACE}/closed/decide", **fields)
    assert answer.status_code in (303, 400)
    return answer.text if answer.status_code == 400 else person.get("/staff/reports").text


def test_are_taps_answered_where_they_belong(console: Flask) -> None:
    receipts = [tap(console), tap(console)]
    here = somebody(console, "editor", districts=["boshan"])
    elsewhere = somebody(console, "editor", "elsewhere", districts=["zhangdian"])
    assert "没有等您处理的报错" in Page(elsewhere.get("/staff/reports").text).text
    assert "已关闭" in (told := Page(here.get("/staff/reports").text).text)
    assert "2 人次" in told
    here.post(f"/staff/reports/{PLACE}/closed/take-up")
    assert "核实中" in Page(here.get("/staff/reports").text).text
    assert "请写明原因" in decide(here, outcome="declined", reason="")
    typed = decide(here, outcome="nonsense", reason="打过的字")
    assert 'value="打过的字"' in typed
    assert "不在您负责的范围" in decide(elsewhere, outcome="declined", reason="今天照常开放")
    assert "已答复 2 条" in decide(here, outcome="declined", reason="今天照常开放")
    with console.app_context():
        found = [coded_reports.look_up(db.session, receipt) for receipt in receipts]
        assert {(one.state, one.reason) for one in found if one} == {("declined", "今天照常开放")}


def test_does_the_menu_say_how_much_waits(console: Flask) -> None:
    tap(console)
    tap(console, "wrong_phone")
    menu = Page(somebody(console, "editor").get("/staff/overview").text).text
    assert "报错 2 件" in menu
