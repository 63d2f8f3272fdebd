"""What the console's first page tells: what stands where, what waits, what people look for."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import case, func, select

from geo.calendar import Calendar
from geo.city import City
from geo.listing import LISTING, Hotline, obstacles
from geo.opening import SHANGHAI
from geo.transit import Notice
from server import editions, member_names, tallies
from server.calendar_days import calendar_days
from server.db import db
from server.editions import EditionLine
from server.listing_rows import Row
from server.models import Job, Listing, Revision

TYPES = {"site": "地点", "hotline": "热线", "bus_route": "助学专线", "notice": "公告"}
SHOWN = 20
TOP = 10
LOOKED_BACK_DAYS = 30


class Count(NamedTuple):
    """The listings of one type, by where they stand."""

    title: str
    published: int
    """Active, with an approved revision."""
    internal: int
    """Of these, those that the public is never shown."""
    waiting: int
    """With a newer revision, or the only one, that is not approved."""
    retired: int


class Draft(NamedTuple):
    """A listing whose newest revision is not approved, and what it lacks."""

    id: int
    type: str
    name: str
    state: str
    lacks: list[str]


_STATES = {"draft": "草稿", "submitted": "待审核", "returned": "已退回"}

_newest = (
    select(
        Revision.listing_id,
        func.max(Revision.id).label("id"),
        func.max(case((Revision.state == "approved", 1), else_=0)).label("approved"),
    )
    .group_by(Revision.listing_id)
    .subquery()
)
"""Each listing's newest revision, and 1 if any of its revisions is approved."""


def counts() -> list[Count]:
    """One line for each type of listing, known types first."""
    rows = db.session.execute(
        select(Listing.type, Listing.state, _newest.c.approved, Revision.state, func.count())
        .join(_newest, _newest.c.listing_id == Listing.id)
        .join(Revision, Revision.id == _newest.c.id)
        .group_by(Listing.type, Listing.state, _newest.c.approved, Revision.state)
    ).all()
    internal = _internal()
    types = [*TYPES, *sorted({row[0] for row in rows} - set(TYPES))]
    found = []
    for type_ in types:
        own = [row[1:] for row in rows if row[0] == type_]
        found.append(
            Count(
                TYPES.get(type_, type_),
                sum(n for state, approved, _, n in own if state == "active" and approved),
                internal if type_ == "hotline" else 0,
                sum(n for state, _, last, n in own if state == "active" and last != "approved"),
                sum(n for state, _, _, n in own if state != "active"),
            )
        )
    return found


def _internal() -> int:
    """Active approved lines that are for internal use; lines are few, so each is looked at."""
    newest = (
        select(func.max(Revision.id))
        .where(Revision.state == "approved")
        .group_by(Revision.listing_id)
    )
    documents = db.session.scalars(
        select(Revision.document)
        .join(Listing, Listing.id == Revision.listing_id)
        .where(Listing.type == "hotline", Listing.state == "active", Revision.id.in_(newest))
    )
    return sum(bool(document.get("internal")) for document in documents)


def drafts(
    city: City, notices: Sequence[tuple[int, Notice]] = (), limit: int = SHOWN
) -> list[Draft]:
    """Active listings that wait for approval, oldest first.

    ``notices`` in force may explain why a line has no runs.
    """
    calendar = Calendar(calendar_days(db.session.connection()))
    rows = db.session.execute(
        select(Listing.id, Listing.type, Revision.state, Revision.document)
        .join(_newest, _newest.c.listing_id == Listing.id)
        .join(Revision, Revision.id == _newest.c.id)
        .where(Listing.state == "active", Revision.state != "approved")
        .order_by(Revision.id)
        .limit(limit)
    )
    return [
        Draft(
            id_,
            TYPES.get(type_, type_),
            str(document.get("name", "")),
            _STATES[state],
            list(_lacks(document, city, calendar, notices, id_)),
        )
        for id_, type_, state, document in rows
    ]


def _lacks(
    document: dict[str, object],
    city: City,
    calendar: Calendar,
    notices: Sequence[tuple[int, Notice]],
    id_: int,
) -> Iterable[str]:
    try:
        read = LISTING.validate_python(document)
    except ValidationError:
        return ["内容不完整"]
    if isinstance(read, Hotline) and not read.number:
        return ["缺少电话号码"]
    today = datetime.now(SHANGHAI).date()
    return [message for _, message in obstacles(read, city, calendar, today, notices, id_)]


def viewed(rows: Iterable[Row], limit: int = TOP) -> list[tuple[int, str, int]]:
    """The places looked at most within ``LOOKED_BACK_DAYS``: id, name, how often."""
    names = {str(row.id): (row.id, row.says.name) for row in rows if row.type == "site"}
    counted = tallies.top("seen", _since(), limit)
    return [(*names[subject], count) for subject, count in counted if subject in names]


def in_vain(limit: int = TOP) -> list[tuple[str, int]]:
    """Words that found nothing within ``LOOKED_BACK_DAYS``, and how often."""
    return tallies.top("in_vain", _since(), limit)


def publishers(lines: Sequence[EditionLine]) -> dict[int | None, str]:
    """Who published these editions, by account."""
    return member_names.names(db.session, (line.published_by for line in lines)) | {None: "命令行"}


def checks_due() -> int:
    """What went live at once and nobody has looked at since."""
    query = select(func.count()).select_from(Revision).where(Revision.check_due)
    return db.session.scalar(query) or 0


def jobs_by_state() -> dict[str, int]:
    """Background work that is not over, and what failed within a week."""
    since = datetime.now(SHANGHAI) - timedelta(days=7)
    rows = db.session.execute(
        select(Job.state, func.count()).where(Job.created_at >= since).group_by(Job.state)
    )
    return {state: count for state, count in rows if state in ("waiting", "running", "failed")}


def _since() -> date:
    return datetime.now(SHANGHAI).date() - timedelta(days=LOOKED_BACK_DAYS)


def history(limit: int = SHOWN) -> list[EditionLine]:
    """The latest editions, the newest first."""
    return editions.history(db.session.connection())[:limit]
