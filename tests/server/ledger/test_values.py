"""What number does a typed text mean, and which texts mean none?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.ledger.values import Misread, percentage, read, told
from tests.server.ledger.desk import PROGRAMME

BY_CODE = {one.code: one for action in PROGRAMME.actions for one in action.indicators}
COUNT, RATE, PER_THOUSAND = BY_CODE["1.4"], BY_CODE["5.1"], BY_CODE["2.3"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("7700", "7700"),
        (" ７，７００ ", "7700"),
        ("7,700个", "7700"),
        ("12.0", "12"),
        ("007", "7"),
    ],
)
def test_reads_counts_as_people_write_them(text: str, value: str) -> None:
    assert read(text, COUNT) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "还没有填"),
        ("　", "还没有填"),
        ("-1", "不能是负数"),
        ("−1", "不能是负数"),
        ("1e309", "应为数字"),
        ("NaN", "应为数字"),
        ("1_000", "应为数字"),
        ("约 30", "应为数字"),
        ("十", "应为数字"),
        ("1,00", "应为数字"),
        ("٣", "应为数字"),
        ("3.5", "应为整数"),
        ("9" * 10, "数字太大"),
        ("9" * 40, "数字太大"),
    ],
)
def test_refuses_what_is_no_count(text: str, message: str) -> None:
    with pytest.raises(Misread, match=message):
        read(text, COUNT)


def test_keeps_a_rate_between_0_and_100_unless_it_is_no_percentage() -> None:
    assert read("85.5％", RATE) == Decimal("85.5")
    assert read("120", PER_THOUSAND) == Decimal(120)
    with pytest.raises(Misread, match="0 到 100"):
        read("100.01", RATE)
    with pytest.raises(Misread, match="两位小数"):
        read("85.123", RATE)


@given(st.text(max_size=40))
def test_reads_nothing_but_finite_numbers_that_are_not_negative(text: str) -> None:
    try:
        value = read(text, PER_THOUSAND)
    except Misread:
        return
    assert value.is_finite()
    assert 0 <= value < 10**9


def test_makes_a_rate_of_two_counts() -> None:
    assert percentage(Decimal(2), Decimal(3)) == Decimal("66.67")
    for pair in ((1, 0), (4, 3)):
        with pytest.raises(Misread):
            percentage(*map(Decimal, pair))


@pytest.mark.parametrize(
    ("value", "text"),
    [("7700", "7,700"), ("3.80", "3.8"), ("0", "0"), ("190000", "190,000"), ("100.00", "100")],
)
def test_tells_numbers_as_people_read_them(value: str, text: str) -> None:
    assert told(Decimal(value)) == text
