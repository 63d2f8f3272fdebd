"""Is everything that differs shown, and nothing else?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.city import City
from server.difference_rows import rows
from server.differences import ABSENT, Change, applied, changes
from server.listing_told import in_words
from server.word_differences import compare

KEYS = st.sampled_from(["a", "b", "c", "d", "*"])
SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "馆", "书房"])
MEMBERS = st.lists(st.fixed_dictionaries({"id": KEYS, "name": SCALARS}), max_size=5)
"""Also with the same id twice."""
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": SCALARS,
        "facilities": st.lists(KEYS, max_size=3),
        "facts": st.dictionaries(KEYS, st.fixed_dictionaries({"source": SCALARS}), max_size=3),
        "shapes": st.dictionaries(KEYS, st.lists(st.integers(0, 2), max_size=2)),
        "stops": MEMBERS,
        "trips": MEMBERS | st.none(),
        "ages": st.none() | st.fixed_dictionaries({"min": SCALARS}),
    },
)


@given(DOCUMENTS, DOCUMENTS)
def test_does_the_difference_lead_from_one_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert applied(before, changes(before, after)) == after


@given(DOCUMENTS)
def test_is_nothing_different_from_itself(document: dict[str, Any]) -> None:
    assert changes(document, document) == []


@given(DOCUMENTS)
def test_is_all_of_the_first_version_new(document: dict[str, Any]) -> None:
    assert applied(None, changes(None, document)) == document
    assert all(change.before is ABSENT for change in changes(None, document))


def test_is_only_the_stop_shown_that_moved() -> None:
    stops = [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}]
    moved = [stops[0], stops[1] | {"name": "乙（北）"}]
    assert changes({"stops": stops}, {"stops": moved}) == [
        Change(("stops", "b"), stops[1], moved[1])
    ]


def test_is_another_order_a_change_of_its_own() -> None:
    stops = [{"id": "a"}, {"id": "b"}]
    (change,) = changes({"stops": stops}, {"stops": stops[::-1]})
    assert change.path == ("stops", "*")


def test_are_zero_and_no_different() -> None:
    assert [c.field for c in changes({"free": False, "n": 1}, {"free": 0, "n": True})] == [
        "free",
        "n",
    ]


TEXTS = st.text("馆书房开放 ab1。，\n", max_size=40)


@given(TEXTS, TEXTS)
def test_do_the_pieces_make_up_both_texts_and_agree_where_they_say_so(
    before: str, after: str
) -> None:
    old, new = compare(before, after)
    assert "".join(piece.text for piece in old) == before
    assert "".join(piece.text for piece in new) == after
    same_old = "".join(piece.text for piece in old if not piece.differs)
    same_new = "".join(piece.text for piece in new if not piece.differs)
    assert same_old == same_new


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("周二至周日 9 点开放", "周二至周日 10 点开放", ["9"], ["10"]),
        ("人民路1号", "人民西路1号", [], ["西"]),
        ("Tu-Su 09:00-17:00", "Tu-Su 09:30-17:00", ["00"], ["30"]),
        ("甲乙丙丁", "一二丙四", ["甲乙丙丁"], ["一二丙四"]),
        ("", "新的", [], ["新的"]),
    ],
)
def test_which_words_are_marked(before: str, after: str, gone: list[str], come: list[str]) -> None:
    old, new = compare(before, after)
    assert [piece.text for piece in old if piece.differs] == gone
    assert [piece.text for piece in new if piece.differs] == come


def test_are_long_texts_compared_by_sentences() -> None:
    before = "".join(f"第{n}句话说了一些事情。" for n in range(180))
    old, new = compare(before, before.replace("第90句话", "第九十句话"))
    assert [piece.text for piece in new if piece.differs] == ["第九十句话说了一些事情。"]
    assert len(old) == 3


def test_does_a_text_without_sentences_end_in_time() -> None:
    old, new = compare("一二" * 1000, "二一三" * 600)
    assert old[0].differs
    assert new[0].differs


def test_are_opening_hours_told_in_words_with_the_code_beside_them(city: City) -> None:
    before, after = "Tu-Su 09:00-17:00; Mo off", "Tu-Su 09:30-17:00; Mo off"
    (row,) = rows(
        {"type": "site", "opening_hours": before}, {"type": "site", "opening_hours": after}, city
    )
    assert "".join(p.text for p in row.after) == "周二至周日 9:30–17:00，周一不开放"
    assert [p.text for p in row.after if p.differs] == ["30"]
    assert row.codes == (before, after)
    assert in_words("opening_hours", after, city) == (
        "周二至周日 9:30–17:00，周一不开放（Tu-Su 09:30-17:00; Mo off）"
    )


def test_are_hours_beyond_the_common_shown_as_they_are_written(city: City) -> None:
    code = "Apr-Oct Mo-Su sunrise-sunset"
    (row,) = rows(None, {"type": "site", "opening_hours": code}, city)
    assert ["".join(p.text for p in row.after), *row.codes] == [code, "", ""]
    assert in_words("opening_hours", code, city) == code
