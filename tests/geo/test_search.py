"""Who finds what, in which order?"""

import subprocess
import sys
from itertools import groupby, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import search, search_index
from geo.search import MAX_QUERY, SearchIndex, Tier
from geo.search_index import MAX_READINGS, SearchRow, build, spellings
from geo.text import fold

PLACES = [
    SearchRow("淄博市博物馆", ["市博"], "张店区商场西街153号", ["张店区", "历史文化"]),
    SearchRow("淄博市图书馆", [], "张店区联通路", ["张店区", "阅读"]),
    SearchRow("张店区少儿图书馆", ["小书虫之家"], "人民公园", ["张店区", "阅读"]),
    SearchRow("图书馆", [], "", ["周村区", "阅读"]),
    SearchRow("图书馆之友", [], "", ["周村区", "阅读"]),
    SearchRow("城市书房", ["图书馆分馆"], "图书馆路", ["淄川区", "阅读"]),
    SearchRow("长山镇文化站", [], "范公路", ["周村区", "历史文化"]),
    SearchRow("618战备电台旧址", [], "沂源县南麻街道", ["沂源县", "红色教育"]),
    SearchRow("Ｋ歌·（欢乐谷）", [], "", ["高新区"]),
    SearchRow("绿色农场", [], "", ["高青县"]),
    SearchRow("周村朝阳古商城", [], "", ["周村区"]),
]


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex(build(PLACES))


def names(index: SearchIndex, q: str) -> list[str]:
    return [PLACES[row].name for row in index.find(q)]


@pytest.mark.parametrize(
    "q",
    [
        "博物",
        "博物馆",
        "bowuguan",
        "bowug",
        "bwg",
        "zbsbwg",
        "BWG",
        "ｂｗｇ",
        "bo wu guan",
        "bó wù guǎn",
        "zibo'shi'bowuguan",
        "淄博 博物馆",
        "bwg 张店",
        "zb博物馆",
        "商场西街 历史",
    ],
)
def test_which_queries_find_the_museum_alone(index: SearchIndex, q: str) -> None:
    assert names(index, q) == ["淄博市博物馆"]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("changshan", "长山镇文化站"),
        ("zhangshan", "长山镇文化站"),
        ("czsz zhangshan", None),
        ("csz", "长山镇文化站"),
        ("zsz", "长山镇文化站"),
        ("zhoucun", "周村朝阳古商城"),
        ("chaoyang", "周村朝阳古商城"),
        ("zhaoyang", "周村朝阳古商城"),
        ("618", "618战备电台旧址"),
        ("618zbdt", "618战备电台旧址"),
        ("k歌", "Ｋ歌·（欢乐谷）"),
        ("K歌欢乐谷", "Ｋ歌·（欢乐谷）"),
        ("kge", "Ｋ歌·（欢乐谷）"),
        ("lvse", "绿色农场"),
        ("lùsè", "绿色农场"),
        ("lǜsè", "绿色农场"),
        ("xiaoshuchong", "张店区少儿图书馆"),
        ("xsczj", "张店区少儿图书馆"),
        ("owuguan", None),
        ("甲骨文", None),
        ("·（）", None),
        ("", None),
        ("馆" * MAX_QUERY, None),
        ("a" * 10_000, None),
        ("a " * 5_000, None),
        ("\0", None),
    ],
)
def test_what_is_found_first(index: SearchIndex, q: str, name: str | None) -> None:
    assert names(index, q)[:1] == ([name] if name else [])


def test_do_the_tones_of_pinyin_matter(index: SearchIndex) -> None:
    assert names(index, "zībó") == names(index, "zibo") == ["淄博市博物馆", "淄博市图书馆"]


def test_are_equal_names_first_then_beginnings_then_shorter_ones(index: SearchIndex) -> None:
    assert names(index, "图书馆") == [
        "图书馆",
        "图书馆之友",
        "淄博市图书馆",
        "张店区少儿图书馆",
        "城市书房",
    ]


def test_do_all_terms_count_when_the_whole_is_nowhere(index: SearchIndex) -> None:
    assert names(index, "张店 图书馆") == ["张店区少儿图书馆", "淄博市图书馆"]
    assert names(index, "张店\u3000少儿 图书馆") == ["张店区少儿图书馆"]
    assert names(index, "张店 少儿 电台") == []


def test_what_do_suggestions_say_matched(index: SearchIndex) -> None:
    assert index.suggest("图书馆", 3) == [(3, "name"), (4, "name"), (1, "name")]
    assert index.suggest("小书虫", 1) == [(2, "alias")]
    assert index.suggest("bowu", 5) == [(0, "pinyin")]
    assert index.suggest("sbwg", 5) == [(0, "initials")]
    assert index.suggest("红色教", 5) == [(7, "word")]
    assert index.suggest("南麻", 5) == [(7, "address")]
    assert index.suggest("图书馆", 0) == index.suggest("图书馆", -1) == []


def test_is_the_index_the_same_when_memory_mapped(index: SearchIndex, tmp_path: Path) -> None:
    arrays = build(iter(PLACES))
    for name, array in arrays.items():
        np.save(tmp_path / name, array, allow_pickle=False)
    mapped = SearchIndex({n: np.load(tmp_path / f"{n}.npy", mmap_mode="r") for n in arrays})
    assert len(mapped) == len(PLACES)
    for q in ("馆", "图书馆", "zhang", "少儿图书馆", "张店 图书馆", "bowuguan"):
        assert mapped.find(q).tolist() == index.find(q).tolist() != []


def test_does_an_edition_without_listings_answer() -> None:
    index = SearchIndex(build([]))
    assert index.find("馆").tolist() == index.find("a b").tolist() == index.suggest("馆", 5) == []


def test_is_a_name_of_punctuation_alone_found_by_its_address() -> None:
    index = SearchIndex(build([SearchRow("……", [], "人民路", [])]))
    assert index.find("人民").tolist() == [0]
    assert index.find("…").tolist() == []


def test_do_workers_stay_without_the_pinyin_dictionaries() -> None:
    code = "import geo.search, sys; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_is_the_number_of_spellings_bounded() -> None:
    assert len(spellings("长朝重行")) == MAX_READINGS
    assert len(spellings("堡" * 60)) == 1 + 2 * 60
    assert spellings("\U0002a6d6馆1k") == ["?Guan1K"]


READINGS = {
    **{c: [c] for c in "k16"},
    "博": ["bo"],
    "物": ["wu"],
    "图": ["tu"],
    "书": ["shu"],
    "馆": ["guan"],
    "山": ["shan"],
    "长": ["chang", "zhang"],
    "朝": ["chao", "zhao"],
}


def sounds(name: str) -> list[tuple[str, ...]]:
    return list(product(*(READINGS[character] for character in name)))


def expected_tier(row: SearchRow, q: str) -> int | None:
    """The best way in which ``q`` matches, straight from the definition."""
    tiers = set()
    spoken = q.isascii() and q.isalnum()
    for text, equal in [(row.name, Tier.NAME_EQUAL), *((a, Tier.ALIAS_EQUAL) for a in row.aliases)]:
        if q in text:
            tiers.add(equal + (0 if q == text else 1 if text.startswith(q) else 2))
        for syllables in sounds(text) if spoken else []:
            for first in range(len(syllables)):
                if "".join(syllables[first:]).startswith(q):
                    tiers.add(Tier.PINYIN_INSIDE if first else Tier.PINYIN_START)
            initials = "".join(syllable[0] for syllable in syllables)
            if q in initials:
                start = initials.startswith(q)
                tiers.add(Tier.INITIALS_START if start else Tier.INITIALS_INSIDE)
    if any(q in word for word in row.words):
        tiers.add(Tier.WORD)
    if q in row.address:
        tiers.add(Tier.ADDRESS)
    return min(tiers, default=None)


def expected(rows: list[SearchRow], terms: list[str]) -> list[tuple[int, int, int]]:
    """(tier, length of name, row number) of the rows that match every term, in order."""
    found = []
    for number, row in enumerate(rows):
        tiers = [expected_tier(row, term) for term in terms]
        known = [tier for tier in tiers if tier is not None]
        if terms and len(known) == len(tiers):
            found.append((max(known), len(row.name), number))
    return sorted(found)


def terms_of(q: str) -> list[str]:
    terms = []
    for piece in q.split():
        runs = ["".join(run) for _, run in groupby(piece, str.isascii)]
        parted = all(len(run) > 1 and run.isalpha() for run in runs if run.isascii())
        terms += runs if parted else [piece]
    return terms


short = st.text(alphabet="".join(READINGS), max_size=5)
a_row = st.builds(
    SearchRow, short, st.lists(short, max_size=2), short, st.lists(short, max_size=2)
).filter(lambda row: all(len(sounds(t)) <= MAX_READINGS for t in (row.name, *row.aliases)))


@st.composite
def a_search(draw: st.DrawFn) -> tuple[list[SearchRow], str]:
    rows = draw(st.lists(a_row, min_size=1, max_size=8))
    texts = [text for row in rows for text in (row.name, *row.aliases, row.address, *row.words)]
    spoken = ["".join(s) for row in rows for s in sounds(row.name)]
    source = st.sampled_from([*texts, *spoken, *(t + u for t in texts[:3] for u in spoken[:2])])
    part = st.tuples(source, st.integers(0, 9), st.integers(1, 20)).map(
        lambda cut: cut[0][cut[1] :][: cut[2]]
    )
    anything = st.text(alphabet="".join(READINGS) + "bowuzhancg ", max_size=6)
    return rows, " ".join(draw(st.lists(part | anything, min_size=1, max_size=3)))


@pytest.mark.parametrize("ready_above", [0, 1, 2000])
@pytest.mark.parametrize("sorted_up_to", [0, 2000])
@given(a_search())
@settings(max_examples=100, deadline=None)
def test_does_search_agree_with_its_definition(
    ready_above: int, sorted_up_to: int, case: tuple[list[SearchRow], str]
) -> None:
    rows, q = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_index, "READY_ABOVE", ready_above)
        patch.setattr(search, "_SORTED_UP_TO", sorted_up_to)
        index = SearchIndex(build(rows))
        found = index.find(q)
        suggested = index.suggest(q, 3)
    joined = fold(q)
    wanted = expected(rows, [joined] if joined else []) or expected(rows, terms_of(q))
    assert found.dtype == np.int32
    assert found.tolist() == [number for _, _, number in wanted]
    assert suggested == [(number, Tier(tier).field) for tier, _, number in wanted[:3]]


def test_is_an_equal_alias_better_than_one_that_only_begins_so() -> None:
    rows = [SearchRow("书房", ["书虫之家"], "", []), SearchRow("少儿图书馆", ["书虫"], "", [])]
    assert SearchIndex(build(rows)).find("书虫").tolist() == [1, 0]


def test_is_a_long_query_compared_on_both_sides_of_its_rarest_part() -> None:
    told = ["新书馆长山路", "图书馆长山路", "图书馆长山村", "图书馆", "图书馆", "图书馆"]
    index = SearchIndex(build([SearchRow(name, [], "", []) for name in told]))
    assert index.find("图书馆长山路").tolist() == [1]
