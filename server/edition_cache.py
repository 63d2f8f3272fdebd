"""The editions on this machine's disk, so that the public is served while the database is away.

::

    editions/current                          the name of the folder in force
    editions/<number>-<sha8>/edition.zst      as stored in the database
    editions/<number>-<sha8>/meta.json        number and sha256
    editions/<number>-<sha8>/published        there once the edition has been in force
    editions/<number>-<sha8>/baked-<FORMAT>/  what ``geo.bake`` makes of it

A folder appears whole (written beside, then renamed) and its content never changes. Writers take
turns by a lock on ``editions/.lock``; whatever they left half done begins with ``.tmp-``.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import structlog

from config.settings import ROOT
from geo.edition import DamagedEdition, PackedEdition

log = structlog.get_logger()

BAKED_FORMAT = 5
"""Kept equal to ``geo.bake.FORMAT`` by a test: importing that costs a web worker 30 MB."""

BAKING_PRIORITY = 10
"""Niceness of the baking process: answering requests comes first."""


class CannotStore(Exception):
    """The edition could not be put on the disk or baked; what was there before is untouched."""


def folder_name(number: int, sha256: str) -> str:
    """The name of an edition's folder."""
    return f"{number}-{sha256[:8]}"


class EditionCache:
    """The cache in the folder ``root``, keeping the newest ``keep`` editions."""

    def __init__(self, root: Path, keep: int) -> None:
        self.root = root
        self._keep = keep
        self._threads = threading.RLock()
        self._lock: IO[str] | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be this machine's only writer; may be entered again by the thread that is in it."""
        with self._threads:
            if self._lock is not None:
                yield
                return
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / ".lock").open("w") as self._lock:
                try:
                    fcntl.flock(self._lock, fcntl.LOCK_EX)
                    yield
                finally:
                    self._lock = None

    def pointer_stamp(self) -> tuple[int, int] | None:
        """What differs once the pointer has been replaced; None when there is none."""
        try:
            stat = (self.root / "current").stat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def current(self) -> Path | None:
        """The folder in force; None when there is none or the pointer is damaged."""
        try:
            name = (self.root / "current").read_text("ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            log.exception("edition_pointer_damaged")
            return None
        folder = self.root / name
        if not name or folder.parent != self.root or not (folder / "meta.json").is_file():
            log.error("edition_pointer_damaged", pointer=name[:80])
            return None
        return folder

    def published(self) -> list[Path]:
        """All folders that have been in force: the current one, then from new to old."""
        current = self.current()
        folders = [f for f in self._folders() if (f / "published").exists() and f != current]
        return [current, *folders] if current else folders

    def read(self, folder: Path) -> PackedEdition:
        """The stored edition, its content unverified.

        Raises:
            DamagedEdition: a file is missing or unreadable.
        """
        try:
            meta = json.loads((folder / "meta.json").read_bytes())
            body = (folder / "edition.zst").read_bytes()
            return PackedEdition(number=meta["number"], sha256=meta["sha256"], body=body)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedEdition(f"cached edition {folder.name}: {error}") from error

    def store(self, edition: PackedEdition) -> Path:
        """Put an edition on the disk and bake it, unless that is done already.

        Raises:
            CannotStore: the disk is full, say, or the edition does not bake.
        """
        folder = self.root / folder_name(edition.number, edition.sha256)
        with _clear_errors(f"第 {edition.number} 期存入 {self.root}"), self.locked():
            self._clean()
            if not self._holds(folder, edition):
                self.discard(folder)
                with self._beside(folder) as new:
                    _write(new / "edition.zst", edition.body)
                    meta = {"number": edition.number, "sha256": edition.sha256}
                    _write(new / "meta.json", json.dumps(meta).encode())
            self.baked(folder)
        return folder

    def baked(self, folder: Path, *, again: bool = False) -> Path:
        """The folder's baked folder, baked by a process of its own if it is not there.

        ``again`` throws away what is there first.

        Raises:
            CannotStore: it can't be baked.
        """
        baked = folder / f"baked-{BAKED_FORMAT}"
        if baked.is_dir() and not again:
            return baked
        with _clear_errors(f"{folder.name} 的烘焙"), self.locked():
            if again:
                self.discard(baked)
            if not baked.is_dir():
                with self._beside(baked) as new:
                    _bake(folder, new)
                    for path in new.iterdir():
                        _sync(path)
        return baked

    def point(self, folder: Path) -> None:
        """Put a stored folder in force, in one step.

        Raises:
            CannotStore: the folder is not there or the disk is full.
        """
        with _clear_errors(f"启用 {folder.name}"), self.locked():
            _write(folder / "published", b"")
            new = self.root / ".tmp-current"
            _write(new, folder.name.encode())
            new.replace(self.root / "current")
            _sync(self.root)

    def discard(self, folder: Path) -> None:
        """Remove a folder; readers that have its files open keep them."""
        if folder.exists():
            with self.locked():
                doomed = Path(tempfile.mkdtemp(prefix=".tmp-", dir=self.root))
                folder.rename(doomed / folder.name)
                shutil.rmtree(doomed, ignore_errors=True)

    def prune(self) -> None:
        """Remove all but the newest editions and the one in force."""
        with self.locked():
            current = self.current()
            for folder in self._folders()[self._keep :]:
                if folder != current:
                    self.discard(folder)

    def _folders(self) -> list[Path]:
        """From new to old."""
        numbered = []
        for path in self.root.glob("*-*/meta.json"):
            number, _, _ = path.parent.name.partition("-")
            if number.isdecimal():
                numbered.append((int(number), path.parent))
        return [folder for _, folder in sorted(numbered, reverse=True)]

    def _holds(self, folder: Path, edition: PackedEdition) -> bool:
        try:
            return self.read(folder) == edition
        except DamagedEdition:
            return False

    def _clean(self) -> None:
        for path in self.root.glob(".tmp-*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    @contextmanager
    def _beside(self, folder: Path) -> Iterator[Path]:
        """A new folder that takes its place only if all goes well."""
        new = Path(tempfile.mkdtemp(prefix=".tmp-", dir=self.root))
        try:
            new.chmod(0o755)
            yield new
            _sync(new)
            new.rename(folder)
            _sync(folder.parent)
        finally:
            shutil.rmtree(new, ignore_errors=True)


@contextmanager
def _clear_errors(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CannotStore(f"{what}没有成功：{reason}") from error


def _bake(folder: Path, into: Path) -> None:
    meta = json.loads((folder / "meta.json").read_bytes())
    stored = folder.resolve() / "edition.zst"
    baking = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-m", "geo.bake", stored, meta["sha256"], str(meta["number"]), into],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, baking.pid, BAKING_PRIORITY)
    _, complaint = baking.communicate()
    if baking.returncode:
        lines = complaint.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"退出码 {baking.returncode}"
        raise CannotStore(f"{folder.name} 的烘焙没有成功：{reason}")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
