"""Does what is typed into a listing's form become a draft, and is nothing lost on the way?"""

from collections.abc import Sequence

from flask import Flask
from sqlalchemy import func, select, update

from server import audit
from server.db import db
from server.models import AuditEvent, Listing, Revision, WorkingCopy
from tests.server.pages import NASTY, Page
from tests.server.staff.forms import fill_in, inputs
from tests.server.staff.people import Person, somebody

MUSEUM = "/staff/listings/1"
EDIT = f"{MUSEUM}/edit"
SAVED = f"{MUSEUM}?saved=1"
NEW = "/staff/listings/new?type=site"


def revisions_of(app: Flask, id_: int = 1) -> Sequence[Revision]:
    with app.app_context():
        query = select(Revision).where(Revision.listing_id == id_).order_by(Revision.id)
        return db.session.scalars(query).all()


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_does_the_page_of_a_listing_tell_what_it_says(console: Flask) -> None:
    text = Page(somebody(console, "viewer").get(MUSEUM).text).text
    assert "淄博市博物馆" in text
    assert "公众现在看到的" in text
    assert "商场西街153号" in text
    assert "婴儿车通行" in text
    assert "馆方来函（2026-11-02 确认）" in text


def test_does_markup_in_a_name_stay_text(console: Flask) -> None:
    editor = somebody(console, "editor")
    for path in ("/staff/listings/2", "/staff/listings/2/edit"):
        answer = editor.get(path)
        assert "<script>alert" not in answer.text
        assert NASTY.split()[0].split("<")[0] in answer.text
    assert inputs(editor.get("/staff/listings/2/edit"))["name"] == NASTY


def test_is_an_untouched_form_no_new_version(console: Flask) -> None:
    answer = fill_in(somebody(console, "editor"), EDIT)
    assert answer.location == SAVED
    assert len(revisions_of(console)) == 1


def test_does_an_edit_become_a_draft_and_then_a_submission(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = fill_in(editor, EDIT, phone="0533-7654321", change_note="馆方来电")
    assert (answer.status_code, answer.location) == (303, SAVED)
    draft = revisions_of(console)[-1]
    assert (draft.state, draft.document["phone"], draft.note) == (
        "draft",
        "0533-7654321",
        "馆方来电",
    )
    assert draft.document["opening_hours"] == "Tu-Su 09:00-17:00"
    page = Page(editor.get(MUSEUM).text).text
    assert "电话 0533-2164568 0533-7654321" in page
    answer = fill_in(editor, EDIT, act="submit")
    assert answer.location == SAVED
    assert [r.state for r in revisions_of(console)] == ["approved", "submitted"]
    with console.app_context():
        actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
        assert actions[-2:] == ["revision.saved", "revision.submitted"]
        assert audit.verify(db.session) is None


def test_does_sending_a_form_twice_do_no_harm(console: Flask) -> None:
    editor = somebody(console, "editor")
    sent = inputs(editor.get(EDIT)) | {"phone": "0533-7654321", "act": "submit"}
    first, second = (editor.client.post(EDIT, data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert [r.state for r in revisions_of(console)] == ["approved", "submitted"]


def test_does_what_was_typed_wrong_come_back_beside_its_message(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = fill_in(
        editor,
        EDIT,
        phone="打前台电话",
        lon="东经118度",
        closures__0__start="2026-12-05",
        closures__0__end="2026-12-01",
        introduction="新的介绍",
    )
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "还没有保存" in page.text
    for text in (
        "应为能直接拨打的号码",
        "应为数",
        "临时关闭的日期前后矛盾：结束早于开始",
    ):
        assert text in page.text
    sent = inputs(answer)
    assert sent["phone"] == "打前台电话"
    assert sent["lon"] == "东经118度"
    assert sent["introduction"] == "新的介绍"
    wrong = next(f for f in page.all("input") if f.get("name") == "phone")
    assert wrong["aria-invalid"] == "true"
    assert len(revisions_of(console)) == 1


def test_is_what_lacks_before_submitting_told_beside_its_field(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = fill_in(editor, EDIT, act="submit", lon="36.8", lat="118.05")
    assert answer.status_code == 422  # a latitude of 118 is none
    answer = fill_in(editor, f"{EDIT}?resume=copy", act="submit", lon="116.4", lat="39.9")
    assert answer.location == f"{EDIT}?saved=1"
    page = Page(editor.get(EDIT).text).text
    assert "已保存为草稿，但还不能提交" in page
    assert "提交前要补上：位置不在淄博市范围内" in page
    assert revisions_of(console)[-1].state == "draft"


def test_are_positions_of_other_systems_converted(console: Flask) -> None:
    fill_in(somebody(console, "editor"), EDIT, lon="118.06", lat="36.81", crs="bd09")
    document = revisions_of(console)[-1].document
    assert 118.04 < document["lon"] < 118.05
    assert 36.80 < document["lat"] < 36.81


def test_does_an_expired_form_come_back_with_a_fresh_token(console: Flask) -> None:
    editor = somebody(console, "editor")
    sent = inputs(editor.get(EDIT)) | {"introduction": "写了半天", "act": "save"}
    answer = editor.client.post(EDIT, data=sent | {"csrf_token": "old"})
    assert answer.status_code == 400
    assert "表单已过期" in answer.text
    again = inputs(answer)
    assert again["introduction"] == "写了半天"
    assert editor.client.post(EDIT, data=again | {"act": "save"}).status_code == 303
    assert revisions_of(console)[-1].document["introduction"] == "写了半天"


def test_can_nobody_write_outside_their_bounds(console: Flask) -> None:
    elsewhere = somebody(console, "editor", districts=["boshan"])
    assert elsewhere.get(EDIT).status_code == 403
    sent = {"if_match": '"r1"', "name": "改名", "act": "save"}
    answer = elsewhere.post(EDIT, **sent)
    assert answer.status_code == 403
    assert inputs(answer)["name"] == "改名"
    # Nor carry a listing of their own into somebody else's district, or take one in.
    answer = fill_in(elsewhere, "/staff/listings/4/edit", district="zhangdian")
    assert answer.status_code == 409
    assert "不在您负责的范围内" in answer.text
    assert len(revisions_of(console)) == 1
    assert len(revisions_of(console, 4)) == 1
    assert somebody(console, "viewer").get(EDIT).status_code == 403


def test_is_a_new_place_made_once(console: Flask) -> None:
    editor = somebody(console, "editor")
    before = count(console, Listing)
    sent = inputs(editor.get(NEW)) | {
        "name": "新馆",
        "kind": "practice_base",
        "theme": "science",
        "district": "zhangdian",
        "lon": "118.05",
        "lat": "36.8",
        "facilities.parking": "on",
        "act": "save",
    }
    first = editor.client.post(NEW, data=sent)
    second = editor.client.post(NEW, data=sent | {"name": "新馆（改）"})
    assert first.location == second.location
    assert first.location.startswith(f"/staff/listings/{before + 1}?saved=new-")
    assert count(console, Listing) == before + 1
    written = revisions_of(console, before + 1)
    assert [r.document["name"] for r in written] == ["新馆", "新馆（改）"]
    assert written[0].document["facilities"] == ["parking"]
    # Nothing of it is offered again.
    assert "您有" not in editor.get(NEW).text


def test_does_a_new_place_without_anything_tell_all_that_is_missing(console: Flask) -> None:
    answer = fill_in(somebody(console, "editor"), NEW)
    assert answer.status_code == 422
    assert answer.text.count("缺少这一项") >= 6


def test_does_a_hotline_need_a_source_for_its_number(console: Flask) -> None:
    editor = somebody(console, "editor")
    path = "/staff/listings/27/edit"
    fill_in(editor, path, act="submit", number="12356")
    assert "提交前要补上：更改热线号码须注明来源" in editor.get(path).text
    named = {"facts__number__source": "市妇联函", "facts__number__confirmed_on": "2026-11-20"}
    answer = fill_in(editor, path, act="submit", **named)
    assert answer.location == "/staff/listings/27?saved=27"
    assert revisions_of(console, 27)[-1].state == "submitted"


def test_is_a_huge_text_refused_and_nothing_half_done(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = fill_in(editor, EDIT, introduction="字" * 100_000)
    assert answer.status_code == 422
    assert "文字太长，最多 2000 个字" in answer.text
    assert len(inputs(answer)["introduction"]) == 100_000
    assert len(revisions_of(console)) == 1


def test_are_wrong_numbers_and_types_not_found(console: Flask) -> None:
    editor = somebody(console, "editor")
    for path in (
        "/staff/listings/999",
        "/staff/listings/999/edit",
        "/staff/listings/new?type=nonsense",
        "/staff/listings/1/revisions/3",
    ):
        assert editor.get(path).status_code == 404, path
    assert editor.post("/staff/listings/999/close", reason="x").status_code == 404


# What was typed and not saved


def keep(person: Person, text: str, based_on: str = '"r1"') -> int:
    fields = inputs(person.get(f"{EDIT}?resume=copy")) | {"introduction": text}
    answer = person.client.post(
        f"{MUSEUM}/working-copy",
        json={"fields": fields, "if_match": based_on},
        headers={"X-CSRFToken": person.token},
    )
    return answer.status_code


def test_is_what_was_not_saved_offered_when_the_form_is_opened_again(console: Flask) -> None:
    editor = somebody(console, "editor")
    assert keep(editor, "打了一半") == 200
    assert keep(editor, "打了一大半") == 200
    assert count(console, WorkingCopy) == 1
    offer = Page(editor.get(EDIT).text)
    assert "未保存的内容" in offer.text
    assert "改了：介绍" in offer.text
    assert f"{EDIT}?resume=copy" in offer.links
    resumed = inputs(editor.get(f"{EDIT}?resume=copy"))
    assert resumed["introduction"] == "打了一大半"
    assert inputs(somebody(console, "editor", "other").get(EDIT))["introduction"] != "打了一大半"
    answer = editor.client.post(EDIT, data=resumed | {"act": "save"})
    assert answer.location == SAVED
    assert count(console, WorkingCopy) == 0
    assert revisions_of(console)[-1].document["introduction"] == "打了一大半"


def test_can_what_was_not_saved_be_thrown_away(console: Flask) -> None:
    editor = somebody(console, "editor")
    keep(editor, "不要了")
    fill_in(editor, f"{EDIT}?resume=copy", act="discard")
    assert count(console, WorkingCopy) == 0
    assert len(revisions_of(console)) == 1


def test_does_a_failed_save_outlive_its_page(console: Flask) -> None:
    editor = somebody(console, "editor")
    fill_in(editor, EDIT, phone="不是号码")
    assert inputs(editor.get(f"{EDIT}?resume=copy"))["phone"] == "不是号码"
    fill_in(editor, NEW, name="只有名字")
    offer = Page(editor.get(NEW).text)
    assert "只有名字" in offer.text
    link = next(link for link in offer.links if "copy=new-" in link)
    assert inputs(editor.get(link))["name"] == "只有名字"


def test_is_somebody_elses_typing_told_but_not_shown(console: Flask) -> None:
    keep(somebody(console, "editor", "zhang"), "还没想好怎么写")
    other = somebody(console, "editor", "li")
    for path in (MUSEUM, EDIT):
        answer = other.get(path)
        assert "zhang的姓名" in answer.text
        assert "没有保存" in answer.text
        assert "还没想好怎么写" not in answer.text


def test_is_a_working_copy_that_makes_no_sense_refused(console: Flask) -> None:
    editor = somebody(console, "editor")
    headers = {"X-CSRFToken": editor.token}
    send = editor.client.post
    path = f"{MUSEUM}/working-copy"
    assert send(path, json={"fields": {"name": "x" * 300_000}}, headers=headers).status_code == 413
    assert send(path, json=[1], headers=headers).status_code == 400
    assert send(path, data="{", headers=headers).status_code == 400
    assert send(path, json={"fields": 3}, headers=headers).status_code == 422
    assert send(path, json={"fields": {}}).status_code == 400  # no token
    new = {"fields": {}, "key": "1", "type": "site"}
    assert send("/staff/listings/new/working-copy", json=new, headers=headers).status_code == 422
    assert count(console, WorkingCopy) == 0


def test_can_a_retired_listing_not_be_edited(console: Flask) -> None:
    editor = somebody(console, "editor")
    opened = inputs(editor.get(EDIT))
    with console.app_context():
        db.session.execute(
            update(Listing)
            .where(Listing.id == 1)
            .values(state="retired", retired_on=func.current_date(), retire_reason="改造")
        )
        db.session.commit()
    assert editor.get(EDIT).status_code == 403
    answer = editor.client.post(EDIT, data=opened | {"introduction": "写了", "act": "save"})
    assert answer.status_code == 403
    assert inputs(answer)["introduction"] == "写了"
