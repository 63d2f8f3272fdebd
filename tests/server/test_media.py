"""Are photos, and only photos, served for ever and without asking the database?"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from server import files, photos
from server.db import db
from server.revisions import writing
from tests.server.members import hired
from tests.server.pages import served, settings_in
from tests.server.snapshots import as_bytes, two_halves


class Kept(NamedTuple):
    app: Flask
    client: FlaskClient
    photo: str
    table: str


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with served(settings_in(tmp_path_factory.mktemp("media"))) as app:
        made = photos.render(io.BytesIO(as_bytes(two_halves(1200, 900))))
        with app.app_context():
            by = hired("editor")
            with writing(db.session):
                photo = photos.keep(db.session, made, "馆门.jpg", by).sha256
                table = files.store(db.session, b"a,b", "text/csv", "表.csv", None).sha256
        yield Kept(app, app.test_client(), photo, table)


@pytest.mark.parametrize(("width", "shown"), [(320, 320), (960, 960), (1920, 1200)])
def test_is_each_size_served(kept: Kept, width: int, shown: int) -> None:
    from PIL import Image

    answer = kept.client.get(f"/media/{kept.photo}-{width}.jpg")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.data)).width == shown


def test_is_a_photo_kept_for_ever_and_taken_for_nothing_else(kept: Kept) -> None:
    answer = kept.client.get(f"/media/{kept.photo}-320.jpg")
    headers = answer.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")
    assert int(headers["Content-Length"]) == len(answer.data)


def test_does_a_browser_that_has_it_get_it_not_again(kept: Kept) -> None:
    path = f"/media/{kept.photo}-960.jpg"
    tag = kept.client.get(path).headers["ETag"]
    again = kept.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"].endswith("immutable")
    other = kept.client.get(f"/media/{kept.photo}-320.jpg", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_is_head_answered_without_a_body(kept: Kept) -> None:
    answer = kept.client.head(f"/media/{kept.photo}-320.jpg")
    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    "name",
    [
        "{photo}-321.jpg",
        "{photo}-320.png",
        "{photo}.jpg",
        "{photo}",
        "{PHOTO}-320.jpg",
        "{none}-320.jpg",
        "{table}-320.jpg",
        "{table}-1920.jpg",
        "..%2f..%2ftongyou.db",
        "{photo}-320.jpg%00",
        "{photo}-320.jpg%0a",
        "",
    ],
)
def test_is_nothing_else_served(kept: Kept, name: str) -> None:
    path = name.format(photo=kept.photo, PHOTO=kept.photo.upper(), none="0" * 64, table=kept.table)
    assert kept.client.get(f"/media/{path}").status_code == 404


def test_is_writing_refused(kept: Kept) -> None:
    assert kept.client.post(f"/media/{kept.photo}-320.jpg").status_code == 405


def test_is_the_database_left_alone(kept: Kept) -> None:
    asked: list[str] = []
    with kept.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert kept.client.get(f"/media/{kept.photo}-320.jpg").status_code == 200
    assert kept.client.get(f"/media/{'0' * 64}-320.jpg").status_code == 404
    assert asked == []


def test_is_a_photo_served_whose_database_is_gone(kept: Kept, tmp_path: Path) -> None:
    with served(settings_in(tmp_path)) as other:
        source, target = (files.folder(app.extensions["settings"]) for app in (kept.app, other))
        target.put(source.path(kept.photo).read_bytes())
        target.put_beside(kept.photo, "-320.jpg", b"\xff\xd8\xff")
        assert other.test_client().get(f"/media/{kept.photo}-320.jpg").status_code == 200
