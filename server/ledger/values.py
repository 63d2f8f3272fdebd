"""Numbers as people type them: full-width digits, thousands set apart, the unit behind.

Public names: ``read``, ``told``, ``Misread``.
"""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from config.programmes import Indicator

LARGEST_DIGITS = 9
RATE_PLACES = Decimal("0.01")

_NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


class Misread(ValueError):
    """What was typed is no such number; the message says why, in Chinese."""


def read(text: str, indicator: Indicator) -> Decimal:
    """The number that a text means for a counted indicator or a rate.

    Counts are whole; rates keep two decimals, and those in per cent lie between 0 and 100.

    Raises:
        Misread: it is none, or none that the indicator can have.
    """
    value = number(text, indicator.unit)
    if indicator.measure == "at_least" and value != value.to_integral_value():
        raise Misread("应为整数")
    if indicator.measure == "rate":
        if value != value.quantize(RATE_PLACES):
            raise Misread("最多两位小数")
        if indicator.is_percentage and value > 100:
            raise Misread("百分比应在 0 到 100 之间")
    return value.quantize(Decimal(1)) if indicator.measure == "at_least" else value


def number(text: str, unit: str = "") -> Decimal:
    """A number that is not negative, of at most nine digits before the point.

    Raises:
        Misread: it is none.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("，", ",")
    plain = plain.removesuffix(unicodedata.normalize("NFKC", unit)).strip()
    if not plain:
        raise Misread("还没有填")
    if plain[0] in "-−—–":
        raise Misread("不能是负数")
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    # What Decimal itself takes is more than people write: 1e309, NaN, 1_000.
    if not (plain.isascii() and _NUMBER.fullmatch(plain)):
        raise Misread("应为数字；文字请写在说明里")
    if len(plain.partition(".")[0].lstrip("0")) > LARGEST_DIGITS:
        raise Misread("数字太大")
    return Decimal(plain)


def percentage(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The rate that two counts make, in per cent, rounded half up to two decimals.

    Raises:
        Misread: nothing to divide by, or more than all of it.
    """
    if denominator == 0:
        raise Misread("分母不能是 0")
    if numerator > denominator:
        raise Misread("分子不能大于分母")
    return (100 * numerator / denominator).quantize(RATE_PLACES, ROUND_HALF_UP)


def told(value: Decimal | None) -> str:
    """A number as people read it: thousands set apart, no zeros at the end of decimals."""
    if value is None:
        return ""
    whole, _, rest = f"{value:,f}".partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}" if rest else whole
