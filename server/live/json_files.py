"""JSON files that the processes of one machine share: read when they change.

A reader pays one ``stat`` while nothing changes, and never waits for a writer. Whoever is killed
while writing leaves either the old content (``ReplacedFiles``) or, where a new one comes within
seconds anyway, content that is known to be damaged (``OverwrittenFiles``).
"""

import errno
import fcntl
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import orjson
import structlog

log = structlog.get_logger()

PATIENCE = 0.5
"""Seconds that a writer waits for its turn. Its worker answers nobody meanwhile, and a writer
takes a fraction of a millisecond: longer means that one is stopped."""

KEPT = 4096
"""Files remembered by a process."""

T = TypeVar("T")

Stamp = tuple[int, int, int]

READ_TRIES, WRITING = 3, 0.0005
"""A file that is being written is right a moment later; seconds."""

_HEADER = struct.Struct("<II")
"""Length and CRC-32 of the JSON that follows; what follows that is left over from before."""


class Busy(OSError):
    """Another writer does not come to its end."""


class Read(NamedTuple, Generic[T]):
    """What a file says. ``failed``: it could not be read now, and this is what it last said."""

    value: T
    stamp: Stamp | None
    failed: bool = False


class _SharedFiles(Generic[T]):
    """Files of one kind. ``decode`` makes of a file's JSON what is handed out, which nobody may
    change; ``empty`` makes what stands for a missing or damaged file. What is written is what
    ``decode`` makes, or encodes to the same.
    """

    def __init__(self, decode: Callable[[object], T], empty: Callable[[], T]) -> None:
        self._decode = decode
        self._empty = empty
        self._known: dict[Path, Read[T]] = {}

    def read(self, path: Path) -> Read[T]:
        """The file as it is now."""
        known = self._known.get(path)
        try:
            stamp = _stamp(path.stat())
            if known is None or known.stamp != stamp:
                known = self._remember(path, Read(self._decoded(path), stamp))
        except FileNotFoundError:
            self._known.pop(path, None)
            return Read(self._empty(), None)
        except OSError as error:
            log.warning("live_file_unreadable", file=path.name, error=error.strerror)
            return Read(known.value if known else self._empty(), None, failed=True)
        return known

    def _decoded(self, path: Path) -> T:
        try:
            return self._decode(orjson.loads(self._load(path)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("live_file_damaged", file=path.name, error=type(error).__name__)
            return self._empty()

    def _load(self, path: Path) -> bytes:
        raise NotImplementedError

    def _remember(self, path: Path, read: Read[T]) -> Read[T]:
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[path] = read
        return read

    def _mark(self, handle: int, path: Path, value: T) -> None:
        """Give a written file a time of its own, and remember what it says.

        The kernel's clock for files ticks every few milliseconds, and the number of a file that
        is gone is used again: two versions could look the same.
        """
        former = self._known.get(path)
        moment = time.time_ns()
        if former is not None and former.stamp is not None:
            moment = max(moment, former.stamp[1] + 1)
        os.utime(handle, ns=(moment, moment))
        self._remember(path, Read(value, _stamp(os.fstat(handle))))


class ReplacedFiles(_SharedFiles[T]):
    """Files put whole in the place of the ones before; they are there even if the power fails."""

    def write(self, path: Path, value: T) -> None:
        """Replace the file.

        Only whoever holds the lock may write: the file beside has always the same name, so that
        nothing piles up.

        Raises:
            OSError: nothing was changed.
        """
        beside = path.with_name(f".{path.name}.new")
        beside.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(orjson.dumps(value))
            file.flush()
            os.fsync(file.fileno())
            self._mark(file.fileno(), path, value)
            try:
                beside.replace(path)
            except OSError:
                self._known.pop(path, None)
                raise
        _sync(path.parent)

    def _load(self, path: Path) -> bytes:
        return path.read_bytes()


class OverwrittenFiles(_SharedFiles[T]):
    """Files written over in place, with a checksum that tells a reader of a half written one.

    Replacing a file makes the file system write it out, which at 200 reports a second is more
    than a small disk should bear for content that is worth 90 seconds.
    """

    def write(self, path: Path, value: T) -> None:
        """Write the file over. Only whoever holds the lock may.

        Raises:
            OSError: the file may be damaged.
        """
        body = orjson.dumps(value)
        content = _HEADER.pack(len(body), zlib.crc32(body)) + body
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
        try:
            handle = os.open(path, flags, 0o644)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, flags, 0o644)
        try:
            if os.pwrite(handle, content, 0) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._mark(handle, path, value)
        finally:
            os.close(handle)

    def _load(self, path: Path) -> bytes:
        for _ in range(READ_TRIES):
            content = path.read_bytes()
            if len(content) >= _HEADER.size:
                length, checksum = _HEADER.unpack_from(content)
                body = content[_HEADER.size : _HEADER.size + length]
                if len(body) == length and zlib.crc32(body) == checksum:
                    return body
            time.sleep(WRITING)
        raise ValueError("the checksum is wrong")


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_mtime_ns, found.st_size


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class WriteLock:
    """One writer at a time, among all processes; it ends with the process that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the writer.

        Raises:
            Busy: not within ``PATIENCE``.
            OSError: the lock's file can't be made.
        """
        if not self._threads.acquire(timeout=PATIENCE):
            raise Busy("another thread is writing")
        try:
            with self._open() as handle:
                _lock(handle)
                yield
        finally:
            self._threads.release()

    @contextmanager
    def _open(self) -> Iterator[int]:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            handle = os.open(self._path, flags, 0o644)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, flags, 0o644)
        try:
            yield handle
        finally:
            os.close(handle)


def _lock(handle: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > end:
            raise Busy("another process is writing")
        time.sleep(0.001)
