"""A cell's text -> the value of a field, as the documents of ``geo.listing`` have it.

Public names: ``read_cell``, ``Read``, ``Wrong``, ``number``, ``normal``, ``SEPARATORS``.
Empty cells don't come here.
"""

import difflib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from geo.city import City, Term
from geo.opening import check_expression
from geo.opening_chinese import to_expression
from geo.opening_words import with_code
from server.imports.column import Column
from server.listing_form import dialable

_DASHES = str.maketrans(dict.fromkeys("—–－~～〜―‐‑−至到", "-"))
SEPARATORS = re.compile(r"[、,，;；/|\n]+")
_YES = frozenset(["是", "有", "对", "免费", "y", "yes", "true", "1", "√", "✓", "需要"])
_NO = frozenset(["否", "无", "没有", "收费", "n", "no", "false", "0", "×", "x", "✗", "不需要"])
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL_EPOCH = date(1899, 12, 30)
"""Day 0 of the numbers that spreadsheet programs keep days as."""
_AGES = re.compile(r"(\d{1,2})(?:周?岁)?-(\d{1,2})(?:周?岁)?")
_AGES_FROM = re.compile(r"(\d{1,2})(?:周?岁)?(?:及)?以上|≥(\d{1,2})(?:周?岁)?")
_AGES_TO = re.compile(r"(\d{1,2})(?:周?岁)?(?:及)?以下|≤(\d{1,2})(?:周?岁)?")
_CODE = re.compile(r"\s*(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|24/7)\b")
_SHORT_NUMBER = re.compile(r"1[12]\d|12\d{3}|1[01]\d{3}|9[56]\d{3,6}|[48]00\d{7}")
"""Police, ambulance, hotlines of a city or a firm, and the numbers that the callee pays."""
_WITH_AREA_CODE = 10
"""Digits of the shortest number with its area code."""
_BARE = (7, 8, 11)
"""Digits of a number within a city, and of a mobile."""
_DAYS = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:[-至到]{1,2}(\d{4}-\d{1,2}-\d{1,2}))?\s*(.*)", re.S)


class Wrong(ValueError):
    """A cell can't be read; the message says what was expected, in Chinese."""


class Read(NamedTuple):
    """The value, and what the person should know about how it was read."""

    value: Any
    warning: str = ""


def read_cell(column: Column, text: str, city: City) -> Read:
    """Read a cell.

    Raises:
        Wrong: it says nothing that the column may hold.
    """
    read = _VOCABULARIES.get(column.reader)
    if column.reader == "kind" and (alias := _alias(text, city.kinds)):
        return Read(alias.code, f"“{_short(text)}”读作“{alias.title}”")
    if read is not None:
        return Read(_coded(column.heading, text, read(city)))
    if column.reader == "facilities":
        return Read([_coded("设施", item, city.facilities) for item in _items(text)])
    return _READERS[column.reader](text)


def normal(text: str) -> str:
    """Full-width signs as plain ones, without spaces around."""
    return unicodedata.normalize("NFKC", text).strip()


def number(text: str) -> float:
    """A coordinate in degrees."""
    plain = normal(text).replace("°", "").strip("EeNn东经北纬 ")
    if re.fullmatch(r"\d{1,3},\d{3,}", plain):
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,20})?", plain):
        raise Wrong(f"“{_short(text)}”不是小数写的度数，应如 118.0478")
    return float(plain)


def _line(text: str) -> Read:
    joined = re.sub(r"\s*\n\s*", " ", text)
    told = "以“=”开头，按文字导入" if joined.startswith("=") else ""
    return Read(joined, told)


def _id(text: str) -> Read:
    plain = normal(text)
    if not re.fullmatch(r"[1-9]\d{0,8}", plain):
        raise Wrong(f"“{_short(text)}”不是编号，应为整数；新条目请留空")
    return Read(int(plain))


def _flag(text: str) -> Read:
    plain = normal(text).casefold()
    if plain in _YES or plain in _NO:
        return Read(plain in _YES)
    raise Wrong(f"“{_short(text)}”应为“是”或“否”；不知道就留空")


def _phone(text: str) -> Read:
    plain = re.sub(r"\.0+$", "", dialable(text))
    if re.search(r"[/、,;\n]|转|或", plain):
        raise Wrong(f"“{_short(text)}”：一格只写一个号码，分机和其他号码可写进简介")
    if not re.fullmatch(r"\+?[0-9]{3,5}(-?[0-9]{3,11}){0,3}", plain):
        raise Wrong(f"“{_short(text)}”应为能直接拨打的号码，如 0533-1234567")
    lost = re.fullmatch(r"[2-9]\d{8,9}", plain) and not re.match(r"[48]00", plain)
    told = f"“{plain}”可能丢了开头的 0（号码被存成了数字），请核对" if lost else ""
    return Read(plain, told or _length_told(plain))


def _length_told(phone: str) -> str:
    """That a number has a length which numbers don't have; empty where it may be right."""
    digits = phone.replace("-", "")
    if digits.startswith("+") or _SHORT_NUMBER.fullmatch(digits):
        return ""
    if digits.startswith("0"):
        return "" if len(digits) >= _WITH_AREA_CODE else f"“{phone}”像是少了几位，请核对"
    return "" if len(digits) in _BARE else f"“{phone}”的位数不像电话号码，请核对"


def _hours(text: str) -> Read:
    try:
        return Read(check_expression(text.strip()))
    except ValueError as error:
        meant = to_expression(text)
        if meant is None:
            # Only who writes in code is helped by what is wrong with the code.
            why = f"{error}。" if re.match(_CODE, text) else ""
            raise Wrong(
                f"“{_short(text)}”读不懂：{why}"
                "请写成“周二至周日 9:00-17:00，周一闭馆”这样，或留空，写进介绍"
            ) from error
    try:
        return Read(check_expression(meant), f"读作“{with_code(meant)}”")
    except ValueError as error:
        raise Wrong(f"“{_short(text)}”读不懂（{error}）") from error


def _date(text: str) -> Read:
    plain = normal(text)
    if re.fullmatch(r"[2-7]\d{4}", plain):
        day = _SERIAL_EPOCH + timedelta(days=int(plain))
        return Read(day.isoformat(), f"数字 {plain} 读作日期 {day.isoformat()}")
    return Read(_day(plain, text).isoformat())


def _day(plain: str, text: str) -> date:
    found = _DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Wrong(f"“{_short(text)}”不是日期，应如 2026-11-20")


def _ages(text: str) -> Read:
    if text.startswith("{"):
        return Read(_json(text, dict))
    plain = re.sub(r"\s", "", normal(text)).translate(_DASHES).removesuffix("儿童")
    if _DATE.fullmatch(plain):
        raise Wrong(f"“{_short(text)}”被表格程序改成了日期，请写成“3-12岁”")
    if plain in ("不限", "全年龄", "全年龄段", "所有年龄", "全龄"):
        return Read({"min": 0, "max": 18})
    if found := _AGES.fullmatch(plain):
        return Read({"min": int(found[1]), "max": int(found[2])})
    if found := _AGES_FROM.fullmatch(plain):
        return Read({"min": int(found[1] or found[2]), "max": 18})
    if found := _AGES_TO.fullmatch(plain):
        return Read({"min": 0, "max": int(found[1] or found[2])})
    raise Wrong(f"“{_short(text)}”应如“3-12岁”“6岁以上”")


def _closures(text: str) -> Read:
    if text.startswith("["):
        return Read(_json(text, list))
    closures = []
    for part in re.split(r"[;；\n]+", text):
        found = _DAYS.fullmatch(normal(part))
        if found is None:
            raise Wrong(f"“{_short(part)}”应如“2026-12-01至2026-12-05 设备检修”")
        first, last = (_day(day, part).isoformat() for day in (found[1], found[2] or found[1]))
        closures.append({"start": first, "end": last, "reason": found[3].strip()})
    return Read(closures)


def _items(text: str) -> list[str]:
    if text.startswith("["):
        return [str(item) for item in _json(text, list)]
    return [item for part in SEPARATORS.split(text) if (item := part.strip())]


def _json(text: str, shape: type) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, shape):
        raise Wrong(f"“{_short(text)}”读不懂")
    return value


def _coded(heading: str, text: str, terms: Iterable[Term]) -> str:
    """The code of a term that is given by its code or its title, 区 and 县 left off or not."""
    known: dict[str, str] = {}
    for term in terms:
        known |= {_tight(term.code): term.code, _tight(term.title): term.code}
        known.setdefault(_tight(re.sub(r"[区县]$", "", term.title)), term.code)
    plain = _tight(text)
    code = known.get(plain) or known.get(plain.removeprefix("淄博市").removeprefix("淄博"))
    if code:
        return code
    titles = [term.title for term in terms]
    close = difflib.get_close_matches(plain, titles, 1, 0.5)
    hint = f"，是不是“{close[0]}”？" if close else f"；可以写：{'、'.join(titles)}"
    raise Wrong(f"{heading}“{_short(text)}”不认识{hint}")


def _alias(text: str, kinds: Iterable[Term]) -> Term | None:
    """The kind that people mean by a word which is not its title, if the city has it."""
    code = _KIND_ALIASES.get(_tight(text))
    return next((kind for kind in kinds if kind.code == code), None)


def _tight(text: str) -> str:
    return re.sub(r"\s", "", normal(text)).casefold()


def _short(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text[:41])
    return shown if len(text) <= 40 else f"{shown[:40]}…"


_VOCABULARIES: Mapping[str, Callable[[City], tuple[Term, ...]]] = {
    "kind": lambda city: city.kinds,
    "theme": lambda city: city.themes,
    "district": lambda city: city.districts,
}
_KIND_ALIASES: Mapping[str, str] = {
    "实践基地": "practice_base",
    "儿童实践基地": "practice_base",
    "阅读空间": "reading_space",
    "儿童阅读空间": "reading_space",
    "书屋": "reading_space",
    "城市书房": "reading_space",
}
_READERS: Mapping[str, Callable[[str], Read]] = {
    "line": _line,
    "text": Read,
    "id": _id,
    "flag": _flag,
    "phone": _phone,
    "hours": _hours,
    "date": _date,
    "ages": _ages,
    "closures": _closures,
    "names": lambda text: Read(_items(text)),
    "number": lambda text: Read(number(text)),
}
