"""What stands in a cell -> the text that a person reads there; and back, without formulas.

Public names: ``as_text``, ``defused``, ``as_typed``.
"""

import re
from datetime import date, datetime, time, timedelta

from server.sheets.table import MAX_CELL

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
"""How a text begins that some spreadsheet program takes for a formula, quoted or not."""
_QUOTED = re.compile(r"'+[=+\-@\t\r]")
_AROUND = " \t\r\n\u00a0\u3000\u200b\u2060\ufeff"


def as_text(value: object) -> str:
    """A cell of any type as text: whole numbers without ``.0``, days as ``2026-11-24``."""
    match value:
        case str():
            return as_typed(value)
        case bool():
            return "是" if value else "否"
        case int():
            return str(value)
        case float():
            whole = value.is_integer() and abs(value) < 1e15
            return str(int(value)) if whole else repr(value)
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case _:
            return ""


def as_typed(text: str) -> str:
    """A text of a cell as it was meant: stripped, and freed of the quote of :func:`defused`."""
    kept = text[: MAX_CELL + 1].replace("\r\n", "\n").replace("\r", "\n").strip(_AROUND)
    return kept[1:] if _QUOTED.match(kept) else kept


def defused(text: str, *, typed: bool = False) -> str:
    """The text with a quote before it where a spreadsheet program might reckon it.

    ``typed``: the cell itself is marked as text, so that only a text which begins with such a
    quote already gets one more. :func:`as_typed` undoes both.
    """
    dangerous = (_QUOTED if typed else _DANGEROUS).match(text)
    return f"'{text}" if dangerous else text
