"""Workbooks of every kind for tests: made by LibreOffice, by openpyxl, and by hand."""

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

FODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
 xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles>
<number:date-style style:name="N1"><number:year number:style="long"/><number:text>/</number:text>
<number:month/><number:text>/</number:text><number:day/></number:date-style>
<style:style style:name="day" style:family="table-cell" style:data-style-name="N1"/>
</office:automatic-styles>
<office:body><office:spreadsheet>
<table:table table:name="基地"><table:table-column table:number-columns-repeated="8"/>
<table:table-row>{title}</table:table-row>
<table:table-row>{headings}</table:table-row>
<table:table-row>{first}</table:table-row>
<table:table-row>{second}</table:table-row>
</table:table>
<table:table table:name="空表"><table:table-column/><table:table-row><table:table-cell/>
</table:table-row></table:table>
</office:spreadsheet></office:body></office:document>"""


def _text(value: str, more: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p>'
        "</table:table-cell>"
    )


def _typed(kind: str, attribute: str, value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="{kind}" office:{attribute}="{value}"{more}/>'


def _number(value: str) -> str:
    return _typed("float", "value", value)


_DAY = ' table:style-name="day"'
_SUM = ' table:formula="of:=118+0.05"'

_COVERED = "<table:covered-table-cell/>"

TYPED = FODS.format(
    title=_text("基地台账", ' table:number-columns-spanned="3"') + _COVERED * 2,
    headings="".join(map(_text, ("名称", "区县", "经度", "电话", "确认日期", "是否免费", "时间"))),
    first=_text("甲馆")
    + _text("张店区", ' table:number-rows-spanned="2"')
    + _typed("float", "value", "118.05", _SUM)
    + _number("5332164568")
    + _typed("date", "date-value", "2026-11-20", _DAY)
    + _typed("boolean", "boolean-value", "true")
    + _typed("time", "time-value", "PT09H30M00S"),
    second=_text("乙馆") + _COVERED + _number("118.1") + _text("０５３３-1"),
)
"""Dates as dates, numbers as numbers, a formula, merged cells, a title above the headings."""


def libreoffice(folder: Path, form: str, source: str = TYPED) -> bytes:
    """A file as LibreOffice writes it. Without one: skipped, or where ``CI`` is set a failure."""
    path = folder / "table.fods"
    path.write_text(source, "utf-8")
    return converted(path, form)


UTF_8_CSV = ":Text - txt - csv (StarCalc):44,34,76"


def converted(path: Path, form: str, how: str = "") -> bytes:
    """A file as LibreOffice opens it and writes it in another form; ``how`` is its filter."""
    program = shutil.which("soffice")
    if program is None:
        told = "没有 LibreOffice：请先运行 sudo apt install libreoffice-calc-nogui"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    folder = path.parent
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [program, profile, "--headless", "--convert-to", form + how, "--outdir", str(folder)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=180)
    return path.with_suffix(f".{form}").read_bytes()


def archive(*members: tuple[str, bytes]) -> bytes:
    """A zip file of these members."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return body.getvalue()


TYPES = (
    b'<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def pretender(*more: tuple[str, bytes], types: bytes = TYPES) -> bytes:
    """A zip file that looks like a workbook of Excel, with other members."""
    workbook = ("xl/workbook.xml", b"<workbook/>")
    return archive(("[Content_Types].xml", types), workbook, *more)
