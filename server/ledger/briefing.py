"""What a quarter's briefing tells, as data. Public: ``Briefing``, ``briefing``, ``Counts``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from config.programmes import Period, Programme
from geo.city import City
from server import audit
from server.db import AnySession
from server.ledger import attention, indicators, matrix
from server.ledger.attention import Matter
from server.ledger.demo_mark import is_demo
from server.ledger.indicators import Progress
from server.ledger.matrix import Square
from server.ledger.people import LedgerPerson, Unseen, refuse_unless
from server.ledger.seen import Seen
from server.ledger.states import Standing, Work, on_the_wall
from server.models import ImportantMatter
from server.permissions import Action, of_their_own


@dataclass(frozen=True)
class Counts:
    """How many reports of a quarter stand how."""

    owed: int
    filed: int
    without_progress: int
    late: int
    overdue: int
    work: Mapping[Work, int]


@dataclass(frozen=True)
class Briefing:
    """All that the briefing tells."""

    programme: Programme
    period: Period
    today: date
    counts: Counts
    by_action: Mapping[int, Counts]
    cells: tuple[Progress, ...]
    """As they stood with the reports of this quarter and those before it."""
    open: Mapping[str, Sequence[Matter]]
    """What needs attention, by kind."""
    told: Sequence[ImportantMatter]
    """Important matters since the quarter's beginning, to its end or today."""
    head: audit.Head
    demo: bool

    @property
    def counted(self) -> tuple[Progress, ...]:
        """Counts and rates, which have a target."""
        return tuple(one for one in self.cells if one.indicator.target is not None)


def briefing(
    session: AnySession,
    by: LedgerPerson,
    programme: Programme,
    period: Period,
    city: City,
    seen: Mapping[str, Seen],
    at: datetime,
) -> Briefing:
    """A quarter as it stands at a moment; ``seen`` is what the map shows.

    Raises:
        Unseen: the person is of a unit, and it tells of all.
        Refused: they may not see the ledger.
    """
    refuse_unless(by, Action.VIEW_LEDGER)
    if not of_their_own(by, ""):
        raise Unseen("工作简报写的是各单位的情况，单位不能导出")
    today = on_the_wall(at)
    year = indicators.year(session, programme, city)
    squares = matrix.squares(session, programme, today)
    found = attention.attention(session, year, squares, seen, period, today)
    own = [square for square in squares if square.key.period == period.code]
    return Briefing(
        programme=programme,
        period=period,
        today=today,
        counts=_counts(own),
        by_action={
            action.number: _counts([one for one in own if one.key.action == action.number])
            for action in programme.actions
        },
        cells=tuple(cell.until(period) for cell in year.cells),
        open={kind: [one for one in found if one.kind == kind] for kind in attention.KINDS},
        told=_matters(session, programme, period),
        head=audit.head(session),
        demo=is_demo(session, programme.year),
    )


def _counts(squares: Sequence[Square]) -> Counts:
    standings = Counter(square.standing for square in squares)
    without = standings[Standing.WITHOUT_PROGRESS]
    return Counts(
        owed=len(squares),
        filed=standings[Standing.FILED] + without,
        without_progress=without,
        late=sum(square.filed_late for square in squares),
        overdue=standings[Standing.OVERDUE],
        work=Counter(square.work for square in squares),
    )


def _matters(
    session: AnySession, programme: Programme, period: Period
) -> Sequence[ImportantMatter]:
    query = select(ImportantMatter).where(ImportantMatter.year == programme.year)
    return [
        row
        for row in session.scalars(query.order_by(ImportantMatter.told_at))
        if period.start <= on_the_wall(row.told_at) <= period.end
    ]
