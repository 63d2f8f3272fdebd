"""What a report holds: the draft as it is typed, and the statement that is handed in.

Public names: ``CellDraft``, ``Draft``, ``CellStatement``, ``ItemTold``, ``Statement``, ``digest``,
``digest_of``, ``report_number``, ``TEXTS``.
"""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from server.ledger.cells import ReportKey
from server.ledger.plain_text import plain

Plain = Annotated[str, AfterValidator(plain)]
Short = Annotated[Plain, StringConstraints(max_length=60)]
Note = Annotated[Plain, StringConstraints(max_length=1000)]
Long = Annotated[Plain, StringConstraints(max_length=4000)]
Typed = Annotated[Plain, StringConstraints(max_length=40)]

TEXTS: Mapping[str, str] = {
    "progress": "进展情况",
    "problems": "存在问题",
    "next_steps": "下一步打算",
    "nothing_reason": "无进展的原因",
    "filled_by": "填报人",
    "phone": "联系电话",
    "signed_by": "单位负责人",
}
"""The fields of a report beside its cells, and what the form calls them."""


class CellDraft(BaseModel):
    """One cell as it is typed; nothing in it needs to make sense yet."""

    model_config = ConfigDict(extra="forbid")

    value: Typed = ""
    """Of a milestone ``done`` or ``not_done``."""
    numerator: Typed = ""
    denominator: Typed = ""
    note: Note = ""
    reason: Note = ""
    """Why it has fallen, or is beyond what one would expect."""
    not_ours: bool = False
    """Another unit of the action sees to it."""


class Draft(BaseModel):
    """A report as it is typed."""

    model_config = ConfigDict(extra="forbid")

    cells: dict[str, CellDraft] = Field(default_factory=dict, max_length=200)
    progress: Long = ""
    problems: Long = ""
    next_steps: Long = ""
    nothing: bool = False
    """Filed without progress."""
    nothing_reason: Note = ""
    filled_by: Short = ""
    phone: Short = ""
    signed_by: Short = ""


class Stated(BaseModel):
    """Base of what is handed in: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ItemTold(Stated):
    """A listed item as it stood when the report was handed in."""

    id: int
    name: str
    place: str = ""
    period: str
    evidence: str = ""


class CellStatement(Stated):
    """What a report says of one cell. Cumulative: reached from the year's beginning on."""

    value: Decimal | None = None
    """Of a count or a rate, in the indicator's unit."""
    done: bool | None = None
    """Of a milestone."""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    note: str = ""
    reason: str = ""
    not_ours: bool = False
    items: tuple[ItemTold, ...] | None = None
    """Where the unit keeps the list: the value is its length."""


class Statement(Stated):
    """A report as it is handed in."""

    unit: str
    action: int
    period: str
    number: int
    """Of the version."""
    kind: Literal["progress", "without_progress"] = "progress"
    cells: dict[str, CellStatement]
    progress: str = ""
    problems: str = ""
    next_steps: str = ""
    nothing_reason: str = ""
    filled_by: str = ""
    phone: str = ""
    signed_by: str = ""
    correction: str = ""
    """Of a correction: why."""

    @property
    def key(self) -> ReportKey:
        """Which report it is of."""
        return ReportKey(self.unit, self.action, self.period)

    def as_json(self) -> dict[str, Any]:
        """What is stored: plain JSON, numbers as text, so that none is rounded."""
        return self.model_dump(mode="json")


def digest(statement: Statement) -> str:
    """SHA-256 of the statement as canonical JSON (keys sorted, UTF-8), in hexadecimal."""
    return digest_of(statement.as_json())


def digest_of(content: Mapping[str, Any]) -> str:
    """The same of what is stored, whatever the model of a statement has become since."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def report_number(period: str, action: int, place: int, number: int) -> str:
    """The number that is printed on a report: ``2023Q1-02-03-1``.

    Quarter, action, the unit's place among those that answer for it (from 1), version.
    """
    return f"{period}-{action:02d}-{place:02d}-{number}"
