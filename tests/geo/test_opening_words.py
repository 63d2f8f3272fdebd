"""Does the Chinese say exactly what the expression says, and nothing where it can't?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.opening import check_expression
from geo.opening_chinese import to_expression
from geo.opening_words import in_words

CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("Tu-Su 09:00-17:00; Mo off", "周二至周日 9:00–17:00，周一不开放"),
        ("Mo-Fr 08:30-11:30,14:00-17:30", "周一至周五 8:30–11:30、14:00–17:30"),
        ("Mo-Su 09:00-24:00", "每天 9:00–24:00"),
        ("09:00-17:00; PH off", "每天 9:00–17:00，节假日不开放"),
        ("Sa,Su,PH 10:00-16:00", "周六、周日、节假日 10:00–16:00"),
        ("Mo-Fr 16:00-18:00; SH 09:00-17:00", "周一至周五 16:00–18:00，寒暑假 9:00–17:00"),
        ("Mo-Fr 00:00-24:00", "周一至周五全天"),
        ("24/7", "全天 24 小时"),
        ("off", "每天不开放"),
    ],
)
def test_is_a_common_expression_told_in_chinese(expression: str, told: str) -> None:
    check_expression(expression)
    assert in_words(expression) == told


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "Mo-Fr sunrise-sunset",
        "Apr-Oct Mo-Su 08:00-18:00",
        'Mo-Fr 09:00-17:00 "需预约"',
        "Mo-Fr 09:00-17:00 || Sa 10:00-12:00",
        "Mo-Fr 09:00-17:00, Sa 10:00-12:00",
        "Mo[1] 09:00-17:00",
        "Fr 20:00-02:00",
        "Mo 09:00+",
        "Mo-Fr",
        "Mo 09:75-17:00",
        "Mo 09:00-25:00",
        "天天开",
    ],
)
def test_is_what_says_more_left_to_the_code(expression: str) -> None:
    assert in_words(expression) is None


MINUTES = st.integers(0, 24 * 4).map(lambda quarter: quarter * 15)
SPANS = st.lists(MINUTES, min_size=2, max_size=4, unique=True).map(
    lambda times: [
        f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}"
        for a, b in zip(*[iter(sorted(times))] * 2, strict=False)
    ]
)
RANGES = st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)).map("-".join)
DAYS = RANGES | st.lists(st.sampled_from((*CODES, "PH")), min_size=1, max_size=3, unique=True).map(
    ",".join
)
RULES = st.builds(lambda days, spans: f"{days} {','.join(spans)}", DAYS, SPANS)
EXPRESSIONS = st.builds(
    lambda rules, off: "; ".join(rules + [f"{days} off" for days in off]),
    st.lists(RULES, min_size=1, max_size=2),
    st.lists(DAYS, max_size=1),
)


@given(EXPRESSIONS)
def test_are_the_words_read_back_as_the_same_expression(expression: str) -> None:
    words = in_words(expression)
    assert words is not None
    # The reader may decline what it is told; to read another meaning into it, it may not.
    assert to_expression(words) in (expression, "24/7" if "全天" in words else None, None)


@given(EXPRESSIONS)
def test_is_whatever_was_read_from_chinese_told_in_words_that_lead_back(expression: str) -> None:
    read = to_expression(in_words(expression) or "")
    if read is not None:
        assert to_expression(in_words(read) or "") == read
