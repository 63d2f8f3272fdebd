"""Does a manifest tell whole folders from damaged ones, and name what is wrong?"""

from pathlib import Path

import pytest

from geo import manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.bin").write_bytes(b"one")
    (tmp_path / "b.bin").write_bytes(b"")
    (tmp_path / "c.json").write_bytes(b"{}" * 100_000)
    manifest.write(tmp_path)
    return tmp_path


def test_is_a_folder_whole_as_it_was_written(folder: Path) -> None:
    assert manifest.damaged(folder) == []


def test_is_an_empty_folder_whole(tmp_path: Path) -> None:
    manifest.write(tmp_path)
    assert manifest.damaged(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.bin", b"onf"), ("a.bin", b"on"), ("a.bin", b""), ("b.bin", b"\0"), ("new", b"")],
)
def test_is_an_altered_or_added_file_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert manifest.damaged(folder) == [name]


def test_are_all_that_are_missing_or_exchanged_named(folder: Path) -> None:
    (folder / "c.json").unlink()
    (folder / "a.bin").rename(folder / "d.bin")
    assert manifest.damaged(folder) == ["a.bin", "c.json", "d.bin"]


def test_does_writing_again_accept_what_is_there(folder: Path) -> None:
    (folder / "a.bin").unlink()
    manifest.write(folder)
    assert manifest.damaged(folder) == []


def test_is_a_missing_manifest_an_error(folder: Path) -> None:
    (folder / manifest.NAME).unlink()
    with pytest.raises(OSError, match=manifest.NAME):
        manifest.damaged(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff{}", b'{"a.bin":'])
def test_is_a_torn_manifest_an_error(folder: Path, content: bytes) -> None:
    (folder / manifest.NAME).write_bytes(content)
    with pytest.raises(ValueError, match=r"\w"):
        manifest.damaged(folder)


@pytest.mark.parametrize("content", [b"[]", b"null", b'"a.bin"', b"7"])
def test_is_a_manifest_of_another_shape_named(folder: Path, content: bytes) -> None:
    (folder / manifest.NAME).write_bytes(content)
    assert manifest.damaged(folder) == [manifest.NAME]
