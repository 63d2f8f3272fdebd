"""Does a publisher put out what they have seen, and nothing else?"""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from geo.opening import SHANGHAI
from server import jobs, publishing, publishing_plan, scheduled
from server.db import db, now
from server.models import AuditEvent, EditionRow, Job, Revision, ScheduledPublishing, StaffAccount
from server.publishing_jobs import NOT_ALLOWED
from tests.server.material import add, revise, set_state, site
from tests.server.pages import NASTY, Page
from tests.server.staff.people import Person, somebody


def change(console: Flask) -> None:
    """One new, one changed, one removed, one that waits for review."""
    with console.app_context():
        add(site("新开的馆"))
        revise(3, site("收费馆", free=False, fee="12 元", opening_hours="24/7", lon=118.1))
        set_state(4, "retired", reason="搬走了")
        waiting = Revision(
            listing_id=5, document=site("等着的馆"), origin="staff", state="submitted"
        )
        db.session.add(waiting)
        db.session.commit()


def digest(page: str) -> str:
    fields = {f.get("name"): f.get("value") for f in Page(page).all("input")}
    return fields["digest"] or ""


def newest(console: Flask) -> int:
    with console.app_context():
        return publishing.history()[0].number


def events(console: Flask) -> list[tuple[str, str, int | None]]:
    with console.app_context():
        rows = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [(row.action, row.actor, row.subject_id) for row in rows]


def test_is_nothing_to_publish_said_when_nothing_has_changed(console: Flask) -> None:
    page = somebody(console, "publisher").get("/staff/publishing")
    assert "相比没有变化，不用发布" in page.text
    assert 'name="digest"' not in page.text


def test_what_would_the_next_edition_change(console: Flask) -> None:
    change(console)
    page = Page(somebody(console, "publisher").get("/staff/publishing").text)
    assert "下一期（第 3 期）" in page.text
    for told in (
        "新增 1 更改 1 撤下 1",
        "新开的馆",
        "10 元 → 12 元",
        "搬走了",
        "等着的馆",
    ):
        assert told in page.text


def test_does_what_was_seen_go_out_and_leave_its_trace(console: Flask) -> None:
    change(console)
    publisher = somebody(console, "publisher")
    seen = digest(publisher.get("/staff/publishing").text)
    answer = publisher.post("/staff/publishing", digest=seen, note="十一月的核实")
    assert answer.status_code == 303
    assert answer.location.endswith("/staff/editions/3")
    page = Page(publisher.get("/staff/editions/3").text)
    assert "十一月的核实" in page.text
    assert "publisher的姓名" in page.text
    assert "新增 1 更改 1 撤下 1" in page.text
    with console.app_context():
        row = db.session.get_one(EditionRow, 3)
        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.action, event.actor, event.subject_id) == (
            "edition.published", "publisher", 3,
        )  # fmt: skip
        assert event.detail["sha256"] == row.sha256
        assert (event.detail["changed"], event.detail["removed"]) == (2, 1)


def test_is_what_was_approved_in_between_not_published_unseen(console: Flask) -> None:
    change(console)
    publisher = somebody(console, "publisher")
    seen = digest(publisher.get("/staff/publishing").text)
    with console.app_context():
        revise(6, site("后来才审核通过"))
    answer = publisher.post("/staff/publishing", digest=seen, note="我写的说明")
    assert answer.status_code == 409
    assert "内容已经变了，请再看一遍。没有发布。" in answer.text
    assert "我写的说明" in answer.text
    assert "后来才审核通过" in answer.text
    assert newest(console) == 2
    again = digest(answer.text)
    assert again != seen
    assert publisher.post("/staff/publishing", digest=again).status_code == 303
    # A second tap on the same form.
    assert publisher.post("/staff/publishing", digest=again).status_code == 409
    assert newest(console) == 3


@pytest.mark.parametrize("role", ["viewer", "editor", "reviewer", "dispatcher"])
def test_may_others_look_and_not_publish(console: Flask, role: str) -> None:
    change(console)
    person = somebody(console, role)
    page = person.get("/staff/publishing")
    assert page.status_code == 200
    assert "<form" not in page.text.split('class="console-main"')[1]
    for path in (
        "/staff/publishing",
        "/staff/publishing/compare",
        "/staff/publishing/schedule",
        "/staff/publishing/schedule/1/cancel",
        "/staff/editions/1/restore",
    ):
        assert person.post(path, digest="x", note="x").status_code == 403, path
    assert person.get("/staff/editions/1/restore").status_code == 403
    assert newest(console) == 2


def test_what_keeps_it_from_being_published(console: Flask) -> None:
    with console.app_context():
        add(site("远方的馆 " + NASTY[:20], lon=100.0))
        add(site("不通的馆", opening_hours="天天开"))
    publisher = somebody(console, "publisher")
    answer = publisher.get("/staff/publishing")
    page = Page(answer.text)
    assert "有 2 处问题，要先解决才能发布" in page.text
    assert "<script>alert" not in answer.text
    refused = publisher.post("/staff/publishing", digest="x")
    assert refused.status_code == 409
    assert "有问题要先解决，没有发布。" in refused.text
    assert publisher.get("/staff/preview", follow_redirects=True).status_code == 200


def test_is_a_note_that_is_too_long_given_back(console: Flask) -> None:
    change(console)
    publisher = somebody(console, "publisher")
    seen = digest(publisher.get("/staff/publishing").text)
    answer = publisher.post("/staff/publishing", digest=seen, note="长" * 501)
    assert answer.status_code == 400
    assert "说明不超过 500 个字" in answer.text
    assert "长" * 501 in answer.text
    assert newest(console) == 2


# Going back


def test_does_going_back_ask_tell_and_record(console: Flask) -> None:
    publisher = somebody(console, "publisher")
    page = publisher.get("/staff/editions/1/restore")
    assert "回退到第 1 期？" in page.text
    assert "下次发布会再次带上这些改动" in page.text
    seen = digest(page.text)
    silent = publisher.post("/staff/editions/1/restore", digest=seen, note=" ")
    assert silent.status_code == 400
    assert "请写明为什么回退" in silent.text
    assert publisher.post("/staff/editions/1/restore", digest=seen, note="错了").status_code == 303
    assert newest(console) == 3
    assert ("edition.restored", "publisher", 3) in events(console)
    after = Page(publisher.get("/staff/publishing").text)
    assert "第 3 期回退到了第 1 期的内容" in after.text
    assert "撤下 2" in after.text  # the listings that edition 2 had taken off
    late = publisher.post("/staff/editions/1/restore", digest=seen, note="再来")
    assert late.status_code == 409
    assert "没有差别" in late.text


def test_is_an_edition_that_is_not_there_or_damaged_told(console: Flask) -> None:
    publisher = somebody(console, "publisher")
    for path in ("/staff/editions/99", "/staff/editions/99/restore"):
        assert publisher.get(path).status_code == 404
    assert publisher.post("/staff/editions/99/restore", digest="", note="x").status_code == 404
    with console.app_context():
        db.session.get_one(EditionRow, 1).body = b"damaged"
        db.session.commit()
    assert "第 1 期已损坏，看不到差异" in publisher.get("/staff/editions/1").text
    assert "第 1 期已损坏，不能恢复" in publisher.get("/staff/editions/1/restore").text


def test_can_any_two_editions_be_compared(console: Flask) -> None:
    viewer = somebody(console, "viewer")
    assert "撤下 2" in Page(viewer.get("/staff/editions/2?against=1").text).text
    assert "新增 2" in Page(viewer.get("/staff/editions/1?against=2").text).text
    for odd in ("99", "-1", "x", ""):
        assert viewer.get(f"/staff/editions/2?against={odd}").status_code == 200


# At a time


def in_minutes(minutes: int) -> str:
    return (datetime.now(SHANGHAI) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def test_can_a_moment_be_chosen_and_taken_back(console: Flask) -> None:
    publisher = somebody(console, "publisher")
    at = in_minutes(60)
    answer = publisher.post("/staff/publishing/schedule", at=at, note="节后")
    assert answer.status_code == 303
    page = publisher.get("/staff/publishing")
    assert at.replace("T", " ") in page.text
    (id_,) = re.findall(r"/schedule/(\d+)/cancel", page.text)
    for status in ("排期已取消。", "已经发布、失败或取消了"):
        publisher.post(f"/staff/publishing/schedule/{id_}/cancel")
        assert status in publisher.get("/staff/publishing").text
    trail = [event[:2] for event in events(console)]
    assert trail.count(("schedule.made", "publisher")) == 1
    assert trail.count(("schedule.cancelled", "publisher")) == 1


def test_is_a_moment_that_failed_told_in_the_inbox_until_something_is_published(
    console: Flask,
) -> None:
    change(console)
    publisher, viewer = somebody(console, "publisher"), somebody(console, "viewer")
    by = publisher.account_id
    with console.app_context():
        late = now() - timedelta(hours=30)
        db.session.add(ScheduledPublishing(at=late, created_by=by))
        db.session.commit()
        scheduled.publish_due(console.extensions["settings"], console.extensions["city"])
    assert "没有成功的排期发布" in publisher.get("/staff/inbox").text
    assert "服务没有运行" in publisher.get("/staff/inbox").text
    assert "没有成功的排期发布" not in viewer.get("/staff/inbox").text
    assert "服务没有运行" in publisher.get("/staff/publishing").text
    seen = digest(publisher.get("/staff/publishing").text)
    publisher.post("/staff/publishing", digest=seen)
    assert "没有成功的排期发布" not in publisher.get("/staff/inbox").text


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("", "请选定日期和时间"),
        ("明天", "请选定日期和时间"),
        ("2020-01-01T08:00", "这个时间已经过去"),
        ("9999-12-31T23:59", "最远只能排到一年以内"),
        ("0001-01-01T00:00", "这个时间已经过去"),
    ],
)
def test_is_an_impossible_moment_told_beside_it(console: Flask, at: str, told: str) -> None:
    publisher = somebody(console, "publisher")
    answer = publisher.post("/staff/publishing/schedule", at=at, note="节后")
    assert answer.status_code == 400
    assert told in answer.text
    assert "节后" in answer.text
    with console.app_context():
        assert db.session.scalars(select(ScheduledPublishing)).all() == []


# Where there is much


@pytest.fixture
def large(console: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(publishing_plan, "SMALL", 10)
    return console


def job(console: Flask) -> Any:
    with console.app_context():
        found = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
        assert found is not None
        return found


def test_is_much_compared_and_published_in_the_background(large: Flask) -> None:
    change(large)
    publisher = somebody(large, "publisher")
    assert "比对下一期" in publisher.get("/staff/publishing").text
    publisher.post("/staff/publishing/compare")
    page = publisher.get("/staff/publishing")
    assert f'<progress data-job="{job(large).id}"' in page.text
    assert 'http-equiv="refresh"' in page.text
    jobs.run_waiting(large)
    page = publisher.get("/staff/publishing")
    assert "收费说明" in page.text
    answer = publisher.post("/staff/publishing", digest=digest(page.text), note="很多")
    assert answer.location.endswith(f"/staff/jobs/{job(large).id}")
    assert newest(large) == 2
    jobs.run_waiting(large)
    assert (job(large).state, job(large).result) == ("done", {"edition": 3})
    assert "看第 3 期" in publisher.get(f"/staff/jobs/{job(large).id}").text
    # The plan that is shown is of yesterday: what it tells of is out already.
    publisher.post("/staff/publishing", digest=digest(page.text), note="再来")
    jobs.run_waiting(large)
    assert (job(large).state, job(large).message) == ("failed", "内容已经变了，请再看一遍")
    assert newest(large) == 3


def test_is_no_preview_offered_where_it_would_take_long(large: Flask) -> None:
    person: Person = somebody(large, "viewer")
    assert "不提供整站预览" in person.get("/staff/preview", follow_redirects=True).text


@pytest.mark.parametrize("what", [{"role": "reviewer"}, {"disabled_at": now()}])
def test_does_who_may_not_any_more_publish_with_a_job_that_waits(
    large: Flask, what: dict[str, Any]
) -> None:
    change(large)
    publisher = somebody(large, "publisher")
    publisher.post("/staff/publishing/compare")
    jobs.run_waiting(large)
    seen = digest(publisher.get("/staff/publishing").text)
    publisher.post("/staff/publishing", digest=seen, note="")
    with large.app_context():
        db.session.execute(update(StaffAccount).values(**what))
        db.session.commit()
    jobs.run_waiting(large)
    assert (job(large).state, job(large).message) == ("failed", NOT_ALLOWED)
    assert newest(large) == 2
