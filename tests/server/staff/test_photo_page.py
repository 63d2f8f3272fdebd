"""Can photos be added, ordered and taken away, by script and without, and nothing lost?"""

import io
from typing import Any

import pytest
from flask import Flask

from server import files
from server.db import db
from server.models import Revision, StoredFile
from server.revisions import newest
from tests.server import snapshots
from tests.server.pages import Page
from tests.server.snapshots import as_bytes, two_halves, with_gps
from tests.server.staff.people import Person, somebody

PAGE = "/staff/listings/1/photos"
CONSENT = {"consent": "yes"}


def upload(person: Person, body: bytes, **fields: str) -> Any:
    return person.client.post(
        "/staff/photos",
        data={"photo": (io.BytesIO(body), "馆门.jpg")} | fields,
        headers={"X-CSRFToken": person.token},
    )


def form_of(person: Person) -> dict[str, str]:
    """The fields of the page's form, as they came."""
    inputs = Page(person.get(PAGE).text).all("input")
    return {
        f["name"] or "": f["value"] or ""
        for f in inputs
        if f.get("name") and f.get("type") not in ("checkbox", "file")
    }


def add(person: Person, body: bytes, alt: str = "馆门", **fields: Any) -> Any:
    form = form_of(person) | {"new_alt": alt, "photo": (io.BytesIO(body), "馆门.jpg")}
    return person.client.post(PAGE, data=form | CONSENT | fields)


def said(app: Flask) -> list[dict[str, Any]]:
    with app.app_context():
        revision = newest(db.session, 1)
        assert revision
        return list(revision.document.get("photos") or [])


def test_is_an_upload_kept_and_told(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = upload(editor, with_gps(width=1000, height=800), **CONSENT)
    assert answer.status_code == 200
    told = answer.json
    assert (told["width"], told["height"]) == (1000, 800)
    assert told["shown"] == {"width": 320, "height": 256}
    assert editor.client.get(told["url"]).status_code == 200
    assert said(console) == []


@pytest.mark.parametrize(
    ("body", "fields", "message"),
    [
        (as_bytes(two_halves()), {}, "请先确认"),
        (snapshots.SVG, CONSENT, "不是能用的照片"),
        (b"", CONSENT, "没有选择照片"),
    ],
)
def test_is_a_refusal_told_in_chinese(
    console: Flask, body: bytes, fields: dict[str, str], message: str
) -> None:
    answer = upload(somebody(console, "editor"), body, **fields)
    assert answer.status_code == 422
    assert message in answer.json["message"]
    with console.app_context():
        assert db.session.query(StoredFile).count() == 0


def test_is_what_is_far_too_large_not_even_received(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = upload(editor, b"\xff" * (17 << 20), **CONSENT)
    assert (answer.status_code, answer.json["message"]) == (413, "照片太大：最多 15 MB")
    plain = add(editor, b"\xff" * (17 << 20))
    assert plain.status_code == 413
    assert "太大" in plain.text


def test_is_a_full_disk_told(console: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: files.Folder, body: object) -> None:
        raise files.CannotKeep("文件没有存下：读写出错：磁盘已满")

    monkeypatch.setattr(files.Folder, "put", refuse)
    answer = upload(somebody(console, "editor"), as_bytes(two_halves()), **CONSENT)
    assert (answer.status_code, "磁盘已满" in answer.json["message"]) == (422, True)


def test_are_photos_added_ordered_and_taken_away_without_scripts(console: Flask) -> None:
    editor = somebody(console, "editor")
    assert add(editor, as_bytes(two_halves(400, 300)), "甲").status_code == 303
    assert add(editor, as_bytes(two_halves(400, 310)), "乙", new_credit="某人").status_code == 303
    assert [photo["alt"] for photo in said(console)] == ["甲", "乙"]
    assert said(console)[1]["credit"] == "某人"
    form = form_of(editor)
    answer = editor.client.post(PAGE, data=form | {"photos.0.place": "5", "photos.1.alt": "乙二"})
    assert answer.status_code == 303
    assert [photo["alt"] for photo in said(console)] == ["乙二", "甲"]
    editor.client.post(PAGE, data=form_of(editor) | {"photos.0.remove": "on"})
    assert [photo["alt"] for photo in said(console)] == ["甲"]


def test_does_a_photo_without_description_stay_in_the_form(console: Flask) -> None:
    editor = somebody(console, "editor")
    answer = add(editor, as_bytes(two_halves()), "")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "第 1 张照片的说明：不能为空" in page.text
    ids = [f["value"] for f in page.all("input") if f.get("name") == "photos.0.id"]
    assert len(ids[0] or "") == 64
    assert said(console) == []


def test_do_two_people_lose_nothing_of_each_other(console: Flask) -> None:
    one, other = somebody(console, "editor", "yi"), somebody(console, "editor", "er")
    late = form_of(other)
    add(one, as_bytes(two_halves(400, 300)), "甲")
    photo = {"new_alt": "乙", "photo": (io.BytesIO(as_bytes(two_halves(400, 310))), "b.jpg")}
    answer = other.client.post(PAGE, data=late | photo | CONSENT)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "别人刚刚也改了这里的照片" in page.text
    fields = {f["name"] or "": f.get("value") or "" for f in page.all("input") if f.get("name")}
    assert (fields["photos.0.alt"], fields["photos.1.alt"]) == ("甲", "乙")
    kept = {k: v for k, v in fields.items() if not k.endswith(("remove", "photo", "consent"))}
    assert other.client.post(PAGE, data=kept).status_code == 303
    assert [each["alt"] for each in said(console)] == ["甲", "乙"]


def test_is_the_same_form_sent_twice_one_change(console: Flask) -> None:
    editor = somebody(console, "editor")
    form = form_of(editor) | {"new_alt": "甲"}
    for _ in range(2):
        photo = {"photo": (io.BytesIO(as_bytes(two_halves())), "a.jpg")}
        assert editor.client.post(PAGE, data=form | photo | CONSENT).status_code == 303
    assert len(said(console)) == 1
    with console.app_context():
        assert db.session.query(Revision).filter_by(listing_id=1).count() == 2


def test_are_lines_and_other_districts_not_given_photos(console: Flask) -> None:
    assert somebody(console, "editor").get("/staff/listings/27/photos").status_code == 404
    elsewhere = somebody(console, "editor", "boshan", districts=["boshan"])
    assert elsewhere.get(PAGE).status_code == 403
    assert add_from_elsewhere(elsewhere).status_code == 403
    assert somebody(console, "viewer").get(PAGE).status_code == 403


def add_from_elsewhere(person: Person) -> Any:
    photo = {"photo": (io.BytesIO(as_bytes(two_halves())), "a.jpg"), "new_alt": "甲"}
    return person.client.post(PAGE, data={"csrf_token": person.token} | photo | CONSENT)
