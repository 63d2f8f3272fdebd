"""A stamped scan as it comes -> one file to keep, and the codes that were read on its pages.

What is fed to decoders of PDF and pictures is hostile, and they are large, so they run in a process
of their own (``server.ledger.scan_decoding``), with limits on memory and time. A web worker asks by
``read`` and never loads them.

Public names: ``read``, ``ReadScan``, ``Upload``, ``NotAScan``, ``MOST_BYTES``, ``ASKED``.
"""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from config.settings import ROOT
from server.outside import TooManyOutside, outside_call, waiting

MOST_BYTES = 50 << 20
"""Of all files of a scan together."""
MOST_FILES = 60
CHUNK = 1 << 20
"""Bytes read at a time."""
MEMORY = 1 << 30
"""Bytes that decoding may take."""
SECONDS = 20
"""All in all. A page takes a tenth of one, one that is hard to read about one; see
``server.ledger.scan_decoding`` for what gives way when there are many."""
AT_ONCE = 2
"""Scans that one process of the service has read at the same time: each may take ``MEMORY``."""
PATIENCE_S = 5.0
"""How long one more waits for its turn."""

_places = threading.BoundedSemaphore(AT_ONCE)

ASKED = "请上传一个 PDF，或者每页一张的 JPG、PNG、WebP 图片"


class NotAScan(Exception):
    """It can't be used as one; the message says why, in Chinese."""


class Upload(NamedTuple):
    """A file as it was handed in."""

    name: str
    """As it is called where it came from."""
    stream: IO[bytes]


class ReadScan(NamedTuple):
    """A scan that can be kept: several files have become one."""

    body: BinaryIO
    """The file, there only while ``read`` is open."""
    media_type: str
    """``application/pdf``, ``image/jpeg`` or ``image/png``."""
    name: str
    """Of the first file, for people only."""
    codes: tuple[tuple[str, ...], ...]
    """By page the texts of the QR codes that were read on it, ours or others'."""


@contextmanager
def read(uploads: Sequence[Upload]) -> Iterator[ReadScan]:
    """Read a scan in a process of its own; takes a second, a long and bad one ``SECONDS``.

    It is waited for as calls to others' services are, so a view must be marked for it.

    Raises:
        NotAScan: it is too large, none at all, damaged, encrypted, or carries what a scan does not.
        server.outside.TooManyOutside: too many are being read already.
        OSError: the disk is full, say.
    """
    with tempfile.TemporaryDirectory(prefix="tongyou-scan-") as temporary:
        folder = Path(temporary)
        _save(uploads, folder)
        told = _ask(folder, len(uploads))
        if "refused" in told:
            raise NotAScan(told["refused"])
        with (folder / told["file"]).open("rb") as body:
            codes = tuple(tuple(page) for page in told["codes"])
            yield ReadScan(body, told["media_type"], uploads[0].name[:200], codes)


def _save(uploads: Sequence[Upload], folder: Path) -> None:
    if not uploads:
        raise NotAScan(f"没有选择文件。{ASKED}")
    if len(uploads) > MOST_FILES:
        raise NotAScan(f"文件太多：一次最多 {MOST_FILES} 个")
    left = MOST_BYTES
    for number, upload in enumerate(uploads):
        size = _copy(upload.stream, folder / str(number), left)
        if size == 0:
            raise NotAScan(f"“{upload.name[:80]}”是空文件。{ASKED}")
        left -= size


def _copy(stream: IO[bytes], path: Path, most: int) -> int:
    """Write a stream to a file; how many bytes it had."""
    size = 0
    with path.open("xb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise NotAScan(f"扫描件太大：全部文件加起来最多 {MOST_BYTES >> 20} MB")
            file.write(chunk)
    return size


def _ask(folder: Path, count: int) -> dict[str, Any]:
    """What the process says of the files; one that dies by its limits says nothing."""
    command = [sys.executable, "-m", "server.ledger.scan_decoding", str(folder), str(count)]
    try:
        with outside_call(), waiting(), _place():
            done = subprocess.run(  # noqa: S603  (our own interpreter and module)
                command, cwd=ROOT, capture_output=True, check=False, timeout=SECONDS
            )
    except subprocess.TimeoutExpired as error:
        raise NotAScan(
            "这份扫描件太费时，没能处理。请用 150 至 300 dpi 重新扫描，页数多的分几次上传"
        ) from error
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise NotAScan("这份扫描件没能处理：文件已损坏，或内容过大。请重新扫描后再上传") from error
    return told


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE_S):
        raise TooManyOutside
    try:
        yield
    finally:
        _places.release()
