"""The programme of a year: what was promised, how much of it, and who answers for it.

Each year is one file in ``config/programme``, named for the year. Public names: ``Programme``,
``Action``, ``Indicator``, ``Period``, ``load_programme``, ``programmes``.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FOLDER = Path(__file__).resolve().parent / "programme"

Measure = Literal["at_least", "rate", "milestone", "narrative"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ProgrammeModel(BaseModel):
    """Base of everything in this file: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Indicator(ProgrammeModel):
    """One thing that was promised.

    ``at_least`` is a cumulative count that must reach the target, ``rate`` a ratio that must,
    ``milestone`` is done or not, ``narrative`` has no figure. With ``per`` ``district`` each
    district must reach the target by itself. ``map`` names the kind of listing that the map can
    count by itself.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?\.[1-9][0-9]?$")]
    title: Line
    measure: Measure
    target: Annotated[Decimal, Field(gt=0)] | None = None
    unit: str = ""
    per: Literal["district"] | None = None
    map: Literal["practice_base", "reading_space", "bus_route", "hotline"] | None = None

    @model_validator(mode="after")
    def _has_what_its_measure_needs(self) -> "Indicator":
        counted = self.measure in ("at_least", "rate")
        if counted != (self.target is not None) or counted != bool(self.unit):
            raise ValueError(f"指标 {self.code}：计数和比率须有目标和单位，其余不应有")
        return self

    @property
    def is_percentage(self) -> bool:
        """Whether it is a rate of a hundred."""
        return self.measure == "rate" and self.unit in ("%", "％")


class Action(ProgrammeModel):
    """One of the actions, with the units that answer for it in the order of the notice."""

    number: Annotated[int, Field(ge=1, le=99)]
    title: Line
    units: Annotated[tuple[Line, ...], Field(min_length=1)]
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _numbered_alike(self) -> "Action":
        for indicator in self.indicators:
            if not indicator.code.startswith(f"{self.number}."):
                raise ValueError(f"指标 {indicator.code} 不属于第 {self.number} 项行动")
        return self

    @property
    def lead(self) -> str:
        """The unit named first: it confirms the action's total."""
        return self.units[0]


class Period(ProgrammeModel):
    """A quarter: reports of it tell what was reached from the year's beginning to its end."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}Q[1-4]$")]
    start: date
    end: date
    """The last day that counts."""
    due: date
    """The last day on which a report is in time."""

    @property
    def quarter(self) -> int:
        """1 to 4."""
        return int(self.code[-1])

    @property
    def title(self) -> str:
        """As people say it: 2023 年第一季度."""
        return f"{self.code[:4]} 年第{'一二三四'[self.quarter - 1]}季度"


class Programme(ProgrammeModel):
    """The programme of one year."""

    title: Line
    document: Line
    year: Annotated[int, Field(ge=2000, le=2100)]
    office: Line
    office_phone: str = ""
    office_mailbox: str = ""
    form_title: Line
    due: Annotated[tuple[date, ...], Field(min_length=4, max_length=4)]
    """By quarter."""
    actions: Annotated[tuple[Action, ...], Field(min_length=1, alias="action")]

    @model_validator(mode="after")
    def _names_nothing_twice(self) -> "Programme":
        numbers = [action.number for action in self.actions]
        codes = [one.code for action in self.actions for one in action.indicators]
        for what, names in (("行动", list(map(str, numbers))), ("指标", codes)):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what}编号重复：{'、'.join(twice)}")
        if list(self.due) != sorted(self.due):
            raise ValueError("各季度的截止日期应从早到晚")
        return self

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The four quarters."""
        return tuple(_period(self.year, number, due) for number, due in enumerate(self.due, 1))

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Every unit once, in the order in which the notice names them first."""
        return tuple(dict.fromkeys(unit for action in self.actions for unit in action.units))

    @cached_property
    def owed(self) -> tuple[tuple[str, int], ...]:
        """What each quarter owes: pairs of unit and number of the action."""
        return tuple((unit, action.number) for action in self.actions for unit in action.units)

    def action(self, number: int) -> Action:
        """An action by its number.

        Raises:
            LookupError: the programme has none of this number.
        """
        for action in self.actions:
            if action.number == number:
                return action
        raise LookupError(number)

    def period(self, code: str) -> Period:
        """A quarter by its code, such as ``2023Q1``.

        Raises:
            LookupError: it is not of this year.
        """
        for period in self.periods:
            if period.code == code:
                return period
        raise LookupError(code)


def load_programme(path: Path) -> Programme:
    """A year's programme.

    Raises:
        OSError: the file can't be read.
        tomllib.TOMLDecodeError, pydantic.ValidationError: it is no programme.
    """
    return Programme.model_validate(tomllib.loads(path.read_text("utf-8")))


def programmes(folder: Path = FOLDER) -> Mapping[int, Programme]:
    """All programmes of a folder by their year, the newest first.

    Raises:
        ValueError: a file is not named for its year (Chinese message).
    """
    found = {}
    for path in sorted(folder.glob("*.toml"), reverse=True):
        programme = load_programme(path)
        if not re.fullmatch(str(programme.year), path.stem):
            raise ValueError(f"{path.name} 里写的是 {programme.year} 年")
        found[programme.year] = programme
    return found


def _period(year: int, number: int, due: date) -> Period:
    start = date(year, 3 * number - 2, 1)
    following = date(year + (number == 4), 3 * number % 12 + 1, 1)
    return Period(code=f"{year}Q{number}", start=start, end=following - timedelta(days=1), due=due)
