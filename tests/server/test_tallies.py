"""Is it counted what people look for, and nothing of who they are?"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from geo.opening import SHANGHAI
from server import tallies
from server.db import db
from server.models import DailyTally
from tests.server.pages import fill, served, settings_in

TODAY = datetime.now(SHANGHAI).date()
OWN = (
    "张店区人民西路23号",
    "世纪花园 3号楼 2单元 501室",
    "十二号楼",
    "36.8123,118.0312",
    "0533-2164568",
    "13812345678",
    "138 1234 5678",
    "370303201501011234",
    "20150101",
    "zhang@example.org",
    "https://example.org/",
    "字" * 41,
    "坏\x00字",
    "",
    "   ",
)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Flask]:
    tallies._OURS.write()
    with served(settings_in(tmp_path), fill) as app:
        yield app
    tallies._OURS.write()


def folder(app: Flask) -> Path:
    path: Path = app.extensions["settings"].instance / "tallies"
    return path


def counted(app: Flask) -> dict[tuple[str, str], int]:
    """What the table of days says after all was written and gathered."""
    tallies._OURS.write()
    with app.app_context():
        tallies.gather()
        return {(one.kind, one.subject): one.count for one in db.session.query(DailyTally)}


def test_are_places_and_searches_in_vain_counted(town: Flask) -> None:
    client = town.test_client()
    for path in ("/sites/1", "/sites/1", "/api/v1/sites/1", "/api/v1/sites/2"):
        assert client.get(path).status_code == 200
    for path in ("/?q=天文馆", "/api/v1/sites?q=天文馆", "/api/v1/sites?q=博物馆"):
        assert client.get(path).status_code == 200
    assert counted(town) == {("seen", "1"): 3, ("seen", "2"): 1, ("in_vain", "天文馆"): 1}


@pytest.mark.parametrize("words", OWN)
def test_do_words_that_tell_of_somebody_count_as_nothing(words: str) -> None:
    assert tallies.innocuous(words) == ""


def test_are_words_counted_in_one_spelling() -> None:
    assert tallies.innocuous("  ＡＢＣ  天文 馆 ") == "abc 天文 馆"


def test_does_nothing_personal_get_into_tallies_or_logs(
    town: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    client = town.test_client()
    for path in (
        "/hotlines",
        "/api/v1/hotlines",
        "/about",
        "/api/v1/sites?q=天文馆&lat=36.8123&lon=118.0312",
        "/?q=天文馆&lat=36.8123&lon=118.0312",
        "/api/v1/sites?q=天文馆&bbox=118.0,36.8,118.0312,36.8123",
        "/api/v1/sites?q=天文馆&free=true",
        "/api/v1/sites?lat=36.8123&lon=118.0312&radius=1",
        "/?q=张店区人民西路23号",
        "/bus?q=张店区人民西路23号",
        "/api/v1/sites?q=13812345678",
        "/api/v1/sites/27",
        "/api/v1/suggest?q=天文馆",
    ):
        client.get(path)
    assert counted(town) == {}
    written = "".join(path.read_text() for path in folder(town).glob("*"))
    said = capfd.readouterr()
    for told in (written, said.out, said.err):
        assert not any(mine in told for mine in ("36.8123", "人民西路", "1381234", "天文馆"))


def test_are_rare_words_dropped_when_their_day_is_over(town: Flask) -> None:
    yesterday = TODAY - timedelta(days=1)
    with town.app_context():
        for day, subject, count in (
            (yesterday, "罕见", tallies.FEWEST - 1),
            (yesterday, "常见", tallies.FEWEST),
            (TODAY, "今天", 1),
        ):
            db.session.add(DailyTally(day=day, kind="in_vain", subject=subject, count=count))
        db.session.add(DailyTally(day=yesterday, kind="seen", subject="1", count=1))
        db.session.commit()
    assert {subject for _, subject in counted(town)} == {"常见", "今天", "1"}
    with town.app_context():
        assert tallies.top("in_vain", yesterday, 10) == [("常见", tallies.FEWEST)]
        assert tallies.top("seen", yesterday, 10) == [("1", 1)]
        assert tallies.top("seen", TODAY, 10) == []


def test_is_asking_again_and_again_one_occasion(town: Flask) -> None:
    client = town.test_client()
    for _ in range(9):
        client.get("/api/v1/sites?q=天文馆")
    assert counted(town) == {("in_vain", "天文馆"): 1}
    client.get("/api/v1/sites?q=天文馆")
    assert counted(town) == {("in_vain", "天文馆"): 2}


def test_is_a_damaged_file_passed_over(town: Flask) -> None:
    folder(town).mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(("{", "[]", '{"day":"gestern"}', '{"day":"2026-11-24"}')):
        (folder(town) / f"{number}.json").write_text(text)
    town.test_client().get("/api/v1/sites/1")
    assert counted(town) == {("seen", "1"): 1}
    assert list(folder(town).iterdir()) == []


def test_does_a_full_disk_hold_up_no_reader(town: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    town.test_client().get("/api/v1/sites/1")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        tallies._OURS.write()
    assert town.test_client().get("/api/v1/sites/1").status_code == 200


def test_does_a_worker_write_by_itself_into_a_file_of_its_own(tmp_path: Path) -> None:
    ours = tallies.Tallies()
    ours.keep_in(tmp_path)
    ours.seen(1)
    assert ours._writer is not None
    assert ours._writer.is_alive()
    ours.write()
    (path,) = tmp_path.glob("*.json")
    assert path.name.startswith(f"{os.getpid()}-")
