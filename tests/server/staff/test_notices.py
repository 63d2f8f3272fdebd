"""Does a notice go out at once, alone, and only from those whose lines it is about?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from geo.opening import SHANGHAI
from server import editions, publishing
from server.db import db
from server.models import AuditEvent, Listing, Revision
from server.notice_form import NoticeForm, end_of_day
from tests.geo.gtfs_material import line
from tests.server.material import add, revise, site
from tests.server.pages import Page, served, settings_in
from tests.server.staff.people import Person, somebody
from tests.server.test_publishing_lines import document

NOW = datetime.now(SHANGHAI).replace(second=0, microsecond=0)


def fill() -> None:
    """1 and 2 are lines, 3 is a place."""
    add(document())
    trips = [{**trip, "id": f"other-{trip['id']}"} for trip in document()["trips"]]
    add(document(name="别家的线", trips=trips))
    add(site("甲馆"))


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Flask]:
    with served(settings_in(tmp_path), fill) as app:
        yield app


@pytest.fixture
def dispatcher(bus: Flask) -> Person:
    return somebody(bus, "dispatcher", listings=[1])


def typed(**given: Any) -> dict[str, Any]:
    """A form filled in: the whole of line 1 stands still until midnight tomorrow."""
    return {
        "name": "今天停运",
        "effect": "suspension",
        "text": "道路结冰。",
        "routes": ["1"],
        "start": NOW.strftime("%Y-%m-%dT%H:%M"),
        "end": (NOW + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "delay_minutes": "",
        "replacement": "请家长接送",
        "phone": "",
    } | given


def published(app: Flask) -> dict[int, dict[str, Any]]:
    """What stands in the newest edition, by listing id."""
    with app.app_context(), db.engine.connect() as connection:
        number, *_ = editions.newest(connection) or (0,)
        packed = editions.packed(connection, number)
        assert packed is not None
        return {e.id: e.document.model_dump(mode="json") for e in packed.unpack().entries}


def events(app: Flask) -> list[str]:
    """What the audit trail tells of notices."""
    with app.app_context():
        told = [e.action for e in db.session.query(AuditEvent).order_by(AuditEvent.id)]
    return [action for action in told if action.startswith("notice.")]


def newest_id(app: Flask, listing_id: int) -> int:
    with app.app_context():
        query = db.session.query(Revision).filter_by(listing_id=listing_id)
        return query.order_by(Revision.id.desc()).first().id  # type: ignore[union-attr]


def announce(person: Person, **given: Any) -> TestResponse:
    return person.post("/staff/notices/new", do="publish", **typed(**given))


def test_does_a_notice_go_out_at_once_and_alone(bus: Flask, dispatcher: Person) -> None:
    with bus.app_context():
        revise(3, site("甲馆改名"))
    answer = announce(dispatcher)
    assert (answer.status_code, answer.location) == (303, "/staff/notices")
    told = published(bus)
    assert told[4]["text"] == "道路结冰。"
    assert told[4]["routes"] == [1]
    assert datetime.fromisoformat(told[4]["start"]) == NOW
    assert told[3]["name"] == "甲馆"
    assert events(bus)[-1] == "notice.published"
    assert "发布后待复核" in dispatcher.get("/staff/notices").text


def test_does_a_form_sent_twice_make_one_notice(bus: Flask, dispatcher: Person) -> None:
    key = "new-0123456789abcdef"
    for text in ("道路结冰。", "道路结冰。", "道路结冰，改坐地铁。"):
        assert announce(dispatcher, key=key, text=text).status_code == 303
    assert set(published(bus)) == {1, 2, 3, 4}
    assert published(bus)[4]["text"] == "道路结冰，改坐地铁。"
    assert events(bus).count("notice.published") == 2


def test_are_other_companies_lines_out_of_reach(bus: Flask, dispatcher: Person) -> None:
    form = Page(dispatcher.get("/staff/notices/new").text)
    offered = [f["value"] for f in form.all("input") if f.get("name") == "routes"]
    assert offered == ["1"]
    for routes in (["2"], ["1", "2"]):
        answer = announce(dispatcher, routes=routes)
        assert answer.status_code == 403
        assert "不由您负责" in answer.text
        assert "道路结冰。" in answer.text
    assert announce(dispatcher, routes=[], everywhere="1").status_code == 403
    assert set(published(bus)) == {1, 2, 3}

    publisher = somebody(bus, "publisher")
    announce(publisher, routes=["2"])
    for path in ("edit", "end", "until", "publish"):
        based_on = newest_id(bus, 4)
        sent = dispatcher.post(f"/staff/notices/4/{path}", **typed(based_on=based_on, do="publish"))
        assert sent.status_code in (303, 403)
    assert published(bus)[4]["routes"] == [2]
    assert newest_id(bus, 4) == based_on
    assert "恢复正常" not in dispatcher.get("/staff/notices").text


def test_is_a_notice_for_all_lines_for_those_without_bounds(bus: Flask) -> None:
    publisher = somebody(bus, "publisher")
    assert announce(publisher, routes=[], everywhere="1").status_code == 303
    assert published(bus)[4]["routes"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"replacement": ""}, "停运公告须写明替代办法或咨询电话"),
        ({"effect": "time_change", "replacement": ""}, "须写明推迟或提前多少分钟"),
        ({"delay_minutes": "5"}, "只有时间调整的公告才写"),
        ({"effect": "time_change", "delay_minutes": "十"}, "应为整数"),
        ({"text": ""}, "公告没有正文"),
        ({"name": ""}, "请填写标题"),
        ({"routes": []}, "请选择线路"),
        ({"routes": ["1", "x"]}, "应为整数"),
        ({"start": "明天"}, "请写日期和时刻"),
        ({"start": ""}, "请填写开始时间"),
        ({"end": "2020-01-01T10:00"}, "结束时间不晚于开始时间"),
        ({"start": "2020-01-01T10:00", "end": "2020-01-02T10:00"}, "公告已经过期"),
        ({"phone": "打给我"}, "应为能直接拨打的号码"),
        ({"trips": ["other-m"]}, "没有班次“other-m”"),
        ({"stops": ["nowhere"]}, "没有站点“nowhere”"),
        ({"text": "长" * 100_000}, "文字太长"),
        ({"effect": "rain"}, "应为"),
    ],
)
def test_is_a_mistake_told_beside_its_field_with_all_text_kept(
    bus: Flask, dispatcher: Person, given: dict[str, Any], told: str
) -> None:
    answer = announce(dispatcher, **({"text": "请<b>留意</b>", "name": "标题<i>"} | given))
    assert answer.status_code == 422
    assert told in answer.text
    if "text" not in given:
        assert "请&lt;b&gt;留意&lt;/b&gt;" in answer.text
    assert set(published(bus)) == {1, 2, 3}


def test_does_an_expired_form_keep_its_text(bus: Flask, dispatcher: Person) -> None:
    sent = typed(text="写了很久的公告", csrf_token="expired", do="publish")
    answer = dispatcher.client.post("/staff/notices/new", data=sent)
    assert answer.status_code == 400
    assert "写了很久的公告" in answer.text
    assert set(published(bus)) == {1, 2, 3}
    sent = typed(csrf_token="expired", do="publish")
    assert dispatcher.client.post("/staff/notices/4/edit", data=sent).status_code == 404


def test_does_the_preview_show_the_words_and_the_runs(bus: Flask, dispatcher: Person) -> None:
    tomorrow = NOW + timedelta(days=1)
    day = tomorrow.strftime("%Y-%m-%d")
    answer = dispatcher.post(
        "/staff/notices/new",
        **typed(do="preview", start=f"{day}T06:00", end=f"{day}T12:00"),
    )
    assert answer.status_code == 200
    shown = Page(answer.text).text
    assert "停运：今天停运" in shown
    assert f"{tomorrow.month}月{tomorrow.day}日 张店八中一号线 6:50 早班 停运；请家长接送" in shown
    assert "17:31" not in shown
    assert set(published(bus)) == {1, 2, 3}


def test_does_a_skipped_stop_name_its_calls(bus: Flask, dispatcher: Person) -> None:
    day = (NOW + timedelta(days=1)).strftime("%Y-%m-%d")
    sent = typed(
        do="preview", effect="detour", stops=["b"], start=f"{day}T06:00", end=f"{day}T12:00"
    )
    shown = Page(dispatcher.post("/staff/notices/new", **sent).text).text
    assert "绕行，本站不停靠；请家长接送（乙站）" in shown


def test_is_everything_as_usual_after_the_end(bus: Flask, dispatcher: Person) -> None:
    long_ago = (NOW - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    announce(dispatcher, start=long_ago)
    bus.extensions["atlas_keeper"]._follow_pointer()
    answer = dispatcher.post("/staff/notices/4/end", based_on=newest_id(bus, 4))
    assert answer.status_code == 303
    assert datetime.fromisoformat(published(bus)[4]["end"]) <= datetime.now(SHANGHAI)
    page = Page(dispatcher.get("/staff/notices").text).text
    assert "已结束，家长看到恢复正常" in page
    assert "已结束 停运：今天停运" in page
    assert events(bus)[-1] == "notice.ended"
    with bus.app_context():
        done = publishing.publish(bus.extensions["settings"], bus.extensions["city"])
    assert not done.is_new


def test_is_a_notice_withdrawn_before_it_begins(bus: Flask, dispatcher: Person) -> None:
    later = NOW + timedelta(hours=5)
    end = later + timedelta(hours=5)
    announce(dispatcher, start=later.strftime("%Y-%m-%dT%H:%M"), end=end.strftime("%Y-%m-%dT%H:%M"))
    assert 4 in published(bus)
    dispatcher.post("/staff/notices/4/end", based_on=newest_id(bus, 4))
    assert 4 not in published(bus)
    with bus.app_context():
        assert db.session.get_one(Listing, 4).state == "retired"
    assert "已撤回" in dispatcher.get("/staff/notices").text
    assert events(bus)[-1] == "notice.withdrawn"


def test_is_a_notice_prolonged(bus: Flask, dispatcher: Person) -> None:
    announce(dispatcher)
    end = (NOW + timedelta(days=400)).replace(hour=1)
    sent = {"based_on": newest_id(bus, 4), "end": end.strftime("%Y-%m-%dT%H:%M")}
    dispatcher.post("/staff/notices/4/until", **sent)
    assert datetime.fromisoformat(published(bus)[4]["end"]) == end
    dispatcher.post(
        "/staff/notices/4/until", **(sent | {"based_on": newest_id(bus, 4), "end": "?"})
    )
    assert datetime.fromisoformat(published(bus)[4]["end"]) == end


def test_do_two_dispatchers_see_each_others_words(bus: Flask, dispatcher: Person) -> None:
    announce(dispatcher)
    other = somebody(bus, "publisher")
    based_on = newest_id(bus, 4)
    announced = typed(based_on=based_on, do="publish")
    first = other.post(
        "/staff/notices/4/edit", **(announced | {"text": "雪停了。", "phone": "12328"})
    )
    assert first.status_code == 303
    second = dispatcher.post(
        "/staff/notices/4/edit", **(announced | {"text": "还在下雪。", "replacement": "坐 5 路"})
    )
    assert second.status_code == 409
    assert "对方写的是：雪停了。" in second.text
    fields = {f.get("name"): f.get("value") for f in Page(second.text).all("input")}
    assert (fields["replacement"], fields["phone"]) == ("坐 5 路", "12328")
    assert "还在下雪。" in second.text
    assert published(bus)[4]["text"] == "雪停了。"
    again = announced | {"text": "还在下雪。", "replacement": "坐 5 路", "phone": "12328"}
    dispatcher.post("/staff/notices/4/edit", **(again | {"based_on": fields["based_on"]}))
    assert published(bus)[4]["text"] == "还在下雪。"
    assert dispatcher.post("/staff/notices/4/end", based_on=based_on).status_code == 303
    assert "没有结束：别人已经保存了新的版本" in dispatcher.get("/staff/notices").text


def test_is_what_was_not_put_out_told_and_put_out_later(
    bus: Flask, dispatcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of the edition is broken by a mistake that came in by another door."""
    from server.edition_cache import CannotStore, EditionCache

    def full(*_: object) -> None:
        raise CannotStore("磁盘已满")

    with monkeypatch.context() as patch:
        patch.setattr(EditionCache, "store", full)
        announce(dispatcher)
    assert 4 not in published(bus)
    assert "还没有发布出去：磁盘已满" in dispatcher.get("/staff/notices").text
    dispatcher.post("/staff/notices/4/publish")
    assert 4 in published(bus)


@pytest.mark.parametrize("role", ["viewer", "editor", "reviewer"])
def test_may_others_only_look(bus: Flask, role: str) -> None:
    person = somebody(bus, role)
    assert person.get("/staff/notices").status_code == 200
    assert person.get("/staff/notices/new").status_code == 403
    assert announce(person).status_code == 403


def test_is_no_notice_found_where_there_is_none(dispatcher: Person) -> None:
    assert dispatcher.get("/staff/notices/1/edit").status_code == 404
    assert dispatcher.get("/staff/notices/99/edit").status_code == 404
    assert dispatcher.post("/staff/notices/3/end").status_code == 404


def test_does_today_last_until_the_last_run_of_the_night() -> None:
    evening = datetime(2026, 12, 31, 18, 0, tzinfo=SHANGHAI)
    assert end_of_day(evening, [line()]) == datetime(2027, 1, 1, tzinfo=SHANGHAI)
    night = line().model_dump(mode="json")
    night["trips"][1]["stop_times"][0] |= {"arrival": "25:10", "departure": "25:10"}
    night["trips"][1]["stop_times"][1] |= {"arrival": "25:30"}
    late = line(trips=night["trips"])
    assert end_of_day(evening, [late]) == datetime(2027, 1, 1, 1, 11, tzinfo=SHANGHAI)


def test_does_a_form_say_what_its_notice_says() -> None:
    lines = {1: line()}
    for kind in ("suspended", "late", "detour"):
        form = NoticeForm.preset(kind, NOW, lines)
        filled = NoticeForm(**(vars(form) | {"texts": {**form.texts, "text": "因施工。"}}))
        said, wrong = filled.document(NOW)
        assert wrong == {}
        assert said is not None
        again, _ = NoticeForm.of(said).document(NOW, said)
        assert again == said
        assert said["routes"] == [1]
        assert said["phone"] == "0533-1234567"
