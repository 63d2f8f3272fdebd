"""Is there a poster for a base, with a code that makes stamps until it is revoked?"""

import pytest
from flask import Flask

from server.db import db
from server.models import Scene
from server.passport import scenes
from server.secret_key import secret_key
from tests.server.pages import Page
from tests.server.staff.people import somebody

BASE = 5


def codes(console: Flask) -> list[tuple[str, bool]]:
    with console.app_context():
        rows = db.session.query(Scene).order_by(Scene.id).all()
        return [(row.code, row.revoked_at is None) for row in rows]


def test_is_a_code_made_once_printed_and_renewed(console: Flask) -> None:
    editor = somebody(console, "editor", districts=["boshan"])
    path = f"/staff/listings/{BASE}/poster"
    assert "生成打卡码" in editor.get(path).text
    for _ in range(2):
        assert editor.post(path).status_code == 303
    ((code, good),) = codes(console)
    assert good
    sheet = editor.get(f"{path}/print").text
    assert "儿童实践护照" in sheet
    assert "data:image/svg+xml" in sheet
    assert sheet.count("<article") == editor.get("/staff/posters/print").text.count("<article") == 1
    assert editor.post(f"{path}/renew").status_code == 403
    somebody(console, "reviewer").post(f"{path}/renew")
    (_, first), (other, second) = codes(console)
    assert (first, second) == (False, True)
    key = secret_key(console.extensions["settings"])
    with console.app_context():
        assert scenes.opened(db.session, key, other) == BASE
        with pytest.raises(scenes.Revoked):
            scenes.opened(db.session, key, code)


def test_has_only_a_base_of_ones_own_a_poster(console: Flask) -> None:
    elsewhere = somebody(console, "editor", districts=["zhangdian"])
    elsewhere.post(f"/staff/listings/{BASE}/poster")
    assert codes(console) == []
    assert "不在您负责的范围" in Page(elsewhere.get("/staff/posters").text).text
    for path in ("/staff/listings/9999/poster", f"/staff/listings/{BASE}/poster/print"):
        assert elsewhere.get(path).status_code == 404
