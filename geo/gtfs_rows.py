"""The cells of a GTFS table, typed; what doesn't fit is a problem with its file and line.

Source: GTFS Schedule Reference, "Field Types".
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from geo.gtfs_archive import Archive, Line
from geo.gtfs_report import Report, quoted
from geo.wording import in_chinese

M = TypeVar("M", bound=BaseModel)

_DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d{0,30})?|\.\d{1,30})", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)", re.ASCII)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_OUR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", re.ASCII)
_ROUTE = re.compile(r"^r\d+/", re.ASCII)
_MAX_HOURS = 49
"""``geo.transit.Clock`` tells no later hour; no run lasts past the second night."""


class Row:
    """One row. A cell that can't be read is reported and makes the row ``bad``."""

    __slots__ = ("_cells", "_report", "bad", "file", "line")

    def __init__(self, file: str, line: Line, report: Report) -> None:
        self.file = file
        self.line = line.number
        self.bad = False
        self._cells = line.cells
        self._report = report

    def problem(self, field: str, message: str) -> None:
        """Report a cell of this row."""
        self.bad = True
        self._report.problems.add(self.file, self.line, field, message)

    def text(self, field: str) -> str:
        """The cell, empty where the column is missing."""
        return self._cells.get(field, "")

    def id(self, field: str) -> str:
        """A cell that must not be empty."""
        value = self.text(field)
        if not value:
            self.problem(field, "不能为空")
        return value

    def whole(self, field: str, default: int | None = None, most: int = 999_999_999) -> int:
        """A whole number, not negative."""
        value = self.text(field)
        if not value and default is not None:
            return default
        if not _WHOLE.fullmatch(value) or int(value) > most:
            self.problem(field, f"{quoted(value)}不对，应为 0 到 {most} 的整数")
            return default or 0
        return int(value)

    def decimal(self, field: str, least: float, most: float) -> float:
        """A decimal number, in degrees for positions."""
        value = self.text(field)
        if not _DECIMAL.fullmatch(value) or not least <= float(value) <= most:
            self.problem(field, f"{quoted(value)}不对，应为 {least:g} 到 {most:g} 的数")
            return 0.0
        return float(value)

    def distance(self, field: str) -> float | None:
        """A distance along the shape, in whatever unit; None where it is blank or unreadable."""
        value = self.text(field)
        return float(value) if _DECIMAL.fullmatch(value) else None

    def time(self, field: str) -> int | None:
        """Seconds since the service day's midnight, which may be past 24 hours; None: blank."""
        value = self.text(field)
        if not value:
            return None
        found = _TIME.fullmatch(value)
        if found is None or int(found[1]) > _MAX_HOURS:
            hint = f"应写成 07:05:00，次日凌晨写成 25:10:00，不超过 {_MAX_HOURS} 时"
            self.problem(field, f"时间{quoted(value)}不对，{hint}")
            return None
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])

    def day(self, field: str) -> date:
        """A date."""
        value = self.text(field)
        found = _DAY.fullmatch(value)
        try:
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        self.problem(field, f"日期{quoted(value)}不对，应写成 20260901")
        return date.min

    def built(self, model: type[M], columns: Mapping[str, str], **fields: Any) -> M | None:
        """The model of these fields; None, and the reasons reported, if it refuses them.

        ``columns`` gives the table's column for the fields that are called otherwise there.
        """
        try:
            return model(**fields)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_input=False):
                field = str(details["loc"][0]) if details["loc"] else ""
                self.problem(columns.get(field, field), in_chinese(details))
            return None


def rows(
    archive: Archive, file: str, required: tuple[str, ...], known: tuple[str, ...], report: Report
) -> Iterator[Row]:
    """The rows of a table; none, and nothing reported, if the feed doesn't have it."""
    if file not in archive.files:
        return
    for line in archive.lines(file, required, known):
        yield Row(file, line, report)


def our_id(value: str) -> str:
    """A feed's id as one of ours: itself if it fits, else its readable part and a digest."""
    if _OUR_ID.fullmatch(value):
        return value
    readable = re.sub(r"[^A-Za-z0-9_.:-]+", "-", value).strip("-_.:")[:48]
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{readable}.{digest}" if readable else f"x{digest}"


def own_id(value: str) -> str:
    """An id of one of our own feeds as it was before: ``r12/morning`` is ``morning``."""
    return our_id(_ROUTE.sub("", value))
