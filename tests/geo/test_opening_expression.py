"""Which expressions are accepted, and are mistakes told in Chinese?"""

import time
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.calendar import Calendar
from geo.opening import SHANGHAI, Hours, check_expression


@pytest.mark.parametrize(
    "expression",
    [
        "24/7",
        "Mo-Fr 09:00-17:00; PH off",
        "Tu-Su 09:00-12:00,13:30-17:00; Mo off; PH 10:00-16:00",
        "Apr-Oct 09:00-18:00; Nov-Mar 09:00-17:00; PH off",
        "Mo-Fr,PH 08:00-18:00",
        "SH Mo-Fr 10:00-12:00",
        "Fr 18:00-02:00; Sa[1] 10:00-12:00",
        'Mo-Fr 09:00-17:00 "by appointment"; Sa off "休整; PH"',
        "2026 Oct 10 09:00-12:00; 2026 Dec 01-2026 Dec 05 off",
        "Mo-Fr 09:00-12:00, Th 13:00-20:00",
        "18:00+",
    ],
)
def test_is_a_good_expression_kept_as_it_is(expression: str) -> None:
    assert check_expression(f"  {expression} ") == expression


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("", "不能是空的"),
        ("周一至周五 9:00", "第 1 个字符起看不懂：“周一至周五 9:00”"),
        ("Mo-Fr 09：00-17：00", "请使用英文标点"),
        ("Mo-Fr 9-17", "第 7 个字符起看不懂"),
        ("Mo-Fr 09:00-25:00-", "写法不对"),
        ("sunrise-18:00", "日出日落"),
        ("10:00-sunset", "日出日落"),
        ("10:00-16:00/01:30", "间隔"),
        ("PH -1 day 10:00-12:00", "前后几天"),
        ("Mo, We 09:00-17:00", "逗号前后不要留空格"),
        ("10:00-20:00; Fr 22:00-02:00 off", "不能跨过午夜"),
        ("Mo\n09:00-17:00", "换行"),
        ("Mo\u300009:00-17:00", "全角空格"),
        ("Mo-Fr 09:00-17:00; " * 40, "不能超过 500 个字符"),
    ],
)
def test_is_a_bad_expression_told_in_chinese(expression: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]") as caught:
        check_expression(expression)
    assert told in str(caught.value)


PIECES = (
    *("Mo", "We", "Su", "PH", "SH", "Mo-Fr", "PH off", "SH Mo-Fr", "Sa[1]", "[9]", " +1 day"),
    *(
        "-",
        ",",
        ", ",
        ";",
        "; ",
        " ",
        "||",
        "/",
        "(",
        ")",
        ":",
        "+",
        '"',
        '"x"',
        "：",
        "\x00",
        "一",
    ),
    *("09:00", "09:00-17:00", "22:00-02:00", "24:00", "48:00", "18:00+", "24/7", "off", "unknown"),
    *(
        "2026",
        "99999999999999999999",
        "Oct 1",
        "Feb 29",
        "2026 Oct 10",
        "week 53",
        "easter",
        "\ud800",
    ),
)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=60))
def test_does_hostile_text_end_in_an_answer_or_a_value_error(text: str) -> None:
    try:
        expression = check_expression(text)
    except ValueError as error:
        complaint = str(error)
    else:
        complaint = answer(expression)
    assert any("\u4e00" <= c <= "\u9fff" for c in complaint)


def answer(expression: str) -> str:
    """What a parent reads just before a year of which nothing is known."""
    hours = Hours(expression, Calendar())
    assert len(hours.week(date(2026, 12, 28))) == 7
    return hours.state(datetime(2026, 12, 31, 23, 50, tzinfo=SHANGHAI)).text


@pytest.mark.parametrize(
    "expression",
    [
        ";".join(["SH;PH off"] * 50),
        ";".join(["PH"] * 160),
        "PH,SH " + ",".join(f"{i}:00-{i}:01,{i}:30-{i}:31" for i in range(20)),
        ";".join(["Feb 29"] * 60) + ";PH;SH",
        ";".join(["easter off"] * 40),
    ],
)
def test_does_the_worst_expression_stay_cheap(expression: str) -> None:
    begin = time.thread_time()
    Hours(expression, Calendar()).state(datetime(2026, 10, 9, tzinfo=SHANGHAI))
    assert time.thread_time() - begin < 0.1
