"""Text files with a row a line: UTF-8 with or without a byte-order mark, GB 18030, UTF-16."""

import csv
import io

from server.sheets.cells import as_typed
from server.sheets.table import MAX_COLUMNS, MAX_ROWS, Row, Sheet, Unreadable

_DELIMITERS = ",\t;"
_SAMPLE = 20


def read_delimited(body: bytes) -> Sheet:
    """The rows of a .csv file; what parts its cells is found by looking at the first lines.

    Raises:
        Unreadable: no encoding fits, quotes are not in pairs, there are too many rows.
    """
    text = _decoded(body)
    # Rows are counted as a spreadsheet program numbers them: a quoted line break is none.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = []
    try:
        for line, cells in enumerate(reader, 1):
            if line > MAX_ROWS:
                raise Unreadable(f"文件超过 {MAX_ROWS} 行，请分成几个文件。")
            kept = tuple(as_typed(cell) for cell in cells[:MAX_COLUMNS])
            if any(kept):
                rows.append(Row(line, kept))
    except csv.Error as error:
        place = f"文本第 {reader.line_num} 行附近"
        if "limit" in str(error):
            raise Unreadable(f"{place}有一格文字太长。") from error
        raise Unreadable(f"{place}的引号不成对，请用 Excel 或 WPS 打开检查后另存。") from error
    return Sheet("", tuple(rows))


def _decoded(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(body, "utf-16")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _as(body, "gb18030")


def _as(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "文字编码认不出（不是 UTF-8，也不是 GBK）。请用 Excel 或 WPS 打开后另存为 .xlsx。"
        ) from error


def _delimiter(text: str) -> str:
    """The sign that parts most lines at the top into cells; a comma if none does."""
    lines = [line for line in text[:65536].splitlines()[:_SAMPLE] if line.strip()]
    return max(_DELIMITERS, key=lambda sign: sum(sign in line for line in lines))
