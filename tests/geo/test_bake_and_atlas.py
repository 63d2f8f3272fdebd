"""Can everything in an edition be read back from its atlas, and nothing from a damaged one?"""

import base64
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import brotli
import numpy as np
import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo import bake as baking
from geo.atlas import ENCODINGS, Atlas
from geo.calendar import Calendar
from geo.crs import CRSES, Crs, convert
from geo.edition import DamagedEdition, Edition, PackedEdition, Tombstone, pack
from geo.listing import Hotline, Site
from geo.manifest import NAME as MANIFEST
from geo.moment import told
from geo.opening import SHANGHAI, Hours
from geo.public import HotlineItem, Open, PlacedRecord, SiteDetail, SiteItem
from geo.question import Question
from geo.sphere import Box
from tests.geo.material import CALENDAR, CITY, EXPRESSIONS, baked, edition, entry, site

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 10, 1, 9, 30, tzinfo=SHANGHAI)
MINUTE = int(NOW.timestamp() // 60)

FULL = edition(
    [
        entry(
            12,
            site(
                name='"引号"与\\反斜杠 %d',
                aliases=["书房", "旧名"],
                address="人民路 1 号",
                lon=118.0478,
                lat=36.8067,
                phone="0533-2345678",
                website="https://example.org/a?b=c&d=%20",
                opening_hours=EXPRESSIONS[2],
                closures=[{"start": date(2026, 3, 1), "end": date(2026, 3, 9), "reason": "布展"}],
                free=False,
                fee="20 元",
                booking="电话预约",
                ages={"min": 3, "max": 12},
                facilities=["toilet", "parking"],
                introduction="第一段\n第二段",
                cover="/files/ab12.jpg",
                verified=True,
                facts={
                    "": {"source": "市妇儿工委", "confirmed_on": date(2026, 2, 1)},
                    "phone": {"source": "114"},
                },
            ),
            changed_in=3,
        ),
        entry(40, site(name="山馆", kind="practice_base", district="gaoxin", lat=36.85)),
        entry(2, site(name="水馆", theme="nature", lon=-0.5, lat=51.5, opening_hours="24/7"), 7),
        entry(
            5,
            Hotline(
                name="妇女维权",
                number="0533-12338",
                audience="妇女",
                opening_hours="Mo-Su 00:00-24:00",
                note="免费",
            ),
            changed_in=2,
        ),
        entry(90, Hotline(name="青少年", number="12355", verified=True), changed_in=6),
    ],
    [
        Tombstone(
            id=n,
            type="site",
            name="旧馆",
            reason="搬迁",
            retired_on=date(2026, 1, 2),
            changed_in=n % 7 + 1,
            merged_into=12 if n == 61 else None,
            lon=118.0,
            lat=36.5,
        )
        for n in (60, 61)
    ],
)
SITES = {e.id: (e, s) for e, s in FULL.sites()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("full") / "baked"
    baked(FULL, into)
    return into


@pytest.fixture(scope="module")
def atlas(folder: Path) -> Atlas:
    return Atlas.load(folder)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    return baked(edition(), tmp_path_factory.mktemp("empty") / "baked")


def row_of(atlas: Atlas, id_: int) -> int:
    row = atlas.row_of(id_)
    assert row is not None
    return row


# Reading back


def test_does_an_atlas_say_which_edition_it_is(atlas: Atlas) -> None:
    assert (atlas.number, atlas.sha256) == (7, pack(FULL).sha256)
    assert (atlas.published_at, atlas.official) == (FULL.published_at, True)
    assert (atlas.city, len(atlas), atlas.calendar_years) == (CITY, 3, [2026])
    assert atlas.calendar.makeup(date(2026, 10, 10)) == CALENDAR[1]


@pytest.mark.parametrize("crs", CRSES)
@pytest.mark.parametrize("id_", SITES)
def test_does_a_record_say_all_that_the_document_does(atlas: Atlas, id_: int, crs: Crs) -> None:
    listed, document = SITES[id_]
    (encoded,) = atlas.records(np.array([row_of(atlas, id_)]), crs)
    record = PlacedRecord.model_validate_json(encoded)
    lon, lat = convert(document.lon, document.lat, "wgs84", crs)
    assert (record.lon, record.lat) == (
        pytest.approx(lon, abs=5.1e-7),
        pytest.approx(lat, abs=5.1e-7),
    )
    said = document.model_dump(mode="json")
    checked = said["verified"] or any(fact["confirmed_on"] for fact in said["facts"].values())
    told_of = record.model_dump(mode="json")
    source = said["facts"].pop("", {"source": "", "confirmed_on": None})
    ages = said["ages"] and [said["ages"]["min"], said["ages"]["max"]]
    assert told_of == {
        **{field: value for field, value in said.items() if field != "type"},
        "id": id_,
        "lon": told_of["lon"],
        "lat": told_of["lat"],
        "ages": ages,
        "source": source["source"],
        "confirmed_on": source["confirmed_on"],
        "updated_on": listed.updated_on.isoformat() if checked else None,
        "changed_in": listed.changed_in,
    }


@pytest.mark.parametrize("crs", CRSES)
def test_is_an_item_the_record_in_short_and_its_state(atlas: Atlas, crs: Crs) -> None:
    rows = np.array([row_of(atlas, id_) for id_ in SITES])
    items = atlas.items(rows, crs, MINUTE)
    far = atlas.items(rows, crs, MINUTE, np.array([0.4, 1234.6, 2e7]))
    records = atlas.records(rows, crs)
    distances = [0, 1235, 20_000_000]
    for item, with_distance, record, metres in zip(items, far, records, distances, strict=True):
        shown = SiteItem.model_validate_json(item)
        document = SITES[shown.id][1]
        whole = orjson.loads(record)
        short = orjson.loads(item)
        state = short.pop("open")
        assert short == {field: whole[field] for field in short}
        assert "distance_m" not in short
        assert Open.model_validate(state) == own_state(document, NOW)
        assert SiteItem.model_validate_json(with_distance).distance_m == metres


def own_hours(document: Site) -> Hours:
    closed = [(c.start, c.end, c.reason) for c in document.closures]
    return Hours(document.opening_hours, Calendar(CALENDAR), closed)


def own_state(document: Site, at: datetime) -> Open:
    return Open.model_validate(told(own_hours(document).state(at)))


@pytest.mark.parametrize("crs", CRSES)
@pytest.mark.parametrize("id_", SITES)
@pytest.mark.parametrize(
    "at",
    [
        NOW,
        datetime(2026, 3, 8, 23, 59, tzinfo=SHANGHAI),
        # Five in the afternoon in Greenwich is already tomorrow here.
        datetime(2026, 3, 8, 17, 0, tzinfo=UTC),
    ],
)
def test_does_a_detail_tell_the_state_and_the_week(
    atlas: Atlas, id_: int, crs: Crs, at: datetime
) -> None:
    row = row_of(atlas, id_)
    detail = SiteDetail.model_validate_json(atlas.detail(row, crs, at))
    (record,) = atlas.records(np.array([row]), crs)
    assert detail.model_dump(include=set(PlacedRecord.model_fields)) == (
        PlacedRecord.model_validate_json(record).model_dump()
    )
    assert detail.open == own_state(SITES[id_][1], at)
    assert (detail.edition, detail.crs, len(detail.hours)) == (7, crs, 7)
    today = at.astimezone(SHANGHAI).date()
    week = own_hours(SITES[id_][1]).week(today)
    assert [(day.date, day.note, day.known) for day in detail.hours] == (
        [(today + timedelta(n), day.note, day.known) for n, day in enumerate(week)]
    )
    assert [day.ranges for day in detail.hours] == [list(day.ranges) for day in week]


def test_are_hotlines_told_with_their_state(atlas: Atlas) -> None:
    lines = {
        line["id"]: HotlineItem.model_validate(line)
        for line in orjson.loads(atlas.hotline_items(NOW))
    }
    assert lines.keys() == {5, 90}
    assert (lines[5].number, lines[5].display) == ("053312338", "0533-12338")
    assert (lines[5].audience, lines[5].note, lines[5].changed_in) == ("妇女", "免费", 2)
    assert lines[90].verified
    assert (lines[5].open.now, lines[90].open.now) == (True, None)


@pytest.mark.parametrize(
    ("hours", "always"),
    [("24/7", True), ("Mo-Su 00:00-24:00", True), ("Mo-Fr 00:00-24:00", False), (None, False)],
)
def test_when_is_a_hotline_always_open(tmp_path: Path, hours: str | None, always: bool) -> None:
    line = Hotline(name="热线", number="12338", opening_hours=hours)
    atlas = baked(edition([entry(1, line)]), tmp_path / "b")
    assert atlas.hotlines[0]["always_open"] is always


def test_are_tombstones_kept(atlas: Atlas) -> None:
    assert tuple(atlas.tombstones.values()) == FULL.tombstones
    assert atlas.tombstones[61].merged_into == 12


def test_how_many_places_has_each_filter_value(atlas: Atlas) -> None:
    assert atlas.counts("kind") == {"practice_base": 1, "reading_space": 2}
    assert atlas.counts("theme") == {"science": 2, "history": 0, "nature": 1}
    assert atlas.counts("district") == {"zhangdian": 3, "zichuan": 0, "gaoxin": 1}
    assert atlas.counts("facility") == {"toilet": 1, "nursing_room": 0, "parking": 1}


@pytest.mark.parametrize(
    "id_", [0, -1, 1, 3, 5, 41, 60, 10**30, -(10**30), 2**63, 2**63 - 1, -(2**63), 2**31]
)
def test_has_an_absent_id_no_row(atlas: Atlas, empty: Atlas, id_: int) -> None:
    assert atlas.row_of(id_) is None
    assert empty.row_of(id_) is None


def test_does_an_id_lead_to_its_place(atlas: Atlas) -> None:
    for id_, (_, document) in SITES.items():
        row = row_of(atlas, id_)
        assert atlas.ids(np.array([row])).tolist() == [id_]
        assert atlas.place(row) == (document.lon, document.lat)
        assert atlas.place(row, "bd09") == pytest.approx(
            convert(document.lon, document.lat, "wgs84", "bd09"), abs=1e-9
        )


@pytest.mark.parametrize("since", [-(10**30), -1, *range(10), 10**30])
def test_what_has_changed_since(atlas: Atlas, since: int) -> None:
    changed = {e.id: e.changed_in for e in FULL.entries}
    changed |= {stone.id: stone.changed_in for stone in FULL.tombstones}
    expected = sorted((number, id_) for id_, number in changed.items() if number > since)
    found = atlas.changes(since)
    assert [(change.changed_in, change.id) for change in found] == expected
    for change in found:
        if change.row is not None:
            assert (change.type, change.row) == ("site", atlas.row_of(change.id))
        elif change.record is not None:
            assert (change.type, change.record["id"]) == ("hotline", change.id)
        else:
            assert change.tombstone == atlas.tombstones[change.id]


@pytest.mark.parametrize("crs", CRSES)
def test_is_the_bundle_whole_in_every_coding(atlas: Atlas, crs: Crs) -> None:
    undo: dict[str, Callable[[bytes], bytes]] = {
        "br": brotli.decompress,
        "gzip": gzip.decompress,
        "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    }
    plain = atlas.bundle(crs, "json")
    assert {undo[coding](atlas.bundle(crs, coding)) for coding in ENCODINGS} == {plain}
    digest = base64.b64encode(hashlib.sha256(plain).digest()).decode()
    assert atlas.bundle_digest(crs) == f"sha-256=:{digest}:"
    bundle = orjson.loads(plain)
    assert (bundle["edition"], bundle["crs"], bundle["official"]) == (7, crs, True)
    assert bundle["hotlines"] == list(atlas.hotlines)
    assert [stone["id"] for stone in bundle["tombstones"]] == [60, 61]
    encoded = atlas.records(np.arange(len(atlas)), crs)
    assert bundle["sites"] == [orjson.loads(record) for record in encoded]


def test_are_completions_named_by_id(atlas: Atlas) -> None:
    assert atlas.suggest("山馆") == [(40, "山馆", "name")]
    assert atlas.suggest("旧名") == [(12, '"引号"与\\反斜杠 %d', "alias")]
    assert atlas.suggest("没有这样的地方") == []


positions = st.tuples(
    st.one_of(st.floats(-180, 180), st.floats(73, 135)), st.one_of(st.floats(-90, 90))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.integers(1, 2**63 - 1), st.tuples(positions, st.integers(1, 9)), max_size=30)
)
def test_does_any_set_of_places_come_back(
    places: dict[int, tuple[tuple[float, float], int]],
) -> None:
    whole = edition(
        [
            entry(id_, site(name=f"馆{id_}", lon=lon, lat=lat), changed_in)
            for id_, ((lon, lat), changed_in) in places.items()
        ]
    )
    folder = Path(tempfile.mkdtemp())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baking, "THOROUGH", 0)
        try:
            atlas = baked(whole, folder / "baked")
        finally:
            shutil.rmtree(folder)
    assert len(atlas) == len(places)
    for crs in CRSES:
        records = map(PlacedRecord.model_validate_json, atlas.records(np.arange(len(atlas)), crs))
        for row, record in enumerate(records):
            (lon, lat), changed_in = places[record.id]
            assert (record.name, record.changed_in) == (f"馆{record.id}", changed_in)
            assert atlas.row_of(record.id) == row
            expected = convert(lon, lat, "wgs84", crs)
            assert (record.lon, record.lat) == pytest.approx(expected, abs=5.1e-7)
    for since in range(10):
        left = {id_ for id_, (_, changed_in) in places.items() if changed_in > since}
        assert {change.id for change in atlas.changes(since)} == left


# Nothing to show


def test_does_an_empty_edition_answer_everything(empty: Atlas) -> None:
    asked = [
        Question(),
        Question(centre=(118.0, 36.8), radius=5000.0),
        Question(box=Box(117, 36, 119, 37), box_crs="bd09"),
        Question(q="馆", theme="science", district="zhangdian", facilities=("toilet",)),
        Question(free=True, open_minute=MINUTE, age=5),
    ]
    for question in asked:
        found = empty.find(question)
        assert (found.rows.tolist(), found.total) == ([], 0)
        assert empty.clusters(question, 10)[0] == []
    assert empty.find(asked[-1]).unconfirmed == 0
    nothing = np.empty(0, np.int32)
    for crs in CRSES:
        assert empty.items(nothing, crs, MINUTE) == empty.records(nothing, crs) == []
        bundle = orjson.loads(empty.bundle(crs, "json"))
        assert (bundle["sites"], bundle["hotlines"]) == ([], [])
    assert (len(empty), empty.changes(0), empty.tombstones) == (0, [], {})
    assert (empty.suggest("馆"), empty.hotline_items(NOW)) == ([], b"[]")
    for vocabulary in ("kind", "theme", "district", "facility"):
        assert set(empty.counts(vocabulary).values()) == {0}


# Damage


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def flip_first(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def flip_last(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 0x80])


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "flipped first": flip_first,
    "flipped last": flip_last,
    "cut": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "longer": lambda content: content + b"\0",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_is_every_damaged_file_named(folder: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "7-abc"
    shutil.copytree(folder, copy)
    assert len(names(copy)) > 40
    for name in names(copy):
        whole = (copy / name).read_bytes()
        if not whole:
            continue
        (copy / name).write_bytes(DAMAGE[damage](whole))
        with pytest.raises(DamagedEdition) as caught:
            Atlas.load(copy)
        assert str(caught.value).startswith("7-abc: ")
        assert name in str(caught.value)
        (copy / name).write_bytes(whole)
    assert Atlas.load(copy).number == 7


def test_is_every_missing_file_named(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "7-abc"
    shutil.copytree(folder, copy)
    for name in names(copy):
        (copy / name).rename(tmp_path / "aside")
        with pytest.raises(DamagedEdition, match=name):
            Atlas.load(copy)
        (tmp_path / "aside").rename(copy / name)


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_is_a_flipped_bit_of_the_manifest_noticed(folder: Path, data: st.DataObject) -> None:
    whole = (folder / MANIFEST).read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flip = data.draw(st.integers(1, 255))
    torn = bytearray(whole)
    torn[place] ^= flip
    try:
        (folder / MANIFEST).write_bytes(torn)
        with pytest.raises(DamagedEdition):
            Atlas.load(folder)
    finally:
        (folder / MANIFEST).write_bytes(whole)


def test_is_an_added_file_or_folder_named(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "7-abc"
    shutil.copytree(folder, copy)
    (copy / "stranger.npy").write_bytes(b"")
    with pytest.raises(DamagedEdition, match=r"stranger\.npy"):
        Atlas.load(copy)
    (copy / "stranger.npy").unlink()
    (copy / "stranger").mkdir()
    with pytest.raises(DamagedEdition, match="stranger"):
        Atlas.load(copy)


@pytest.mark.parametrize("there", [True, False])
def test_is_an_unfinished_folder_refused(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "7-abc"
    if there:
        folder.mkdir()
    with pytest.raises(DamagedEdition, match=MANIFEST):
        Atlas.load(folder)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts files as Linux does")
def test_does_loading_again_and_again_leave_no_files_open(folder: Path) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  (iterdir would count the same)

    Atlas.load(folder).find(Question(q="馆"))
    before = open_files()
    for _ in range(200):
        Atlas.load(folder).find(Question(q="馆"))
    assert open_files() <= before
    with pytest.raises(DamagedEdition):
        Atlas.load(folder.parent)
    assert open_files() <= before


# The command


def command(packed: PackedEdition, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    stored, into = tmp_path / "edition.zst", tmp_path / "baked"
    stored.write_bytes(packed.body)
    into.mkdir()
    return subprocess.run(
        [sys.executable, "-m", "geo.bake", stored, packed.sha256, str(packed.number), into],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_does_the_command_bake_a_stored_edition(tmp_path: Path, folder: Path) -> None:
    done = command(pack(FULL), tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert Atlas.load(tmp_path / "baked").sha256 == pack(FULL).sha256
    assert (tmp_path / "baked" / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"body": pack(FULL).body[:-9]}, "edition 7: does not decompress: "),
        ({"body": b""}, "edition 7: does not decompress: "),
        ({"sha256": "0" * 64}, "edition 7: checksum differs from 000000000000"),
        ({"number": 8}, "edition 8: says that it is 7"),
    ],
)
def test_does_the_command_say_in_a_line_what_is_damaged(
    tmp_path: Path, changed: dict[str, object], complaint: str
) -> None:
    done = command(pack(FULL).model_copy(update=changed), tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(complaint)
    assert list((tmp_path / "baked").iterdir()) == []


def test_does_the_command_say_what_it_can_not_read(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "geo.bake", tmp_path / "none.zst", "0" * 64, "7", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "none.zst" in done.stderr


def test_is_baking_the_same_every_time(tmp_path: Path, folder: Path) -> None:
    """In whatever order the edition names its listings."""
    turned = Edition.model_validate(
        FULL.model_dump() | {"entries": tuple(reversed(FULL.model_dump()["entries"]))}
    )
    atlas, first = baked(turned, tmp_path / "again"), Atlas.load(folder)
    for question in (Question(), Question(q="馆"), Question(centre=(118.0, 36.8))):
        assert atlas.ids(atlas.find(question).rows).tolist() == (
            first.ids(first.find(question).rows).tolist()
        )
