"""Is a hostile archive refused, in bounded time and memory, and does nothing raise?"""

import io
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import gtfs_archive
from geo.gtfs_export import export_gtfs
from geo.gtfs_import import Imported, import_gtfs
from tests.geo.gtfs_material import (
    CALENDAR,
    FEED,
    SMALL,
    another_city,
    line,
    zipped,
)


def told(found: Imported) -> list[str]:
    return [str(problem) for problem in found.problems]


def entry(name: str, body: bytes, **options: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body, **options)
    return out.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped(SMALL))
    start = data.index(b"PK\x01\x02")
    data[start + 8] |= 1
    return bytes(data)


def stating(size: int) -> bytes:
    """Small files whose directory states the size of one to be ``size``."""
    data = bytearray(zipped(SMALL))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "不是有效的 zip 文件"),
        (b"hello", "不是有效的 zip 文件"),
        (zipped(SMALL)[:-30], "不是有效的 zip 文件"),
        (zipped({}), "压缩包是空的"),
        (entry("stops.txt", b"0" * (20 << 20)), "压缩比超过 100 倍"),
        (stating(200 << 20), "解压后太大"),
        (stating(50), "在压缩包里已损坏"),
        (zipped({f"{n}.txt": "" for n in range(101)}), "文件太多"),
        (zipped({f"{n}.txt": "" for n in range(5000)}), "文件太多"),
        (zipped({"inner.zip": zipped(SMALL)}), "压缩包里套着压缩包"),
        (zipped({"../stops.txt": ""}), "路径不安全"),
        (zipped({"/etc/stops.txt": ""}), "路径不安全"),
        (zipped({"..\\stops.txt": ""}), "路径不安全"),
        (zipped({"C:/stops.txt": ""}), "路径不安全"),
        (encrypted(), "已加密"),
        (entry("stops.txt", b"1" * 99, compress_type=zipfile.ZIP_LZMA), "压缩方法不支持"),
        (zipped(SMALL, encoding="utf-16"), "编码无法识别"),
        (zipped(SMALL | {"stops.txt": "x" * 100_000}), "这一行太长"),
    ],
)
def test_a_hostile_archive_is_refused(data: bytes, message: str) -> None:
    found = import_gtfs(data)
    assert found.routes == []
    assert any(message in problem for problem in told(found)), told(found)


def test_a_file_that_stands_twice_is_refused() -> None:
    # The writer warns of a name that stands twice: two of one length are made one here.
    twice = zipped({"stops.txt": "", "stopz.txt": ""}).replace(b"stopz", b"stops")
    assert told(import_gtfs(twice)) == ["stops.txt：在压缩包里出现两次"]


def test_ten_million_rows_are_refused_before_they_are_read() -> None:
    bomb = zipped(SMALL | {"stop_times.txt": SMALL["stop_times.txt"] + "t1,,,s2,2\n" * 9_000_000})
    assert "压缩比超过 100 倍" in str(import_gtfs(bomb).problems)


def test_rows_past_the_limit_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gtfs_archive, "MAX_ROWS", 20_000)
    times = SMALL["stop_times.txt"]
    times += "".join(f"t1,,,s2,{n * 7919 % 999_983}\n" for n in range(200_000))
    data = zipped(SMALL | {"stop_times.txt": times})
    del times
    tracemalloc.start()
    found = import_gtfs(data)
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
    assert told(found) == ["stop_times.txt 第 20002 行：数据太多：超过 20000 行"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bytes_raise(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        piece = data.draw(st.binary(max_size=4))
        whole[place : place + data.draw(st.integers(0, 4))] = piece
    import_gtfs(bytes(whole))


WHOLE = (zipped(SMALL), export_gtfs([(1, line())], CALENDAR, FEED), zipped(another_city())[:9000])

cells = st.sampled_from(
    [
        "",
        "t1",
        "s1",
        "s2",
        "10",
        "wd",
        "0",
        "1",
        "2",
        "-1",
        "07:00:00",
        "25:00:00",
        "20260901",
        "1e9",
    ]
) | st.text(max_size=8)


@settings(max_examples=100, deadline=None)
@given(file=st.sampled_from(sorted(SMALL)), rows=st.lists(st.lists(cells, max_size=11), max_size=4))
def test_no_cells_raise(file: str, rows: list[list[str]]) -> None:
    text = SMALL[file] + "\n".join(",".join(row) for row in rows)
    found = import_gtfs(zipped(SMALL | {file: text.encode("utf-8", "surrogatepass")}))
    assert found.problems or found.routes
