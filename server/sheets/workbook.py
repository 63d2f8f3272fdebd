"""``python -m server.sheets.workbook FORM``: a file on standard input -> its sheets as JSON.

A process of its own, because a few bytes can ask for a sheet of 17 thousand million cells.
"""

import io
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import orjson

from server.sheets.cells import as_text
from server.sheets.features import read_features
from server.sheets.table import MAX_COLUMNS, MAX_ROWS, Unreadable, column_letters

_MEMORY = 1536 * 1024 * 1024
"""Bytes of address space."""
_CPU_SECONDS = 40

_FORMULA_WITHOUT_RESULT = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*'
    rb"<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_SHEET = re.compile(rb"<sheet\b[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
NO_RESULT = "这一格是公式，文件里没有存它的结果。请用 Excel 或 WPS 打开文件，保存一次再上传"
MERGED = "这一格是合并单元格，取了左上角的内容"

Cells = list[str]


def main() -> None:
    """Read, answer, end. Running out of memory or time ends it, too."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    try:
        body = sys.stdin.buffer.read()
        sheets = [_features(body)] if sys.argv[1] == "geojson" else list(_sheets(body))
        answer: dict[str, Any] = {"sheets": sheets}
    except Unreadable as refusal:
        answer = {"refused": str(refusal)}
    sys.stdout.buffer.write(orjson.dumps(answer))


def _features(body: bytes) -> dict[str, Any]:
    sheet = read_features(body)
    return {
        "name": sheet.name,
        "rows": [(row.line, row.cells) for row in sheet.rows],
        "notes": sheet.notes,
    }


def _sheets(body: bytes) -> Iterator[dict[str, Any]]:
    import python_calamine as calamine

    unsolved = _formulas_without_result(body)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
        for about in book.sheets_metadata:
            if about.typ == calamine.SheetTypeEnum.WorkSheet:
                yield _sheet(book.get_sheet_by_name(about.name), unsolved.get(about.name, []))
    except calamine.PasswordError as error:
        raise Unreadable("文件有密码。请去掉密码后另存再上传。") from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, OSError) as error:
        raise Unreadable("文件已损坏，打不开。请用 Excel 或 WPS 打开后另存再上传。") from error


def _sheet(sheet: Any, unsolved: list[str]) -> dict[str, Any]:
    if sheet.end is not None and sheet.end[0] >= MAX_ROWS:
        raise Unreadable(f"工作表“{sheet.name}”超过 {MAX_ROWS} 行，请分成几个文件。")
    cells = [[as_text(value) for value in row[:MAX_COLUMNS]] for row in sheet.iter_rows()]
    notes = dict.fromkeys(unsolved[:1000], NO_RESULT)
    notes |= _fill_merged(cells, sheet)
    rows = [(line, _trimmed(row)) for line, row in enumerate(cells, 1)]
    return {"name": sheet.name, "rows": [row for row in rows if row[1]], "notes": notes}


def _fill_merged(rows: list[Cells], sheet: Any) -> dict[str, str]:
    """Write what a merged block says into each of its rows; further columns stay empty."""
    notes = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top >= len(rows) or left >= len(rows[top]) or not rows[top][left]:
            continue
        for line in range(top + 1, min(bottom + 1, len(rows))):
            rows[line][left] = rows[top][left]
            notes[f"{column_letters(left)}{line + 1}"] = MERGED
    return notes


def _trimmed(cells: Cells) -> Cells:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _formulas_without_result(body: bytes) -> dict[str, list[str]]:
    """By sheet of an .xlsx the addresses of formulas that were never reckoned.

    Programs that write workbooks without reckoning leave them so; they would read as empty.
    """
    if not body.startswith(b"PK"):
        return {}
    found = {}
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for name, path in _parts(archive):
            text = archive.read(path)
            if b"<f" in text:
                found[name] = [m.decode() for m in _FORMULA_WITHOUT_RESULT.findall(text)]
    return found


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The name of each sheet of an .xlsx, and the member that holds it."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    targets = {}
    for element in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        about = _attributes(element)
        targets[about.get("Id", "")] = about.get("Target", "")
    for element in _SHEET.findall(archive.read("xl/workbook.xml")):
        about = _attributes(element)
        target = targets.get(about.get("r:id", ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in names:
            yield about.get("name", ""), path


def _attributes(element: bytes) -> dict[str, str]:
    from xml.sax.saxutils import unescape

    found = _ATTRIBUTE.findall(element)
    return {k.decode(): unescape(v.decode("utf-8", "replace")) for k, v in found}


if __name__ == "__main__":
    main()
