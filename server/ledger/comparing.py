"""A version beside the one before it and beside the last quarter: what the office reviews.

Public names: ``Compared``, ``Text``, ``compared``, ``texts``.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.ledger.cells import Cell
from server.ledger.content import TEXTS, CellStatement, Statement
from server.ledger.seen import Seen, differs


class Compared(NamedTuple):
    """One cell of the version under review."""

    cell: Cell
    now: CellStatement
    former: CellStatement | None
    """In the version before this one, of the same report."""
    last: CellStatement | None
    """In the last quarter."""
    seen: Seen | None
    """On the map."""

    @property
    def changed(self) -> bool:
        """Whether it says another thing than the version before."""
        return self.former is not None and self.former != self.now

    @property
    def fell(self) -> bool:
        """Whether it is less than in the last quarter."""
        if self.last is None:
            return False
        if self.now.value is not None and self.last.value is not None:
            return self.now.value < self.last.value
        return bool(self.last.done) and self.now.done is False

    @property
    def differs(self) -> bool:
        """Whether the map shows another thing."""
        return differs(self.seen, self.now.value, self.now.done)


class Text(NamedTuple):
    """One text of the version under review."""

    name: str
    title: str
    now: str
    former: str | None
    last: str | None

    @property
    def changed(self) -> bool:
        """Whether it says another thing than the version before."""
        return self.former is not None and self.former != self.now


def compared(
    form: Sequence[Cell],
    now: Statement,
    former: Statement | None,
    last: Statement | None,
    seen: Mapping[str, Seen],
) -> list[Compared]:
    """All cells of a version, in the order of the form."""
    return [
        Compared(
            cell,
            now.cells[cell.key],
            former.cells.get(cell.key) if former else None,
            last.cells.get(cell.key) if last else None,
            seen.get(cell.indicator.code),
        )
        for cell in form
        if cell.key in now.cells
    ]


def texts(now: Statement, former: Statement | None, last: Statement | None) -> list[Text]:
    """All texts of a version that say something in any of the three."""
    found = [
        Text(
            name,
            title,
            getattr(now, name),
            getattr(former, name) if former else None,
            getattr(last, name) if last else None,
        )
        for name, title in TEXTS.items()
    ]
    return [text for text in found if text.now or text.former or text.last]
