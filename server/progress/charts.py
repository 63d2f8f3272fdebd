"""The geometry of charts: what the templates draw as SVG, beside a table that says the same.

Public names: ``Bar``, ``Tick``, ``Chart``, ``chart``, ``Gauge``, ``gauge``. Lengths are units of
the drawing; y grows downwards.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from config.programmes import Period
from server.ledger.indicators import Progress, pace
from server.ledger.values import told

WIDTH, HEIGHT = 460.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 36.0, 24.0, 30.0
BAR = 48.0

STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
TICKS = 4


class Bar(NamedTuple):
    """A quarter's total."""

    title: str
    x: float
    y: float
    height: float
    value: str
    provisional: bool
    """Not all of it is accepted."""
    fell: bool


class Tick(NamedTuple):
    """A line of the scale."""

    y: float
    title: str


class Chart(NamedTuple):
    """A count or a rate over the four quarters of a year."""

    bars: Sequence[Bar]
    titles: Sequence[tuple[float, str]]
    ticks: Sequence[Tick]
    target: Tick
    expected: str
    """Points of the line on which a count would grow evenly; empty: there is none."""
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bar: float = BAR


class Gauge(NamedTuple):
    """How much of the target, on a scale from 0 to 100 that the larger of the two fills."""

    filled: float
    target: float
    expected: float | None


def chart(progress: Progress, periods: Sequence[Period]) -> Chart | None:
    """The chart of an indicator that has a figure and a target."""
    target = progress.indicator.target
    if target is None:
        return None
    known = {one.period.code: one for one in progress.quarters if one.total.value is not None}
    most = max([target, *(one.total.value or target for one in known.values())])
    step = _step(most)
    top = step * (most / step).to_integral_value(ROUND_CEILING)
    slot = (WIDTH - LEFT - RIGHT) / len(periods)
    # The axis is the year: a quarter's bar stands where the quarter ends.
    middles = [LEFT + slot * place for place in range(1, len(periods) + 1)]
    bars = [
        Bar(
            period.title,
            middle - BAR / 2,
            _y(known[period.code].total.value, top),
            HEIGHT - BOTTOM - _y(known[period.code].total.value, top),
            told(known[period.code].total.value),
            bool(known[period.code].waiting),
            known[period.code].fell,
        )
        for period, middle in zip(periods, middles, strict=True)
        if period.code in known
    ]
    count = int(top / step)
    return Chart(
        bars,
        [(m, f"{'一二三四'[p.quarter - 1]}季度") for p, m in zip(periods, middles, strict=True)],
        [Tick(_y(step * n, top), told(step * n)) for n in range(count + 1)],
        Tick(_y(target, top), told(target)),
        _line(progress, periods, top, slot),
    )


def gauge(progress: Progress, day: date) -> Gauge | None:
    """The bar of a list: what was reached, the target, and what is expected by a day."""
    target, value = progress.indicator.target, progress.value
    if target is None:
        return None
    most = max(target, value or Decimal(0))
    line = pace(progress.indicator, day)
    share = [float(100 * (one or Decimal(0)) / most) for one in (value, target)]
    return Gauge(share[0], share[1], None if line is None else float(100 * line / most))


def _line(progress: Progress, periods: Sequence[Period], top: Decimal, slot: float) -> str:
    """From nothing at New Year to the target at the year's end, through the quarters' ends."""
    points = [(LEFT, _y(Decimal(0), top))]
    for place, period in enumerate(periods, 1):
        line = pace(progress.indicator, period.end)
        if line is None:
            return ""
        points.append((LEFT + slot * place, _y(line, top)))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _y(value: Decimal | None, top: Decimal) -> float:
    return HEIGHT - BOTTOM - float((value or Decimal(0)) / top) * (HEIGHT - BOTTOM - TOP)


def _step(most: Decimal) -> Decimal:
    """A round step with which the scale has some four lines."""
    rough = most / TICKS
    magnitude = Decimal(10) ** rough.adjusted()
    return next(one * magnitude for one in STEPS if one * magnitude >= rough)
