"""Does an upload become clean pictures, and only if it is a photo?"""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from config.settings import Settings
from geo.listing import Site
from geo.photo import Photo, media_path, size
from server import files, photo_form, photos
from server.db import db, now
from server.kept_photos import lost
from server.models import AuditEvent, StoredFile, WorkingCopy
from server.photos import NotAPhoto
from server.pictures import MOST_BYTES, Rendered
from server.revisions import Member, writing
from tests.server import snapshots
from tests.server.material import add, site
from tests.server.members import hired
from tests.server.snapshots import as_bytes, two_halves, with_gps


def render(body: bytes) -> Rendered:
    return photos.render(io.BytesIO(body))


def shown(made: Rendered, width: int = 320) -> Image.Image:
    picture = Image.open(io.BytesIO(made.bodies[width]))
    picture.load()
    return picture


def is_red(pixel: Any) -> bool:
    red, green, blue = pixel
    return bool(red > 150 and green < 90 and blue < 90)


def is_blue(pixel: Any) -> bool:
    red, green, blue = pixel
    return bool(blue > 150 and green < 90 and red < 90)


def test_are_three_sizes_made_and_none_larger_than_it_came() -> None:
    large = render(as_bytes(two_halves(2400, 1800)))
    assert {width: shown(large, width).size for width in large.bodies} == {
        320: (320, 240),
        960: (960, 720),
        1920: (1920, 1440),
    }
    small = render(as_bytes(two_halves(500, 400)))
    assert [shown(small, width).size for width in (320, 960, 1920)] == [
        (320, 256),
        (500, 400),
        (500, 400),
    ]
    assert (small.width, small.height) == (500, 400)


def test_are_the_sizes_those_that_a_page_is_told() -> None:
    made = render(as_bytes(two_halves(1001, 777)))
    photo = Photo(id="0" * 64, alt="两半", width=made.width, height=made.height)
    for width in made.bodies:
        assert size(photo, width)[:2] == shown(made, width).size


def test_does_nothing_remain_of_where_and_with_what_it_was_taken() -> None:
    body = with_gps()
    assert Image.open(io.BytesIO(body)).getexif().get_ifd(0x8825)
    assert b"Secret Phone" in body
    made = render(body)
    for width, clean in made.bodies.items():
        picture = shown(made, width)
        assert dict(picture.getexif()) == {}
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(picture.info)
        assert b"Secret Phone" not in clean
        assert b"script" not in clean


@pytest.mark.parametrize("orientation", range(1, 9))
def test_is_a_picture_upright_however_the_phone_was_held(orientation: int) -> None:
    made = shown(render(with_gps(orientation, width=800, height=600)))
    width, height = made.size
    assert (width > height) == (orientation <= 4)
    ends = {
        1: (0.5, 0.1), 2: (0.5, 0.1), 3: (0.5, 0.9), 4: (0.5, 0.9),
        5: (0.1, 0.5), 6: (0.9, 0.5), 7: (0.9, 0.5), 8: (0.1, 0.5),
    }  # fmt: skip
    x, y = ends[orientation]
    assert is_red(made.getpixel((int(width * x), int(height * y))))
    assert is_blue(made.getpixel((int(width * (1 - x)), int(height * (1 - y)))))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "MPO"])
def test_is_every_kind_that_phones_make_taken(kind: str) -> None:
    picture = two_halves()
    more = {"save_all": True, "append_images": [two_halves(300, 300)]} if kind == "MPO" else {}
    made = render(as_bytes(picture, kind, **more))
    assert (made.width, made.height) == (800, 600)
    assert all(body.startswith(b"\xff\xd8\xff") for body in made.bodies.values())
    assert is_red(shown(made).getpixel((10, 10)))


def test_are_strange_colours_brought_to_ordinary_ones() -> None:
    cmyk = shown(render(as_bytes(two_halves(mode="CMYK"))))
    assert cmyk.mode == "RGB"
    assert is_red(cmyk.getpixel((10, 10)))
    grey = shown(render(snapshots.sixteen_bits()))
    dark, light = grey.getpixel((5, 5)), grey.getpixel((5, grey.height - 5))
    assert isinstance(dark, tuple)
    assert isinstance(light, tuple)
    assert 16 < dark[0] < 48
    assert 208 < light[0] < 240
    # A profile that says nonsense is passed over.
    assert render(snapshots.wide_gamut()).width == 800
    assert render(as_bytes(two_halves(), icc_profile=b"nonsense" * 20)).width == 800


def test_is_what_was_transparent_white() -> None:
    picture = two_halves(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 400, 600))
    for kind in ("PNG", "WEBP"):
        made = shown(render(as_bytes(picture, kind)))
        corner = made.getpixel((10, 10))
        assert isinstance(corner, tuple)
        assert min(corner) > 250
    palette = two_halves().convert("P")
    assert shown(render(as_bytes(palette, "PNG", transparency=0))).mode == "RGB"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b"", "没有选择照片", id="empty"),
        pytest.param(snapshots.SVG, "不是能用的照片。请上传 JPEG、PNG 或 WebP", id="svg"),
        pytest.param(snapshots.HTML, "不是能用的照片", id="html"),
        pytest.param(b"GIF89a" + snapshots.HTML, "不是能用的照片", id="gif-polyglot"),
        pytest.param(as_bytes(two_halves(), "GIF"), "不是能用的照片", id="gif"),
        pytest.param(as_bytes(two_halves(), "BMP"), "不是能用的照片", id="bmp"),
        pytest.param(b"PK\x03\x04" + as_bytes(two_halves()), "不是能用的照片", id="zip"),
        pytest.param(b"\xff\xd8\xff\xe0" + snapshots.HTML, "已损坏", id="jpeg-polyglot"),
        pytest.param(snapshots.moving("WEBP"), "不收动图", id="moving-webp"),
        pytest.param(snapshots.moving("PNG"), "不收动图", id="moving-png"),
        pytest.param(as_bytes(two_halves())[:-2000], "已损坏或不完整", id="truncated-jpeg"),
        pytest.param(as_bytes(two_halves(), "PNG")[:-60], "已损坏或不完整", id="truncated-png"),
        pytest.param(as_bytes(two_halves(), "WEBP")[:-60], "已损坏或不完整", id="truncated-webp"),
        pytest.param(snapshots.bomb(), "像素太多", id="bomb"),
        pytest.param(snapshots.bomb(7000, 7000), "像素太多：最多 4000 万", id="large"),
        pytest.param(snapshots.bomb(5000, 5000), "已损坏或不完整", id="hollow"),
        pytest.param(as_bytes(two_halves(199, 400)), "太小", id="small"),
        pytest.param(as_bytes(two_halves(3000, 300)), "太长或太扁", id="flat"),
        pytest.param(
            as_bytes(two_halves()) + b"\0" * MOST_BYTES, "照片太大：最多 15 MB", id="heavy"
        ),
    ],
)
def test_is_what_is_no_photo_refused(body: bytes, told: str) -> None:
    with pytest.raises(NotAPhoto, match=told):
        render(body)


def test_does_what_hangs_behind_a_picture_vanish() -> None:
    made = render(as_bytes(two_halves()) + snapshots.HTML + b"PK\x05\x06" + b"\0" * 18)
    assert not any(b"script" in body or b"PK\x05\x06" in body for body in made.bodies.values())


def test_does_a_photo_of_the_most_pixels_pass() -> None:
    made = render(as_bytes(two_halves(8000, 5000), quality=40))
    assert (made.width, made.height) == (1920, 1200)
    made = render(as_bytes(two_halves(8000, 5000), "PNG", compress_level=1))
    assert (made.width, made.height) == (1920, 1200)


@pytest.fixture
def member(app: Flask) -> Member:
    return hired("editor")


def keep(member: Member, body: bytes = b"") -> str:
    made = render(body or as_bytes(two_halves()))
    with writing(db.session):
        return photos.keep(db.session, made, "馆门.jpg", member).sha256


def test_is_a_photo_kept_in_all_sizes_with_who_and_when(member: Member, settings: Settings) -> None:
    sha256 = keep(member)
    kept = files.folder(settings)
    for suffix in ("", "-320.jpg", "-960.jpg"):
        assert kept.path(sha256, suffix).read_bytes()[:3] == b"\xff\xd8\xff"
    row = db.session.query(StoredFile).filter_by(sha256=sha256).one()
    assert (row.name, row.width, row.height) == ("馆门.jpg", 800, 600)
    event = db.session.query(AuditEvent).filter_by(action="photo.uploaded").one()
    assert event.detail["sha256"] == sha256


def test_is_the_same_photo_handed_in_twice_kept_once(member: Member) -> None:
    assert keep(member) == keep(member)
    assert db.session.query(StoredFile).count() == 1


def test_is_no_table_of_an_import_taken_for_a_photo(member: Member) -> None:
    with writing(db.session):
        table = files.store(db.session, b"a,b", "text/csv", "表.csv", None).sha256
    photo = {"id": table, "alt": "表", "width": 4, "height": 3}
    kept = photo | {"id": keep(member)}
    said = Site.model_validate(site(photos=[kept, photo, photo | {"id": "0" * 64}]))
    assert [field for field, _ in lost(db.session, said)] == ["photos.1.alt", "photos.2.alt"]
    orphans = photos.orphans(db.session, now() + timedelta(days=1))
    assert table not in [row.sha256 for row in orphans]


def test_are_only_photos_that_nothing_names_tidied_up(member: Member, settings: Settings) -> None:
    said, typed, lost = (
        keep(member, as_bytes(two_halves(400, height))) for height in (300, 301, 302)
    )
    photo = {"id": said, "alt": "馆门", "credit": "", "width": 400, "height": 300}
    add(site("有照片的馆", photos=[photo]))
    with writing(db.session):
        db.session.add(
            WorkingCopy(
                account_id=member.account_id,
                key="new-1",
                type="site",
                fields=photo_form.typed([photo | {"id": typed}]),
            )
        )
    assert photos.orphans(db.session, now() - timedelta(hours=1)) == []
    assert [row.sha256 for row in photos.orphans(db.session, now())] == [lost]
    with writing(db.session):
        assert photos.tidy(db.session, now()) == 1
    kept = files.folder(settings)
    assert not kept.path(lost).exists()
    assert not kept.path(lost, "-320.jpg").exists()
    assert kept.path(said).exists()
    assert kept.path(typed).exists()
    with writing(db.session):
        assert photos.tidy(db.session, now()) == 0


def test_is_a_photo_handed_in_again_new(member: Member) -> None:
    keep(member)
    between = now()
    keep(member)
    assert photos.orphans(db.session, between) == []


def test_does_a_full_disk_leave_no_row(
    member: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = render(as_bytes(two_halves()))

    def refuse(self: files.Folder, sha256: str, suffix: str, body: bytes) -> None:
        raise files.CannotKeep("文件没有存下：磁盘已满")

    monkeypatch.setattr(files.Folder, "put_beside", refuse)
    with pytest.raises(files.CannotKeep), writing(db.session):
        photos.keep(db.session, made, "", member)
    assert db.session.query(StoredFile).count() == 0


def test_is_where_a_picture_lies_a_path_of_our_own() -> None:
    assert media_path("ab" * 32, 320) == f"/media/{'ab' * 32}-320.jpg"
