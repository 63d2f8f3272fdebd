"""Is a file that was handed in kept whole, once, or not at all?"""

import errno
import io
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config.settings import ROOT, Settings
from server import files
from server.db import db
from server.files import CannotKeep, Folder
from server.models import StoredFile
from server.revisions import writing

BODY = b"a picture, say" * 1000


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "files")


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_is_a_file_found_by_its_content(app: Flask, settings: Settings) -> None:
    with writing(db.session):
        row = files.store(db.session, BODY, "image/jpeg", "一张.jpg", None, width=4, height=3)
    assert (row.size, row.width, row.height) == (len(BODY), 4, 3)
    with files.open_(settings, row.sha256) as file:
        assert file.read() == BODY
    place = files.path(settings, row.sha256)
    assert place == settings.instance / "files" / row.sha256[:2] / row.sha256[2:]


def test_is_the_same_content_kept_once(app: Flask, settings: Settings) -> None:
    with writing(db.session):
        first = files.store(db.session, BODY, "image/jpeg", "甲", None).id
    with writing(db.session):
        second = files.store(db.session, io.BytesIO(BODY), "image/png", "乙", None)
        assert second.id == first
        assert second.name == "甲"
    assert db.session.query(StoredFile).count() == 1
    assert len(everything(settings.files)) == 1


def test_is_a_file_larger_than_one_reading_kept_whole(folder: Folder) -> None:
    body = os.urandom(3 * files.CHUNK + 17)
    kept = folder.put(io.BytesIO(body))
    assert kept.size == len(body)
    assert folder.path(kept.sha256).read_bytes() == body


def test_does_a_transaction_that_fails_leave_no_row(app: Flask, settings: Settings) -> None:
    def store_and_fail() -> None:
        with writing(db.session):
            files.store(db.session, BODY, "image/jpeg", "", None)
            raise LookupError

    with pytest.raises(LookupError):
        store_and_fail()
    assert db.session.query(StoredFile).count() == 0
    with writing(db.session):
        files.store(db.session, BODY, "image/jpeg", "", None)
    assert len(everything(settings.files)) == 1


def test_is_a_damaged_file_mended_by_handing_it_in_again(folder: Folder) -> None:
    kept = folder.put(BODY)
    folder.path(kept.sha256).write_bytes(BODY[:10])
    folder.put(BODY)
    assert folder.path(kept.sha256).read_bytes() == BODY


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, "磁盘已满"), (errno.EROFS, "磁盘只读"), (errno.EIO, "")]
)
def test_is_a_disk_that_takes_no_more_told_and_nothing_left(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int, told: str
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(CannotKeep, match=f"文件没有存下：读写出错：{told}") as caught:
            folder.put(BODY)
    assert str(folder.root) not in str(caught.value)
    assert everything(folder.root) == []


def test_is_a_really_full_disk_told(tmp_path: Path) -> None:
    """A limit on the size of files is what a test can set without being root."""
    code = f"""
        import resource, signal, sys
        from pathlib import Path
        from server.files import CannotKeep, Folder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            Folder(Path({str(tmp_path)!r})).put(b"x" * 5_000_000)
        except CannotKeep as error:
            sys.exit(0 if "文件没有存下" in str(error) else 2)
        sys.exit(3)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert everything(tmp_path) == []


def test_is_nothing_half_there_after_a_kill(tmp_path: Path) -> None:
    code = f"""
        import os, signal
        from pathlib import Path
        from server.files import Folder

        class Slow:
            sent = 0
            def read(self, size):
                self.sent += 1
                if self.sent == 4:
                    os.kill(os.getpid(), signal.SIGKILL)
                return b"x" * size

        Folder(Path({str(tmp_path)!r})).put(Slow())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = everything(tmp_path)
    assert left.startswith(".new/")
    # Whoever comes a day later tidies up; whoever comes at once might disturb a living writer.
    folder = Folder(tmp_path)
    folder.put(b"one")
    assert (tmp_path / left).exists()
    os.utime(tmp_path / left, (0, 0))
    folder.put(b"two")
    assert not (tmp_path / left).exists()


def test_goes_what_was_made_of_a_file_with_it(folder: Folder) -> None:
    kept, other = folder.put(BODY), folder.put(b"other")
    folder.put_beside(kept.sha256, "-320.jpg", b"small")
    assert folder.path(kept.sha256, "-320.jpg").read_bytes() == b"small"
    folder.remove(kept.sha256)
    folder.remove(kept.sha256)
    assert everything(folder.root) == [f"{other.sha256[:2]}/{other.sha256[2:]}"]


def test_is_a_file_that_is_gone_told(folder: Folder) -> None:
    with pytest.raises(CannotKeep, match="文件读不出来：读写出错：没有这个文件"):
        folder.open_("0" * 64)


@pytest.mark.parametrize(
    ("sha256", "suffix"),
    [("../../etc/passwd", ""), ("A" * 64, ""), ("0" * 63, ""), ("0" * 64, "/../../x"), ("", "")],
)
def test_is_only_a_name_of_the_store_a_path(folder: Folder, sha256: str, suffix: str) -> None:
    with pytest.raises(ValueError):
        folder.path(sha256, suffix)


def test_is_a_file_without_reference_removed(app: Flask, settings: Settings) -> None:
    row: Any
    with writing(db.session):
        row = files.store(db.session, BODY, "image/jpeg", "", None)
    with writing(db.session):
        files.remove(db.session, db.session.get(StoredFile, row.id))  # type: ignore[arg-type]
    assert db.session.query(StoredFile).count() == 0
    assert everything(settings.files) == []
