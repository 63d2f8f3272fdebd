"""A file of any kind that a table can come in -> ``Table``.

Public name: ``open_table``.
"""

import subprocess
import sys

import orjson

from config.settings import ROOT
from server.sheets.delimited import read_delimited
from server.sheets.sniffing import form_of
from server.sheets.table import Row, Sheet, Table, Unreadable

_SECONDS = 45
_TOO_MUCH = (
    "这个表格打不开：可能已损坏，或者有格子远在表格之外。"
    "请把需要的行复制到新的工作簿，另存为 .xlsx 再上传。"
)


def open_table(body: bytes) -> Table:
    """Read every sheet of a file, each cell as the text that a person would read off it.

    All but plain text is opened in a process of its own with bounds to its memory and time: what
    a file was made to do to it, it can't do to the server.

    Raises:
        Unreadable: see ``sniffing.form_of``; or it can't be read after all.
    """
    form = form_of(body)
    if form == "csv":
        return Table(form, (read_delimited(body),))
    return Table(form, tuple(_read_apart(form, body)))


def _read_apart(form: str, body: bytes) -> list[Sheet]:
    command = [sys.executable, "-m", "server.sheets.workbook", form]
    try:
        done = subprocess.run(  # noqa: S603  (our own module)
            command, input=body, capture_output=True, cwd=ROOT, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(_TOO_MUCH) from error
    if done.returncode:
        raise Unreadable(_TOO_MUCH)
    told = orjson.loads(done.stdout)
    if "refused" in told:
        raise Unreadable(told["refused"])
    return [
        Sheet(
            sheet["name"],
            tuple(Row(line, tuple(cells)) for line, cells in sheet["rows"]),
            sheet["notes"],
        )
        for sheet in told["sheets"]
    ]
