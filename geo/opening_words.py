"""An OpenStreetMap expression of opening hours -> the Chinese that people decide by.

``geo.opening_chinese`` the other way round. Only the common forms are told: days, spans of hours,
"off". Anything beyond (seasons, sunset, comments) is None, and whoever asks shows the code: to
leave out half of what an expression says would be worse than to show it as it is.

Public names: ``in_words``, ``with_code``.
"""

import re
from functools import lru_cache

from geo.opening_text import DAY, WEEKDAYS, clock

_CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = rf"(?:{'|'.join(_CODES)})"
_ITEM = rf"(?:{_DAY}(?:-{_DAY})?|PH|SH)"
_SPAN = r"\d{1,2}:\d{2}-\d{1,2}:\d{2}"
_RULE = re.compile(
    rf"(?:(?P<days>{_ITEM}(?:,\s?{_ITEM})*)\s)?"
    rf"(?:(?P<hours>{_SPAN}(?:,\s?{_SPAN})*)|(?P<off>off|closed))"
)
_SEASONS = {"PH": "节假日", "SH": "寒暑假"}


@lru_cache(maxsize=1024)
def in_words(expression: str) -> str | None:
    """``Tu-Su 09:00-17:00; Mo off`` as 周二至周日 9:00–17:00，周一不开放; None if it says more."""
    text = expression.strip()
    if text == "24/7":
        return "全天 24 小时"
    told = [_rule(part.strip()) for part in text.removesuffix(";").split(";")]
    return None if None in told else "，".join(filter(None, told))


def with_code(expression: str) -> str:
    """The Chinese with the code behind it, for plain text; the code alone if that is all."""
    words = in_words(expression)
    return expression if words is None else f"{words}（{expression}）"


def _rule(text: str) -> str | None:
    found = _RULE.fullmatch(text)
    if found is None:
        return None
    days = _days(found["days"])
    if found["off"]:
        return f"{days}不开放"
    spans = [_span(span) for span in re.split(r",\s?", found["hours"])]
    if None in spans:
        return None
    if spans == ["全天"]:
        return f"{days}全天"
    return f"{days} {'、'.join(filter(None, spans))}"


def _days(text: str | None) -> str:
    """Without days a rule is about every day."""
    if text in (None, "Mo-Su"):
        return "每天"
    return "、".join(_item(item) for item in re.split(r",\s?", text or ""))


def _item(text: str) -> str:
    if text in _SEASONS:
        return _SEASONS[text]
    return "至".join(WEEKDAYS[_CODES.index(code)] for code in text.split("-"))


def _span(text: str) -> str | None:
    """Hours within one day; what runs past midnight is left to the code."""
    begin, end = (_minutes(side) for side in text.split("-"))
    if begin is None or end is None or begin >= end:
        return None
    if (begin, end) == (0, DAY):
        return "全天"
    return f"{clock(begin)}–{'24:00' if end == DAY else clock(end)}"


def _minutes(text: str) -> int | None:
    hour, minute = map(int, text.split(":"))
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= DAY else None
