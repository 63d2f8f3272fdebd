"""Rounds of verification: who has made sure of what by when.

Public names: ``Task``, ``Progress``, ``start``, ``close``, ``tasks``, ``progress``, ``MOST``.
``start`` and ``close`` run within ``server.revisions.writing``.

A task is no row of its own: it is done when the listing has been confirmed since the round began,
however that came about.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from geo.opening import SHANGHAI
from server import audit
from server.db import AnySession, now
from server.listing_rows import Row
from server.models import VerificationRound
from server.permissions import Action, may
from server.revisions import Member, Refused

MOST = 5000
"""Listings of one round."""

LONGEST_TITLE = 60
LONGEST = timedelta(days=366)

State = Literal["open", "changing", "done", "gone"]


class Task(NamedTuple):
    """One listing of a round; ``by`` is the account that confirmed it, ``on`` the day."""

    row: Row
    state: State
    by: int | None
    on: date | None


class Progress(NamedTuple):
    """How far a district is."""

    district: str
    done: int
    total: int


def start(
    session: AnySession,
    by: Member,
    title: str,
    due_on: date,
    listings: Sequence[int],
    filters: Mapping[str, str],
) -> VerificationRound:
    """Begin a round over some listings.

    Raises:
        Refused: no title, no listings or too many, a day that makes no sense, or no right.
    """
    _refuse_unless_allowed(by)
    title, today = " ".join(title.split()), _today()
    if not title or len(title) > LONGEST_TITLE:
        raise Refused(f"请给这一轮起个名字，不超过 {LONGEST_TITLE} 个字")
    if not today <= due_on <= today + LONGEST:
        raise Refused("完成日期应在今天以后、一年以内")
    if not listings:
        raise Refused("这个筛选里没有条目，请换一个筛选")
    if len(listings) > MOST:
        raise Refused(f"一轮最多 {MOST} 条，请先缩小筛选")
    begun = VerificationRound(
        title=title,
        filters=dict(filters),
        listings=sorted(listings),
        due_on=due_on,
        created_by=by.account_id,
    )
    session.add(begun)
    session.flush()
    told = {"title": title, "listings": len(listings), "due_on": due_on.isoformat()}
    audit.record(session, by, "round.started", "round", begun.id, told)
    return begun


def close(session: AnySession, by: Member, round_id: int) -> VerificationRound:
    """End a round; nobody is reminded of it any more."""
    _refuse_unless_allowed(by)
    ended = session.get(VerificationRound, round_id, with_for_update=True)
    if ended is None:
        raise Refused("没有这一轮核实")
    if ended.closed_at is not None:
        raise Refused("这一轮已经结束了")
    ended.closed_at = now()
    audit.record(session, by, "round.closed", "round", round_id, {"title": ended.title})
    return ended


def tasks(of: VerificationRound, rows: Iterable[Row]) -> list[Task]:
    """Where each listing of the round stands, what is still to be done first."""
    begun = of.started_at.astimezone(SHANGHAI).date()
    order = {"open": 0, "changing": 1, "done": 2, "gone": 3}
    found = [_task(row, begun) for row in rows]
    return sorted(found, key=lambda task: (order[task.state], task.row.says.order, task.row.id))


def progress(of: Iterable[Task]) -> list[Progress]:
    """How far each district is; what left the map is done with."""
    done: dict[str, int] = {}
    total: dict[str, int] = {}
    for task in of:
        district = task.row.says.district
        total[district] = total.get(district, 0) + 1
        done[district] = done.get(district, 0) + (task.state in ("done", "gone"))
    return [Progress(district, done[district], total[district]) for district in sorted(total)]


def _task(row: Row, begun: date) -> Task:
    if row.state != "active":
        return Task(row, "gone", None, None)
    if row.approved is not None:
        hotline = row.type == "hotline"
        on = row.approved.number_confirmed_on if hotline else row.approved.confirmed_on
        if on is not None and on >= begun:
            return Task(row, "done", row.approved.author_id, on)
    if row.newest_state in ("submitted", "draft", "returned"):
        return Task(row, "changing", row.says.author_id, None)
    return Task(row, "open", None, None)


def _refuse_unless_allowed(by: Member) -> None:
    if not may(by, Action.REVIEW):
        raise Refused("您的角色不能开始或结束一轮核实")


def _today() -> date:
    return datetime.now(SHANGHAI).date()
