"""What a reminder says: in the console, and in the group.

Public names: ``digests``, ``left``, ``named``.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from config.programmes import Period, Programme
from server.ledger.group_robot import LONGEST


class Owing(Protocol):
    """What a unit has not handed in."""

    @property
    def unit(self) -> str: ...

    @property
    def actions(self) -> tuple[int, ...]: ...


def left(days: int) -> str:
    """How many days there are to the day it is due, or have been since."""
    if days > 0:
        return f"还有 {days} 天截止"
    return "今天截止" if days == 0 else f"已逾期 {-days} 天"


def named(actions: Iterable[int]) -> str:
    """第 2、5 项."""
    return f"第 {'、'.join(map(str, actions))} 项"


def digests(
    programme: Programme, period: Period, days: int, owing: Iterable[Owing]
) -> Iterator[tuple[str, list[str]]]:
    """Messages for the group, as long as its robot takes them, each with the units it names."""
    head = (
        f"**{programme.title}：{period.title}进展报送**\n"
        f"截止 {period.due:%Y-%m-%d}，{left(days)}。以下单位尚未报送：\n"
    )
    text, units = head, list[str]()
    for one in owing:
        line = f"> {one.unit}：{named(one.actions)}\n"
        if units and len((text + line).encode()) > LONGEST:
            yield text, units
            text, units = head, []
        text, units = text + line, [*units, one.unit]
    if units:
        yield text, units
