"""Is every table read as a person reads it, and everything else refused with a reason?"""

import datetime
import io
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.sheets import sniffing
from server.sheets.cells import as_text, as_typed, defused
from server.sheets.opening import open_table
from server.sheets.sniffing import MAX_BYTES, form_of
from server.sheets.table import Unreadable, column_letters
from server.sheets.workbook import MERGED, NO_RESULT
from tests.server.sheet_files import TYPES, archive, libreoffice, pretender

MOMENT = datetime.datetime.fromisoformat("2026-01-02T03:04")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def rows(body: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in open_table(body).sheet().rows]


def book(fill: Any) -> bytes:
    made = openpyxl.Workbook()
    fill(made.active)
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


# Real programs


@pytest.mark.slow
@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_is_what_libreoffice_writes_read_as_it_shows_it(tmp_path: Path, form: str) -> None:
    table = open_table(libreoffice(tmp_path, form))
    assert table.form == form
    sheet = table.sheet()
    assert sheet.name == "基地"
    assert [row.line for row in sheet.rows] == [1, 2, 3, 4]
    assert sheet.rows[0].cells == ("基地台账",)
    first, second = sheet.rows[2].cells, sheet.rows[3].cells
    assert first[:4] == ("甲馆", "张店区", "118.05", "5332164568")
    assert first[4] == "2026-11-20"
    assert first[5] in ("是", "1")
    assert second[0] == "乙馆"
    assert second[2:4] == ("118.1", "０５３３-1")


@pytest.mark.slow
def test_does_a_merged_cell_hold_for_all_its_rows(tmp_path: Path) -> None:
    sheet = open_table(libreoffice(tmp_path, "xlsx")).sheet()
    assert sheet.rows[3].cell(1) == "张店区"
    assert sheet.notes["B4"] == MERGED


# Workbooks of openpyxl


def test_how_are_the_cells_of_a_workbook_read() -> None:
    def fill(page: Any) -> None:
        page.append(["名称", 5332164568.0, 36.8067, 7, True, "  甲　"])
        page.append([])
        page.append([datetime.date(2026, 11, 20), MOMENT, None, "#N/A"])
        page.append([datetime.time(9, 30), 0.125, -0.0, "０1"])

    found = rows(book(fill))
    assert found[0] == ("名称", "5332164568", "36.8067", "7", "是", "甲")
    assert found[1][:2] == ("2026-11-20", "2026-01-02 03:04")
    assert found[2] == ("09:30", "0.125", "0", "０1")
    assert [row.line for row in open_table(book(fill)).sheet().rows] == [1, 3, 4]


def test_is_a_formula_that_was_never_reckoned_told_with_its_cell() -> None:
    def fill(page: Any) -> None:
        page.append(["名称", "电话"])
        page.append(['=HYPERLINK("http://example.org","甲馆")', "=1+1"])

    sheet = open_table(book(fill)).sheet()
    assert sheet.notes == {"A2": NO_RESULT, "B2": NO_RESULT}
    assert [row.cells for row in sheet.rows] == [("名称", "电话")]


def test_is_the_first_sheet_with_rows_read_and_the_others_named() -> None:
    made = openpyxl.Workbook()
    made.create_sheet("第二张")["A1"] = "有"
    body = io.BytesIO()
    made.save(body)
    table = open_table(body.getvalue())
    assert table.sheet().name == "第二张"
    with pytest.raises(Unreadable, match="没有名为“第三张”的工作表"):
        table.sheet("第三张")


def test_does_a_cell_far_away_harm_nobody() -> None:
    def fill(page: Any) -> None:
        page["A1"], page["XFD1048576"] = "甲", "远"

    began = time.monotonic()
    with pytest.raises(Unreadable, match=r"远在表格之外|超过 20000 行"):
        open_table(book(fill))
    assert time.monotonic() - began < 100  # it ends at all; its process is bounded


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_is_text_read_in_every_encoding(encoding: str, delimiter: str) -> None:
    quoted = f'"张店""书房""{delimiter}一"{delimiter}"一行\r\n二行"'
    text = f"名称{delimiter}地址\r\n{quoted}\r\n\r\n末{delimiter}"
    assert rows(text.encode(encoding)) == [
        ("名称", "地址"),
        (f'张店"书房"{delimiter}一', "一行\n二行"),
        ("末", ""),
    ]
    assert [row.line for row in open_table(text.encode(encoding)).sheet().rows] == [1, 2, 4]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('名称,地址\n"甲,乙\n', "引号不成对"),
        ("名称\n" + "长" * 200_000, "文字太长"),
        ("名称\n" + "甲\n" * 20_001, "超过 20000 行"),
    ],
)
def test_is_broken_text_told(body: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        open_table(body.encode())


def test_is_geojson_read_as_a_table() -> None:
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [118.05, 36.8, 5]},
                "properties": {"name": "甲", "facts": {"": {"source": "台账"}}, "free": True},
            },
            {"type": "Feature", "geometry": None, "properties": {"ages": {"min": 1, "max": 2}}},
            7,
        ],
    }
    table = open_table(json.dumps(document).encode())
    heading, first, second, third = table.sheet().rows
    assert heading.cells == ("lon", "lat", "name", "free", "facts::source", "ages")
    assert first.cells == ("118.05", "36.8", "甲", "是", "台账", "")
    assert second.cells[-1] == '{"min": 1, "max": 2}'
    assert set(table.sheet().notes) == {"第2个要素的lon", "第3个要素的lon"}
    assert third.cells[0] == ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"type":"Feature"}', "要素集合"),
        ('{"type":"FeatureCollection","features":[]}', "没有要素"),
        ('{"type":"FeatureCollection",', "JSON"),
        ("{" * 100_000, "JSON"),
    ],
)
def test_is_broken_geojson_told(body: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        open_table(body.encode())


# What is none


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b" \n", "空的"),
        (b"0" * (MAX_BYTES + 1), "最多 20 MB"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "网页"),
        (b"<?xml version='1.0'?><table/>", "网页"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"Rar!\x1a\x07", "压缩包"),
        (b"abc\0def", "认不出"),
        (archive(("a.txt", b"x")), "压缩包"),
        (archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"")), "不是表格"),
        (pretender(("xl/vbaProject.bin", b"x")), "宏"),
        (pretender(types=TYPES.replace(b"sheet.main", b"sheet.macroEnabled.main")), "宏"),
        (pretender(("xl/workbook.bin", b"x")), "xlsb"),
        (pretender(("xl/embeddings/a.zip", b"x")), "夹带了压缩包"),
        (pretender(*((f"xl/{n}.xml", b"") for n in range(2001))), "部件太多"),
        (pretender(("xl/worksheets/sheet1.xml", b"0" * 30_000_000)), "大得不正常"),
        (pretender(), "已损坏"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (OLE + "_VBA_PROJECT_CUR".encode("utf-16-le"), "宏"),
        (OLE + "WordDocument".encode("utf-16-le"), "Word"),
        (OLE + b"\0" * 600, "已损坏"),
        (b"PK\x03\x04" + b"\0" * 100, "已损坏"),
    ],
)
def test_is_what_is_no_table_refused_with_a_reason(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        open_table(body)


def test_is_a_bomb_refused_by_what_its_directory_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 GB unpacked: the sizes are in the directory, so that nothing need be unpacked."""
    body = bytearray(pretender(("xl/worksheets/sheet1.xml", b"0" * 1000)))
    size, much = (1000).to_bytes(4, "little"), (4_000_000_000).to_bytes(4, "little")
    while (at := body.rfind(size)) >= 0:
        body[at : at + 4] = much
    monkeypatch.setattr(sniffing, "_read", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(Unreadable, match="大得不正常"):
        form_of(bytes(body))


def test_is_a_member_that_lies_about_its_size_of_no_avail() -> None:
    """The directory says 1 kB, the member unpacks to 50 MB: reading it must not go on."""
    whole = pretender(("xl/worksheets/sheet1.xml", os.urandom(1000) + b"0" * 50_000_000))
    lying = whole.replace((50_001_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != whole
    with pytest.raises(Unreadable):
        open_table(lying)


@given(st.binary(max_size=400))
def test_does_any_rubbish_raise_only_what_is_told(body: bytes) -> None:
    with suppress(Unreadable):
        assert form_of(body) in ("csv", "geojson", "xls")


# Cells


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_is_a_defused_text_read_back_the_same(text: str) -> None:
    plain = as_typed(text)
    again = plain if as_typed(plain) == plain else None
    for typed in (False, True):
        safe = defused(plain, typed=typed)
        if not typed:
            assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
        if again is not None or safe != plain:
            assert as_typed(safe) == plain


def test_what_are_columns_called() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 16383)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip


def test_how_are_odd_numbers_written() -> None:
    assert as_text(1e20) == "1e+20"
    assert as_text(float("nan")) == "nan"
    assert as_text(datetime.timedelta(hours=25, minutes=5)) == "25:05"
