"""Units are reminded of what they have not handed in: before it is due, and after.

Public names: ``OFFSETS``, ``Missing``, ``remind``, ``missing``, ``offset``, ``unreachable``,
``failures``, ``latest``. ``remind`` is what a consumer does now and then.

A reminder is a row for the unit, the quarter, the day and the channel, so there is one, however
many consumers look and whenever one dies. The console's inbox shows the rows; to the group in
企业微信 they are told once the row is there. A consumer that dies between telling and entering
that it has told leaves the row as being sent, and it is told again: twice rather than never.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from flask import current_app
from pydantic import SecretStr
from sqlalchemy import ColumnElement, and_, select, update

from config.programmes import Period, Programme
from server import audit, jobs
from server.db import AnySession, db, now
from server.ledger import closings, group_robot, matrix, states
from server.ledger.reminder_words import digests
from server.ledger.states import Standing
from server.models import LedgerReminder, StaffAccount
from server.permissions import UNIT_ROLES
from server.revisions import writing

log = structlog.get_logger()

OFFSETS = (14, 7, 1, -1, -7, -14)
"""Days to the day it is due on which units are reminded; negative: after it."""

LATEST = 7
"""Days for which a reminder is still made good when the service was down on its day, if no later
one has come."""

SENDING = "正在发送"
AGAIN = timedelta(minutes=15)
"""After a failure, or a consumer's death while it was sending, it is tried again."""


class Missing(NamedTuple):
    """What a unit has not handed in of a quarter."""

    unit: str
    actions: tuple[int, ...]


def offset(days_left: int) -> int | None:
    """The reminder whose turn it is that many days before a quarter is due; none: too early, or
    too late."""
    come = [one for one in OFFSETS if days_left <= one]
    return come[-1] if come and come[-1] - days_left <= LATEST else None


def missing(
    session: AnySession, programme: Programme, period: Period, today: date
) -> list[Missing]:
    """By unit what was never handed in; what was returned is another matter."""
    found: dict[str, list[int]] = {}
    for square in matrix.squares(session, programme, today):
        open_ = square.standing in (Standing.NOT_DUE, Standing.OVERDUE)
        if square.key.period == period.code and open_:
            found.setdefault(square.key.unit, []).append(square.key.action)
    return [Missing(unit, tuple(actions)) for unit, actions in found.items()]


@jobs.periodic(minutes=5)
def remind_units() -> None:
    """What has to be said today, as the consumer does it."""
    programmes = current_app.extensions["programmes"].values()
    remind(programmes, current_app.extensions["settings"].ledger_webhook, now())


def remind(programmes: Iterable[Programme], robot: SecretStr | None, at: datetime) -> None:
    """Remind of every quarter whose day has come, once; tell the group if there is a robot.

    In an app context.
    """
    today = states.on_the_wall(at)
    for programme in programmes:
        for period in programme.periods:
            days = offset(states.days_left(period, today))
            if days is None or closings.is_closed(db.session, period.code):
                continue
            _enter(programme, period, days, at, robot is not None)
            if robot is not None:
                _tell_group(robot, programme, period, days, at)


def unreachable(session: AnySession, units: Sequence[str]) -> list[str]:
    """The units for which nobody can sign in: a reminder would reach no one."""
    account = StaffAccount
    reached = session.scalars(
        select(account.unit).where(
            account.unit.in_(units),
            account.role.in_(UNIT_ROLES),
            account.disabled_at.is_(None),
            account.password_hash != "",
        )
    )
    there = set(reached)
    return [unit for unit in units if unit not in there]


def failures(session: AnySession, programme: Programme) -> list[LedgerReminder]:
    """Reminders of the year that the group has not been told, and why; the newest first."""
    row = LedgerReminder
    query = select(row).where(_of(programme), row.failure.not_in(("", SENDING)))
    return list(session.scalars(query.order_by(row.id.desc())))


def latest(
    session: AnySession, programme: Programme, unit: str | None = None
) -> list[LedgerReminder]:
    """Reminders of the year, the newest first; of one unit or of all."""
    query = select(LedgerReminder).where(_of(programme))
    if unit is not None:
        query = query.where(LedgerReminder.unit == unit, LedgerReminder.channel == "inbox")
    order = (LedgerReminder.at.desc(), LedgerReminder.id.desc())
    return list(session.scalars(query.order_by(*order).limit(500)))


def _enter(programme: Programme, period: Period, days: int, at: datetime, group: bool) -> None:
    """The rows of a quarter's reminder that are not there yet."""
    channels = ("inbox", "webhook") if group else ("inbox",)
    today = states.on_the_wall(at)
    there = _there(period, days)
    wanted = missing(db.session, programme, period, today)
    if all((one.unit, channel) in there for one in wanted for channel in channels):
        return
    with writing(db.session):
        made = [
            one.unit
            for one in missing(db.session, programme, period, today)
            for channel in channels
            if _insert(one, period, days, channel, at) and channel == "inbox"
        ]
        if made:
            told = {"period": period.code, "days": days, "units": made}
            audit.record(db.session, "system", "reminder.made", "period", None, told)


def _there(period: Period, days: int) -> set[tuple[str, str]]:
    row = LedgerReminder
    query = select(row.unit, row.channel).where(row.period == period.code, row.days == days)
    return {(unit, channel) for unit, channel in db.session.execute(query)}


def _insert(one: Missing, period: Period, days: int, channel: str, at: datetime) -> bool:
    """Whether the row is ours: nobody has made it before."""
    make = _insert_of(db.engine.dialect.name)
    waits = SENDING if channel == "webhook" else ""
    # Told to the group by whoever claims it next, and that at once: hence long ago.
    moment = at - AGAIN if waits else at
    row = make(LedgerReminder).values(
        unit=one.unit, period=period.code, days=days, channel=channel,
        at=moment, missing=list(one.actions), failure=waits,
    )  # fmt: skip
    made = row.on_conflict_do_nothing().returning(LedgerReminder.id)
    return db.session.scalar(made) is not None


def _insert_of(dialect: str) -> Any:
    # Only the database's own: the other takes 2 MB.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def _tell_group(
    robot: SecretStr, programme: Programme, period: Period, days: int, at: datetime
) -> None:
    """Tell the group what has not been told yet, and enter what came of it."""
    claimed = _claim(period, days, at)
    if not claimed:
        return
    today = states.on_the_wall(at)
    still = {one.unit: one for one in missing(db.session, programme, period, today)}
    left = states.days_left(period, today)
    for text, units in digests(programme, period, left, [still[u] for u in claimed if u in still]):
        try:
            group_robot.send(robot, text)
            _settle({claimed[unit] for unit in units}, "")
        except group_robot.NotSent as error:
            _settle({claimed[unit] for unit in units}, str(error))
    # What was handed in meanwhile needs no reminding.
    _settle({id_ for unit, id_ in claimed.items() if unit not in still}, "")


def _claim(period: Period, days: int, at: datetime) -> Mapping[str, int]:
    """By unit the rows that are ours to tell: nobody else is at it, or they have died at it."""
    row = LedgerReminder
    due = and_(
        row.period == period.code,
        row.days == days,
        row.channel == "webhook",
        row.failure != "",
        row.at <= at - AGAIN,
    )
    if not db.session.scalars(select(row.id).where(due).limit(1)).first():
        return {}
    with writing(db.session):
        ours = update(row).where(due).values(at=at, failure=SENDING).returning(row.unit, row.id)
        found = db.session.execute(ours, execution_options={"synchronize_session": False})
        return {row.unit: row.id for row in found}


def _settle(ids: set[int], failure: str) -> None:
    if not ids:
        return
    with writing(db.session):
        row = LedgerReminder
        ours = update(row).where(row.id.in_(ids)).values(failure=failure)
        db.session.execute(ours, execution_options={"synchronize_session": False})


def _of(programme: Programme) -> ColumnElement[bool]:
    return LedgerReminder.period.in_([period.code for period in programme.periods])
