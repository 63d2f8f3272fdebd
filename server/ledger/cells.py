"""The cells of a report's form: an action's indicators, by district where the notice says so.

Public names: ``Cell``, ``cells``, ``ReportKey``.
"""

from typing import NamedTuple

from config.programmes import Action, Indicator
from geo.city import City


class ReportKey(NamedTuple):
    """Which report: whose, on which action, for which quarter (``2023Q1``)."""

    unit: str
    action: int
    period: str


class Cell(NamedTuple):
    """One thing that a report says something about."""

    key: str
    """``1.1``, or ``2.2/zhangdian`` where each district counts by itself."""
    indicator: Indicator
    district: str | None
    """Code."""
    title: str


def cells(action: Action, city: City) -> tuple[Cell, ...]:
    """What a report on the action has to say, in order.

    Per district means the statutory districts and counties: functional zones lie within these.
    """
    return tuple(cell for indicator in action.indicators for cell in _of(indicator, city))


def _of(indicator: Indicator, city: City) -> list[Cell]:
    if indicator.per is None:
        return [Cell(indicator.code, indicator, None, indicator.title)]
    return [
        Cell(f"{indicator.code}/{one.code}", indicator, one.code, f"{indicator.title}：{one.title}")
        for one in city.districts
        if one.parent is None
    ]
