"""A GTFS feed's zip file, opened as what it may be: hostile.

Nothing is ever unpacked to disk. Sizes are checked before anything is read, and the reading keeps
to the sizes stated (``zipfile`` does not give out more), so that memory and time are bounded.
Source: GTFS Schedule Reference, "File Requirements"; RFC 4180 for the tables.
"""

import codecs
import csv
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from geo.gtfs_report import Refused, Report, quoted

MAX_PACKED = 30 << 20
"""Bytes of the zip file."""
MAX_UNPACKED = 100 << 20
"""Bytes of all files in it together."""
MAX_RATIO = 100
"""Unpacked to packed, of one file of more than a megabyte; timetables reach some 20."""
MAX_ENTRIES = 100
MAX_ROWS = 500_000
"""Of a table that may be long; of the others a tenth."""
_LONG = ("stop_times.txt", "shapes.txt")
_MAX_LINE = 1 << 16
_SMALL = 1 << 20
_CHUNK = 1 << 16

_CENTRAL_HEADER = b"PK\x01\x02"
_ARCHIVES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".zst")
_ENCRYPTED = 0x1
_UNREADABLE = "在压缩包里已损坏，读不出"
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others unpack in one go, without a bound."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What ``zipfile`` raises for bytes that are not what they claim to be."""


class Line(NamedTuple):
    """A row of a table; ``number`` is the line on which it starts."""

    number: int
    cells: dict[str, str]


class Archive:
    """The tables of a feed, by their names.

    ``data`` is the zip file. The tables may lie in one folder of it; what lies elsewhere is
    reported as left out.

    Raises:
        Refused: it is no zip file, or a dangerous one.
    """

    def __init__(self, data: bytes | Path, report: Report) -> None:
        self._report = report
        content = _content(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _DAMAGE:
            raise Refused("", 0, "不是有效的 zip 文件，或文件不完整") from None
        infos = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        _refuse_dangers(infos)
        self._infos = self._in_one_folder(infos)

    @cached_property
    def files(self) -> frozenset[str]:
        """Names of all files of the feed, without their folder."""
        return frozenset(self._infos)

    def _in_one_folder(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
        for info in infos:
            folder, _, name = info.filename.rpartition("/")
            if name in folders.setdefault(folder, {}):
                raise Refused(quoted(name)[1:-1], 0, "在压缩包里出现两次")
            folders[folder][name] = info
        chosen = min(folders, key=lambda f: ("stop_times.txt" not in folders[f], f.count("/"), f))
        for folder, found in sorted(folders.items()):
            for name in sorted(found) if folder != chosen else ():
                path = f"{folder}/{name}".lstrip("/")
                self._report.left_out.add(quoted(path)[1:-1], 0, "", "不在数据所在的文件夹，未读取")
        return folders[chosen]

    def raw(self, file: str) -> Iterator[bytes]:
        """The bytes of a file, in pieces.

        Raises:
            Refused: it is damaged.
        """
        try:
            with self._zip.open(self._infos[file]) as handle:
                while chunk := handle.read(_CHUNK):
                    yield chunk
        except _DAMAGE:
            raise Refused(file, 0, _UNREADABLE) from None

    def digest(self, file: str) -> str:
        """The SHA-256 of a file, hexadecimal.

        Raises:
            Refused: it is damaged.
        """
        sha256 = hashlib.sha256()
        for chunk in self.raw(file):
            sha256.update(chunk)
        return sha256.hexdigest()

    def lines(self, file: str, required: Collection[str], known: Collection[str]) -> Iterator[Line]:
        """The rows of a table that have as many cells as its header; empty lines are passed over.

        A column that is neither ``required`` nor ``known`` is reported as left out, a column
        that is missing and a row of another length as a problem.

        Raises:
            Refused: the table can't be read, or has too many rows.
        """
        reader = csv.reader(self._text(file), strict=True)
        header: list[str] | None = None
        read, most = 0, MAX_ROWS if file in _LONG else MAX_ROWS // 10
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                raise Refused(
                    file, number, "从这一行起不是有效的 CSV，请检查引号是否成对"
                ) from None
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            if header is None:
                header = self._header(file, cells, required, known)
                if header is None:
                    return
                continue
            read += 1
            if read > most:
                raise Refused(file, number, f"数据太多：超过 {most} 行")
            if len(cells) != len(header):
                message = f"应有 {len(header)} 列，这里有 {len(cells)} 列"
                self._report.problems.add(file, number, "", message)
                continue
            yield Line(number, dict(zip(header, map(str.strip, cells), strict=True)))
        if header is None:
            self._report.problems.add(file, 0, "", "是空的，连表头也没有")

    def _header(
        self, file: str, cells: list[str], required: Collection[str], known: Collection[str]
    ) -> list[str] | None:
        header = [cell.strip() for cell in cells]
        problems = self._report.problems
        for name in sorted({name for name in header if header.count(name) > 1}):
            problems.add(file, 1, quoted(name)[1:-1], "这一列出现两次")
            return None
        for name in required:
            if name not in header:
                problems.add(file, 1, name, "缺少这一列")
        for name in header:
            if name not in required and name not in known:
                self._report.left_out.add(
                    file, 1, quoted(name)[1:-1], "没有对应的内容，这一列未读取"
                )
        return header if all(name in header for name in required) else None

    def _text(self, file: str) -> Iterator[str]:
        encoding = self._encoding(file)
        try:
            with (
                self._zip.open(self._infos[file]) as raw,
                io.TextIOWrapper(raw, encoding, newline="") as handle,
            ):
                number = 1
                while text := handle.readline(_MAX_LINE):
                    if len(text) == _MAX_LINE:
                        message = f"这一行太长，超过 {_MAX_LINE} 个字符"
                        raise Refused(file, number, message)
                    yield text
                    number += 1
        except _DAMAGE:
            raise Refused(file, 0, _UNREADABLE) from None

    def size(self, file: str) -> int:
        """Bytes of a file, unpacked."""
        return self._infos[file].file_size

    def _encoding(self, file: str) -> str:
        for encoding in ("utf-8-sig", "gb18030"):
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                for chunk in self.raw(file):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            if encoding == "gb18030":
                self._report.notes.add(file, 0, "", "不是 UTF-8，按 GB18030（GBK）读取，请核对名称")
            return encoding
        raise Refused(file, 0, "编码无法识别，应为 UTF-8，或 GBK、GB18030")


def _content(data: bytes | Path) -> bytes:
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    if size > MAX_PACKED:
        raise Refused("", 0, f"文件太大：{size >> 20} MB，最多 {MAX_PACKED >> 20} MB")
    content = data if isinstance(data, bytes) else data.read_bytes()
    # Counted before zipfile makes an object of each, which takes a kilobyte apiece.
    if content.count(_CENTRAL_HEADER) > 2 * MAX_ENTRIES:
        raise Refused("", 0, f"压缩包里的文件太多，最多 {MAX_ENTRIES} 个")
    return content


def _refuse_dangers(infos: list[zipfile.ZipInfo]) -> None:
    if not infos:
        raise Refused("", 0, "压缩包是空的")
    if len(infos) > MAX_ENTRIES:
        raise Refused("", 0, f"压缩包里的文件太多：{len(infos)} 个，最多 {MAX_ENTRIES} 个")
    total = sum(info.file_size for info in infos)
    if total > MAX_UNPACKED:
        message = f"解压后太大：{total >> 20} MB，最多 {MAX_UNPACKED >> 20} MB"
        raise Refused("", 0, message)
    for info in infos:
        name = quoted(info.filename)[1:-1]
        parts = info.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            raise Refused(name, 0, "路径不安全，拒绝读取整个压缩包")
        if info.flag_bits & _ENCRYPTED:
            raise Refused(name, 0, "已加密，请用不加密的压缩包")
        if info.compress_type not in _PLAIN_METHODS:
            raise Refused(name, 0, "压缩方法不支持，请用普通的 zip（deflate）")
        if info.filename.lower().endswith(_ARCHIVES):
            raise Refused(name, 0, "压缩包里套着压缩包，拒绝读取")
        if info.file_size > max(_SMALL, info.compress_size * MAX_RATIO):
            raise Refused(name, 0, f"压缩比超过 {MAX_RATIO} 倍，疑为压缩炸弹")
