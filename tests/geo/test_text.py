"""Which spellings count as the same?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.text import fold


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ＢＷＧ", "bwg"),
        ("Ｋ歌", "k歌"),
        ("zībó", "zibo"),
        ("zi\u0304bo\u0301", "zibo"),
        ("lǜ sè", "lvse"),
        ("lü", "lv"),
        ("LÜ", "lv"),
        ("lv", "lv"),
        ("lu", "lu"),
        ("xi'an", "xian"),
        ("xi’an", "xian"),
        ("xiʼan", "xian"),
        ("ɡuɑn", "guan"),
        ("张店 ·\u3000书房", "张店书房"),
        ("“齐—鲁”（分馆）、《书》", "齐鲁分馆书"),
        ("a-b_c.(d)~e|f", "abcdef"),
        ("淄\u200b博\ufeff\u2060", "淄博"),
        ("馆\ufe0f", "馆"),
        ("①号", "1号"),
        ("六一八·618", "六一八618"),
        ("C++", "c++"),
        ("25℃", "25°c"),
        ("ガラス", "ガラス"),
        ("\x00\ud800", ""),
        (" ·-“”", ""),
        ("", ""),
    ],
)
def test_what_does_folding_leave(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_does_folding_twice_change_nothing_and_leave_nothing_invisible(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert not any(character.isspace() or character == "\0" for character in folded)


@given(st.text(alphabet="淄博图书馆kg·（）"), st.text(alphabet="淄博图书馆kg·（）"))
def test_is_part_of_a_text_still_part_of_it_when_folded(head: str, tail: str) -> None:
    assert fold(head + tail) == fold(head) + fold(tail)
