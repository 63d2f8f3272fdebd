"""The workbook that people fill in: a sheet with the headings, one that explains, one of words.

Public name: ``template``, ``NAMES``.
"""

from geo.city import City
from server.imports.columns import COLUMNS
from server.sheets.writing import Sheet, xlsx

NAMES = {"site": "地点", "hotline": "热线"}
WORDS = "可选的词"
_FLAGS = ("是", "否")


def template(type_: str, city: City) -> bytes:
    """An .xlsx with nothing in it yet."""
    columns = COLUMNS[type_]
    words = _words(city)
    places = {reader: place for place, reader in enumerate(words)}
    lists = {
        n: _range(places[column.reader], len(words[column.reader][1]))
        for n, column in enumerate(columns)
        if column.reader in words and column.reader != "facilities"
    }
    headings = [column.heading for column in columns]
    entry = Sheet(NAMES[type_], headings, (), [column.width for column in columns], lists)
    return xlsx([entry, _explanations(type_), _vocabulary(words)])


def _explanations(type_: str) -> Sheet:
    rows = [(c.heading, "必填" if c.required else "", c.hint, c.example) for c in COLUMNS[type_]]
    return Sheet("填写说明", ("列", "要求", "怎样写", "示例"), rows, (16, 8, 56, 30))


def _words(city: City) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By reader of a column, the heading and the words of its list."""
    return {
        "kind": ("类别", tuple(term.title for term in city.kinds)),
        "theme": ("主题", tuple(term.title for term in city.themes)),
        "district": ("区县", tuple(term.title for term in city.districts)),
        "facilities": ("设施", tuple(term.title for term in city.facilities)),
        "flag": ("是否", _FLAGS),
    }


def _vocabulary(words: dict[str, tuple[str, tuple[str, ...]]]) -> Sheet:
    lists = [listed for _, listed in words.values()]
    longest = max(map(len, lists))
    rows = [[listed[n] if n < len(listed) else "" for listed in lists] for n in range(longest)]
    return Sheet(WORDS, [heading for heading, _ in words.values()], rows, [20] * len(lists))


def _range(column: int, length: int) -> str:
    letters = chr(ord("A") + column)
    return f"'{WORDS}'!${letters}$2:${letters}${length + 1}"
