"""Builds the search index of an edition: flat arrays that ``geo.search`` answers from.

Apart from answering because it needs pypinyin, whose dictionaries take seconds and megabytes
that no worker should pay for.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, pinyin
from pypinyin.seg.mmseg import seg

from geo.search import (
    SOUND_BASE,
    SOUND_LETTERS,
    SOUND_WIDTH,
    TEXT_BASE,
    TEXT_WIDTH,
    TIER_BITS,
    SearchIndex,
    SuffixTable,
    Tier,
)
from geo.text import fold

Arrays = dict[str, NDArray[np.generic]]

MAX_READINGS = 16
"""Up to so many combinations of readings of one name are all spelled out. A name with more gets
its usual spelling and those that differ from it in a single segment (a dictionary word, or a
character outside of any); a word with more gets its usual spelling only."""

READY_ABOVE = 2000
"""Places. A query that stands in more of them has its answer kept ready."""

_HAN = re.compile(r"([\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")

_ALSO_READ = {
    character: readings
    for readings, characters in {
        ("chang", "zhang"): "长",
        ("chao", "zhao"): "朝",
        ("chong", "zhong"): "重",
        ("xing", "hang"): "行",
        ("le", "yue"): "乐",
        ("dou", "du"): "都",
        ("shan", "dan", "chan"): "单",
        ("sheng", "cheng"): "盛",
        ("ceng", "zeng"): "曾",
        ("jie", "xie"): "解",
        ("wei", "yu"): "尉蔚",
        ("bao", "bo"): "薄",
        ("can", "shen"): "参",
        ("chuan", "zhuan"): "传",
        ("tiao", "diao"): "调",
        ("jiao", "jue"): "角觉",
        ("cang", "zang"): "藏",
        ("jiang", "xiang"): "降",
        ("xiao", "jiao"): "校",
        ("che", "ju"): "车",
        ("su", "xiu"): "宿",
        ("cha", "zha"): "查",
        ("zhai", "di"): "翟",
        ("chou", "qiu"): "仇",
        ("bao", "pu", "bu"): "堡",
        ("sha", "xia"): "厦",
        ("nong", "long"): "弄",
        ("xiang", "hang"): "巷",
        ("tan", "dan"): "弹",
        ("e", "a"): "阿",
        ("bai", "bo"): "柏",
        ("ping", "bing"): "屏",
    }.items()
    for character in characters
}
"""Characters of place names that are commonly read in several ways, or misread, or that the
phrase dictionary gets wrong (长山 as zhangshan). All readings that pypinyin knows would be too
many: it lists rare ones, too, and "fu" would find every 市."""


class SearchRow(NamedTuple):
    """What is searched of one listing; ``words`` are the titles of its district, theme, kind."""

    name: str
    aliases: Sequence[str]
    address: str
    words: Sequence[str]


def build(rows: Iterable[SearchRow]) -> Arrays:
    """Index ``rows``, known from now on by their place in the iteration, counted from 0.

    Returns one-dimensional arrays of uint8, int32 and int64 by name, all that
    ``geo.search.SearchIndex`` needs. The same rows give the same arrays.
    """
    rows = list(rows)
    names = [fold(row.name) for row in rows]
    order = np.argsort(np.array([len(name) for name in names], np.int32), kind="stable")
    ranks = np.empty(len(rows), np.int32)
    ranks[order] = np.arange(len(rows), dtype=np.int32)
    aliases = [(n, fold(alias)) for n, row in enumerate(rows) for alias in row.aliases]
    arrays: Arrays = {"rows": order.astype(np.int32)}
    arrays |= _text_table(rows, names, aliases, ranks)
    arrays |= _sound_table([*enumerate(names), *aliases], ranks)
    return arrays | _ready(arrays)


def spellings(name: str) -> list[str]:
    """How a folded name may be spelled in pinyin, the usual spelling first.

    Every syllable begins with a capital. A character that is not Chinese stands for itself as
    a syllable of its own; one that has no reading is ``?``. ``ü`` is spelled both v and u.
    ``MAX_READINGS`` bounds the combinations.
    """
    parts: list[tuple[str, ...]] = []
    for piece in _HAN.split(name):
        if _HAN.match(piece):
            parts += map(_segment_spellings, seg.cut(piece))
        elif piece:
            parts.append(("".join(map(_itself, piece)),))
    if prod(map(len, parts)) <= MAX_READINGS:
        return ["".join(choice) for choice in product(*parts)]
    usual = [part[0] for part in parts]
    found = ["".join(usual)]
    for place, part in enumerate(parts):
        for other in part[1:]:
            found.append("".join([*usual[:place], other, *usual[place + 1 :]]))
    return found


def _itself(character: str) -> str:
    return character.upper() if character in SOUND_LETTERS else "?"


def _unread(characters: str) -> Any:
    # pypinyin's annotation knows only str, which would lose how many characters there were.
    return ["?"] * len(characters)


@lru_cache(maxsize=1 << 16)
def _segment_spellings(segment: str) -> tuple[str, ...]:
    """The spellings of a dictionary word or a single character, capitalised by syllable."""
    read = pinyin(segment, style=Style.NORMAL, errors=_unread)
    options = [
        dict.fromkeys(
            form.capitalize()
            for reading in (fold(usual[0]) or "?", *_ALSO_READ.get(character, ()))
            for form in (reading, reading.replace("v", "u"))
        )
        for character, usual in zip(segment, read, strict=True)
    ]
    if prod(map(len, options)) > MAX_READINGS:
        options = [dict.fromkeys([next(iter(option))]) for option in options]
    return tuple("".join(choice) for choice in product(*options))


def _text_table(
    rows: Sequence[SearchRow],
    names: Sequence[str],
    aliases: Sequence[tuple[int, str]],
    ranks: NDArray[np.int32],
) -> Arrays:
    folded = lru_cache(maxsize=1 << 16)(fold)
    words = [(n, folded(word)) for n, row in enumerate(rows) for word in row.words]
    addresses = [(n, fold(row.address)) for n, row in enumerate(rows)]
    fields = (
        (list(enumerate(names)), Tier.NAME_START, Tier.NAME_INSIDE),
        (aliases, Tier.ALIAS_START, Tier.ALIAS_INSIDE),
        (words, Tier.WORD, Tier.WORD),
        (addresses, Tier.ADDRESS, Tier.ADDRESS),
    )
    texts = [text for field, _, _ in fields for _, text in field]
    owners = np.array([n for field, _, _ in fields for n, _ in field], np.int32)
    sizes = [len(field) for field, _, _ in fields]
    codes = np.frombuffer("\0".join([*texts, ""]).encode("utf-32-le"), np.int32)
    at_start = np.repeat(np.array([start for _, start, _ in fields]), sizes)
    inside = np.repeat(np.array([inside for _, _, inside in fields]), sizes)
    hits = _hits(codes, ranks[owners], at_start, inside)
    places = np.flatnonzero(codes)
    arrays: Arrays = {"text_codes": codes, "text_hits": hits}
    return arrays | _suffixes("text", codes, places, TEXT_BASE, TEXT_WIDTH)


def _sound_table(named: Sequence[tuple[int, str]], ranks: NDArray[np.int32]) -> Arrays:
    spelled = [(n, spelling) for n, name in named for spelling in spellings(name)]
    letters = np.frombuffer("\0".join([*(s for _, s in spelled), ""]).encode("ascii"), np.uint8)
    code_of = np.zeros(256, np.uint8)
    for code, letter in enumerate(SOUND_LETTERS, start=1):
        code_of[[ord(letter), ord(letter.upper())]] = code
    code_of[ord("?")] = SOUND_BASE - 1
    syllable = letters < ord("a")  # a capital, a digit, "?", or the end of a text
    pinyin_codes = code_of[letters]
    codes = np.concatenate((pinyin_codes, pinyin_codes[syllable]))
    owners = ranks[np.array([n for n, _ in spelled], np.int32)]
    tiers = np.repeat(np.array([Tier.PINYIN_START, Tier.INITIALS_START]), len(spelled))
    hits = _hits(codes, np.concatenate((owners, owners)), tiers, tiers + 1)
    begins = np.concatenate((syllable, np.ones(len(codes) - len(syllable), np.bool_)))
    places = np.flatnonzero(begins & (codes != 0))
    arrays: Arrays = {"sound_codes": codes, "sound_hits": hits}
    return arrays | _suffixes("sound", codes, places, SOUND_BASE, SOUND_WIDTH)


def _hits(
    codes: NDArray[np.generic],
    ranks: NDArray[np.int32],
    at_start: NDArray[np.int64],
    inside: NDArray[np.int64],
) -> NDArray[np.int32]:
    """For every position in ``codes``, the hit that a match from there is.

    ``ranks``, ``at_start`` and ``inside`` give, for each text, its owner and the tiers.
    """
    ends = np.flatnonzero(codes == 0)
    starts = np.concatenate(([0], ends + 1))[:-1]
    hits = np.repeat(ranks << TIER_BITS | inside.astype(np.int32), ends - starts + 1)
    hits[starts] += (at_start - inside).astype(np.int32)
    return hits


def _suffixes(
    prefix: str, codes: NDArray[np.generic], places: NDArray[np.int64], base: int, width: int
) -> Arrays:
    """Sort the suffixes that begin at ``places`` by their first ``width`` codes."""
    keys = np.zeros(len(places), np.int64)
    within = np.ones(len(places), np.bool_)
    padded = np.concatenate((codes, np.zeros(width, codes.dtype))).astype(np.int64)
    for offset in range(width):
        following = padded[places + offset]
        within &= following != 0
        keys *= base
        keys += following * within
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    return {
        f"{prefix}_keys": keys[firsts],
        f"{prefix}_starts": np.append(firsts, len(keys)).astype(np.int32),
        f"{prefix}_places": places[order].astype(np.int32),
    }


def _ready(arrays: Arrays) -> Arrays:
    """The answers to all queries that stand in very many places, found by the index itself."""
    nothing: Arrays = {
        "ready_queries": np.empty(0, np.uint8),
        "ready_ends": np.empty(0, np.int64),
        "ready_answers": np.empty(0, np.int32),
    }
    index = SearchIndex(arrays | nothing)
    letters = dict(enumerate(SOUND_LETTERS, start=1))
    queries = {"".join(map(chr, codes)) for codes in _frequent(index.text)}
    queries |= {
        "".join(letters[code] for code in codes)
        for codes in _frequent(index.sound)
        if SOUND_BASE - 1 not in codes
    }
    if not queries:
        return nothing
    ordered = sorted(queries)
    answers = [index.answers(query) for query in ordered]
    return {
        "ready_queries": np.frombuffer("\n".join(ordered).encode(), np.uint8),
        "ready_ends": np.cumsum([len(answer) for answer in answers], dtype=np.int64),
        "ready_answers": np.concatenate(answers),
    }


def _frequent(table: SuffixTable) -> Iterator[list[int]]:
    """The beginnings, up to the width of a key, that stand in more than READY_ABOVE places."""
    for length in range(1, table.width + 1):
        beginnings = table.keys // table.base ** (table.width - length)
        firsts = np.flatnonzero(np.diff(beginnings, prepend=-1))
        counts = np.diff(table.starts[np.append(firsts, len(beginnings))])
        for key in beginnings[firsts[counts > READY_ABOVE]].tolist():
            codes = [key // table.base**power % table.base for power in range(length)][::-1]
            if codes[-1]:  # else a text ends here: the shorter beginning has been given
                yield codes
