"""Does review show what changes, and does nothing pass without a second person?"""

import pytest
from flask import Flask

from server import revisions
from server.db import db
from server.models import Revision
from server.revisions import writing
from tests.server.material import set_state
from tests.server.pages import Page
from tests.server.staff.desk import Desk
from tests.server.staff.people import somebody


@pytest.fixture
def desk(console: Flask) -> Desk:
    return Desk(console)


def test_does_the_queue_tell_who_changed_what(desk: Desk) -> None:
    desk.hand_in(5, address="新路 1 号", phone="0533-1234567")
    queue = Page(desk.reviewer.get("/staff/review").text).text
    assert "测试馆05" in queue
    assert "改了地址、电话" in queue
    assert "editor的姓名" in queue


def test_is_a_difference_shown_word_by_word_and_a_move_in_metres(desk: Desk) -> None:
    id_ = desk.hand_in(
        1,
        address="商场东街153号",
        lon=118.0543,
        facilities=["parking"],
        facts={"": {"source": "馆方来函", "confirmed_on": "2026-11-20"}},
    )
    answer = desk.reviewer.get(f"/staff/review/{id_}").text
    assert "<del>西</del>" in answer
    assert "<ins>东</ins>" in answer
    page = Page(answer)
    assert "婴儿车通行" in page.text
    assert "移动 383 米" in page.text
    assert "开放时间的来源" in page.text
    (pins,) = [each for each in page.all("div") if each.get("data-kind") == "pins"]
    assert pins["data-before"] == "[118.05, 36.8]"


def test_is_a_reviewer_told_when_nobody_says_how_a_number_is_known(desk: Desk) -> None:
    told = "提交人没有写明改了什么、怎么知道的"
    silent = desk.hand_in(5, phone="0533-1234567", opening_hours="Mo-Su 09:00-17:00")
    page = desk.page(silent).text
    assert f"电话、开放时间改了，{told}" in page
    assert "每天 9:00–17:00 Mo-Su 09:00-17:00" in page
    sourced = desk.hand_in(
        6,
        phone="0533-1234567",
        facts={"phone": {"source": "馆方来电", "confirmed_on": "2026-11-20"}},
    )
    assert told not in desk.page(sourced).text
    assert told not in desk.page(desk.hand_in(7, booking="须预约")).text
    with desk.app.app_context():
        revision = db.session.get_one(Revision, silent)
        revision.note = "打电话问的"
        db.session.commit()
    assert told not in desk.page(silent).text


def test_goes_the_reviewer_on_to_the_next_and_at_last_to_the_queue(desk: Desk) -> None:
    first, second = desk.hand_in(5, booking="须预约"), desk.hand_in(6, booking="须预约")
    answer = desk.reviewer.post(f"/staff/review/{first}/approve")
    assert answer.headers["Location"].endswith(f"/staff/review/{second}")
    answer = desk.reviewer.post(f"/staff/review/{second}/return", reason="没有来源")
    assert answer.headers["Location"].endswith("/staff/review")
    assert (desk.state(first), desk.state(second)) == ("approved", "returned")


def test_is_nothing_returned_without_a_reason(desk: Desk) -> None:
    id_ = desk.hand_in(5, booking="须预约")
    answer = desk.reviewer.post(f"/staff/review/{id_}/return", reason="  ")
    assert answer.status_code == 409
    assert "请写明退回的原因" in Page(answer.text).text
    long = "长" * 1_000_000
    assert desk.reviewer.post(f"/staff/review/{id_}/return", reason=long).status_code in (400, 413)
    assert desk.state(id_) == "submitted"


def test_does_nobody_approve_their_own(desk: Desk) -> None:
    id_ = desk.hand_in(5, by=desk.reviewer, booking="须预约")
    page = desk.page(id_)
    assert "须由另一人审核" in page.text
    assert [form for form in page.all("form") if "approve" in (form["action"] or "")] == []
    answer = desk.reviewer.post(f"/staff/review/{id_}/approve")
    assert answer.status_code == 409
    assert "不能审核自己提交的版本" in Page(answer.text).text
    assert "须由另一人审核" in Page(desk.reviewer.get("/staff/review").text).text


def test_is_a_decision_not_offered_on_what_one_wrote_in_part(desk: Desk) -> None:
    with desk.app.app_context(), writing(db.session):
        last = revisions.newest(db.session, 5)
        assert last is not None
        document = last.document | {"fee": "10 元"}
        revisions.save(db.session, desk.member(desk.reviewer), 5, document, last.id)
    id_ = desk.hand_in(5, booking="须预约")
    page = desk.page(id_)
    assert "这里面有您写的内容，须由另一人审核" in page.text
    assert [form for form in page.all("form") if "approve" in (form["action"] or "")] == []
    assert f"/staff/review/{id_}" not in Page(desk.reviewer.get("/staff/listings/5").text).links
    answer = desk.reviewer.post(f"/staff/review/{id_}/approve")
    assert "不能审核自己写过的内容" in Page(answer.text).text
    other = somebody(desk.app, "reviewer", "other")
    assert f"/staff/review/{id_}" in Page(other.get("/staff/listings/5").text).links
    assert other.post(f"/staff/review/{id_}/approve").status_code == 303


def test_is_the_second_of_two_reviewers_told_who_decided(desk: Desk) -> None:
    id_ = desk.hand_in(5, booking="须预约")
    other = somebody(desk.app, "reviewer", "other")
    desk.reviewer.post(f"/staff/review/{id_}/approve")
    answer = other.post(f"/staff/review/{id_}/return", reason="不对")
    assert answer.status_code == 409
    told = Page(answer.text).text
    assert "reviewer的姓名" in told
    assert "已经通过" in told
    assert desk.state(id_) == "approved"


def test_is_what_the_author_took_back_or_bettered_told(desk: Desk) -> None:
    id_ = desk.hand_in(5, booking="须预约")
    with desk.app.app_context(), writing(db.session):
        revisions.withdraw(db.session, desk.member(desk.editor), id_)
    assert "已经撤回" in desk.page(id_).text
    better = desk.hand_in(5, booking="不用预约")
    assert f"看最新的第 {better} 版" in desk.page(id_).text
    assert desk.reviewer.post(f"/staff/review/{id_}/approve").status_code == 409


def test_are_a_changed_number_its_source_and_both_people_shown(desk: Desk) -> None:
    fact = {"number": {"source": "妇联文件 18 号", "confirmed_on": "2026-11-20"}}
    id_ = desk.hand_in(27, number="0533-12338", facts=fact)
    told = desk.page(id_).text
    assert "12355 → 0533-12338" in told
    assert "来源：妇联文件 18 号" in told
    assert "提出：editor的姓名；复核：reviewer的姓名" in told


def test_is_what_went_live_checked_by_another(desk: Desk) -> None:
    with desk.app.app_context(), writing(db.session):
        last = revisions.newest(db.session, 5)
        assert last is not None
        closed = last.document | {
            "closures": [{"start": "2026-11-24", "end": "2026-11-24", "reason": "停电"}]
        }
        id_ = revisions.go_live(
            db.session, desk.member(desk.editor), 5, closed, action="listing.closed_today"
        ).id
    assert "等待复核（1）" in Page(desk.reviewer.get("/staff/review").text).text
    assert "2026-11-24 停电" in desk.page(id_).text
    assert desk.reviewer.post(f"/staff/review/{id_}/check").status_code == 303
    assert desk.reviewer.post(f"/staff/review/{id_}/check").status_code == 409


def test_can_what_left_the_map_meanwhile_not_be_approved(desk: Desk) -> None:
    id_ = desk.hand_in(5, booking="须预约")
    with desk.app.app_context():
        set_state(5, "retired", "改造")
    assert "已撤下" in desk.page(id_).text
    assert desk.reviewer.post(f"/staff/review/{id_}/approve").status_code == 409
    assert "没有等待审核的修改" in Page(desk.reviewer.get("/staff/review").text).text


def test_is_markup_in_a_document_text(desk: Desk) -> None:
    id_ = desk.hand_in(5, name="<script>alert(1)</script>", introduction="<b>粗</b>")
    assert "<script>alert(1)" not in desk.reviewer.get(f"/staff/review/{id_}").text


def test_is_a_revision_that_is_not_there_not_found(desk: Desk) -> None:
    assert desk.reviewer.get("/staff/review/99999").status_code == 404
    assert desk.reviewer.post("/staff/review/99999/approve").status_code == 404
    assert desk.editor.get("/staff/review").status_code == 403
