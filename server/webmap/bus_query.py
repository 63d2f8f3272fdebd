"""What the pages of school lines are asked for, in their addresses."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from geo.transit import Direction, TransitId
from server.webmap.kindly import (
    IGNORED,
    Address,
    PageQuery,
    PlacedQuery,
    SearchWords,
    read_kindly,
)

LEFT_OUT = IGNORED | {
    "school": "没有这所学校，已忽略。",
    "direction": "方向应是上学或放学，已忽略。",
    "stop": "没有这个站点，已显示起点站。",
    "date": "日期的写法不对，已显示今天。",
}

NO_SCHOOL, NO_STOP = LEFT_OUT["school"], LEFT_OUT["stop"]


def _near_our_time(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise ValueError(day)
    return day


Day = Annotated[date, AfterValidator(_near_our_time)]


class BusQuery(PlacedQuery):
    """The page of all lines: whose stop is looked for, and which way."""

    q: SearchWords | None = None
    school: TransitId | None = None
    direction: Direction | None = None

    def address(self, **changes: object) -> Address:
        """The parameters of this page's address with ``changes``; None takes one out."""
        return _address(self, changes)


class LineQuery(PageQuery):
    """The page of one line: at which of its stops, on which day."""

    stop: TransitId | None = None
    date: Day | None = None

    def address(self, **changes: object) -> Address:
        """The parameters of this page's address with ``changes``; None takes one out."""
        return _address(self, changes)


def _address(query: PageQuery, changes: Mapping[str, object]) -> Address:
    kept = query.model_dump(mode="json", exclude_none=True) | dict(changes)
    return {name: str(value) for name, value in kept.items() if value is not None}


def read_bus(arguments: Mapping[str, str]) -> tuple[BusQuery, list[str]]:
    """The query of the page of all lines, and a Chinese sentence for each thing left out."""
    return read_kindly(BusQuery, arguments, LEFT_OUT)


def read_line(arguments: Mapping[str, str]) -> tuple[LineQuery, list[str]]:
    """The query of the page of one line, and a Chinese sentence for each thing left out."""
    return read_kindly(LineQuery, arguments, LEFT_OUT)
